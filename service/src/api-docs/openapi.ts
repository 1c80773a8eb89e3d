import { z } from "zod";
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from "zod-openapi";
import { codeRequestSchema, payAnswerSchema, payRequestSchema } from "../contract.ts";
import { dashboardPaths } from "./dashboard-paths.ts";
import { examples } from "./examples.ts";
import {
  anywhere,
  body,
  bookingPath,
  idempotencyKey,
  json,
  keyOfBooking,
  named,
  noKeyNeeded,
  problemExamples,
  problems,
  siteKey,
} from "./openapi-parts.ts";
import { ownerPaths } from "./owner-paths.ts";
import { ownerViewPaths } from "./owner-view-paths.ts";
import { safaricomPaths } from "./safaricom-paths.ts";
import { settingsPaths } from "./settings-paths.ts";
import { servedPaths } from "./served-paths.ts";
import { staffPaths } from "./staff-paths.ts";
import { webhookMessages, webhookPaths } from "./webhook-paths.ts";

const payOperation: ZodOpenApiOperationObject = {
  operationId: "startPayment",
  summary: "Start a payment",
  description: "Sends one prompt to one phone.",
  tags: ["parent"],
  security: noKeyNeeded,
  requestParams: { header: idempotencyKey },
  requestBody: body(payRequestSchema, { pay: { bookingId: examples.unpaid.bookingId, phone: "0711 000 001", amount: 1_500 } }),
  responses: {
    "200": json(
      "Safaricom accepted the push: the prompt is on its way to the phone.",
      payAnswerSchema.extend({ data: named.BookingView }),
      {
        success: true,
        data: examples.prompted,
      },
    ),
    "202": json(
      "Safaricom's reply was unclear: the prompt may be on the phone. The outcome arrives on the stream.",
      payAnswerSchema.extend({ data: named.BookingView }),
      { success: true, data: examples.prompted },
    ),
    ...problems(
      "booking_id_required",
      "invalid_request",
      "not_json",
      "body_too_large",
      "phone_invalid",
      ...keyOfBooking,
      "key_read_only",
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
      ...anywhere,
    ),
  },
};

