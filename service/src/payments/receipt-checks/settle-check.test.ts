import { beforeAll, describe, expect, it } from "vitest";
import type { TransactionFacts } from "../../daraja/daraja-types.ts";
import type { Booking } from "../../bookings/booking.ts";
import { describeOnEachDatabase } from "../../platform/testing.ts";
import { CREDENTIALS, paymentsUnderTest, type PaymentsUnderTest } from "../payments-under-test.ts";
import { insertTestSite, newId, SITE_ID } from "../testing.ts";
import type { ReceiptCheck } from "./receipt-check-store.ts";
import { endOverdueChecks, settleCheck } from "./settle-check.ts";

type Transaction = Extract<TransactionFacts, { kind: "transaction" }>;

const PHONE = "254711000001";
const MINUTE_MS = 60_000;

describeOnEachDatabase("a typed code", (database) => {
  let under: PaymentsUnderTest;
  beforeAll(async () => {
    await insertTestSite(database());
    under = paymentsUnderTest(database());
  });
  const newReceipt = () => newId("UKN").replace("_", "").slice(0, 12);
  const typedFor = async ({ id }: Pick<Booking, "id">, receipt = newReceipt()): Promise<ReceiptCheck> => {
    const check: ReceiptCheck = {
      id: newId("rc"),
      siteId: SITE_ID,
      bookingId: id,
      receipt,
      status: "checking",
      resultSecretHash: newId("hash"),
      note: null,
      requestedAtMs: under.clock.now(),
      endedAtMs: null,
    };
    expect(await under.deps.receiptChecks.begin(check, null)).toBe("begun");
    return check;
  };
  const transaction = (check: ReceiptCheck, facts: Partial<Transaction> = {}): Transaction => ({
    kind: "transaction",
    receipt: check.receipt,
    isCompleted: true,
    amountKes: 1_500,
    paidTo: CREDENTIALS.shortcode,
    payer: PHONE,
    paidAtMs: under.clock.now(),
    ...facts,
  });
  const statusOf = async ({ bookingId }: ReceiptCheck) => (await under.deps.receiptChecks.newestOf(bookingId))?.status;
  const receiptsOf = async (booking: Pick<Booking, "id">) => (await under.fileOf(booking)).attempts.map(({ receipt }) => receipt);

  it("pays for the booking, and publishes after the commit", async () => {
    const booking = await under.inserted();
    const check = await typedFor(booking);
    under.published.length = 0;
    expect(await settleCheck(under.deps, check, transaction(check))).toEqual({ status: "counted", note: null });
    expect(await statusOf(check)).toBe("counted");
    const { booking: after, attempts } = await under.fileOf(booking);
    expect(after.status).toBe("booked");
    expect(attempts).toMatchObject([{ status: "paid", receipt: check.receipt }]);
    // First the payment, then the check's end.
    expect(under.published.map(({ version }) => version)).toEqual([after.version - 1, after.version]);
  });

  it("publishes a repeated answer once", async () => {
    const booking = await under.inserted();
    const check = await typedFor(booking);
    await settleCheck(under.deps, check, { kind: "unknown_receipt", code: "1", message: "does not exist" });
    under.published.length = 0;
    await settleCheck(under.deps, check, { kind: "unknown_receipt", code: "1", message: "does not exist" });
    expect(under.published).toEqual([]);
  });

  describe("pays nothing if it is", () => {
    it.each<[string, (check: ReceiptCheck) => Partial<Transaction>, boolean]>([
      ["another code", () => ({ receipt: newReceipt() }), false],
      ["not completed", () => ({ isCompleted: false }), false],
      ["money to another account", () => ({ paidTo: "600000" }), false],
      ["money to an unnamed account", () => ({ paidTo: "" }), false],
      ["of another amount", () => ({ amountKes: 1_499 }), true],
      ["of an unreadable amount", () => ({ amountKes: null }), false],
      ["older than the booking", () => ({ paidAtMs: under.clock.now() - 10 * MINUTE_MS - 1 }), true],
    ])("%s, and lists it for the owner only if it is the owner's money", async (_what, facts, isListed) => {
      const booking = await under.inserted({ createdAtMs: under.clock.now() });
      const check = await typedFor(booking);
      const said = transaction(check, facts(check));
      expect(await settleCheck(under.deps, check, said)).toMatchObject({ status: "not_this_payment" });
      expect(await receiptsOf(booking)).toEqual([]);
      const listed = (await under.deps.unassignedMoney.list()).filter(({ receipt }) => receipt === said.receipt);
      expect(listed).toHaveLength(isListed ? 1 : 0);
    });

    it("money that has paid already, and does not list it as unassigned", async () => {
      const receipt = newReceipt();
      await under.begun({ status: "paid", receipt });
      const booking = await under.inserted({ amountKes: 700 });
      const check = await typedFor(booking, receipt);
      expect(await settleCheck(under.deps, check, transaction(check))).toMatchObject({ status: "not_this_payment" });
      expect(await under.deps.unassignedMoney.find(receipt)).toBeNull();
      const same = await typedFor(await under.inserted(), receipt);
      expect(await settleCheck(under.deps, same, transaction(same))).toEqual({ status: "used", note: null });
    });

    it("money that the payer's own booking waits for", async () => {
      const payer = "254711000077";
      await under.begun({ status: "prompted", phone: payer, requestedAtMs: under.clock.now() }, { amountKes: 900 });
      const booking = await under.inserted({ amountKes: 900 });
      const check = await typedFor(booking);
      const said = transaction(check, { amountKes: 900, payer });
      expect(await settleCheck(under.deps, check, said)).toMatchObject({ status: "not_this_payment" });
      expect(await receiptsOf(booking)).toEqual([]);
    });
  });

  it("accepts money up to ten minutes older than the booking, for differing clocks", async () => {
    const booking = await under.inserted({ createdAtMs: under.clock.now() });
    const check = await typedFor(booking);
    const said = transaction(check, { paidAtMs: under.clock.now() - 10 * MINUTE_MS });
    expect(await settleCheck(under.deps, check, said)).toMatchObject({ status: "counted" });
  });

  it("accepts the booking's own payer, even if another booking waits for the same payer", async () => {
    const payer = "254711000078";
    await under.begun({ status: "prompted", phone: payer, requestedAtMs: under.clock.now() });
    const { booking } = await under.begun({ status: "failed", reason: "cancelled", resultCode: "1032", phone: payer });
    const check = await typedFor(booking);
    expect(await settleCheck(under.deps, check, transaction(check, { payer }))).toMatchObject({ status: "counted" });
  });

  it("removes its money from the owner's list", async () => {
    const booking = await under.inserted();
    const check = await typedFor(booking);
    const { now } = under.clock;
    const { receipt } = check;
    const money = { receipt, shortcode: CREDENTIALS.shortcode, accountNumber: "LESSON", amountKes: 1_500, payer: PHONE, why: "" };
    await under.deps.unassignedMoney.keep({ ...money, paidAtMs: now(), receivedAtMs: now() });
    await settleCheck(under.deps, check, transaction(check));
    expect(await under.deps.unassignedMoney.find(receipt)).toBeNull();
  });

  it("is unanswered after a minute, and a late answer still counts", async () => {
    const booking = await under.inserted();
    const check = await typedFor(booking);
    under.clock.advance(MINUTE_MS);
    await endOverdueChecks(under.deps);
    expect(await statusOf(check)).toBe("checking");
    under.clock.advance(1);
    await endOverdueChecks(under.deps);
    expect(await statusOf(check)).toBe("unanswered");
    await settleCheck(under.deps, check, transaction(check));
    expect(await statusOf(check)).toBe("counted");
    expect(await receiptsOf(booking)).toEqual([check.receipt]);
  });
});
