import { beforeAll, describe, expect, it } from "vitest";
import { hashSecret } from "../platform/ids.ts";
import { describeOnEachDatabase } from "../platform/testing.ts";
import type { Attempt } from "./payment.ts";
import { paymentsUnderTest, type PaymentsUnderTest } from "./payments-under-test.ts";
import { processStkCallback } from "./process-stk-callback.ts";
import type { StoredCallback } from "./store/callback-inbox.ts";
import { insertTestSite, newChange, newId } from "./testing.ts";

const SAFARICOM = "196.201.214.200";
const STRANGER = "203.0.113.7";

type Said = { code?: number; checkoutRequestId?: string | null; receipt?: string; amountKes?: number | null };

describeOnEachDatabase("an STK callback", (database) => {
  let under: PaymentsUnderTest;
  beforeAll(async () => {
    await insertTestSite(database());
    under = paymentsUnderTest(database(), { isTrustedCaller: (address) => address === SAFARICOM });
  });

  /** An attempt whose callback address has `secret`. */
  const begun = async (facts: Partial<Attempt> = {}) => {
    const secret = newId("secret");
    const { booking, attempt } = await under.begun({
      status: "prompted",
      checkoutRequestId: newId("ws_CO"),
      callbackSecretHash: hashSecret(secret),
      ...facts,
    });
    return { booking, attempt, secret };
  };
  const comes = (secret: string | null, said: Said, from = SAFARICOM) => {
    const { code = 0, checkoutRequestId = null, receipt, amountKes = 1_500 } = said;
    const items = [
      { Name: "Amount", Value: amountKes },
      { Name: "MpesaReceiptNumber", Value: receipt },
      { Name: "TransactionDate", Value: 20261123101530 },
    ];
    const stkCallback = {
      MerchantRequestID: "m-1",
      CheckoutRequestID: checkoutRequestId,
      ResultCode: code,
      ResultDesc: "words",
      ...(code === 0 && { CallbackMetadata: { Item: items } }),
    };
    const stored: StoredCallback = {
      id: newId("cb"),
      receivedAtMs: under.clock.now(),
      kind: "stk",
      secretHash: secret === null ? null : hashSecret(secret),
      remoteAddress: from,
      body: JSON.stringify({ Body: { stkCallback } }),
      bodyEncoding: "utf8",
      truncated: false,
    };
    return processStkCallback(under.deps, stored);
  };
  const newReceipt = () => newId("UKN").replace("_", "").slice(0, 12);

  it("pays if address, caller and amount are right, once", async () => {
    const { attempt, secret } = await begun();
    const receipt = newReceipt();
    const paid = { checkoutRequestId: attempt.checkoutRequestId, receipt };
    expect(await comes(secret, paid)).toMatchObject({ verdict: "verified", paymentId: attempt.id, receipt });
    expect(await under.reload(attempt)).toMatchObject({ status: "paid", receipt });
    expect(await comes(secret, paid)).toMatchObject({ verdict: "duplicate" });
  });

  describe("that fails verification", () => {
    it.each<[string, (attempt: Attempt, secret: string) => Promise<unknown>]>([
      [
        "from a stranger",
        (attempt, secret) => comes(secret, { checkoutRequestId: attempt.checkoutRequestId, receipt: newReceipt() }, STRANGER),
      ],
      [
        "of another amount",
        (attempt, secret) => comes(secret, { checkoutRequestId: attempt.checkoutRequestId, receipt: newReceipt(), amountKes: 1 }),
      ],
    ])("%s triggers a query at once, at most once a minute", async (_what, send) => {
      const { attempt, secret } = await begun();
      const now = under.clock.now();
      expect(await send(attempt, secret)).toMatchObject({ verdict: "unverified", paymentId: attempt.id, receipt: null });
      expect(await under.reload(attempt)).toMatchObject({ status: "prompted", nextQueryAtMs: now });
      await under.deps.store.scheduleQuery(attempt.id, { askedAtMs: now, queriedAtMs: now, nextQueryAtMs: null, asked: 1 });
      under.clock.advance(1);
      await send(attempt, secret);
      expect(await under.reload(attempt)).toMatchObject({ status: "prompted", nextQueryAtMs: now + 60_000 });
    });

    it("without the secret triggers a query only within the small share for hints", async () => {
      const { attempt } = await begun();
      const forged = { checkoutRequestId: attempt.checkoutRequestId, receipt: newReceipt() };
      expect(await comes(null, forged)).toMatchObject({ verdict: "unverified", paymentId: attempt.id, receipt: null });
      expect(await under.reload(attempt)).toMatchObject({ status: "prompted", nextQueryAtMs: null });
      const nowMs = under.clock.now();
      expect(await under.deps.store.accountsToQuery(nowMs, nowMs)).toContainEqual({ accountId: attempt.mpesaAccountId, cause: "hint" });
    });

    it("stores its receipt if only the amount is missing", async () => {
      const { attempt, secret } = await begun();
      const receipt = newReceipt();
      expect(await comes(secret, { checkoutRequestId: attempt.checkoutRequestId, receipt, amountKes: null })).toMatchObject({
        verdict: "unverified",
        receipt,
      });
    });

    it("supplies the prompt's id after a lost reply", async () => {
      const { attempt, secret } = await begun({ status: "confirming", checkoutRequestId: null });
      const checkoutRequestId = newId("ws_CO");
      expect(await comes(secret, { checkoutRequestId, amountKes: null })).toMatchObject({ verdict: "unverified" });
      expect(await under.reload(attempt)).toMatchObject({ status: "confirming", checkoutRequestId, nextQueryAtMs: under.clock.now() });
    });

    it("does not supply the prompt's id if the caller is not Safaricom", async () => {
      const { attempt, secret } = await begun({ status: "confirming", checkoutRequestId: null });
      expect(await comes(secret, { checkoutRequestId: newId("ws_CO") }, STRANGER)).toMatchObject({ verdict: "unverified" });
      expect(await under.reload(attempt)).toMatchObject({ checkoutRequestId: null, nextQueryAtMs: null });
    });
  });

  it("with another booking's receipt pays nothing and triggers a query", async () => {
    const other = await begun();
    const receipt = newReceipt();
    await comes(other.secret, { checkoutRequestId: other.attempt.checkoutRequestId, receipt });
    const { attempt, secret } = await begun();
    expect(await comes(secret, { checkoutRequestId: attempt.checkoutRequestId, receipt })).toMatchObject({
      verdict: "unverified",
      receipt: null,
      note: "its receipt has paid for something else",
    });
    expect(await under.reload(attempt)).toMatchObject({ status: "prompted", receipt: null, nextQueryAtMs: under.clock.now() });
  });

  it("with a receipt of the same booking is a duplicate", async () => {
    const { booking, attempt, secret } = await begun();
    const receipt = newReceipt();
    const byHand = { ...attempt, id: newId("pay"), callbackSecretHash: newId("hash"), checkoutRequestId: null };
    await under.deps.store.commit(newChange(booking, { ...byHand, status: "paid", receipt, surplusKes: attempt.amountKes }));
    expect(await comes(secret, { checkoutRequestId: attempt.checkoutRequestId, receipt })).toMatchObject({ verdict: "duplicate" });
  });

  it("with a second receipt is recorded as a second payment", async () => {
    const { booking, attempt, secret } = await begun({ status: "paid", receipt: newReceipt() });
    const receipt = newReceipt();
    const paid = { checkoutRequestId: attempt.checkoutRequestId, receipt };
    expect(await comes(secret, paid)).toMatchObject({ verdict: "verified", note: expect.stringContaining("second payment") });
    const { attempts } = await under.fileOf(booking);
    expect(attempts.map(({ receipt: own }) => own)).toEqual([attempt.receipt, receipt]);
  });

  it("without a receipt triggers a query if another attempt may hold the money", async () => {
    const { booking, attempt, secret } = await begun({ status: "failed", reason: "no_answer", resultCode: "1037" });
    // Its money came without a prompt's result, and its own query is still due.
    const holder = { ...attempt, id: newId("pay"), callbackSecretHash: newId("hash"), checkoutRequestId: newId("ws_CO") };
    const paid = { ...holder, status: "paid", receipt: newReceipt(), resultCode: null, paidAtMs: attempt.requestedAtMs } as const;
    await under.deps.store.commit(newChange(booking, { ...paid, nextQueryAtMs: under.clock.now() + 60_000 }));
    expect(await comes(secret, { checkoutRequestId: attempt.checkoutRequestId })).toMatchObject({
      verdict: "unverified",
      note: "it does not say the receipt",
    });
    expect(await under.reload(attempt)).toMatchObject({ status: "failed", nextQueryAtMs: under.clock.now() });
  });

  it("about an unknown payment is unmatched", async () => {
    expect(await comes(newId("secret"), { checkoutRequestId: newId("ws_CO"), receipt: newReceipt() })).toMatchObject({
      verdict: "unmatched",
      note: "it names no payment that we know",
    });
  });

  it.each([
    [1032, null],
    [7777, "Safaricom sent an unknown result code: 7777 words"],
  ])("with code %i fails the attempt, and notes an unknown code", async (code, note) => {
    const { attempt, secret } = await begun();
    expect(await comes(secret, { code, checkoutRequestId: attempt.checkoutRequestId })).toMatchObject({ verdict: "verified", note });
    expect(await under.reload(attempt)).toMatchObject({ status: "failed", resultCode: String(code) });
  });
});
