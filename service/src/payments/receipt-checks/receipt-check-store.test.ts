import { beforeAll, describe, expect, it } from "vitest";
import { describeOnEachDatabase } from "../../platform/testing.ts";
import { createPaymentStore } from "../store/payment-store.ts";
import { createReceiptCheckStore, type ReceiptCheck } from "./receipt-check-store.ts";
import { insertTestSite, newBooking, newId, SITE_ID, START_MS } from "../testing.ts";

function newCheck(bookingId: string, facts: Partial<ReceiptCheck> = {}): ReceiptCheck {
  const id = newId("rc");
  return {
    id,
    siteId: SITE_ID,
    bookingId,
    receipt: "UKN7RT61SV",
    status: "checking",
    resultSecretHash: `hash-of-${id}`,
    note: null,
    requestedAtMs: START_MS,
    endedAtMs: null,
    ...facts,
  };
}

describeOnEachDatabase("the store of typed codes", (database) => {
  beforeAll(() => insertTestSite(database()));
  const checks = () => createReceiptCheckStore(database());
  const bookingWith = async (): Promise<string> => {
    const booking = newBooking();
    await createPaymentStore(database()).insertBooking(booking, null);
    return booking.id;
  };
  const versionOf = async (bookingId: string) => (await createPaymentStore(database()).load(bookingId))?.booking.version;

  it("takes one question a booking at a time, and each step moves the booking on", async () => {
    const bookingId = await bookingWith();
    const first = newCheck(bookingId);
    expect(await checks().begin(first, null)).toBe("begun");
    expect(await checks().begin(newCheck(bookingId), null)).toBe("open");
    expect(await versionOf(bookingId)).toBe(2);
    expect(await checks().newestOf(bookingId)).toEqual(first);
    expect(await checks().bySecretHash(first.resultSecretHash)).toEqual(first);
    expect(await checks().end(first, { status: "not_found", note: "1 nobody", atMs: START_MS + 5 })).toBe(true);
    expect(await versionOf(bookingId)).toBe(3);
    const second = newCheck(bookingId, { requestedAtMs: START_MS + 10 });
    expect(await checks().begin(second, null)).toBe("begun");
    expect(await checks().newestOf(bookingId)).toEqual(second);
  });

  it("ends a question once; only silence can still be broken", async () => {
    const bookingId = await bookingWith();
    const check = newCheck(bookingId);
    await checks().begin(check, null);
    const ending = { note: null, atMs: START_MS + 5 };
    expect(await checks().end(check, { ...ending, status: "unanswered" })).toBe(true);
    expect(await checks().end(check, { ...ending, status: "unanswered" })).toBe(false);
    expect(await checks().end(check, { ...ending, status: "counted" })).toBe(true);
    expect(await checks().end(check, { ...ending, status: "not_found" })).toBe(false);
    expect(await checks().newestOf(bookingId)).toMatchObject({ status: "counted" });
    // What changed nothing did not move the booking on either.
    expect(await versionOf(bookingId)).toBe(4);
  });

  it("knows which questions nobody answered", async () => {
    const bookingId = await bookingWith();
    const check = newCheck(bookingId, { requestedAtMs: START_MS - 1_000_000 });
    await checks().begin(check, null);
    const overdue = async () => (await checks().overdue(START_MS - 900_000, 10)).map(({ id }) => id);
    expect(await overdue()).toEqual([check.id]);
    await checks().end(check, { status: "unanswered", note: null, atMs: START_MS });
    expect(await overdue()).toEqual([]);
  });

  describe("two copies at once", () => {
    it("one of them asks", async () => {
      const bookingId = await bookingWith();
      const results = await Promise.all(Array.from({ length: 8 }, () => checks().begin(newCheck(bookingId), null)));
      expect(results.filter((result) => result === "begun")).toHaveLength(1);
    });
  });
});
