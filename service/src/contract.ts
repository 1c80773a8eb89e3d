/**
 * What crosses the wire, in one place: the schemas that parse what browsers, owners' servers and operators send, and the types of what they
 * get back. The widget imports the types only (`import type`), so nothing of this reaches a browser.
 */
import { z } from "zod";

export const paymentStatuses = ["requested", "prompted", "confirming", "paid", "failed", "refunded"] as const;
/** Where one attempt to pay stands. `requested`, `prompted` and `confirming` are open: their outcome is not known yet. */
export type PaymentStatus = (typeof paymentStatuses)[number];

export const failureReasons = [
  "insufficient_funds",
  "limit",
  "misconfigured",
  "busy",
  "expired",
  "cancelled",
  "unreachable",
  "no_answer",
  "wrong_pin",
  "pin_locked",
  "rejected",
  "unknown",
] as const;
/** Why an attempt failed, in words that the widget has a sentence for. */
export type FailureReason = (typeof failureReasons)[number];

export const bookingStatuses = ["pending", "booked", "lapsed", "cancelled"] as const;
/** What is booked. `booked`: the session has its row. `lapsed`: not paid in time; full money may still book it. */
export type BookingStatus = (typeof bookingStatuses)[number];

export const bookingPaymentStatuses = ["unpaid", "pending", "partial", "paid", "failed", "refunded"] as const;
/** What a booking shows of its attempts: `failed` may still become `paid` when money arrives late. */
export type BookingPaymentStatus = (typeof bookingPaymentStatuses)[number];

export const receiptCheckStatuses = ["possible", "checking", "not_found", "not_this_payment", "used", "unanswered"] as const;

export const refundStatuses = ["requested", "sent", "unknown", "done", "failed"] as const;
/** `requested`, `sent`: Safaricom's answer is awaited. `unknown`: none came; one that comes late still decides, and asking again is safe. */
export type RefundStatus = (typeof refundStatuses)[number];

/** Characters a person's name or a lesson's name may hold. */
const NAME_MAX = 120;
/** RFC 5321's limit on an address. */
const EMAIL_MAX = 254;
/** Safaricom takes 1 to 250,000 shillings a transaction. */
export const AMOUNT_MAX_KES = 250_000;

