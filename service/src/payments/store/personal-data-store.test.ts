import { beforeAll, expect, it } from "vitest";
import { describeOnEachDatabase } from "../../platform/testing.ts";
import { bookingsIn, insertTestSite, newId, START_MS } from "../testing.ts";
import { createPaymentStore } from "./payment-store.ts";
import { createPersonalDataStore, ERASED } from "./personal-data-store.ts";

describeOnEachDatabase("personal data", (database) => {
  beforeAll(() => insertTestSite(database()));
  const personal = () => createPersonalDataStore(database());
  const { begun } = bookingsIn(() => createPaymentStore(database()));
  const load = (id: string) => createPaymentStore(database()).load(id);

  const addCallback = async (paymentId: string, facts: object = {}): Promise<string> => {
    const id = newId("cb");
    const own = { id, payment_id: paymentId, verdict: "verified", received_at: START_MS, processed_at: START_MS, ...facts };
    const sent = { kind: "stk", remote_address: "", body: '{"PhoneNumber":254711000678}', body_encoding: "utf8" };
    await database()
      .knex("callbacks")
      .insert({ ...sent, ...own });
    return id;
  };
  const callbackIds = async (): Promise<string[]> => (await database().knex<{ id: string }>("callbacks").select("id")).map(({ id }) => id);

  it("of sessions that are long over becomes unreadable; money and receipts stay", async () => {
    const paid = { status: "paid", receipt: newId("R").slice(0, 12), phone: "254711000678", paidAtMs: START_MS } as const;
    const old = await begun(paid, { date: "2024-01-05" });
    const recent = await begun({ status: "failed", phone: "254711000678" }, { date: "2026-12-08" });
    const open = await begun({ status: "confirming", phone: "254711000678" }, { date: "2024-01-05" });
    const callback = await addCallback(old.attempt.id);
    expect(await personal().eraseBookings("2025-01-01", START_MS, 10)).toBe(1);

    const after = await load(old.booking.id);
    expect(after?.booking).toMatchObject({ parentName: ERASED, childName: ERASED, email: ERASED, amountKes: 1_500 });
    expect(after?.attempts[0]).toMatchObject({ phone: "2547•••••678", receipt: paid.receipt, amountKes: 1_500, status: "paid" });
    expect(await callbackIds()).not.toContain(callback);
    for (const { booking } of [recent, open]) expect((await load(booking.id))?.booking.parentName).toBe(booking.parentName);
    expect(await personal().eraseBookings("2025-01-01", START_MS, 10)).toBe(0);
  });

  it("raw callbacks go when they are old, but for those that wait for a person", async () => {
    const { attempt } = await begun({ status: "failed" });
    const [old, recent] = [await addCallback(attempt.id), await addCallback(attempt.id, { processed_at: START_MS + 9 })];
    const [waiting, pending] = [
      await addCallback(attempt.id, { verdict: "unprocessable" }),
      await addCallback(attempt.id, { verdict: null, processed_at: null }),
    ];
    expect(await personal().deleteCallbacks(START_MS + 1, 100)).toBeGreaterThan(0);
    const left = await callbackIds();
    expect(left).not.toContain(old);
    expect(left).toEqual(expect.arrayContaining([recent, waiting, pending]));
  });

  it("of one parent is exported and erased, by e-mail address or by phone", async () => {
    const mother = await begun({ status: "failed", phone: "254711000900" }, { email: "achieng@example.com" });
    const father = await begun({ status: "failed", phone: "254711000901" }, { email: "otieno@example.com" });
    expect(await personal().exportOf({ email: "achieng@example.com" })).toMatchObject([
      { reference: mother.booking.reference, payments: [{ phone: "254711000900", status: "failed" }] },
    ]);
    expect(await personal().eraseOf({ phone: "254711000900" }, START_MS)).toEqual({ erased: 1, open: 0 });
    expect(await personal().exportOf({ email: "achieng@example.com" })).toEqual([]);
    expect(await personal().exportOf({ phone: "254711000901" })).toHaveLength(1);
    expect((await load(father.booking.id))?.booking.email).toBe("otieno@example.com");
  });

  it("of a payment that is under way is left until it has ended", async () => {
    await begun({ status: "prompted", phone: "254711000902" }, { email: "open@example.com" });
    expect(await personal().eraseOf({ email: "open@example.com" }, START_MS)).toEqual({ erased: 0, open: 1 });
    expect(await personal().exportOf({ email: "open@example.com" })).toHaveLength(1);
  });
});
