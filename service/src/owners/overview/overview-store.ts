import { z } from "zod";
import { failureReasons, paymentStatuses } from "../../contract.ts";
import { withAttempts } from "../../payments/store/booking-files.ts";
import { parseBooking } from "../../payments/store/payment-rows.ts";
import type { BookingFile } from "../../payments/payment.ts";
import type { Database } from "../../platform/database.ts";
import { addDays, DAY_MS, NAIROBI_OFFSET_MS } from "../../platform/nairobi-day.ts";

const groupSchema = z.object({
  /** When the Nairobi day of the request began, and of the money; UTC milliseconds. */
  requestedDayMs: z.coerce.number(),
  paidDayMs: z.coerce.number().nullable(),
  status: z.enum(paymentStatuses),
  reason: z.enum(failureReasons).nullable(),
  payments: z.coerce.number(),
  amountKes: z.coerce.number(),
});
/** How many payments of a site have these facts in common, and their sum. */
export type PaymentGroup = z.infer<typeof groupSchema>;

export type OverviewStore = {
  /** All payments that were requested since then. */
  paymentGroups(siteId: string, sinceMs: number): Promise<PaymentGroup[]>;
  /** Booked sessions of one day, by time. */
  lessonsOn(siteId: string, date: string): Promise<BookingFile[]>;
  /** The first booked sessions after a day. */
  lessonsAfter(siteId: string, date: string, most: number): Promise<BookingFile[]>;
  /**
   * Bookings with a session on these days, both included, day by day: as many whole days as have `most` bookings, and at least one. Without those that
   * lapsed and were never paid. `next`: the first day that is left out.
   */
  bookingsBetween(siteId: string, days: { from: string; to: string }, most: number): Promise<{ files: BookingFile[]; next: string | null }>;
};

/** The next lessons are looked for in a week first: of a school, it has more than are shown. */
const SOON_DAYS = 7;
const LATER_DAYS = 62;

export function createOverviewStore({ knex }: Database): OverviewStore {
  const bookings = (siteId: string) => knex("pending_sessions").where({ site_id: siteId });
  const booked = async (siteId: string, [from, to]: [string, string], most: number): Promise<BookingFile[]> => {
    const rows = await bookings(siteId)
      .where({ status: "booked" })
      .whereBetween("date", [from, to])
      .orderBy(["date", "time", "id"])
      .limit(most);
    return withAttempts(knex, rows.map(parseBooking));
  };

  return {
    async paymentGroups(siteId, sinceMs) {
      const requestedDay = knex.raw("requested_at - (requested_at + ?) % ?", [NAIROBI_OFFSET_MS, DAY_MS]);
      const paidDay = knex.raw("paid_at - (paid_at + ?) % ?", [NAIROBI_OFFSET_MS, DAY_MS]);
      const rows: unknown = await knex("payments")
        .where({ site_id: siteId })
        .where("requested_at", ">=", sinceMs)
        .select({ requestedDayMs: requestedDay, paidDayMs: paidDay }, "status", "reason")
        .count({ payments: "*" })
        .sum({ amountKes: "amount" })
        .groupBy("requestedDayMs", "paidDayMs", "status", "reason");
      return z.array(groupSchema).parse(rows);
    },
    lessonsOn: (siteId, date) => booked(siteId, [date, date], DAY_MAX),
    async lessonsAfter(siteId, date, most) {
      const soon = await booked(siteId, [addDays(date, 1), addDays(date, SOON_DAYS)], most);
      return soon.length >= most ? soon : booked(siteId, [addDays(date, 1), addDays(date, LATER_DAYS)], most);
    },
    async bookingsBetween(siteId, { from, to }, most) {
      // Read in the order of the index, and sorted here: a database would sort all days to return the first of them.
      const rows = await bookings(siteId)
        .whereBetween("date", [from, to])
        .andWhere((kept) => void kept.whereNot({ status: "lapsed" }).orWhere("amount_paid", ">", 0))
        .orderBy(["date", "created_at"])
        .limit(most + 1);
      const found = rows.map(parseBooking);
      const lastDate = found.at(-1)?.date ?? from;
      const isCut = found.length > most;
      const next = isCut ? (found[0]?.date === lastDate ? addDays(lastDate, 1) : lastDate) : null;
      const shown = next === null ? found : found.filter(({ date }) => date < next);
      const sorted = shown.toSorted((a, b) => compare(a.date, b.date) || compare(a.time, b.time) || compare(a.id, b.id));
      return { files: await withAttempts(knex, sorted), next: next !== null && next <= to ? next : null };
    },
  };
}

/** More lessons on one day are not shown: no site has as many. */
const DAY_MAX = 1_000;

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
