import { describe, expect, it } from "vitest";
import { newBooking, START_MS } from "../testing.ts";
import type { Money } from "./match-payment.ts";
import { manualPaymentStep } from "./record-money.ts";

const booking = newBooking();
const money: Money = { receipt: "UKN1A2B3C4", amountKes: booking.amountKes, payer: "2547*****001", paidAtMs: START_MS + 30_000 };

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
