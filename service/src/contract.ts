/**
 * The wire format: the schemas that parse requests from browsers, owners' servers and operators, and the types of the answers. The widget
 * imports only the types (`import type`), so no browser downloads this file.
 */
import { z } from "zod";

export const paymentStatuses = ["requested", "prompted", "confirming", "paid", "failed", "refunded"] as const;
/** The status of one attempt to pay. `requested`, `prompted` and `confirming` are open: their outcome is unknown. */
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
/** Why an attempt failed. The widget has a sentence for each. */
export type FailureReason = (typeof failureReasons)[number];

export const bookingStatuses = ["pending", "booked", "lapsed", "cancelled"] as const;
/** What is booked. `booked`: the session has its row. `lapsed`: not paid in time; full money may still book it. */
export type BookingStatus = (typeof bookingStatuses)[number];

export const bookingPaymentStatuses = ["unpaid", "pending", "partial", "paid", "failed", "refunded"] as const;
/** What was paid. `partial`: less than the amount has arrived. `failed` may still become `paid` if money arrives late. */
export type BookingPaymentStatus = (typeof bookingPaymentStatuses)[number];

export const receiptCheckStatuses = ["possible", "checking", "not_found", "not_this_payment", "used", "unanswered"] as const;

export const refundStatuses = ["requested", "sent", "unknown", "done", "failed"] as const;
/** `requested`, `sent`: waiting for Safaricom. `unknown`: no answer came; a late one still decides, and asking again is safe. */
export type RefundStatus = (typeof refundStatuses)[number];

/** Maximum length of a person's or a lesson's name, in characters. */
const NAME_MAX = 120;
export const MINUTES_OF_A_DAY = 1_440;
/** RFC 5321's limit on an address. */
const EMAIL_MAX = 254;
/** Safaricom accepts 1 to 250,000 shillings per transaction. */
export const AMOUNT_MAX_KES = 250_000;

const oneLine = (maxLength: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(maxLength)
    // Also line separators, and lone surrogates, which no database stores.
    .refine((text) => !/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u.test(text), { message: "must be one line without control characters" });

export const amountKesSchema = z.number().int().min(1).max(AMOUNT_MAX_KES);

export const bookingViewSchema = z.object({
  bookingId: z.string(),
  reference: z.string().max(12).describe("The account number, on the payer's SMS and for paying by Paybill."),
  amount: amountKesSchema.describe("Whole shillings."),
  amountPaid: z.number().int().describe("What has arrived and was not given back."),
  amountDue: z.number().int().describe("What is still to pay: the next prompt asks for this. 0 once the session is booked."),
  currency: z.literal("KES"),
  booking_status: z.enum(bookingStatuses).describe("What is booked; `payment_status` says what was paid."),
  payment_status: z.enum(bookingPaymentStatuses),
  version: z.number().int().describe("Grows with every change of the booking or its payment; also the SSE event id."),
  expiresAt: z.number().int().describe("An unpaid booking lapses then. UTC milliseconds, as all times in this API."),
  session: z.object({
    sessionType: z.string().nullable().describe("The code from the price list; null if a server set the amount."),
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
      requestedAt: z.number().int().describe("UTC milliseconds, as all times in this API."),
      promptExpiresAt: z.number().int().optional(),
      paidAt: z.number().int().optional(),
    })
    .nullable(),
  surplus: z.number().int().optional().describe("Paid beyond the amount: the owner gives it back or keeps it by agreement."),
  retryAfterMs: z
    .number()
    .int()
    .optional()
    .describe("For this long another prompt is refused: Safaricom would not send it, or the last one may still be on the phone."),
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
      code: z.string().optional().describe("The last code that was typed."),
    })
    .optional()
    .describe("Only if the site can check M-Pesa codes: whether the parent may type one, and the result of the last."),
});
/** A booking as every route returns it, to everybody. */
export type BookingView = z.infer<typeof bookingViewSchema>;

/** One page of a list. */
export const pageSchema = <Item extends z.ZodType>(item: Item) =>
  z.object({
    data: z.array(item),
    next: z.string().nullable().describe("Pass it as `after` to get the next page; null: this is the last."),
  });

