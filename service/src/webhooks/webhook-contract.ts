/** The wire format of webhooks: the messages, and the routes about endpoints and deliveries. */
import { z } from "zod";
import { bookingViewSchema, ownerPaymentSchema } from "../contract.ts";

export const webhookTypes = [
  "payment.paid",
  "payment.partial",
  "payment.failed",
  "payment.paid_late",
  "payment.surplus",
  "payment.refunded",
  "booking.booked",
  "booking.lapsed",
  "booking.cancelled",
] as const;
export type WebhookType = (typeof webhookTypes)[number];

/** Sent by `POST …/test`, to this endpoint alone and whatever types it wants. */
export const TEST_TYPE = "webhook.test";

export const bookingMessageSchema = z.object({
  type: z.enum(webhookTypes),
  timestamp: z.iso.datetime().describe("When it happened."),
  data: z.object({
    version: z.number().int().describe("The booking's version: a message with a smaller one than you have seen is out of date."),
    booking: bookingViewSchema.describe("As it was right after this event."),
    payment: ownerPaymentSchema.omit({ attention: true }).nullable().describe("The payment that it is about; null: none."),
  }),
});
/** The body of a message about a booking. */
export type BookingMessage = z.infer<typeof bookingMessageSchema>;

export const testMessageSchema = z.object({
  type: z.literal(TEST_TYPE),
  timestamp: z.iso.datetime(),
  data: z.object({ endpointId: z.string(), text: z.string() }),
});
export type TestMessage = z.infer<typeof testMessageSchema>;

const URL_MAX = 500;
const urlSchema = z.string().max(URL_MAX).describe("https, on a public host, without user name and password. Redirects are not followed.");
const eventsSchema = z
  .array(z.enum(webhookTypes))
  .min(1)
  .transform((types) => webhookTypes.filter((type) => types.includes(type)))
  .nullable()
  .describe("The types that it wants; null or missing: all, also those that come later.");

export const createEndpointSchema = z.strictObject({ url: urlSchema, events: eventsSchema.optional() });
export const endpointStatuses = ["enabled", "disabled"] as const;
export const changeEndpointSchema = z
  .strictObject({ url: urlSchema.optional(), events: eventsSchema.optional(), status: z.enum(endpointStatuses).optional() })
  .refine((body) => Object.keys(body).length > 0, { message: "must change something" });

export const disabledReasons = ["gone", "failing", "owner", "site_file"] as const;
/** Why an endpoint is disabled. `gone`: it answered 410. `failing`: for five days. `site_file`: the site file names it no longer. */
export type DisabledReason = (typeof disabledReasons)[number];

export const endpointViewSchema = z.object({
  id: z.string(),
  url: z.string(),
  events: z.array(z.enum(webhookTypes)).nullable().describe("null: all."),
  status: z.enum(endpointStatuses).describe("Nothing is sent to a disabled endpoint: what happens meanwhile waits for it."),
  disabledWhy: z
    .enum(disabledReasons)
    .optional()
    .describe("`gone`: it answered 410. `failing`: for five days. `owner`: you. `site_file`: the site file names it no longer."),
  isFromSiteFile: z.boolean().describe("It is the `webhookUrl` of the site file."),
  failingSince: z.number().int().optional().describe("Its first failure since its last success."),
  lastFailure: z.string().optional(),
  previousSecretUntil: z
    .number()
    .int()
    .optional()
    .describe("Until then messages are also signed with the secret before the last rotation."),
  createdAt: z.number().int(),
});
export type EndpointView = z.infer<typeof endpointViewSchema>;

export const endpointWithSecretSchema = endpointViewSchema.extend({
  secret: z.string().describe("`whsec_…`: verifies the signatures. Shown only here."),
});
export const endpointListSchema = z.object({ data: z.array(endpointViewSchema) });

export const deliveryStatuses = ["waiting", "delivered", "failed"] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

export const deliveryViewSchema = z.object({
  id: z.string(),
  endpointId: z.string(),
  webhookId: z.string().describe("The `webhook-id` header: the same in every repetition."),
  type: z.string(),
  bookingId: z.string().optional(),
  status: z
    .enum(deliveryStatuses)
    .describe("`waiting`: not delivered yet. `failed`: the last retry failed too; redeliver it when the receiver works again."),
  tries: z.number().int().describe("Since it was written or last redelivered."),
  nextTryAt: z.number().int().optional().describe("Not before this; and after the earlier messages of its booking."),
  lastTryAt: z.number().int().optional(),
  lastStatus: z.number().int().optional().describe("The receiver's HTTP status; missing: it did not answer."),
  lastProblem: z.string().optional().describe("Why the last try failed."),
  lastAnswer: z.string().optional().describe("The first kilobyte of the receiver's answer."),
  deliveredAt: z.number().int().optional(),
  createdAt: z.number().int(),
});
export type DeliveryView = z.infer<typeof deliveryViewSchema>;
export const deliveryWithPayloadSchema = deliveryViewSchema.extend({ payload: z.string().describe("The body, exactly as it is sent.") });
export const deliveriesPageSchema = z.object({ data: z.array(deliveryViewSchema), next: z.string().nullable() });

export const redeliverWindowSchema = z.strictObject({
  since: z.number().int().min(0).describe("Messages written from then on. UTC milliseconds."),
  until: z.number().int().optional().describe("And before this; missing: until now."),
  which: z
    .enum(["undelivered", "all"])
    .default("undelivered")
    .describe(
      "`undelivered`: failed and waiting ones, and those that the endpoint never got because it is younger. `all`: delivered ones too.",
    ),
});
export const redeliveredSchema = z.object({ redelivered: z.number().int().describe("How many messages are sent now, in order.") });
