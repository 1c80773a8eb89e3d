import type { Knex } from "knex";
import { z } from "zod";
import type { Database } from "../../platform/database.ts";
import { maskPhone } from "../../platform/masking.ts";
import { deleteWords } from "./word-rows.ts";

/** Stands where a name was. */
export const ERASED = "(erased)";

export type PersonalBooking = {
  reference: string;
  parentName: string;
  childName: string;
  email: string;
  sessionName: string;
  date: string;
  time: string;
  amountKes: number;
  payments: { phone: string; receipt: string | null; amountKes: number; status: string; requestedAtMs: number }[];
};

/** What is kept of people, and how it goes: money and receipts stay, names, e-mail addresses and phone numbers do not. */
export type PersonalDataStore = {
  /** Raw callbacks that were processed before then. They hold phone numbers. Returns how many were deleted. */
  deleteCallbacks(processedBeforeMs: number, most: number): Promise<number>;
  /** Bookings whose session was before this date (YYYY-MM-DD). Returns how many were erased. */
  eraseBookings(sessionBefore: string, atMs: number, most: number): Promise<number>;
  /** Everything that is kept of one parent, by e-mail address or by phone number (254…). */
  exportOf(person: { email: string } | { phone: string }): Promise<PersonalBooking[]>;
  /** Erases it, but for bookings with an open payment. Returns how many were erased, and how many could not be yet. */
  eraseOf(person: { email: string } | { phone: string }, atMs: number): Promise<{ erased: number; open: number }>;
};

const bookingSchema = z.object({
  id: z.string(),
  reference: z.string(),
  parent_name: z.string(),
  child_name: z.string(),
  email: z.string(),
  session_name: z.string(),
  date: z.string(),
  time: z.string(),
  amount: z.number(),
});
const paymentSchema = z.object({
  id: z.string(),
  pending_session_id: z.string(),
  phone: z.string(),
  provider_ref: z.string().nullable(),
  amount: z.number(),
  status: z.string(),
  requested_at: z.number(),
  open_key: z.string().nullable(),
});
const idsSchema = z.array(z.object({ id: z.string() }));

/** One parent has tens of bookings; more are somebody's test. */
const PERSON_MAX = 1_000;

export function createPersonalDataStore({ knex }: Database): PersonalDataStore {
  const bookingsOf = async (person: { email: string } | { phone: string }): Promise<z.infer<typeof bookingSchema>[]> => {
    const bookings = knex("pending_sessions").whereNull("erased_at").limit(PERSON_MAX);
    const rows: unknown =
      "email" in person
        ? await bookings.where({ email: person.email })
        : await bookings.whereIn("id", knex("payments").where({ phone: person.phone }).select("pending_session_id"));
    return z.array(bookingSchema).parse(rows);
  };
  const paymentsOf = async (bookingIds: readonly string[]): Promise<z.infer<typeof paymentSchema>[]> =>
    z.array(paymentSchema).parse(
      await knex("payments")
        .whereIn("pending_session_id", [...bookingIds])
        .orderBy("requested_at"),
    );

  return {
    async deleteCallbacks(processedBeforeMs, most) {
      // What cannot be processed still waits for a person.
      const old = knex("callbacks").where("processed_at", "<", processedBeforeMs).whereNot("verdict", "unprocessable");
      const ids = idsSchema.parse(await old.limit(most).select("id")).map(({ id }) => id);
      return ids.length === 0 ? 0 : knex("callbacks").whereIn("id", ids).delete();
    },
    async eraseBookings(sessionBefore, atMs, most) {
      const old = knex("pending_sessions").whereNull("erased_at").where("date", "<", sessionBefore).orderBy("date").limit(most);
      const ids = idsSchema.parse(await old.select("id")).map(({ id }) => id);
      return (await eraseBookings(knex, ids, atMs)).length;
    },
    async exportOf(person) {
      const bookings = await bookingsOf(person);
      const payments = await paymentsOf(bookings.map(({ id }) => id));
      return bookings.map((booking) => ({
        reference: booking.reference,
        parentName: booking.parent_name,
        childName: booking.child_name,
        email: booking.email,
        sessionName: booking.session_name,
        date: booking.date,
        time: booking.time,
        amountKes: booking.amount,
        payments: payments
          .filter(({ pending_session_id }) => pending_session_id === booking.id)
          .map(({ phone, provider_ref, amount, status, requested_at }) => ({
            phone,
            receipt: provider_ref,
            amountKes: amount,
            status,
            requestedAtMs: requested_at,
          })),
      }));
    },
    async eraseOf(person, atMs) {
      const ids = (await bookingsOf(person)).map(({ id }) => id);
      const erased = await eraseBookings(knex, ids, atMs);
      return { erased: erased.length, open: ids.length - erased.length };
    },
  };
}

/** An open payment still needs its phone: Safaricom's answer is compared with it. Returns the ids that were erased. */
async function eraseBookings(knex: Knex, bookingIds: readonly string[], atMs: number): Promise<string[]> {
  if (bookingIds.length === 0) return [];
  const rows: unknown = await knex("payments").whereIn("pending_session_id", [...bookingIds]);
  const payments = z.array(paymentSchema).parse(rows);
  const open = new Set(payments.filter(({ open_key }) => open_key !== null).map(({ pending_session_id }) => pending_session_id));
  const ids = bookingIds.filter((id) => !open.has(id));
  const names = { parent_name: ERASED, child_name: ERASED, email: ERASED };
  await knex.transaction(async (trx) => {
    await trx("pending_sessions")
      .whereIn("id", ids)
      .update({ ...names, erased_at: atMs });
    await trx("sessions").whereIn("pending_session_id", ids).update(names);
    await deleteWords(trx, ids);
    for (const { id, pending_session_id, phone } of payments)
      if (!open.has(pending_session_id))
        await trx("payments")
          .where({ id })
          .update({ phone: maskPhone(phone) });
    const paymentIds = payments.filter(({ pending_session_id }) => !open.has(pending_session_id)).map(({ id }) => id);
    // The raw bodies have the phone too; what they led to is in the payment and its history.
    await trx("callbacks").whereIn("payment_id", paymentIds).whereNotNull("processed_at").delete();
  });
  return ids;
}