/** What the site's own server reads beside the view. Writes answer with the view alone: what they answer is kept for their key. */
export const ownerBookingSchema = bookingViewSchema.extend({
  parentName: z.string(),
  childName: z.string(),
  email: z.string().describe("Not an address any more once the parent's data was erased."),
  createdAt: z.number().int(),
});
/** A booking as its site's owner reads it. */
export type OwnerBooking = z.infer<typeof ownerBookingSchema>;
export const ownerBookingsPageSchema = pageSchema(ownerBookingSchema);

export const sessionTypeViewSchema = z.object({
  code: z.string(),
  name: z.string(),
  amount: amountKesSchema,
  currency: z.literal("KES"),
  durationMinutes: z.number().int(),
});
export type SessionTypeView = z.infer<typeof sessionTypeViewSchema>;

export const sessionTypesPageSchema = pageSchema(sessionTypeViewSchema);

export const sessionTypeCodeSchema = z.string().regex(/^[\w.-]{1,64}$/, "must be up to 64 letters, digits, dots, dashes or underscores");
export const sessionTypeChangeSchema = z.object({
  name: oneLine(NAME_MAX),
  amount: amountKesSchema,
  durationMinutes: z.number().int().min(1).max(MINUTES_OF_A_DAY),
});
export type SessionTypeChange = z.infer<typeof sessionTypeChangeSchema>;

export const createBookingSchema = z.object({
  sessionType: oneLine(64).optional(),
  amount: amountKesSchema.optional().describe("Only with a secret key, together with `description`, instead of `sessionType`."),
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
  phone: z.string().describe("A Kenyan mobile number in any common form: 0712 345 678, 2547…, +2541…"),
  amount: z.number().optional().describe("The price that the page shows. If it differs from the booking's amount, the payment is refused."),
});
export type PayRequest = z.infer<typeof payRequestSchema>;

export const codeRequestSchema = z.object({
  bookingId: z.string({ error: "bookingId required" }).min(1, "bookingId required"),
  code: z.string().max(40).describe("The M-Pesa code from the payer's SMS; capitals and spaces do not matter."),
});

export const refundViewSchema = z.object({
  refundId: z.string(),
  paymentId: z.string(),
  receipt: z.string().describe("The receipt of the refunded payment."),
  amount: amountKesSchema,
  currency: z.literal("KES"),
  status: z.enum(refundStatuses),
  resultCode: z.string().optional().describe("Safaricom's result code."),
  note: z.string().optional(),
  requestedAt: z.number().int(),
  endedAt: z.number().int().optional(),
});
export type RefundView = z.infer<typeof refundViewSchema>;
export const refundsPageSchema = pageSchema(refundViewSchema);

export const refundRequestSchema = z.object({
  remarks: z
    .string()
    .trim()
    .min(2)
    .max(100)
    .regex(/^[\w .,:/-]+$/, "may have letters, digits, spaces and . , : / - _")
    .default("Refund")
    .describe("Appears on the M-Pesa statement."),
  reason: oneLine(400).optional().describe("Why; kept in the payment's history."),
  actor: oneLine(NAME_MAX).optional().describe("Who decides, for the history."),
});

const decisionShape = {
  reason: oneLine(400).describe("Why; kept in the payment's history."),
  actor: oneLine(NAME_MAX).optional().describe("Who decides, for the history."),
};

export const settleRequestSchema = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("paid"),
    receipt: z.string().max(40).describe("As the M-Pesa statement shows it."),
    ...decisionShape,
  }),
  z.object({ outcome: z.literal("not_paid"), ...decisionShape }),
  z.object({ outcome: z.literal("refunded").describe("All of its money was given back by hand."), ...decisionShape }),
  z.object({ outcome: z.literal("kept").describe("Its money stays as it is, although the booking does not need it."), ...decisionShape }),
]);

export const moveBookingSchema = z.object({ date: createBookingSchema.shape.date, time: createBookingSchema.shape.time, ...decisionShape });
export const cancelBookingSchema = z.object(decisionShape);
export const keepMoneySchema = z.object(decisionShape);
export const dismissCallbackSchema = z.object(decisionShape);

export const assignRequestSchema = z.object({
  reference: z.string().max(40).describe("Of the booking that the money is for; capitals, spaces and dashes do not matter."),
  amount: amountKesSchema
    .optional()
    .describe("For money that Safaricom never reported: the amount on the M-Pesa statement, in whole shillings."),
  ...decisionShape,
});

