/** The routes about webhooks, all under `/api/v1` and with a secret key, and the messages themselves. */
import { z } from "zod";
import type { ZodOpenApiPathsObject } from "zod-openapi";
import { pageSchema } from "../contract.ts";
import { deliveriesQuerySchema } from "../webhooks/delivery/delivery-list.ts";
import {
  bookingMessageSchema,
  changeEndpointSchema,
  createEndpointSchema,
  deliveryViewSchema,
  deliveryWithPayloadSchema,
  endpointViewSchema,
  endpointWithSecretSchema,
  redeliveredSchema,
  redeliverWindowSchema,
  testMessageSchema,
  webhookTypes,
  type DeliveryView,
  type EndpointView,
} from "../webhooks/webhook-contract.ts";
import { examples } from "./examples.ts";
import { body, json, named, serverRoute } from "./openapi-parts.ts";

const endpointPath = z.object({ endpointId: z.string() });
const deliveryPath = z.object({ deliveryId: z.string() });

const AT = Date.UTC(2026, 11, 1, 7);
const endpoint: EndpointView = {
  id: "we_01m83k8nc0ftw9bg6b5veeed7xfw6gcfrk0y",
  url: "https://www.amani.example/webhooks/somopay",
  events: ["payment.paid", "booking.booked"],
  status: "enabled",
  isFromSiteFile: false,
  createdAt: AT,
};
const withSecret = { ...endpoint, secret: "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD" };
const delivery: DeliveryView = {
  id: "wd_01m83k9q40a1b2c3d4e5f6g7h8j9k0m1n2p3",
  endpointId: endpoint.id,
  webhookId: "msg_01m83k9q40a1b2c3d4e5f6g7h8j9k0m1n2p3",
  type: "payment.paid",
  bookingId: examples.unpaid.bookingId,
  status: "waiting",
  tries: 1,
  nextTryAt: AT + 5_000,
  lastTryAt: AT,
  lastStatus: 500,
  lastProblem: "answered 500",
  lastAnswer: "Internal Server Error",
  createdAt: AT,
};
const withPayload = { ...delivery, payload: '{"type":"payment.paid","timestamp":"2026-12-01T07:00:00.000Z","data":{}}' };

const Endpoint = endpointViewSchema.meta({ id: "WebhookEndpoint" });
const EndpointWithSecret = endpointWithSecretSchema.meta({ id: "WebhookEndpointWithSecret" });
const Delivery = deliveryViewSchema.meta({ id: "WebhookDelivery" });
const DeliveryWithPayload = deliveryWithPayloadSchema.meta({ id: "WebhookDeliveryWithPayload" });
const CreateEndpoint = createEndpointSchema.meta({ id: "CreateWebhookEndpoint" });
const ChangeEndpoint = changeEndpointSchema.meta({ id: "ChangeWebhookEndpoint" });
const RedeliverWindow = redeliverWindowSchema.meta({ id: "RedeliverWebhooks" });
/** A reference by hand: named schemas in a request would be written a second time, for the sender's side. */
const refTo = (name: keyof typeof named) => ({ $ref: `#/components/schemas/${name}` });
const { booking, payment } = bookingMessageSchema.shape.data.shape;
const Message = bookingMessageSchema
  .extend({
    data: bookingMessageSchema.shape.data.extend({
      booking: z.unknown().meta({ override: { ...refTo("BookingView"), description: booking.description ?? "" } }),
      payment: z.unknown().meta({ override: { anyOf: [refTo("Payment"), { type: "null" }], description: payment.description ?? "" } }),
    }),
  })
  .meta({ id: "WebhookMessage" });
const TestMessage = testMessageSchema.meta({ id: "WebhookTestMessage" });

