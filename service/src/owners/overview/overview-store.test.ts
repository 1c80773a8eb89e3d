import { beforeAll, expect, it } from "vitest";
import type { Booking } from "../../bookings/booking.ts";
import { createPaymentStore } from "../../payments/store/payment-store.ts";
import { insertTestSite, newAttempt, newBooking, newChange } from "../../payments/testing.ts";
import { startOfDayMs } from "../../platform/nairobi-day.ts";
import { describeOnEachDatabase } from "../../platform/testing.ts";
import { plansOf } from "../testing.ts";
import { createOverviewStore } from "./overview-store.ts";

const SITE = "site_overview";
const OTHER = "site_overview_other";
const DATE = "2026-12-08";
const MIDNIGHT_MS = startOfDayMs(DATE);
/** Enough for a planner to prefer an index. */
const CROWD = 200;

describeOnEachDatabase("the overview", (database) => {
  const overview = () => createOverviewStore(database());
  const book = async (facts: Partial<Booking>, attempt: Parameters<typeof newAttempt>[1] = {}): Promise<Booking> => {
    const store = createPaymentStore(database());
    const booking = newBooking({ siteId: SITE, createdAtMs: MIDNIGHT_MS, ...facts });
    await store.insertBooking(booking, null);
    await store.commit(newChange(booking, newAttempt(booking, { requestedAtMs: MIDNIGHT_MS, ...attempt })));
    return booking;
  };
  beforeAll(async () => {
    for (const siteId of [SITE, OTHER]) {
      await insertTestSite(database(), siteId);
      for (let index = 0; index < CROWD; index++)
        await book({ siteId, date: "2026-01-01", status: "lapsed" }, { requestedAtMs: MIDNIGHT_MS - 90 * 24 * 60 * 60_000 });
    }
    await book(
      { date: DATE, time: "16:00", status: "booked" },
      { status: "paid", receipt: "UKNOVER001", paidAtMs: MIDNIGHT_MS, amountKes: 1_000 },
    );
    await book(
      { date: DATE, time: "09:00", status: "booked" },
      { status: "paid", receipt: "UKNOVER002", paidAtMs: MIDNIGHT_MS - 1, amountKes: 500 },
    );
    await book({ date: DATE, time: "10:00" }, { status: "failed", reason: "cancelled" });
    await book({ date: "2026-12-09", time: "08:00", status: "booked" }, { status: "failed", reason: "cancelled" });
    await book({ date: "2027-01-20", time: "08:00", status: "booked" });
    await book({ siteId: OTHER, date: DATE, status: "booked" }, { status: "paid", receipt: "UKNOVER003", paidAtMs: MIDNIGHT_MS });
  });

  it("adds a site's payments up by the Nairobi day on which they began and were paid", async () => {
    const groups = await overview().paymentGroups(SITE, MIDNIGHT_MS);
    const facts = { requestedDayMs: MIDNIGHT_MS };
    expect(groups).toHaveLength(4);
    expect(groups).toEqual(
      expect.arrayContaining([
        { ...facts, status: "paid", reason: null, paidDayMs: MIDNIGHT_MS, payments: 1, amountKes: 1_000 },
        { ...facts, status: "paid", reason: null, paidDayMs: startOfDayMs("2026-12-07"), payments: 1, amountKes: 500 },
        { ...facts, status: "failed", reason: "cancelled", paidDayMs: null, payments: 2, amountKes: 3_000 },
        { ...facts, status: "requested", reason: null, paidDayMs: null, payments: 1, amountKes: 1_500 },
      ]),
    );
  });

  it("lists the booked lessons of a day, and the next ones", async () => {
    const times = async (files: ReturnType<ReturnType<typeof overview>["lessonsOn"]>) =>
      (await files).map(({ booking: { date, time, siteId } }) => `${siteId} ${date} ${time}`);
    expect(await times(overview().lessonsOn(SITE, DATE))).toEqual([`${SITE} ${DATE} 09:00`, `${SITE} ${DATE} 16:00`]);
    expect(await times(overview().lessonsAfter(SITE, DATE, 1))).toEqual([`${SITE} 2026-12-09 08:00`]);
    expect(await times(overview().lessonsAfter(SITE, DATE, 10))).toEqual([`${SITE} 2026-12-09 08:00`, `${SITE} 2027-01-20 08:00`]);
  });

  it("lists all bookings of some days, whole days only, and says where to go on", async () => {
    const between = async (from: string, to: string, most: number) => {
      const { files, next } = await overview().bookingsBetween(SITE, { from, to }, most);
      return [files.map(({ booking: { date, time } }) => `${date} ${time}`), next];
    };
    const ofDay = [`${DATE} 09:00`, `${DATE} 10:00`, `${DATE} 16:00`];
    expect(await between("2026-01-01", "2027-12-31", 100)).toEqual([[...ofDay, "2026-12-09 08:00", "2027-01-20 08:00"], null]);
    expect(await between(DATE, "2026-12-31", 3)).toEqual([ofDay, "2026-12-09"]);
    // A day with more than that is listed as far as it goes.
    expect(await between(DATE, DATE, 2)).toMatchObject([{ length: 3 }, null]);
    expect(await between("2026-12-10", "2026-12-31", 3)).toEqual([[], null]);
  });

  it("reads by an index", async () => {
    const plans = [
      await plansOf(database(), () => overview().paymentGroups(SITE, MIDNIGHT_MS)),
      await plansOf(database(), () => overview().lessonsOn(SITE, DATE)),
      await plansOf(database(), () => overview().lessonsAfter(SITE, DATE, 1)),
      await plansOf(database(), () => overview().bookingsBetween(SITE, { from: DATE, to: "2026-12-31" }, 100)),
    ].map(([plan]) => plan);
    expect(plans[0]).toMatch(/site_id_requested_at/);
    for (const plan of plans.slice(1)) expect(plan).toMatch(/site_id_date/);
  });
});
