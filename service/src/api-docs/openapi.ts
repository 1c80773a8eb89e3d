import { z } from "zod";
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from "zod-openapi";
import {
  assignAnswerSchema,
  assignRequestSchema,
  attentionListSchema,
  bookingViewSchema,
  callbackAnswerSchema,
  cancelBookingSchema,
  codeRequestSchema,
  createBookingSchema,
  moveBookingSchema,
  ownerCallbackListSchema,
  ownerPaymentSchema,
  payAnswerSchema,
  payRequestSchema,
  paymentsPageSchema,
  paymentWithRefundsSchema,
  problemSchema,
  refundRequestSchema,
  refundViewSchema,
  sessionTypeViewSchema,
  settleRequestSchema,
  unassignedMoneyListSchema,
} from "../contract.ts";
import { errorTable, type ErrorCode } from "../platform/errors.ts";
import { paymentsQuerySchema } from "../payments/operator/payments-list.ts";

const named = {
  BookingView: bookingViewSchema.meta({ id: "BookingView" }),
  Problem: problemSchema.extend({ booking: bookingViewSchema.optional() }).meta({ id: "Problem" }),
  SessionType: sessionTypeViewSchema.meta({ id: "SessionType" }),
};

const json = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { "application/json": { schema } },
});

/** The errors of a route, grouped by status: OpenAPI allows one description per status. */
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
  "Idempotency-Key": z.string().max(200).optional().meta({
    description:
      "A new key for each new request. Repeating a request with its key returns the same answer and never sends a second prompt.",
  }),
});
const siteKey = z.object({
  "X-Site-Key": z.string().optional().meta({ description: "The publishable key, sent by a browser." }),
  Authorization: z.string().optional().meta({ description: "`Bearer sk_…`, sent by a server." }),
});
const secretKey = z.object({ Authorization: z.string().meta({ description: "`Bearer sk_…`" }) });
const paymentPath = z.object({ paymentId: z.string() });
const bookingPath = z.object({ bookingId: z.string() });
const secretPath = z.object({ secret: z.string() });

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

