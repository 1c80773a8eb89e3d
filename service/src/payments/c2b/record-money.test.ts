import { describe, expect, it } from "vitest";
import { newBooking, newId, newMoney, START_MS } from "../testing.ts";
import type { Money } from "./match-payment.ts";
import { manualPaymentStep } from "./record-money.ts";

const booking = newBooking();
const money = newMoney(booking);

const stepOf = (file: Parameters<typeof manualPaymentStep>[0], changes: Partial<Money> = {}) =>
  manualPaymentStep(file, { ...money, ...changes }, newId("pay"), START_MS);

describe("a payment without a prompt", () => {
  it("of the whole price books the session, and says nothing about a prompt", () => {
    expect(stepOf({ booking, attempts: [] })).toMatchObject({
      bookingStatus: "booked",
      attempt: { status: "paid", receipt: money.receipt, resultCode: null, surplusKes: 0 },
    });
  });

  it("of a part of the price is kept, and the rest books the session", () => {
    const part = stepOf({ booking, attempts: [] }, { amountKes: 1_000 });
    expect(part).toMatchObject({ bookingStatus: "pending", attempt: { status: "paid", amountKes: 1_000, surplusKes: 0 } });
    const rest = stepOf({ booking, attempts: [part.attempt] }, { receipt: "UKN5555555", amountKes: 500 });
    expect(rest).toMatchObject({ bookingStatus: "booked", attempt: { amountKes: 500, surplusKes: 0 } });
  });

  it("of more than the price books the session, and the rest is surplus", () => {
    expect(stepOf({ booking, attempts: [] }, { amountKes: 2_000 })).toMatchObject({
      bookingStatus: "booked",
      attempt: { surplusKes: 500 },
    });
  });

  it("for a booking that is booked or cancelled is surplus", () => {
    const paid = stepOf({ booking, attempts: [] }).attempt;
    const booked = { booking: { ...booking, status: "booked" as const }, attempts: [paid] };
    expect(stepOf(booked, { receipt: "UKN5555555" })).toMatchObject({ bookingStatus: "booked", attempt: { surplusKes: 1_500 } });
    const cancelled = { booking: { ...booking, status: "cancelled" as const }, attempts: [] };
    expect(stepOf(cancelled)).toMatchObject({ bookingStatus: "cancelled", attempt: { surplusKes: 1_500 } });
  });

  it("for a lapsed booking books the session while that is ahead and its place free, and is kept otherwise", () => {
    const lapsed = { booking: { ...booking, status: "lapsed" as const }, attempts: [] };
    expect(stepOf(lapsed)).toMatchObject({ bookingStatus: "booked", attempt: { surplusKes: 0 } });
    expect(stepOf({ ...lapsed, isPlaceTaken: true })).toMatchObject({ bookingStatus: "lapsed", attempt: { surplusKes: 0 } });
    const over = { ...lapsed, booking: { ...lapsed.booking, date: "2026-11-23", time: "09:00" } };
    expect(stepOf(over)).toMatchObject({ bookingStatus: "lapsed", attempt: { status: "paid", surplusKes: 0 } });
    expect(stepOf(lapsed, { amountKes: 100 })).toMatchObject({ bookingStatus: "lapsed", attempt: { surplusKes: 0 } });
  });
});