const paths: ZodOpenApiPathsObject = {
  "/api/session-types": {
    get: {
      operationId: "getPriceList",
      summary: "Get the price list",
      tags: ["parent"],
      security: siteKey,
      responses: {
        "200": json("The session types, in their order.", z.array(named.SessionType), [examples.sessionType]),
        ...problems("site_key_missing", "site_key_unknown", "origin_not_allowed", ...anywhere),
      },
    },
  },
  "/api/bookings": {
    post: {
      operationId: "book",
      summary: "Create a booking from a page",
      description: "The booking is unpaid until a payment succeeds. A server may call it too, or `POST /api/v1/bookings`.",
      tags: ["parent"],
      security: siteKey,
      requestParams: { header: idempotencyKey },
      requestBody: body(named.CreateBooking, { booking: examples.wish }),
      responses: {
        "201": json("The booking. Whoever has its `bookingId` can read and pay it.", named.BookingView, examples.unpaid),
        ...problems(
          "invalid_request",
          "not_json",
          "body_too_large",
          "site_key_missing",
          "site_key_unknown",
          "secret_key_required",
          "key_read_only",
          "origin_not_allowed",
          "idempotency_in_progress",
          "idempotency_conflict",
          "session_type_unknown",
          "date_in_past",
          "too_many_requests",
          ...anywhere,
        ),
      },
    },
  },
  "/api/pay/mpesa": { post: payOperation },
  "/api/pay/code": {
    post: {
      operationId: "checkCode",
      summary: "Check an M-Pesa code",
      description:
        "For a parent who paid while the page does not show it. The service looks up the code from the SMS at Safaricom. The result arrives on the booking's stream, as `receiptCheck` or as the payment.",
      tags: ["parent"],
      security: noKeyNeeded,
      requestParams: { header: idempotencyKey },
      requestBody: body(codeRequestSchema, { code: { bookingId: examples.unpaid.bookingId, code: "UKN7RT61SV" } }),
      responses: {
        "202": json(
          "The code is being looked up, or the result is already known: see `receiptCheck`.",
          payAnswerSchema.extend({ data: named.BookingView }),
          { success: true, data: { ...examples.unpaid, receiptCheck: { status: "checking", code: "UKN7RT61SV" } } },
        ),
        ...problems(
          "booking_id_required",
          "invalid_request",
          "not_json",
          "body_too_large",
          "code_invalid",
          ...keyOfBooking,
          "key_read_only",
          "codes_not_checked",
          "code_check_open",
          "idempotency_in_progress",
          "idempotency_conflict",
          "too_many_requests",
          ...anywhere,
        ),
      },
    },
  },
  "/api/booking/{bookingId}": {
    get: {
      operationId: "viewBooking",
      security: noKeyNeeded,
      summary: "Get a booking",
      tags: ["parent"],
      requestParams: { path: bookingPath },
      responses: {
        "200": json("The current state of the booking.", named.BookingView, examples.booked),
        ...problems(...keyOfBooking, ...anywhere),
      },
    },
  },
  "/api/booking/{bookingId}/qr": {
    get: {
      operationId: "getPaybillQr",
      security: noKeyNeeded,
      summary: "Get a QR code for paying by Paybill",
      description:
        "Safaricom creates the code. Scanning it in the M-Pesa app fills in paybill, account number and amount. Only for bookings whose view has `payManually`.",
      tags: ["parent"],
      requestParams: { path: bookingPath },
      responses: {
        "200": { description: "A PNG of 400 by 400 pixels.", content: { "image/png": { schema: z.string() } } },
        ...problems(...keyOfBooking, "not_found", ...anywhere),
      },
    },
  },
  "/api/booking/{bookingId}/receipt": {
    get: {
      operationId: "getReceipt",
      security: noKeyNeeded,
      summary: "Get the receipt page",
      description: "A self-contained HTML page, available once the booking is paid. After a refund it says so.",
      tags: ["parent"],
      requestParams: {
        path: bookingPath,
        query: z.object({ lang: z.string().optional().meta({ description: "`sw`; otherwise English." }) }),
      },
      responses: {
        "200": { description: "The receipt.", content: { "text/html": { schema: z.string() } } },
        ...problems(...keyOfBooking, "not_found", ...anywhere),
      },
    },
  },
  "/api/booking/{bookingId}/calendar.ics": {
    get: {
      operationId: "getCalendarFile",
      security: noKeyNeeded,
      summary: "Get the session as a calendar file",
      description: "The duration comes from the price list; a session that is not on it takes an hour.",
      tags: ["parent"],
      requestParams: { path: bookingPath },
      responses: {
        "200": { description: "One event (RFC 5545).", content: { "text/calendar": { schema: z.string() } } },
        ...problems(...keyOfBooking, "not_found", ...anywhere),
      },
    },
  },
  "/api/payment-status/{bookingId}": {
    get: {
      operationId: "streamBooking",
      security: noKeyNeeded,
      summary: "Stream a booking (Server-Sent Events)",
      description:
        "Sends the current BookingView at once, then each newer one, as unnamed `message` events whose `id` is the version, and a comment every 15 s. The stream ends after `paid` or `refunded`. After a failure it stays open for 10 minutes, because money may arrive late.",
      tags: ["parent"],
      requestParams: { path: bookingPath, header: z.object({ "Last-Event-ID": z.string().optional() }) },
      responses: {
        "200": { description: "The stream.", content: { "text/event-stream": { schema: z.string() } } },
        "204": { description: "The stream has ended and `Last-Event-ID` is its last version: do not reconnect." },
        ...problems(...keyOfBooking, "too_many_streams", ...anywhere),
      },
    },
  },
  ...ownerPaths,
  ...ownerViewPaths,
  ...settingsPaths,
  ...webhookPaths,
  ...staffPaths,
  ...dashboardPaths,
  ...safaricomPaths,
  ...servedPaths,
};

/** The HTTP API as OpenAPI 3.1, generated from the schemas that parse the requests. */
export function createOpenApi(version: string): object {
  return createDocument({
    openapi: "3.1.1",
    info: {
      title: "SomoPay",
      version,
      license: { name: "MIT", identifier: "MIT" },
      description: "Take M-Pesa inside any tutoring site. Errors are RFC 9457 problem documents; docs/errors.md explains each code.",
    },
    servers: [{ url: "/", description: "This service." }],
    tags: [
      { name: "parent", description: "Called by the widget and the owner's page. A booking's id is the key to it." },
      {
        name: "server",
        description: "Called by the owner's server, with a secret key, and by the dashboard, with a session. Calls are counted.",
      },
      {
        name: "dashboard",
        description:
          "Called by the dashboard's own pages, to sign in and for the own account: `Sec-Fetch-Site` must be `same-origin`, or `Origin` that of the service.",
      },
      { name: "widget", description: "Files for the owner's pages." },
      { name: "Safaricom", description: "Called by Safaricom." },
      { name: "operator", description: "For whoever runs the service." },
    ],
    paths,
    components: {
      examples: problemExamples,
      securitySchemes: {
        secretKey: {
          type: "http",
          scheme: "bearer",
          description: "`sk_…`, from the owner's server. `rk_…` may only read.",
        },
        session: {
          type: "apiKey",
          in: "cookie",
          name: "__Host-somopay",
          description:
            "A person who is signed in to the dashboard, from its own pages only. `SomoPay-Site: <siteId>` says which site is meant, or `?site=` where no header can be set. A `viewer` reads, a `manager` may do what a secret key may, an `owner` everything.",
        },
        publishableKey: { type: "apiKey", in: "header", name: "X-Site-Key", description: "`pk_…`, from a browser." },
      },
    },
    webhooks: webhookMessages,
  });
}
