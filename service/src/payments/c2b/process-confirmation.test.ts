import { beforeAll, describe, expect, it } from "vitest";
import { hashSecret } from "../../platform/ids.ts";
import { describeOnEachDatabase } from "../../platform/testing.ts";
import type { Booking } from "../../bookings/booking.ts";
import type { SiteAccounts } from "../../sites/mpesa-account.ts";
import type { PaymentsDependencies } from "../payments-dependencies.ts";
import { accountsWith, CREDENTIALS, paymentsUnderTest, type PaymentsUnderTest } from "../payments-under-test.ts";
import { insertTestSite, newId } from "../testing.ts";
import { processConfirmation } from "./process-confirmation.ts";
import { recordMoney } from "./record-money.ts";
import { validatePayment } from "./validate-payment.ts";

const SAFARICOM = "196.201.214.200";
const SECRET = "c2b-secret";
const OTHER_SECRET = "c2b-secret-of-another-account";
const TILL = "5012345";

type Notice = { receipt?: string; accountNumber?: string; amountKes?: number | string; paidTo?: string; payer?: string };

describeOnEachDatabase("a payment without a prompt", (database) => {
  let under: PaymentsUnderTest;
  beforeAll(async () => {
    await insertTestSite(database());
    under = paymentsUnderTest(database(), {
      isTrustedCaller: (address) => address === SAFARICOM,
      accounts: accountsWith({ ...CREDENTIALS, till: TILL }),
    });
    await under.deps.c2bAddresses.add(hashSecret(SECRET), CREDENTIALS.shortcode);
    await under.deps.c2bAddresses.add(hashSecret(OTHER_SECRET), "600000");
  });
  const newReceipt = () => newId("UKN").replace("_", "").slice(0, 12);
  const newBooking = (facts: Partial<Booking> = {}) => under.inserted(facts);
  const bodyOf = ({
    receipt = newReceipt(),
    accountNumber = "",
    amountKes = 1_500,
    paidTo = CREDENTIALS.shortcode,
    payer = "2547*****001",
  }: Notice) =>
    JSON.stringify({
      TransID: receipt,
      TransTime: "20261123101530",
      TransAmount: amountKes,
      BusinessShortCode: paidTo,
      BillRefNumber: accountNumber,
      MSISDN: payer,
    });
  const comes = (
    notice: Notice,
    { secret = SECRET, from = SAFARICOM, deps = under.deps }: { secret?: string | null; from?: string; deps?: PaymentsDependencies } = {},
  ) =>
    processConfirmation(deps, {
      id: newId("cb"),
      receivedAtMs: under.clock.now(),
      kind: "c2b",
      secretHash: secret === null ? null : hashSecret(secret),
      remoteAddress: from,
      body: bodyOf(notice),
      bodyEncoding: "utf8",
      truncated: false,
    });
  const paymentsOf = async (booking: Booking) => (await under.fileOf(booking)).attempts;
  const isListed = async (receipt: string) => (await under.deps.unassignedMoney.find(receipt)) !== null;

  it("with the booking's reference books it, publishes after the commit, and counts once", async () => {
    const booking = await newBooking();
    const receipt = newReceipt();
    under.published.length = 0;
    expect(await comes({ receipt, accountNumber: booking.reference })).toMatchObject({ verdict: "verified", receipt, note: null });
    expect(await paymentsOf(booking)).toMatchObject([
      { status: "paid", receipt, surplusKes: 0, phone: "2547*****001", paidAtMs: Date.UTC(2026, 10, 23, 7, 15, 30) },
    ]);
    expect(under.published).toEqual([{ bookingId: booking.id, version: 2 }]);
    expect(await comes({ receipt, accountNumber: booking.reference })).toMatchObject({ verdict: "duplicate" });
    expect(await paymentsOf(booking)).toHaveLength(1);
  });

  it("to the account's till counts", async () => {
    const booking = await newBooking();
    expect(await comes({ accountNumber: booking.reference, paidTo: TILL })).toMatchObject({ verdict: "verified" });
  });

  it("from a payer whose number is hashed stores no phone", async () => {
    const booking = await newBooking();
    await comes({ accountNumber: booking.reference, payer: "8d9f".repeat(16) });
    expect(await paymentsOf(booking)).toMatchObject([{ status: "paid", phone: "" }]);
  });

  it.each([
    [1_499, 0, "pending"],
    [1_501, 1, "booked"],
  ])("of KES %i instead of 1,500 counts, with %i too much, and leaves the booking %s", async (amountKes, surplusKes, status) => {
    const booking = await newBooking();
    expect(await comes({ accountNumber: booking.reference, amountKes })).toMatchObject({ verdict: "verified" });
    expect(await paymentsOf(booking)).toMatchObject([{ status: "paid", amountKes, surplusKes }]);
    expect((await under.fileOf(booking)).booking.status).toBe(status);
  });

  it("is a duplicate if its receipt is recorded between the check and the commit", async () => {
    const { booking, attempt } = await under.begun({ status: "paid", receipt: newReceipt() }, { status: "booked" });
    const { deps } = under;
    const unaware = { ...deps, store: { ...deps.store, isReceiptUsed: async () => false } };
    const notice = { receipt: attempt.receipt ?? "", accountNumber: booking.reference };
    expect(await comes(notice, { deps: unaware })).toMatchObject({ verdict: "duplicate", paymentId: attempt.id });
  });

  describe("is unverified", () => {
    it.each<[string, Notice, { secret?: string | null; from?: string }]>([
      ["on an unregistered address", {}, { secret: "guess" }],
      ["without a secret", {}, { secret: null }],
      ["from a caller that is not Safaricom", {}, { from: "203.0.113.7" }],
      ["without an amount in whole shillings", { amountKes: "1500.50" }, {}],
    ])("%s", async (_what, notice, how) => {
      const booking = await newBooking();
      const receipt = newReceipt();
      expect(await comes({ receipt, accountNumber: booking.reference, ...notice }, how)).toMatchObject({ verdict: "unverified", receipt });
      expect(await paymentsOf(booking)).toEqual([]);
      expect(await isListed(receipt)).toBe(false);
    });
  });

  describe("is listed for the owner", () => {
    it.each<[string, (booking: Booking) => Notice, string]>([
      ["with an unknown reference", () => ({ accountNumber: "LESSON" }), SECRET],
      ["without a reference", () => ({ accountNumber: "" }), SECRET],
      ["to another till", ({ reference }) => ({ accountNumber: reference, paidTo: "5099999" }), SECRET],
      ["to another account than the booking's", ({ reference }) => ({ accountNumber: reference, paidTo: "600000" }), OTHER_SECRET],
      ["reported on another account's address", ({ reference }) => ({ accountNumber: reference }), OTHER_SECRET],
    ])("%s, once", async (_what, notice, secret) => {
      const booking = await newBooking();
      const receipt = newReceipt();
      expect(await comes({ receipt, ...notice(booking) }, { secret })).toMatchObject({ verdict: "unmatched", receipt });
      expect(await isListed(receipt)).toBe(true);
      expect(await comes({ receipt, ...notice(booking) }, { secret })).toMatchObject({ verdict: "duplicate" });
      expect(await paymentsOf(booking)).toEqual([]);
    });
  });

  it("is tried again later while the account of the booking's site cannot be read", async () => {
    const booking = await newBooking();
    const receipt = newReceipt();
    const accounts = { ...under.deps.accounts, ofSite: async () => null, ofPayment: async () => null, isUnreadable: async () => true };
    await expect(comes({ receipt, accountNumber: booking.reference }, { deps: { ...under.deps, accounts } })).rejects.toThrow(
      /cannot be read/,
    );
    expect(await isListed(receipt)).toBe(false);
  });

  it("does not answer the prompt of another account", async () => {
    const { booking, attempt } = await under.begun({ status: "prompted", mpesaAccountId: "acct_before" });
    const before = { id: "acct_before", credentials: { ...CREDENTIALS, shortcode: "600111" } };
    const ofPayment: SiteAccounts["ofPayment"] = async (payment) =>
      payment.mpesaAccountId === before.id ? before : under.deps.accounts.ofPayment(payment);
    const deps = { ...under.deps, accounts: { ...under.deps.accounts, ofPayment } };
    const receipt = newReceipt();
    expect(await comes({ receipt, accountNumber: booking.reference }, { deps })).toMatchObject({ verdict: "verified" });
    expect(await under.reload(attempt)).toMatchObject({ status: "prompted", receipt: null });
    expect(await paymentsOf(booking)).toContainEqual(expect.objectContaining({ status: "paid", receipt, mpesaAccountId: "acct_test" }));
  });

  it("with another booking's receipt is a duplicate", async () => {
    const [first, second] = [await newBooking(), await newBooking()];
    const receipt = newReceipt();
    await comes({ receipt, accountNumber: first.reference });
    expect(await comes({ receipt, accountNumber: second.reference })).toMatchObject({ verdict: "duplicate" });
    expect(await paymentsOf(second)).toEqual([]);
  });

  it("with the receipt of another booking's prompt is known, even without a check before the commit", async () => {
    const { attempt } = await under.begun({ status: "paid", receipt: newReceipt() });
    const second = await newBooking();
    const money = { receipt: attempt.receipt ?? "", amountKes: 1_500, payer: "", paidAtMs: null, mpesaAccountId: null };
    expect(await recordMoney(under.deps, second.id, money, { source: "code" })).toEqual({ kind: "known", attempt: null });
    expect(await paymentsOf(second)).toEqual([]);
  });

  it("with the receipt of another booking's payment without a prompt is known, even without a check before the commit", async () => {
    const [first, second] = [await newBooking(), await newBooking()];
    const money = { receipt: newReceipt(), amountKes: 1_500, payer: "", paidAtMs: null, mpesaAccountId: null };
    await recordMoney(under.deps, first.id, money, { source: "c2b" });
    expect(await recordMoney(under.deps, second.id, money, { source: "code" })).toEqual({ kind: "known", attempt: null });
    expect(await paymentsOf(second)).toEqual([]);
  });

  it("with another booking's receipt does not settle an open prompt", async () => {
    const receipt = newReceipt();
    await comes({ receipt, accountNumber: (await newBooking()).reference });
    const { booking, attempt } = await under.begun({ status: "prompted" });
    const money = { receipt, amountKes: 1_500, payer: attempt.phone, paidAtMs: attempt.requestedAtMs, mpesaAccountId: null };
    expect(await recordMoney(under.deps, booking.id, money, { source: "code" })).toEqual({ kind: "known", attempt: null });
    expect(await under.reload(attempt)).toMatchObject({ status: "prompted", receipt: null });
  });

  it("that the booking has already is known", async () => {
    const { booking, attempt } = await under.begun({ status: "paid", receipt: newReceipt() }, { status: "booked" });
    const money = { receipt: attempt.receipt ?? "", amountKes: 1_500, payer: "", paidAtMs: null, mpesaAccountId: null };
    expect(await recordMoney(under.deps, booking.id, money, { source: "code" })).toEqual({ kind: "known", attempt });
  });

  describe("is validated before the money moves", () => {
    const validated = (notice: Notice, secret = SECRET) => validatePayment(under.deps, secret, bodyOf(notice));

    it("accepts the right amount, and anything that is not about a booking of the account", async () => {
      const { reference } = await newBooking();
      expect(await validated({ accountNumber: reference })).toBe("accept");
      expect(await validated({ accountNumber: "SCHOOL FEES", amountKes: 20 })).toBe("accept");
      expect(await validated({ accountNumber: reference, amountKes: 20 }, "guess")).toBe("accept");
      expect(await validated({ accountNumber: reference, amountKes: 20 }, OTHER_SECRET)).toBe("accept");
      expect(await validatePayment(under.deps, SECRET, "garbage")).toBe("accept");
    });

    it("accepts a part, and more than is due", async () => {
      const { reference } = await newBooking();
      for (const amountKes of [1_499, 1_501]) expect(await validated({ accountNumber: reference, amountKes })).toBe("accept");
    });

    it("refuses money for a paid, lapsed or refunded booking", async () => {
      const lapsed = await newBooking({ status: "lapsed" });
      const paid = await under.begun({ status: "paid", receipt: newReceipt() });
      const refunded = await under.begun({ status: "refunded", receipt: newReceipt() }, { status: "booked" });
      for (const { reference } of [lapsed, paid.booking, refunded.booking])
        expect(await validated({ accountNumber: reference })).toBe("other");
    });
  });
});
