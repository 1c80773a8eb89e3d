import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bookingViewSchema, failureReasons, paymentStatuses } from "../contract.ts";
import { isOpen, type Attempt, type BookingFile } from "../payments/payment.ts";
import { newAttempt, newBooking, START_MS } from "../payments/testing.ts";
import type { Booking } from "./booking.ts";
import { toBookingView } from "./booking-view.ts";

const NOW_MS = START_MS + 30_000;

const viewOf = (facts: Partial<Attempt>, nowMs = NOW_MS) => {
  const booking = newBooking();
  return toBookingView({ booking, attempts: [newAttempt(booking, facts)] }, { nowMs: nowMs });
};

describe("a booking's view", () => {
  it("of a booking that nobody has tried to pay", () => {
    const booking = newBooking({ sessionType: null, sessionName: "Revision weekend" });
    expect(toBookingView({ booking, attempts: [] }, { nowMs: NOW_MS })).toEqual({
      bookingId: booking.id,
      reference: booking.reference,
      amount: 1_500,
      amountPaid: 0,
      amountDue: 1_500,
      currency: "KES",
      booking_status: "pending",
      payment_status: "unpaid",
      version: 1,
      expiresAt: booking.expiresAtMs,
      session: { sessionType: null, name: "Revision weekend", date: "2026-12-08", time: "10:00" },
      payment: null,
    });
  });

  it("shows when an open prompt is over, and not of one that has ended", () => {
    expect(viewOf({ status: "prompted", promptExpiresAtMs: NOW_MS + 5 }).payment).toMatchObject({ promptExpiresAt: NOW_MS + 5 });
    expect(viewOf({ status: "failed", reason: "cancelled", promptExpiresAtMs: NOW_MS + 5 }).payment).not.toHaveProperty("promptExpiresAt");
  });

  it("says how long Safaricom would refuse another prompt, counted from now, and nothing once that is over", () => {
    const failed = { status: "failed", reason: "busy", retryAtMs: NOW_MS + 60_000 } as const;
    expect(viewOf(failed).retryAfterMs).toBe(60_000);
    expect(viewOf(failed, NOW_MS + 60_000)).not.toHaveProperty("retryAfterMs");
    expect(viewOf({ ...failed, status: "prompted" })).not.toHaveProperty("retryAfterMs");
  });

  it("offers the paybill while the booking waits for money, with what is due", () => {
    const waiting = newBooking();
    const part = newAttempt(waiting, { status: "paid", amountKes: 1_000 });
    const offered = (file: BookingFile, paybill: string | null = "174379") => toBookingView(file, { nowMs: NOW_MS, paybill }).payManually;
    expect(offered({ booking: waiting, attempts: [part] })).toEqual({ paybill: "174379", accountNumber: waiting.reference, amount: 500 });
    expect(offered({ booking: waiting, attempts: [] }, null)).toBeUndefined();
    for (const status of ["booked", "lapsed", "cancelled"] as const)
      expect(offered({ booking: newBooking({ status }), attempts: [] })).toBeUndefined();
  });

  it("counts all money of a cancelled booking as surplus, and of others what is beyond the price", () => {
    const surplusOf = (status: Booking["status"], amountKes: number) => {
      const booking = newBooking({ status });
      const attempts = [newAttempt(booking, { status: "paid", amountKes })];
      return toBookingView({ booking, attempts }, { nowMs: NOW_MS }).surplus;
    };
    expect([surplusOf("cancelled", 1_000), surplusOf("booked", 2_000), surplusOf("booked", 1_500)]).toEqual([1_000, 500, undefined]);
  });

  it("shows the payment that booked the session although a later attempt failed", () => {
    const booking = newBooking({ status: "booked" });
    const attempts = [
      newAttempt(booking, { status: "paid", sessionId: "se_1", receipt: "UKN1A2B3C4", paidAtMs: START_MS }),
      newAttempt(booking, { status: "failed", reason: "cancelled" }),
    ];
    expect(toBookingView({ booking, attempts }, { nowMs: NOW_MS })).toMatchObject({
      payment_status: "paid",
      payment: { receipt: "UKN1A2B3C4" },
    });
  });
});

const time = fc.option(fc.integer({ min: START_MS, max: START_MS + 1_000_000 }));
const digits = fc.string({ unit: fc.constantFrom(..."0123456789".split("")), minLength: 8, maxLength: 8 });
const anyFacts = fc.record({
  status: fc.constantFrom(...paymentStatuses),
  reason: fc.option(fc.constantFrom(...failureReasons)),
  surplus: fc.boolean(),
  sessionId: fc.option(fc.constant("se_secret_session")),
  phone: digits.map((rest) => `2547${rest}`),
  receipt: fc.option(fc.constant("UKN1A2B3C4")),
  resultCode: fc.option(fc.constant("result-code-of-safaricom")),
  retryAtMs: time,
  promptExpiresAtMs: time,
  paidAtMs: time,
  endedAtMs: time,
  nextQueryAtMs: time,
});
const anyFile: fc.Arbitrary<BookingFile> = fc.array(anyFacts, { maxLength: 3 }).map((list) => {
  const booking = newBooking({ parentName: "Parent-Secret", childName: "Child-Secret", email: "secret@example.com" });
  const attempts = list.map((facts) =>
    newAttempt(booking, {
      ...facts,
      checkoutRequestId: `ws_CO_0808${facts.phone}`,
      merchantRequestId: "merchant-secret",
      callbackSecretHash: "f".repeat(64),
    }),
  );
  return { booking, attempts };
});

describe("whatever the booking", () => {
  it("its view is of the one shape, whole", () => {
    fc.assert(
      fc.property(anyFile, (file) => {
        const view = toBookingView(file, { nowMs: NOW_MS });
        expect(bookingViewSchema.strict().parse(view)).toEqual(view);
        expect(JSON.parse(JSON.stringify(view))).toEqual(view);
      }),
    );
  });

  it("nothing leaks: no phone, no id of Safaricom's, no callback secret, no name", () => {
    fc.assert(
      fc.property(anyFile, (file) => {
        const text = JSON.stringify(toBookingView(file, { nowMs: NOW_MS }));
        for (const secret of [
          "ws_CO",
          "merchant-secret",
          "f".repeat(64),
          "se_secret_session",
          "result-code-of-safaricom",
          "-Secret",
          "secret@",
        ]) {
          expect(text).not.toContain(secret);
        }
        for (const { id, phone } of file.attempts) {
          expect(text).not.toContain(id);
          expect(text).not.toContain(phone.slice(3));
        }
      }),
    );
  });

  it("a prompt's end is shown of open payments only", () => {
    fc.assert(
      fc.property(anyFile, (file) => {
        const { payment } = toBookingView(file, { nowMs: NOW_MS });
        if (payment?.promptExpiresAt !== undefined) expect(isOpen(payment)).toBe(true);
      }),
    );
  });
});
