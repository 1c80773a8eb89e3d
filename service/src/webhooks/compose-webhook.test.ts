import { describe, expect, it } from "vitest";
import type { Booking } from "../bookings/booking.ts";
import { step, type Attempt, type BookingFile, type PaymentEvent } from "../payments/payment.ts";
import { newAttempt, newBooking, newId, START_MS } from "../payments/testing.ts";
import { createWebhookComposer, typesOf } from "./compose-webhook.ts";
import { bookingMessageSchema } from "./webhook-contract.ts";

const PAID: PaymentEvent = { type: "paid", receipt: "UKN7RT61SV", paidAtMs: START_MS, checkoutRequestId: null };

/** One attempt of a booking of KES 1,500, and what an event makes of them. */
function happened(event: PaymentEvent, facts: { booking?: Partial<Booking>; attempt?: Partial<Attempt>; paidBeforeKes?: number } = {}) {
  const booking = newBooking(facts.booking);
  const attempt = newAttempt(booking, { status: "prompted", ...facts.attempt });
  const earlier = facts.paidBeforeKes
    ? [newAttempt(booking, { status: "paid", amountKes: facts.paidBeforeKes, receipt: newId("UK") })]
    : [];
  const before: BookingFile = { booking, attempts: [...earlier, attempt] };
  const next = step(before, attempt.id, event, START_MS);
  if (!next) throw new Error("nothing happened");
  const after: BookingFile = {
    booking: { ...booking, status: next.bookingStatus, version: booking.version + 1 },
    attempts: [...earlier, next.attempt],
  };
  return { before, after, paymentId: attempt.id, atMs: START_MS };
}

const failed: PaymentEvent = { type: "failed", reason: "cancelled", code: "1032", checkoutRequestId: null };

describe("the events of a change", () => {
  it.each<[string, ReturnType<typeof happened>, string[]]>([
    ["the full amount", happened(PAID), ["payment.paid", "booking.booked"]],
    ["a part of it", happened(PAID, { attempt: { amountKes: 500 } }), ["payment.partial"]],
    ["the rest of it", happened(PAID, { attempt: { amountKes: 1_000 }, paidBeforeKes: 500 }), ["payment.paid", "booking.booked"]],
    ["more than it", happened(PAID, { attempt: { amountKes: 2_000 } }), ["payment.paid", "payment.surplus", "booking.booked"]],
    ["it once more", happened(PAID, { booking: { status: "booked" }, paidBeforeKes: 1_500 }), ["payment.surplus"]],
    [
      "it after the attempt had failed",
      happened(PAID, { attempt: { status: "failed", reason: "no_answer" } }),
      ["payment.paid_late", "booking.booked"],
    ],
    ["it after the booking had lapsed", happened(PAID, { booking: { status: "lapsed" } }), ["payment.paid_late", "booking.booked"]],
    ["it after the session", happened(PAID, { booking: { status: "lapsed", date: "2026-01-05" } }), ["payment.paid_late"]],
    ["it for a cancelled booking", happened(PAID, { booking: { status: "cancelled" } }), ["payment.surplus"]],
    ["a failure", happened(failed), ["payment.failed"]],
    ["giving up", happened({ type: "gave_up" }), ["payment.failed"]],
    ["no outcome yet", happened({ type: "prompt_over" }), []],
    [
      "all of it given back",
      happened({ type: "refunded" }, { booking: { status: "booked" }, attempt: { status: "paid" } }),
      ["payment.refunded", "booking.cancelled"],
    ],
  ])("%s", (_what, change, types) => {
    expect(typesOf(change)).toEqual(types);
  });

  it("a lapse, a cancellation, and a move to another time", () => {
    const booking = newBooking();
    const after = (facts: Partial<Booking>) => ({ booking: { ...booking, version: 2, ...facts }, attempts: [] });
    const change = (facts: Partial<Booking>) => ({
      before: { booking, attempts: [] },
      after: after(facts),
      paymentId: null,
      atMs: START_MS,
    });
    expect(typesOf(change({ status: "lapsed" }))).toEqual(["booking.lapsed"]);
    expect(typesOf(change({ status: "cancelled" }))).toEqual(["booking.cancelled"]);
    expect(typesOf(change({ time: "11:00" }))).toEqual([]);
  });
});

describe("a message", () => {
  const compose = (isWanted = true) => createWebhookComposer({ hasEndpoint: async () => isWanted, ids: { next: newId } });

  it("has the booking as it is afterwards, its version, and the payment, but no name, address or full phone number", async () => {
    const change = happened(PAID);
    const [paid, booked] = await compose()(change);
    expect(paid).toMatchObject({ type: "payment.paid", paymentId: change.paymentId, createdAtMs: START_MS });
    expect(booked).toMatchObject({ type: "booking.booked" });
    expect(paid?.id).not.toBe(booked?.id);
    const message = bookingMessageSchema.parse(JSON.parse(paid?.payload ?? ""));
    expect(message).toMatchObject({
      timestamp: new Date(START_MS).toISOString(),
      data: {
        version: 2,
        booking: { version: 2, booking_status: "booked", payment_status: "paid", amountDue: 0 },
        payment: { paymentId: change.paymentId, receipt: "UKN7RT61SV", phone: "2547•••••001" },
      },
    });
    expect(paid?.payload).not.toMatch(/Wanjiru|Amani|example\.com|254711000001/);
  });

  it("is written only for a site that has an endpoint", async () => {
    expect(await compose(false)(happened(PAID))).toEqual([]);
  });
});
