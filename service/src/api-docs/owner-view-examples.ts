/** Example answers of what owners look at. */
import type { BookingLine, LiveEvent, Overview, SearchAnswer, Timeline } from "../owners/owners-contract.ts";
import { examples } from "./examples.ts";

const { ownerBooking, payment, money } = examples;
const PAID_AT = payment.paidAt ?? payment.requestedAt;

const line: BookingLine = {
  bookingId: ownerBooking.bookingId,
  reference: ownerBooking.reference,
  parentName: ownerBooking.parentName,
  childName: ownerBooking.childName,
  sessionType: { code: "maths-1h", name: "Maths, one hour" },
  date: "2026-12-08",
  time: "10:00",
  durationMinutes: 60,
  amount: 1_500,
  amountPaid: 1_500,
  booking_status: "booked",
  payment_status: "paid",
};

const overview: Overview = {
  today: { date: "2026-12-08", received: 1_500, payments: 1, lessons: [line], next: [] },
  attention: 1,
  days: [{ date: "2026-12-08", received: 1_500, payments: 1, started: 3, paid: 1, failed: 2 }],
  reasons: [{ reason: "cancelled", count: 2 }],
};

const { durationMinutes: _, ...found } = line;
const search: SearchAnswer = {
  kind: "name",
  data: [{ ...found, receipts: [payment.receipt ?? ""], phone: payment.phone, matched: "name" }],
  unassigned: [{ receipt: money.receipt, amount: money.amount, phone: money.payer, at: money.paidAt, account: money.accountNumber }],
};

const rule = { actor: null, reason: null };
const timeline: Timeline = {
  data: [
    { at: payment.requestedAt, kind: "prompt", text: "A payment of KES 1,500 was started for 2547•••••001.", ...rule },
    {
      at: PAID_AT,
      kind: "callback",
      text: "Safaricom's callback came and was counted.",
      ...rule,
      details: { kind: "stk", verdict: "verified", receipt: payment.receipt ?? "" },
      raw: '{"Body":{"stkCallback":{"ResultCode":0}}}',
    },
    { at: PAID_AT, kind: "answer", text: `Safaricom reported: KES 1,500 was paid, receipt ${payment.receipt}.`, ...rule },
  ],
  actions: [
    {
      action: "refund",
      paymentId: payment.paymentId,
      consequence: `KES 1,500 goes back to 2547•••••001 by M-Pesa, all of receipt ${payment.receipt}; the session on Tuesday, 8 December 2026, 10:00 is then cancelled. It cannot be undone.`,
    },
  ],
};

const live: LiveEvent = {
  bookingId: line.bookingId,
  reference: line.reference,
  parentName: line.parentName,
  payment_status: "paid",
  booking_status: "booked",
  amount: 1_500,
  amountPaid: 1_500,
  at: PAID_AT,
};

export const ownerViewExamples = { line, overview, search, timeline, live };