export const webhookPaths: ZodOpenApiPathsObject = {
  "/api/v1/webhook-endpoints": {
    post: serverRoute({
      operationId: "createWebhookEndpoint",
      summary: "Add a webhook endpoint",
      description:
        "It is told of what happens from two seconds later on. The answer shows the secret that verifies the signatures, and no later answer does.",
      requestBody: body(CreateEndpoint, { endpoint: { url: endpoint.url, events: endpoint.events } }),
      answers: { "201": json("The endpoint, with its secret.", EndpointWithSecret, withSecret) },
      errors: ["webhooks_not_set_up", "webhook_endpoints_full"],
    }),
    get: serverRoute({
      operationId: "listWebhookEndpoints",
      summary: "List webhook endpoints",
      answers: { "200": json("All of them, oldest first.", z.object({ data: z.array(Endpoint) }), { data: [endpoint] }) },
    }),
  },
  "/api/v1/webhook-endpoints/{endpointId}": {
    get: serverRoute({
      operationId: "getWebhookEndpoint",
      summary: "Get a webhook endpoint",
      requestParams: { path: endpointPath },
      answers: { "200": json("The endpoint.", Endpoint, endpoint) },
      errors: ["webhook_endpoint_not_found"],
    }),
    patch: serverRoute({
      operationId: "changeWebhookEndpoint",
      summary: "Change a webhook endpoint",
      description: "Disabled, it gets nothing. Enabled again, it gets everything that happened meanwhile, in order.",
      requestParams: { path: endpointPath },
      requestBody: body(ChangeEndpoint, { enable: { status: "enabled" }, move: { url: endpoint.url } }),
      answers: { "200": json("The endpoint as it is now.", Endpoint, endpoint) },
      errors: ["webhook_endpoint_not_found"],
    }),
    delete: serverRoute({
      operationId: "deleteWebhookEndpoint",
      summary: "Delete a webhook endpoint",
      description: "With everything that waits for it.",
      requestParams: { path: endpointPath },
      answers: { "204": { description: "It is gone." } },
      errors: ["webhook_endpoint_not_found"],
    }),
  },
  "/api/v1/webhook-endpoints/{endpointId}/rotate-secret": {
    post: serverRoute({
      operationId: "rotateWebhookSecret",
      summary: "Replace a webhook endpoint's secret",
      description: "For 24 hours messages are signed with the old secret too.",
      requestParams: { path: endpointPath },
      isWrite: true,
      answers: { "200": json("The endpoint, with its new secret.", EndpointWithSecret, withSecret) },
      errors: ["webhook_endpoint_not_found", "webhooks_not_set_up"],
    }),
  },
  "/api/v1/webhook-endpoints/{endpointId}/test": {
    post: serverRoute({
      operationId: "testWebhookEndpoint",
      summary: "Send a test message",
      description:
        "Of the type `webhook.test`, to this endpoint alone, whatever types it wants. Read the delivery to see what became of it.",
      requestParams: { path: endpointPath },
      answers: { "202": json("Its delivery.", DeliveryWithPayload, withPayload) },
      errors: ["webhook_endpoint_not_found"],
    }),
  },
  "/api/v1/webhook-endpoints/{endpointId}/redeliver": {
    post: serverRoute({
      operationId: "redeliverWebhooks",
      summary: "Send the messages of a time again",
      description: "For after the receiver was away. Messages are kept for 30 days.",
      requestParams: { path: endpointPath },
      requestBody: body(RedeliverWindow, { sinceYesterday: { since: AT } }),
      answers: { "202": json("They are sent now, in order for each booking.", redeliveredSchema, { redelivered: 12 }) },
      errors: ["webhook_endpoint_not_found"],
    }),
  },
  "/api/v1/webhook-endpoints/{endpointId}/deliveries": {
    get: serverRoute({
      operationId: "listDeliveriesOfWebhookEndpoint",
      summary: "List what was sent to an endpoint",
      description: "Newest first.",
      requestParams: { path: endpointPath, query: deliveriesQuerySchema },
      answers: { "200": json("One page.", pageSchema(Delivery), examples.page(delivery)) },
      errors: ["webhook_endpoint_not_found"],
    }),
  },
  "/api/v1/webhook-deliveries": {
    get: serverRoute({
      operationId: "listWebhookDeliveries",
      summary: "List what was sent to all endpoints",
      description: "Newest first.",
      requestParams: { query: deliveriesQuerySchema },
      answers: { "200": json("One page.", pageSchema(Delivery), examples.page(delivery)) },
    }),
  },
  "/api/v1/webhook-deliveries/{deliveryId}": {
    get: serverRoute({
      operationId: "getWebhookDelivery",
      summary: "Get a delivery and its message",
      requestParams: { path: deliveryPath },
      answers: { "200": json("The delivery.", DeliveryWithPayload, withPayload) },
      errors: ["webhook_delivery_not_found"],
    }),
  },
  "/api/v1/webhook-deliveries/{deliveryId}/redeliver": {
    post: serverRoute({
      operationId: "redeliverWebhook",
      summary: "Send a message again",
      description: "At once, whatever became of it, and with all of its tries. Its `webhook-id` stays the same.",
      requestParams: { path: deliveryPath },
      answers: { "202": json("The delivery as it is now.", DeliveryWithPayload, withPayload) },
      errors: ["webhook_delivery_not_found"],
    }),
  },
};

const signatureHeaders = z.object({
  "webhook-id": z.string().meta({ description: "The same in every repetition of a message." }),
  "webhook-timestamp": z.string().meta({ description: "When it was sent: seconds since 1970." }),
  "webhook-signature": z
    .string()
    .meta({ description: "`v1,…`, by Standard Webhooks 1.0; two, with a blank between, for a day after a rotation." }),
});

/** What a receiver answers, to whatever it is sent. */
const received = {
  "2XX": { description: "Received. Anything else, or no answer within 10 s, is tried again." },
  "410": { description: "Send nothing more: the endpoint is disabled." },
};

/** What the service sends: one description for all types about bookings, whose bodies have one shape, and one for the test. */
export const webhookMessages: ZodOpenApiPathsObject = {
  event: {
    post: {
      operationId: "webhookMessage",
      // Signed, not sent with a key.
      security: [],
      summary: "What happened to a booking or its payment",
      description: `Types: ${webhookTypes.map((type) => `\`${type}\``).join(", ")}. docs/webhooks.md explains each.`,
      tags: ["server"],
      requestParams: { header: signatureHeaders },
      requestBody: { required: true, content: { "application/json": { schema: Message } } },
      responses: received,
    },
  },
  test: {
    post: {
      operationId: "webhookTestMessage",
      security: [],
      summary: "The test that you asked for",
      tags: ["server"],
      requestParams: { header: signatureHeaders },
      requestBody: { required: true, content: { "application/json": { schema: TestMessage } } },
      responses: received,
    },
  },
};
