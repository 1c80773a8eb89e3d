import { describe, expect, it, test } from "vitest";
import { matchAttempt, manualPaymentStep, type Money } from "./match-payment.ts";
import { comparePayer } from "../payer.ts";
import type { Attempt } from "../payment.ts";
import { newAttempt, newBooking, START_MS } from "../testing.ts";

const PHONE = "254711000001";
const booking = newBooking();
const money: Money = { receipt: "UKN1A2B3C4", amountKes: booking.amountKes, payer: "2547*****001", paidAtMs: START_MS + 30_000 };
const attempt = (facts: Partial<Attempt>): Attempt => newAttempt(booking, { phone: PHONE, checkoutRequestId: "ws_CO_1", ...facts });
const failed = (resultCode: string | null, reason: Attempt["reason"] = "no_answer") => attempt({ status: "failed", reason, resultCode });
const chosen = (attempts: Attempt[], changed: Partial<Money> = {}): Attempt | null =>
  matchAttempt({ booking, attempts }, { ...money, ...changed });

describe("money that came by itself answers", () => {
  it("first a prompt that is paid without a receipt, then an open one, then the newest that may still be paid", () => {
    const paid = attempt({ status: "paid", resultCode: "0", endedAtMs: START_MS + 40_000 });
    const open = attempt({ status: "confirming" });
    const [older, newer] = [failed("1037"), failed(null, "unknown")];
    expect(chosen([older, newer, open, paid])).toBe(paid);
    expect(chosen([older, newer, open])).toBe(open);
    expect(chosen([older, newer])).toBe(newer);
    expect(chosen([older])).toBe(older);
    expect(chosen([failed("1032", "cancelled"), attempt({ status: "paid", receipt: "UKN0000000" })])).toBeNull();
  });

  const open = attempt({ status: "prompted" });
  const paidLongAgo = attempt({ status: "paid", resultCode: "0", endedAtMs: START_MS });
  test.each([
    ["of another amount", open, { amountKes: booking.amountKes - 1 }],
    ["from another phone", open, { payer: "2547*****999" }],
    ["that moved before the prompt", open, { paidAtMs: START_MS - 60_000 }],
    ["that moved after Safaricom had said that the prompt was paid", paidLongAgo, { paidAtMs: START_MS + 60_000 }],
  ])("no prompt when it is money %s", (_what, candidate, changed) => {
    expect(chosen([candidate], changed)).toBeNull();
  });

  test.each([{ payer: "" }, { payer: "8d9f".repeat(16) }, { payer: PHONE }, { paidAtMs: null }])("the open prompt with %j", (changed) => {
    expect(chosen([open], changed)).toBe(open);
  });
});

describe("a payment of its own", () => {
  it("says nothing of a prompt, and is surplus where the booking does not need it", () => {
    expect(manualPaymentStep({ booking, attempts: [] }, money, "pay_1", START_MS)).toMatchObject({
      booked: true,
      attempt: { status: "paid", receipt: money.receipt, resultCode: null, surplus: false },
    });
    const part = { ...money, amountKes: 1 };
    expect(manualPaymentStep({ booking, attempts: [] }, part, "pay_1", START_MS)).toMatchObject({
      booked: false,
      attempt: { surplus: true },
    });
    const booked = { booking: { ...booking, status: "booked" as const }, attempts: [] };
    expect(manualPaymentStep(booked, money, "pay_1", START_MS)).toMatchObject({ booked: false, attempt: { surplus: true } });
  });
});

test.each([
  [PHONE, PHONE, "same"],
  [PHONE, "254711000002", "other"],
  [PHONE, "2547*****001", "same"],
  ["2547*****001", PHONE, "same"],
  [PHONE, "2547xxxxx002", "other"],
  ["2547*****001", "2547*****001", "same"],
  ["2547*****001", "254711***001", "unknown"],
  [PHONE, "", "unknown"],
  ["", "2547*****001", "unknown"],
  [PHONE, "ab12".repeat(16), "unknown"],
] as const)("phone %s and payer %s: %s", (phone, payer, result) => {
  expect(comparePayer(phone, payer)).toBe(result);
});
