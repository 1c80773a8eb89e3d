import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { describeOnEachDatabase } from "../../platform/testing.ts";
import { recordMoney } from "../c2b/record-money.ts";
import { paymentsUnderTest, type PaymentsUnderTest } from "../payments-under-test.ts";
import { createBookingChanges } from "../store/booking-changes.ts";
import { insertTestSite, newId, SITE_ID } from "../testing.ts";
import { cancelBooking, moveBooking } from "./change-booking.ts";

const DAY_MS = 24 * 60 * 60_000;
const decision = { actor: "Grace", note: "the tutor was ill" };
const later = { date: "2026-12-15", time: "11:00" };

describeOnEachDatabase("a person", (database) => {
  beforeAll(() => insertTestSite(database()));
  let under: PaymentsUnderTest;
  beforeEach(() => {
    under = paymentsUnderTest(database());
  });
  const changer = () => ({ ...under.deps, changes: createBookingChanges(database()), bookingLifeMs: 7 * DAY_MS });
  const move = (bookingId: string, facts = {}) => moveBooking(changer(), { bookingId, siteId: SITE_ID, ...later, decision, ...facts });
  const cancel = (bookingId: string, facts = {}) => cancelBooking(changer(), { bookingId, siteId: SITE_ID, decision, ...facts });
  const pay = (bookingId: string, amountKes: number) => {
    const money = { receipt: newId("UK").replace("_", ""), amountKes, payer: "254711000001", paidAtMs: null, mpesaAccountId: null };
    return recordMoney(under.deps, bookingId, money, { source: "c2b" });
  };
  const sessionsOf = (bookingId: string): Promise<unknown[]> => database().knex("sessions").where({ pending_session_id: bookingId });
  /** Its session is over, so that full money does not book it any more. */
  const lapsed = (facts = {}) => under.inserted({ status: "lapsed", date: "2026-11-20", ...facts });

  describe("who moves a booking", () => {
    it("books it, if it is paid in full and had lapsed", async () => {
      const { id } = await lapsed();
      await pay(id, 1_500);
      expect((await under.fileOf({ id })).booking.status).toBe("lapsed");
      const { booking } = await move(id);
      expect(booking).toMatchObject({ ...later, status: "booked" });
      expect(await sessionsOf(id)).toMatchObject([{ ...later, cancelled_at: null }]);
      expect((await under.fileOf({ id })).attempts[0]?.sessionId).not.toBeNull();
      const [history] = await database().knex("payment_history").where({ event: "moved", actor: "Grace" }).orderBy("at", "desc");
      expect(history).toMatchObject({ source: "owner", note: "the tutor was ill", booking_version: booking.version });
      expect(under.published.at(-1)).toMatchObject({ bookingId: id, version: booking.version });
    });

    it("lets the parent pay the rest, if a part had come before it lapsed", async () => {
      const { id, expiresAtMs } = await lapsed({ expiresAtMs: 1 });
      await pay(id, 1_000);
      const { booking } = await move(id);
      expect(booking).toMatchObject({ ...later, status: "pending" });
      expect(booking.expiresAtMs).toBeGreaterThan(expiresAtMs);
      expect(booking.expiresAtMs).toBeGreaterThan(under.clock.now());
      expect(await sessionsOf(id)).toEqual([]);
      await pay(id, 500);
      expect(await sessionsOf(id)).toMatchObject([later]);
    });

    it("moves its session, if it is booked", async () => {
      const { id } = await under.inserted();
      await pay(id, 1_500);
      expect((await move(id)).booking.status).toBe("booked");
      expect(await sessionsOf(id)).toMatchObject([later]);
    });

    it("needs no payment", async () => {
      const { id } = await under.inserted();
      expect((await move(id)).booking).toMatchObject({ ...later, status: "pending", version: 2 });
    });

    it.each<[string, object, string]>([
      ["into the past", { date: "2026-11-20" }, "date_in_past"],
      ["of another site", { siteId: "site_other" }, "booking_not_found"],
    ])("is refused a booking %s", async (_what, facts, code) => {
      const { id } = await under.inserted();
      await expect(move(id, facts)).rejects.toMatchObject({ code });
      expect((await under.fileOf({ id })).booking.version).toBe(1);
    });

    it("is not stopped by a payment at the same moment: both count", async () => {
      const { id } = await lapsed();
      await pay(id, 1_000);
      await Promise.all([move(id), pay(id, 500)]);
      const { booking, attempts } = await under.fileOf({ id });
      expect(booking).toMatchObject({ ...later, status: "booked" });
      expect(attempts.map(({ amountKes, surplusKes }) => ({ amountKes, surplusKes }))).toEqual(
        expect.arrayContaining([
          { amountKes: 1_000, surplusKes: 0 },
          { amountKes: 500, surplusKes: 0 },
        ]),
      );
      expect(await sessionsOf(id)).toMatchObject([later]);
    });
  });

  describe("who cancels a booking", () => {
    it("frees its session, and the money stays to be given back", async () => {
      const { id } = await under.inserted();
      await pay(id, 1_500);
      expect((await cancel(id)).booking.status).toBe("cancelled");
      expect(await sessionsOf(id)).toMatchObject([{ cancelled_at: under.clock.now() }]);
      expect((await pay(id, 100)).attempt?.surplusKes).toBe(100);
      await expect(cancel(id)).rejects.toMatchObject({ code: "booking_cancelled" });
      await expect(move(id)).rejects.toMatchObject({ code: "booking_cancelled" });
    });

    it("waits for a prompt that may still be paid", async () => {
      const { booking } = await under.begun({ status: "prompted" });
      await expect(cancel(booking.id)).rejects.toMatchObject({ code: "attempt_open" });
    });
  });
});
