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

export const bookingPaymentStatuses = ["unpaid", "pending", "paid", "failed"] as const;
/** What a booking shows of its attempts: `failed` may still become `paid` when money arrives late. */
export type BookingPaymentStatus = (typeof bookingPaymentStatuses)[number];

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
  currency: z.literal("KES"),
  payment_status: z.enum(bookingPaymentStatuses),
  version: z.number().int().describe("Grows with every change of the booking or its payment; the SSE event id."),
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
      receipt: z.string().optional(),
      phone: z.string().describe("Masked: 2547•••••678."),
      requestedAt: z.number().int().describe("UTC milliseconds, like every time here."),
      promptExpiresAt: z.number().int().optional(),
      paidAt: z.number().int().optional(),
    })
    .nullable(),
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
      status: z.enum(["possible", "checking", "not_found", "not_this_payment", "used", "unanswered"]),
      code: z.string().optional(),
    })
    .optional()
    .describe("The check of a code that the payer typed from M-Pesa's SMS; missing where the site cannot check codes."),
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
