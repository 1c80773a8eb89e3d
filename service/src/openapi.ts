import { z } from "zod";
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from "zod-openapi";
import {
  bookingViewSchema,
  callbackAnswerSchema,
  createBookingSchema,
  payAnswerSchema,
  payRequestSchema,
  problemSchema,
  sessionTypeViewSchema,
} from "./contract.ts";
import { errorTable, type ErrorCode } from "./platform/errors.ts";

const named = {
  BookingView: bookingViewSchema.meta({ id: "BookingView" }),
  Problem: problemSchema.extend({ booking: bookingViewSchema.optional() }).meta({ id: "Problem" }),
  SessionType: sessionTypeViewSchema.meta({ id: "SessionType" }),
};

const json = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { "application/json": { schema } },
});

/** The errors of a route, by status: one description for all codes of a status. */
function problems(...codes: ErrorCode[]) {
  const byStatus = Map.groupBy(codes, (code) => errorTable[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, ofStatus]) => [
      String(status),
      {
        description: ofStatus.map((code) => `\`${code}\`: ${errorTable[code].detail}`).join(" "),
        content: { "application/problem+json": { schema: named.Problem } },
      },
    ]),
  );
}

const idempotencyKey = z.object({
  "Idempotency-Key": z
    .string()
    .max(200)
    .optional()
    .meta({ description: "Fresh for each new request, the same for its repetitions: the same answer, and never a second prompt." }),
});
const siteKey = z.object({
  "X-Site-Key": z.string().optional().meta({ description: "The publishable key, from a browser." }),
  Authorization: z.string().optional().meta({ description: "`Bearer sk_…`, from a server." }),
});
const bookingPath = z.object({ bookingId: z.string() });
const secretPath = z.object({ secret: z.string() });

const payOperation: ZodOpenApiOperationObject = {
  summary: "Start a payment: one prompt on one phone",
  tags: ["parent"],
  requestParams: { header: idempotencyKey },
  requestBody: { content: { "application/json": { schema: payRequestSchema } } },
  responses: {
    "200": json("Safaricom took the push: the prompt is on its way to the phone.", payAnswerSchema.extend({ data: named.BookingView })),
    "202": json(
      "The reply was unclear: the prompt may be on the phone. The outcome comes by itself.",
      payAnswerSchema.extend({ data: named.BookingView }),
    ),
    ...problems(
      "booking_id_required",
      "invalid_request",
      "not_json",
      "phone_invalid",
      "origin_not_allowed",
      "booking_not_found",
      "attempt_open",
      "already_paid",
      "booking_lapsed",
      "idempotency_in_progress",
      "idempotency_conflict",
      "amount_mismatch",
      "too_many_requests",
      "payment_refused",
      "payment_unavailable",
      "unavailable",
    ),
  },
};

const callbackOperation: ZodOpenApiOperationObject = {
  summary: "Safaricom's word on a push",
  tags: ["Safaricom"],
  requestBody: {
    content: {
      "application/json": {
        schema: z.unknown().meta({ description: "Anything: it is kept as it came, and believed only when all of it agrees." }),
      },
    },
  },
  responses: {
    "200": json("Kept durably, whatever it is.", callbackAnswerSchema),
    "503": { description: "It could be kept neither in the database nor in the journal." },
  },
};

