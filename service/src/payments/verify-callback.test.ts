import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { parseStkCallback } from "../daraja/stk-callback.ts";
import type { StkCallback } from "../daraja/daraja-types.ts";
import { verifyCallback, type CallbackOrigin } from "./verify-callback.ts";
import type { Attempt } from "./payment.ts";
import { newAttempt, newBooking, START_MS } from "./testing.ts";

const own: CallbackOrigin = { secretMatches: true, isTrustedCaller: true };
const attempt = newAttempt(newBooking(), { status: "prompted", checkoutRequestId: "ws_CO_1" });
const paid: StkCallback = {
  checkoutRequestId: "ws_CO_1",
  merchantRequestId: "m-1",
  outcome: { kind: "paid", amountKes: 1_500, receipt: "UKN1A2B3C4", paidAtMs: START_MS, phone: null },
};
const failed: StkCallback = {
  checkoutRequestId: "ws_CO_1",
  merchantRequestId: "m-1",
  outcome: { kind: "failed", code: "17", reason: "busy", known: true, retryAfterMs: 120_000, message: "Rule limited." },
};

describe("verified", () => {
  it("a payment that agrees in everything", () => {
    expect(verifyCallback(paid, attempt, own)).toEqual({
      kind: "verified",
      event: { type: "paid", receipt: "UKN1A2B3C4", paidAtMs: START_MS, checkoutRequestId: "ws_CO_1" },
    });
  });

  it("a failure, with its wait", () => {
    expect(verifyCallback(failed, attempt, own)).toEqual({
      kind: "verified",
      event: { type: "failed", code: "17", reason: "busy", retryAfterMs: 120_000, checkoutRequestId: "ws_CO_1" },
    });
  });

  it("the first to name the prompt, when the push's reply was lost or is still on its way", () => {
    expect(verifyCallback(paid, { ...attempt, checkoutRequestId: null, status: "requested" }, own)).toMatchObject({
      kind: "verified",
      event: { checkoutRequestId: "ws_CO_1" },
    });
  });
});

const paidWith = (facts: Partial<Extract<StkCallback["outcome"], { kind: "paid" }>>): StkCallback => ({
  ...paid,
  outcome: { kind: "paid", amountKes: 1_500, receipt: "UKN1A2B3C4", paidAtMs: null, phone: null, ...facts },
});