const serverOnly = ["site_key_missing", "site_key_unknown", "secret_key_required"] as const;
const decisionProblems = [...serverOnly, "invalid_request", "idempotency_in_progress", "idempotency_conflict"] as const;

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
  "/api/v1/payments": {
    get: {
      summary: "List payments",
      description: "Newest first. `surplus=true` lists payments that book nothing.",
      tags: ["owner"],
      requestParams: { header: secretKey, query: paymentsQuerySchema },
      responses: {
        "200": json("One page. Pass `nextCursor` to get the next one; null means that this is the last.", paymentsPageSchema),
        ...problems("invalid_request", "site_key_missing", "site_key_unknown", "secret_key_required"),
      },
    },
  },
  "/api/v1/payments/{paymentId}": {
    get: {
      summary: "Get a payment and its refunds",
      tags: ["owner"],
      requestParams: { header: secretKey, path: paymentPath },
      responses: {
        "200": json("The payment.", paymentWithRefundsSchema),
        ...problems("site_key_missing", "site_key_unknown", "secret_key_required", "payment_not_found"),
      },
    },
  },
  "/api/v1/payments/{paymentId}/refunds": {
    post: {
      summary: "Refund a payment",
      description:
        "Refunds the whole amount. The service asks Safaricom once to reverse the transaction. The payment becomes `refunded` when Safaricom confirms it, usually within seconds: read the payment to see it.",
      tags: ["owner"],
      requestParams: { header: secretKey.extend(idempotencyKey.shape), path: paymentPath },
      requestBody: { content: { "application/json": { schema: refundRequestSchema } } },
      responses: {
        "202": json("Safaricom has been asked.", refundViewSchema),
        ...problems(
          "invalid_request",
          "site_key_missing",
          "site_key_unknown",
          "secret_key_required",
          "payment_not_found",
          "not_refundable",
          "refunds_not_set_up",
          "refund_open",
          "idempotency_in_progress",
          "idempotency_conflict",
          "refund_refused",
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
  "/api/v1/payments/{paymentId}/settle": {
    post: {
      summary: "Settle a payment by hand",
      description:
        "For a payment whose outcome Safaricom does not tell: paid, with the receipt from the M-Pesa statement, or not paid. Money that arrives later still counts.",
      tags: ["owner"],
      requestParams: { path: z.object({ paymentId: z.string() }), header: z.object({ "Idempotency-Key": z.string().optional() }) },
      requestBody: { content: { "application/json": { schema: settleRequestSchema } } },
      responses: {
        "200": json("The payment as it is now.", ownerPaymentSchema),
        ...problems(
          "site_key_missing",
          "site_key_unknown",
          "secret_key_required",
          "payment_not_found",
          "code_invalid",
          "receipt_used",
          "not_settleable",
          "idempotency_conflict",
          "idempotency_in_progress",
        ),
      },
    },
  },
  "/api/v1/attention": {
    get: {
      summary: "List what waits for a decision",
      description:
        "Undecided payments, money without a booking, part payments, money for lapsed and cancelled bookings, surplus, unfinished refunds and callbacks that could not be processed, in words. Money without a booking is shown only to a site that shares its M-Pesa account with no other.",
      tags: ["owner"],
      requestParams: { header: secretKey },
      responses: { "200": json("Newest first within each kind.", attentionListSchema), ...problems(...serverOnly) },
    },
  },
  "/api/v1/callbacks": {
    get: {
      summary: "List callbacks that led to nothing",
      description: "The newest 200 that are unverified, unmatched, set aside, or not processed yet. Their bodies are not shown.",
      tags: ["owner"],
      requestParams: { header: secretKey },
      responses: { "200": json("Newest first.", ownerCallbackListSchema), ...problems(...serverOnly) },
    },
  },
  "/api/v1/callbacks/{callbackId}/replay": {
    post: {
      summary: "Process a callback once more",
      description: "Whatever came of it before. It is processed within seconds.",
      tags: ["owner"],
      requestParams: { header: secretKey, path: z.object({ callbackId: z.string() }) },
      responses: { "202": json("It will be processed.", z.object({})), ...problems(...serverOnly, "callback_not_found") },
    },
  },
  "/api/v1/unassigned-money": {
    get: {
      summary: "List money without a booking",
      description: "Only for a site that shares its M-Pesa account with no other: otherwise the money may be the other's.",
      tags: ["owner"],
      requestParams: { header: secretKey },
      responses: { "200": json("Newest first.", unassignedMoneyListSchema), ...problems(...serverOnly) },
    },
  },
  "/api/v1/unassigned-money/{receipt}/assign": {
    post: {
      summary: "Assign money to a booking",
      description: "With `amount`, money from the M-Pesa statement that Safaricom never reported.",
      tags: ["owner"],
      requestParams: { header: secretKey.extend(idempotencyKey.shape), path: z.object({ receipt: z.string() }) },
      requestBody: { content: { "application/json": { schema: assignRequestSchema } } },
      responses: {
        "200": json("What became of it.", assignAnswerSchema.extend({ booking: named.BookingView })),
        ...problems(...decisionProblems, "money_not_found", "booking_not_found"),
      },
    },
  },
  "/api/v1/bookings/{bookingId}/move": {
    post: {
      summary: "Move a booking to another time",
      description: "Paid in full, it is booked then, also if it had lapsed. Otherwise it waits for the rest.",
      tags: ["owner"],
      requestParams: { header: secretKey.extend(idempotencyKey.shape), path: bookingPath },
      requestBody: { content: { "application/json": { schema: moveBookingSchema } } },
      responses: {
        "200": json("The booking.", named.BookingView),
        ...problems(...decisionProblems, "booking_not_found", "booking_cancelled", "date_in_past"),
      },
    },
  },
  "/api/v1/bookings/{bookingId}/cancel": {
    post: {
      summary: "Cancel a booking",
      description: "Its session does not take place. Its money stays on the list until it is given back.",
      tags: ["owner"],
      requestParams: { header: secretKey.extend(idempotencyKey.shape), path: bookingPath },
      requestBody: { content: { "application/json": { schema: cancelBookingSchema } } },
      responses: {
        "200": json("The booking.", named.BookingView),
        ...problems(...decisionProblems, "booking_not_found", "booking_cancelled", "attempt_open"),
      },
    },
  },
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