const paths: ZodOpenApiPathsObject = {
  "/api/session-types": {
    get: {
      summary: "The site's price list",
      tags: ["parent"],
      requestParams: { header: siteKey },
      responses: {
        "200": json("In the order of the site file.", z.array(named.SessionType)),
        ...problems("site_key_missing", "site_key_unknown", "origin_not_allowed"),
      },
    },
  },
  "/api/bookings": {
    post: {
      summary: "Write down what a parent wants to book, unpaid",
      tags: ["parent"],
      requestParams: { header: siteKey.extend(idempotencyKey.shape) },
      requestBody: { content: { "application/json": { schema: createBookingSchema } } },
      responses: {
        "201": json("The booking; its `bookingId` is the key to it.", named.BookingView),
        ...problems(
          "invalid_request",
          "not_json",
          "site_key_missing",
          "site_key_unknown",
          "secret_key_required",
          "origin_not_allowed",
          "idempotency_in_progress",
          "idempotency_conflict",
          "session_type_unknown",
          "too_many_requests",
        ),
      },
    },
  },
  "/api/pay/mpesa": { post: payOperation },
  "/api/booking/{bookingId}": {
    get: {
      summary: "How a booking stands",
      tags: ["parent"],
      requestParams: { path: bookingPath },
      responses: {
        "200": json("The one shape in which a booking is shown.", named.BookingView),
        ...problems("origin_not_allowed", "booking_not_found"),
      },
    },
  },
  "/api/payment-status/{bookingId}": {
    get: {
      summary: "A booking, live (Server-Sent Events)",
      description:
        "At once the current BookingView, then each newer one, as unnamed `message` events whose `id` is the version; a comment every 15 s. Ends after `paid` or `refunded`; a failed booking's stream stays open 10 minutes, for money may arrive late.",
      tags: ["parent"],
      requestParams: { path: bookingPath, header: z.object({ "Last-Event-ID": z.string().optional() }) },
      responses: {
        "200": { description: "The stream.", content: { "text/event-stream": { schema: z.string() } } },
        "204": { description: "It has ended, and `Last-Event-ID` names its last version: stop." },
        ...problems("origin_not_allowed", "booking_not_found", "too_many_streams"),
      },
    },
  },
  "/callbacks/stk/{secret}": { post: { ...callbackOperation, requestParams: { path: secretPath } } },
  "/api/mpesa/callback": { post: callbackOperation },
  "/api/mpesa/callback/{secret}": { post: { ...callbackOperation, requestParams: { path: secretPath } } },
  "/callbacks/c2b/validation/{secret}": {
    post: {
      summary: "Whether a payment by hand should go through",
      tags: ["Safaricom"],
      requestParams: { path: secretPath },
      requestBody: { content: { "application/json": { schema: z.unknown() } } },
      responses: {
        "200": json(
          "`ResultCode` `0` lets it through; `C2B00013` wrong amount, `C2B00016` paid already.",
          z.object({ ResultCode: z.string(), ResultDesc: z.string() }),
        ),
      },
    },
  },
  "/callbacks/c2b/confirmation/{secret}": {
    post: { ...callbackOperation, summary: "Money came to the paybill", requestParams: { path: secretPath } },
  },
  "/widget.js": {
    get: {
      summary: "The newest widget",
      tags: ["owner"],
      responses: { "200": { description: "One self-registering script, as a module or classic. `ETag`, gzip, Brotli." } },
    },
  },
  "/widget/{version}/{file}": {
    get: {
      summary: "One version of the widget, for ever the same",
      description: "`somo-pay.js` is the script; it loads the version's other files when it needs them.",
      tags: ["owner"],
      requestParams: { path: z.object({ version: z.string(), file: z.string() }) },
      responses: { "200": { description: "Immutable. `ETag`, gzip, Brotli." }, ...problems("not_found") },
    },
  },
  "/widget/{version}/integrity.json": {
    get: {
      summary: "The hashes of a version's files, for integrity attributes",
      tags: ["owner"],
      requestParams: { path: z.object({ version: z.string() }) },
      responses: { "200": json("By the file's name.", z.record(z.string(), z.string())), ...problems("not_found") },
    },
  },
  "/livez": { get: { summary: "The process runs", tags: ["operator"], responses: { "200": { description: "It does." } } } },
  "/readyz": {
    get: {
      summary: "A callback can be stored durably",
      tags: ["operator"],
      responses: {
        "200": { description: "By the database or the journal; the body says how each dependency is." },
        "503": { description: "By neither, or the copy is stopping." },
      },
    },
  },
  "/metrics": {
    get: { summary: "Prometheus metrics", tags: ["operator"], responses: { "200": { description: "Text. Keep it behind the proxy." } } },
  },
};

/** The HTTP interface as OpenAPI 3.1, made from the schemas that parse the requests. */
export function createOpenApi(version: string): object {
  return createDocument({
    openapi: "3.1.1",
    info: {
      title: "SomoPay",
      version,
      description: "Take M-Pesa inside any tutoring site. Errors are RFC 9457 problem documents; docs/errors.md explains each code.",
    },
    tags: [
      { name: "parent", description: "What the widget and the owner's page call." },
      { name: "Safaricom", description: "Where callbacks come in." },
      { name: "owner" },
      { name: "operator" },
    ],
    paths,
  });
}