describe("unverified", () => {
  test.each<[string, StkCallback, CallbackOrigin, RegExp]>([
    ["no or another secret", paid, { ...own, secretMatches: false }, /attempt's own address/],
    ["an address that is not Safaricom's", paid, { ...own, isTrustedCaller: false }, /not Safaricom's/],
    ["no prompt named", { ...paid, checkoutRequestId: null }, own, /which prompt/],
    ["another prompt", { ...paid, checkoutRequestId: "ws_CO_2" }, own, /another prompt/],
    ["no amount", paidWith({ amountKes: null }), own, /does not say the amount/],
    ["a shilling less", paidWith({ amountKes: 1_499 }), own, /KES 1499 and the attempt was for KES 1500/],
    ["a shilling more", paidWith({ amountKes: 1_501 }), own, /KES 1501/],
    ["unreadable", { ...paid, outcome: { kind: "unreadable", why: "no readable ResultCode" } }, own, /no readable ResultCode/],
    ["a failure of another prompt", { ...failed, checkoutRequestId: "ws_CO_2" }, own, /another prompt/],
  ])("%s", (_what, callback, origin, why) => {
    const verification = verifyCallback(callback, attempt, origin);
    expect(verification.kind).toBe("unverified");
    expect(verification.kind === "unverified" && verification.why).toMatch(why);
  });

  test("its receipt may be taken up later only when it says too little, not when it contradicts the attempt", () => {
    expect(verifyCallback(paidWith({ amountKes: null }), attempt, own)).toMatchObject({ isIncomplete: true });
    expect(verifyCallback(paidWith({ amountKes: 1_499 }), attempt, own)).toMatchObject({ isIncomplete: false });
    expect(verifyCallback(paidWith({ amountKes: null }), attempt, { ...own, isTrustedCaller: false })).toMatchObject({
      isIncomplete: false,
    });
  });
});

const anyId = fc.option(fc.constantFrom("ws_CO_1", "ws_CO_2"));
const anyOutcome: fc.Arbitrary<StkCallback["outcome"]> = fc.oneof(
  fc.record({
    kind: fc.constant("paid" as const),
    amountKes: fc.option(fc.constantFrom(1, 1_499, 1_500, 150_000)),
    receipt: fc.option(fc.constant("UKN1A2B3C4")),
    paidAtMs: fc.option(fc.constant(START_MS)),
    phone: fc.constant(null),
  }),
  fc.record({
    kind: fc.constant("failed" as const),
    code: fc.constantFrom("1032", "E3008"),
    reason: fc.constantFrom("cancelled" as const, "rejected" as const),
    known: fc.boolean(),
    message: fc.string(),
  }),
  fc.record({ kind: fc.constant("unreadable" as const), why: fc.string({ minLength: 1 }) }),
);
const anyCallback: fc.Arbitrary<StkCallback> = fc.record({
  checkoutRequestId: anyId,
  merchantRequestId: fc.constant(null),
  outcome: anyOutcome,
});
const anyAttempt: fc.Arbitrary<Attempt> = fc.record({ id: anyId, amountKes: fc.constantFrom(1, 1_500) }).map(({ id, amountKes }) => ({
  ...attempt,
  checkoutRequestId: id,
  amountKes,
}));
const anyOrigin = fc.record({ secretMatches: fc.boolean(), isTrustedCaller: fc.boolean() });

/** The design's rule 9, written once more. */
function mayCount(callback: StkCallback, about: Attempt, origin: CallbackOrigin): boolean {
  const sameOrFirstId = callback.checkoutRequestId !== null && [null, callback.checkoutRequestId].includes(about.checkoutRequestId);
  const { outcome } = callback;
  const agrees = outcome.kind === "failed" || (outcome.kind === "paid" && outcome.amountKes === about.amountKes);
  return origin.secretMatches && origin.isTrustedCaller && sameOrFirstId && agrees;
}

describe("whatever the callback", () => {
  it("it is verified with the secret, an allowed address, the same or the first id and the equal amount, and only then", () => {
    fc.assert(
      fc.property(anyCallback, anyAttempt, anyOrigin, (callback, about, origin) => {
        expect(verifyCallback(callback, about, origin).kind === "verified").toBe(mayCount(callback, about, origin));
      }),
      { numRuns: 1_000 },
    );
  });

  it("a body that nobody has ever sent is never a payment", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (body) => {
        expect(verifyCallback(parseStkCallback(body), attempt, own).kind).toBe("unverified");
      }),
    );
  });

  it("a payment that is verified is of exactly the attempt's amount, in whatever spelling it came", () => {
    const value = fc.oneof(
      fc.integer(),
      fc.double(),
      fc.constantFrom("1500", "1500.00", "1500.5", "1,500", " 1500 ", "15e2", "0x5dc", true, null),
      fc.string(),
    );
    fc.assert(
      fc.property(value, (amount) => {
        const body = JSON.stringify({
          Body: {
            stkCallback: { CheckoutRequestID: "ws_CO_1", ResultCode: 0, CallbackMetadata: { Item: [{ Name: "Amount", Value: amount }] } },
          },
        });
        const verified = verifyCallback(parseStkCallback(body), attempt, own).kind === "verified";
        expect(verified).toBe(typeof amount === "string" ? /^1500(\.0{1,4})?$/.test(amount.trim()) : amount === 1_500);
      }),
      { numRuns: 1_000 },
    );
  });
});
