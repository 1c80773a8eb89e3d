/** The wire format of what owners look at: overview, search, timeline, calendar, live list and files. */
import { z } from "zod";
import { amountKesSchema, bookingPaymentStatuses, bookingStatuses, failureReasons } from "../contract.ts";

const dateSchema = z.iso.date();
const shillings = z.number().int();

export const bookingLineSchema = z.object({
  bookingId: z.string(),
  reference: z.string(),
  parentName: z.string(),
  childName: z.string(),
  sessionType: z
    .object({ code: z.string().nullable(), name: z.string() })
    .describe("As it was sold. `code`: null if a server named the amount itself."),
  date: dateSchema,
  time: z.string().describe("HH:MM, Africa/Nairobi."),
  durationMinutes: z.number().int().nullable().describe("From the price list; null if the session is not on it."),
  amount: amountKesSchema.describe("Whole shillings."),
  amountPaid: shillings,
  booking_status: z.enum(bookingStatuses),
  payment_status: z.enum(bookingPaymentStatuses),
});
/** A booking as one line of a list. */
export type BookingLine = z.infer<typeof bookingLineSchema>;

const daySchema = z.object({
  date: dateSchema.describe("Africa/Nairobi."),
  received: shillings.describe("Whole shillings that arrived on this day and were not given back."),
  payments: z.number().int().describe("How many payments brought it."),
  started: z.number().int().describe("Payments begun on this day."),
  paid: z.number().int().describe("Of those, how many were paid, also if they were refunded since."),
  failed: z.number().int().describe("Of those, how many failed."),
});
export type OverviewDay = z.infer<typeof daySchema>;

/** `attention` goes no further: a larger number helps nobody. */
export const ATTENTION_COUNT_MAX = 100;

export const overviewSchema = z.object({
  today: z.object({
    date: dateSchema,
    received: daySchema.shape.received,
    payments: daySchema.shape.payments,
    lessons: z.array(bookingLineSchema).describe("Booked for today, by time."),
    next: z.array(bookingLineSchema).describe("The next ten after today."),
  }),
  attention: z
    .number()
    .int()
    .describe(
      `How many items wait for a decision; ${ATTENTION_COUNT_MAX} if there are as many or more. \`GET /api/v1/attention\` lists them.`,
    ),
  days: z.array(daySchema).describe("The last 30 days, oldest first, today included."),
  reasons: z
    .array(z.object({ reason: z.enum(failureReasons), count: z.number().int() }))
    .describe("Why payments of these days failed, the most frequent first."),
});
export type Overview = z.infer<typeof overviewSchema>;

export const CALENDAR_DAYS_MAX = 62;
export const CALENDAR_LINES_MAX = 1_000;
export const calendarSchema = z.object({
  data: z.array(bookingLineSchema).describe("By day and time."),
  next: dateSchema
    .nullable()
    .describe(
      `The first day that is not in \`data\`, because that has ${CALENDAR_LINES_MAX} lines: ask again \`from\` there. null: it has all days.`,
    ),
});

/** An M-Pesa SMS has 160 characters or a few more. */
export const SEARCH_TEXT_MAX = 1_000;
export const searchKinds = ["receipt", "reference", "phone", "sms", "name"] as const;
export const searchAnswerSchema = z.object({
  kind: z.enum(searchKinds).describe("What the text was taken for."),
  data: z
    .array(
      bookingLineSchema.omit({ durationMinutes: true }).extend({
        receipts: z.array(z.string()).describe("Of its payments that were paid, also if they were refunded since."),
        phone: z.string().nullable().describe("Of its newest payment, masked."),
        matched: z.enum(["receipt", "reference", "phone", "name"]).describe("Which of its facts is like the text."),
      }),
    )
    .describe("At most 20, the newest first."),
  unassigned: z
    .array(
      z.object({
        receipt: z.string(),
        amount: shillings,
        phone: z.string().describe("Masked."),
        at: z.number().int(),
        account: z.string().describe("As the payer typed it."),
      }),
    )
    .describe("Money without a booking. Only for a site that shares its M-Pesa account with no other."),
});
export type SearchAnswer = z.infer<typeof searchAnswerSchema>;
export type SearchKind = (typeof searchKinds)[number];

export const timelineKinds = [
  "booking",
  "prompt",
  "answer",
  "callback",
  "query",
  "money",
  "webhook",
  "refund",
  "decision",
  "receipt_check",
] as const;
export const timelineEntrySchema = z.object({
  at: z.number().int(),
  kind: z.enum(timelineKinds).describe("`answer`: what became of a prompt. `query`: what Safaricom answered when it was asked."),
  text: z.string().describe("What happened, in words. One line. In English, or in Kiswahili for `Accept-Language: sw`."),
  actor: z.string().nullable().describe("Who decided; null: nobody, a rule did."),
  reason: z.string().nullable().describe("Why, as the person wrote it."),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.null()])).optional(),
  raw: z.string().optional().describe("A callback as it came. Phone numbers, ids and secrets are masked."),
});
export type TimelineEntry = z.infer<typeof timelineEntrySchema>;

export const possibleActions = ["refund", "settle", "assign", "move", "cancel", "resend_receipt"] as const;
export const actionSchema = z.object({
  action: z.enum(possibleActions),
  paymentId: z.string().optional().describe("For actions about one payment."),
  amount: shillings.optional().describe("How much a refund gives back, in whole shillings."),
  consequence: z.string().describe("What it will do, in a sentence to show before."),
});
export type PossibleAction = z.infer<typeof actionSchema>;

export const timelineSchema = z.object({
  data: z.array(timelineEntrySchema).describe("Oldest first."),
  actions: z.array(actionSchema).describe("What is possible now."),
});
export type Timeline = z.infer<typeof timelineSchema>;

export const liveEventSchema = bookingLineSchema
  .pick({ bookingId: true, reference: true, parentName: true, payment_status: true, booking_status: true, amount: true, amountPaid: true })
  .extend({ at: z.number().int().describe("When it last changed.") });
export type LiveEvent = z.infer<typeof liveEventSchema>;