const oneLine = (maxLength: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(maxLength)
    // Line separators, and halves of characters that no database keeps, too.
    .refine((text) => !/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u.test(text), { message: "must be one line without control characters" });

export const amountKesSchema = z.number().int().min(1).max(AMOUNT_MAX_KES);

export const bookingViewSchema = z.object({
  bookingId: z.string(),
  reference: z.string().max(12).describe("The account number on the payer's SMS and for paying by hand."),
  amount: amountKesSchema.describe("Whole shillings."),
  amountPaid: z.number().int().describe("What has arrived and was not given back."),
  amountDue: z.number().int().describe("What is still to pay: the next prompt asks for this."),
  currency: z.literal("KES"),
  booking_status: z.enum(bookingStatuses).describe("What is booked; `payment_status` says what was paid."),
  payment_status: z.enum(bookingPaymentStatuses),
  version: z.number().int().describe("Grows with every change of the booking or its payment; the SSE event id."),
  expiresAt: z.number().int().describe("An unpaid booking lapses then. UTC milliseconds, like every time here."),
  session: z.object({
    sessionType: z.string().nullable().describe("The price list's code; null when a server named the amount itself."),
    name: z.string(),
    date: z.iso.date(),
    time: z.string().describe("HH:MM, Africa/Nairobi."),
  }),
  payment: z
    .object({
      status: z.enum(paymentStatuses),
      reason: z.enum(failureReasons).optional(),
      amount: amountKesSchema.describe("Of this payment; the booking's may be more."),
      receipt: z.string().optional(),
      phone: z.string().describe("Masked: 2547•••••678."),
      requestedAt: z.number().int().describe("UTC milliseconds, like every time here."),
      promptExpiresAt: z.number().int().optional(),
      paidAt: z.number().int().optional(),
    })
    .nullable(),
  surplus: z.number().int().optional().describe("Paid beyond the amount: the owner gives it back or keeps it by agreement."),
  retryAfterMs: z.number().int().optional().describe("Safaricom would refuse another prompt for this long."),
  payManually: z
    .object({
      paybill: z.string().optional(),
      till: z.string().optional(),
      accountNumber: z.string(),
      amount: amountKesSchema,
    })
    .optional(),
  receiptCheck: z
    .object({
      status: z.enum(receiptCheckStatuses),
      code: z.string().optional().describe("The code that was typed last."),
    })
    .optional()
    .describe("Where the site can have M-Pesa codes checked: whether the parent may type one, and what became of the last."),
});
/** The one shape in which a booking is shown, to everybody and on every route. */
export type BookingView = z.infer<typeof bookingViewSchema>;

export const sessionTypeViewSchema = z.object({
  code: z.string(),
  name: z.string(),
  amount: amountKesSchema,
  currency: z.literal("KES"),
  durationMinutes: z.number().int(),
});
export type SessionTypeView = z.infer<typeof sessionTypeViewSchema>;

export const createBookingSchema = z.object({
  sessionType: oneLine(64).optional(),
  amount: amountKesSchema.optional().describe("Secret key only, with `description`, instead of `sessionType`."),
  description: oneLine(NAME_MAX).optional(),
  date: z.iso.date(),
  time: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be HH:MM"),
  expiresAt: z
    .number()
    .int()
    .optional()
    .describe("Secret key only: when an unpaid booking lapses, from a minute to 400 days ahead. UTC milliseconds."),
  parentName: oneLine(NAME_MAX),
  childName: oneLine(NAME_MAX),
  email: z.email().max(EMAIL_MAX),
});
export type CreateBooking = z.infer<typeof createBookingSchema>;

export const payRequestSchema = z.object({
  bookingId: z.string({ error: "bookingId required" }).min(1, "bookingId required"),
  phone: z.string().describe("A Kenyan mobile number in any usual form: 0712 345 678, 2547…, +2541…"),
  amount: z
    .number()
    .optional()
    .describe("When given, it must be the booking's amount: a page that shows another price must not charge this one."),
});
export type PayRequest = z.infer<typeof payRequestSchema>;

export const codeRequestSchema = z.object({
  bookingId: z.string({ error: "bookingId required" }).min(1, "bookingId required"),
  code: z.string().max(40).describe("The M-Pesa code from the payer's SMS; capitals and blanks do not matter."),
});

export const refundViewSchema = z.object({
  refundId: z.string(),
  paymentId: z.string(),
  receipt: z.string().describe("Of the payment that is given back, whole."),
  amount: amountKesSchema,
  currency: z.literal("KES"),
  status: z.enum(refundStatuses),
  resultCode: z.string().optional().describe("Safaricom's."),
  note: z.string().optional(),
  requestedAt: z.number().int(),
  endedAt: z.number().int().optional(),
});
export type RefundView = z.infer<typeof refundViewSchema>;

export const refundRequestSchema = z.object({
  remarks: z
    .string()
    .trim()
    .min(2)
    .max(100)
    .regex(/^[\w .,:/-]+$/, "may have letters, digits, blanks and . , : / - _")
    .default("Refund")
    .describe("Stands on the M-Pesa statement."),
});

export const ownerPaymentSchema = z.object({
  paymentId: z.string(),
  bookingId: z.string(),
  reference: z.string(),
  status: z.enum(paymentStatuses),
  reason: z.enum(failureReasons).optional(),
  surplus: z
    .number()
    .int()
    .describe("Money that books nothing: a second payment, another amount, a lapsed booking. Yours to give back or to keep by agreement."),
  amount: z.number().int().describe("Whole shillings."),
  currency: z.literal("KES"),
  phone: z.string().describe("Masked."),
  receipt: z.string().optional(),
  attention: z.string().optional().describe("What Safaricom said that nobody knows."),
  requestedAt: z.number().int(),
  paidAt: z.number().int().optional(),
  endedAt: z.number().int().optional(),
});
/** A payment as its site's owner sees it. */
export type OwnerPayment = z.infer<typeof ownerPaymentSchema>;

export const paymentsPageSchema = z.object({ data: z.array(ownerPaymentSchema), nextCursor: z.string().nullable() });
export const paymentWithRefundsSchema = ownerPaymentSchema.extend({ refunds: z.array(refundViewSchema) });

export const payAnswerSchema = z.object({ success: z.literal(true), data: bookingViewSchema });

/** What Safaricom reads of our answer to a callback. */
export const callbackAnswerSchema = z.object({ ResultCode: z.literal(0), ResultDesc: z.literal("Accepted") });

export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
  error: z.string().describe("The same sentence as `detail`, for callers that read only this member."),
  reason: z.enum(failureReasons).optional(),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  booking: bookingViewSchema.optional(),
});
/** An RFC 9457 problem document: every answer that is not a success. */
export type Problem = z.infer<typeof problemSchema>;