export const assignments = ["booked", "part", "surplus", "kept"] as const;
export const assignAnswerSchema = z.object({
  assignment: z
    .enum(assignments)
    .describe(
      "`booked`: the session is booked. `part`: the booking is not paid in full yet. `surplus`: the booking does not need it. `kept`: paid in full, but the booking had lapsed and cannot take place by itself any more.",
    ),
  booking: bookingViewSchema,
});

export const unassignedMoneySchema = z.object({
  receipt: z.string(),
  amount: z.number().int().describe("Whole shillings."),
  currency: z.literal("KES"),
  accountNumber: z.string().describe("As the payer typed it."),
  payer: z.string().describe("Masked."),
  why: z.string().describe("Why it matches no booking."),
  paidAt: z.number().int(),
});
export const unassignedMoneyPageSchema = pageSchema(unassignedMoneySchema);
export type OwnerUnassignedMoney = z.infer<typeof unassignedMoneySchema>;

export const listedCallbackStatuses = ["waiting", "unverified", "unmatched", "unprocessable"] as const;
export const ownerCallbackSchema = z.object({
  callbackId: z.string(),
  kind: z.string(),
  status: z.enum(listedCallbackStatuses).describe("`waiting`: it is still to be processed."),
  receivedAt: z.number().int(),
  receipt: z.string().optional(),
  note: z.string().optional().describe("Why it led to nothing."),
  tries: z.number().int().optional().describe("How often processing it has failed."),
});
export const ownerCallbacksPageSchema = pageSchema(ownerCallbackSchema);
/** A callback that led to nothing, as its site's owner sees it. */
export type OwnerCallback = z.infer<typeof ownerCallbackSchema>;

export const attentionKinds = ["payment", "unassigned_money", "booking", "surplus", "refund", "callback", "webhook"] as const;
export const attentionItemSchema = z.object({
  kind: z.enum(attentionKinds),
  what: z.string().describe("What waits, in words."),
  paymentId: z.string().optional(),
  bookingId: z.string().optional(),
  receipt: z.string().optional(),
  callbackId: z.string().optional(),
  commands: z.array(z.string()).describe("The operator's commands that settle it."),
});
export const attentionPageSchema = pageSchema(attentionItemSchema);
export type AttentionItem = z.infer<typeof attentionItemSchema>;

export const ownerPaymentSchema = z.object({
  paymentId: z.string(),
  bookingId: z.string(),
  reference: z.string(),
  status: z.enum(paymentStatuses),
  reason: z.enum(failureReasons).optional(),
  surplus: z
    .number()
    .int()
    .describe("How much of it the booking did not need, in whole shillings. Refund it, or agree with the payer to keep it."),
  amount: z.number().int().describe("Whole shillings."),
  currency: z.literal("KES"),
  phone: z.string().describe("Masked."),
  receipt: z.string().optional(),
  attention: z.string().optional().describe("Safaricom's answer, if the service does not know its code."),
  requestedAt: z.number().int(),
  paidAt: z.number().int().optional(),
  endedAt: z.number().int().optional(),
});
/** A payment as its site's owner sees it. */
export type OwnerPayment = z.infer<typeof ownerPaymentSchema>;

export const paymentsPageSchema = pageSchema(ownerPaymentSchema);
export const paymentWithRefundsSchema = ownerPaymentSchema.extend({ refunds: z.array(refundViewSchema) });

export const payAnswerSchema = z.object({ success: z.literal(true), data: bookingViewSchema });

/** The answer to a callback, in the form that Safaricom expects. */
export const callbackAnswerSchema = z.object({ ResultCode: z.literal(0), ResultDesc: z.literal("Accepted") });

export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
  error: z.string().describe("The same sentence as `detail`, for clients that read only this member."),
  reason: z.enum(failureReasons).optional(),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  booking: bookingViewSchema.optional(),
  retryAfterMs: z.number().optional().describe("Try again after this long; `Retry-After` has it in whole seconds."),
});
/** An RFC 9457 problem document: every answer that is not a success. */
export type Problem = z.infer<typeof problemSchema>;
