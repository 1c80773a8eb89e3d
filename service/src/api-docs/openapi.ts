import { z } from "zod";
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from "zod-openapi";
import { callbackAnswerSchema, codeRequestSchema, createBookingSchema, payAnswerSchema, payRequestSchema } from "../contract.ts";
import { bookingPath, idempotencyKey, json, named, problems, secretPath, siteKey } from "./openapi-parts.ts";
import { ownerPaths } from "./owner-paths.ts";

const payOperation: ZodOpenApiOperationObject = {
  summary: "Start a payment",
  description: "Sends one prompt to one phone.",
  tags: ["parent"],
  requestParams: { header: idempotencyKey },
  requestBody: { content: { "application/json": { schema: payRequestSchema } } },
  responses: {
    "200": json("Safaricom accepted the push: the prompt is on its way to the phone.", payAnswerSchema.extend({ data: named.BookingView })),
    "202": json(
      "Safaricom's reply was unclear: the prompt may be on the phone. The outcome arrives on the stream.",
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
      "booking_cancelled",
      "prompt_too_soon",
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
  summary: "Receive the outcome of a push",
  tags: ["Safaricom"],
  requestBody: {
    content: {
      "application/json": {
        schema: z
          .unknown()
          .meta({ description: "Any body. It is stored as received, and counts only if all of it agrees with the attempt." }),
      },
    },
  },
  responses: {
    "200": json("Stored durably, whatever the body is.", callbackAnswerSchema),
    "503": { description: "It could be stored neither in the database nor in the journal." },
  },
};

const paths: ZodOpenApiPathsObject = {
  "/api/session-types": {
    get: {
      summary: "Get the price list",
      tags: ["parent"],
      requestParams: { header: siteKey },
      responses: {
        "200": json("The session types, in the order of the site file.", z.array(named.SessionType)),
        ...problems("site_key_missing", "site_key_unknown", "origin_not_allowed"),
      },
    },
  },
  "/api/bookings": {
    post: {
      summary: "Create a booking",
      description: "The booking is unpaid until a payment succeeds.",
      tags: ["parent"],
      requestParams: { header: siteKey.extend(idempotencyKey.shape) },
      requestBody: { content: { "application/json": { schema: createBookingSchema } } },
      responses: {
        "201": json("The booking. Whoever has its `bookingId` can read and pay it.", named.BookingView),
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
          "date_in_past",
          "too_many_requests",
        ),
      },
    },
  },
  "/api/pay/mpesa": { post: payOperation },
  "/api/pay/code": {
    post: {
      summary: "Check an M-Pesa code",
      description:
        "For a parent who paid while the page does not show it. The service looks up the code from the SMS at Safaricom. The result arrives on the booking's stream, as `receiptCheck` or as the payment.",
      tags: ["parent"],
      requestParams: { header: idempotencyKey },
      requestBody: { content: { "application/json": { schema: codeRequestSchema } } },
      responses: {
        "202": json(
          "The code is being looked up, or the result is already known: see `receiptCheck`.",
          payAnswerSchema.extend({ data: named.BookingView }),
        ),
        ...problems(
          "booking_id_required",
          "invalid_request",
          "not_json",
          "code_invalid",
          "origin_not_allowed",
          "booking_not_found",
          "codes_not_checked",
          "code_check_open",
          "idempotency_in_progress",
          "idempotency_conflict",
          "too_many_requests",
          "unavailable",
        ),
      },
    },
  },
  "/api/booking/{bookingId}": {
    get: {
      summary: "Get a booking",
      tags: ["parent"],
      requestParams: { path: bookingPath },
      responses: {
        "200": json("The current state of the booking.", named.BookingView),
        ...problems("origin_not_allowed", "booking_not_found"),
      },
    },
  },
  "/api/booking/{bookingId}/qr": {
    get: {
      summary: "Get a QR code for paying by Paybill",
      description:
        "Safaricom creates the code. Scanning it in the M-Pesa app fills in paybill, account number and amount. Only for bookings whose view has `payManually`.",
      tags: ["parent"],
      requestParams: { path: bookingPath },
      responses: {
        "200": { description: "A PNG of 400 by 400 pixels.", content: { "image/png": { schema: z.string() } } },
        ...problems("origin_not_allowed", "booking_not_found", "not_found"),
      },
    },
  },
  "/api/booking/{bookingId}/receipt": {
    get: {
      summary: "Get the receipt page",
      description: "A self-contained HTML page, available once the booking is paid. After a refund it says so.",
      tags: ["parent"],
      requestParams: {
        path: bookingPath,
        query: z.object({ lang: z.string().optional().meta({ description: "`sw`; otherwise English." }) }),
      },
      responses: {
        "200": { description: "The receipt.", content: { "text/html": { schema: z.string() } } },
        ...problems("origin_not_allowed", "booking_not_found", "not_found"),
      },
    },
  },
  "/api/booking/{bookingId}/calendar.ics": {
    get: {
      summary: "Get the session as a calendar file",
      description: "The duration comes from the price list; a session that is not on it takes an hour.",
      tags: ["parent"],
      requestParams: { path: bookingPath },
      responses: {
        "200": { description: "One event (RFC 5545).", content: { "text/calendar": { schema: z.string() } } },
        ...problems("origin_not_allowed", "booking_not_found", "not_found"),
      },
    },
  },
  "/api/payment-status/{bookingId}": {
    get: {
      summary: "Stream a booking (Server-Sent Events)",
      description:
        "Sends the current BookingView at once, then each newer one, as unnamed `message` events whose `id` is the version, and a comment every 15 s. The stream ends after `paid` or `refunded`. After a failure it stays open for 10 minutes, because money may arrive late.",
      tags: ["parent"],
      requestParams: { path: bookingPath, header: z.object({ "Last-Event-ID": z.string().optional() }) },
      responses: {
        "200": { description: "The stream.", content: { "text/event-stream": { schema: z.string() } } },
        "204": { description: "The stream has ended and `Last-Event-ID` is its last version: do not reconnect." },
        ...problems("origin_not_allowed", "booking_not_found", "too_many_streams"),
      },
    },
  },
  ...ownerPaths,
  "/callbacks/stk/{secret}": { post: { ...callbackOperation, requestParams: { path: secretPath } } },
  "/api/mpesa/callback": { post: callbackOperation },
  "/api/mpesa/callback/{secret}": { post: { ...callbackOperation, requestParams: { path: secretPath } } },
  "/callbacks/c2b/validation/{secret}": {
    post: {
      summary: "Validate a Paybill payment",
      tags: ["Safaricom"],
      requestParams: { path: secretPath },
      requestBody: { content: { "application/json": { schema: z.unknown() } } },
      responses: {
        "200": json(
          "`ResultCode` `0` accepts the payment; `C2B00016`: the booking is paid, lapsed or cancelled.",
          z.object({ ResultCode: z.string(), ResultDesc: z.string() }),
        ),
      },
    },
  },
  "/callbacks/c2b/confirmation/{secret}": {
    post: { ...callbackOperation, summary: "Receive a Paybill payment", requestParams: { path: secretPath } },
  },
  "/callbacks/result/{secret}": {
    post: { ...callbackOperation, summary: "Receive the result of a code check or a refund", requestParams: { path: secretPath } },
  },
  "/callbacks/timeout/{secret}": {
    post: { ...callbackOperation, summary: "Receive a timeout of a code check or a refund", requestParams: { path: secretPath } },
  },
  "/widget.js": {
    get: {
      summary: "Get the newest widget",
      tags: ["owner"],
      responses: {
        "200": { description: "One self-registering script that works as a module and as a classic script. `ETag`, gzip, Brotli." },
      },
    },
  },
  "/widget/{version}/{file}": {
    get: {
      summary: "Get a file of one widget version",
      description: "Immutable. `somo-pay.js` is the script, which has everything; `somo-pay.all.js` is an older name of the same file.",
      tags: ["owner"],
      requestParams: { path: z.object({ version: z.string(), file: z.string() }) },
      responses: { "200": { description: "The file. `ETag`, gzip, Brotli." }, ...problems("not_found") },
    },
  },
  "/widget/{version}/integrity.json": {
    get: {
      summary: "Get the integrity hashes of a widget version",
      tags: ["owner"],
      requestParams: { path: z.object({ version: z.string() }) },
      responses: {
        "200": json("A hash for each file name, for `integrity` attributes.", z.record(z.string(), z.string())),
        ...problems("not_found"),
      },
    },
  },
  "/livez": { get: { summary: "Check liveness", tags: ["operator"], responses: { "200": { description: "The process runs." } } } },
  "/readyz": {
    get: {
      summary: "Check readiness",
      tags: ["operator"],
      responses: {
        "200": {
          description:
            "A callback can be stored durably, in the database or in the journal. The body shows each dependency, and sites that cannot be read.",
        },
        "503": { description: "No callback can be stored, or the copy is stopping." },
      },
    },
  },
  "/metrics": {
    get: {
      summary: "Get Prometheus metrics",
      tags: ["operator"],
      responses: { "200": { description: "Prometheus text format. Keep it behind the proxy." } },
    },
  },
};

/** The HTTP API as OpenAPI 3.1, generated from the schemas that parse the requests. */
export function createOpenApi(version: string): object {
  return createDocument({
    openapi: "3.1.1",
    info: {
      title: "SomoPay",
      version,
      description: "Take M-Pesa inside any tutoring site. Errors are RFC 9457 problem documents; docs/errors.md explains each code.",
    },
    tags: [
      { name: "parent", description: "Called by the widget and the owner's page." },
      { name: "Safaricom", description: "Called by Safaricom." },
      { name: "owner" },
      { name: "operator" },
    ],
    paths,
  });
}
