import { z } from "zod";
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from "zod-openapi";
import {
  bookingViewSchema,
  callbackAnswerSchema,
  codeRequestSchema,
  createBookingSchema,
  payAnswerSchema,
  payRequestSchema,
  paymentsPageSchema,
  paymentWithRefundsSchema,
  problemSchema,
  refundRequestSchema,
  refundViewSchema,
  sessionTypeViewSchema,
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
const secretKey = z.object({ Authorization: z.string().meta({ description: "`Bearer sk_…`" }) });
const paymentPath = z.object({ paymentId: z.string() });
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
        schema: z.unknown().meta({ description: "Anything: it is kept as it came, and verified only when all of it agrees." }),
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
  "/api/pay/code": {
    post: {
      summary: "Check the M-Pesa code from the payer's SMS",
      description:
        "For a parent who paid, and whose page does not know it. Safaricom is asked; what becomes of it comes on the booking's stream, as `receiptCheck` or as the payment.",
      tags: ["parent"],
      requestParams: { header: idempotencyKey },
      requestBody: { content: { "application/json": { schema: codeRequestSchema } } },
      responses: {
        "202": json(
          "Safaricom is asked, or the answer is known already: `receiptCheck` says which.",
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
      summary: "The site's payments, newest first",
      description: "`surplus=true` lists the money that books nothing.",
      tags: ["owner"],
      requestParams: { header: secretKey, query: paymentsQuerySchema },
      responses: {
        "200": json("A page; `nextCursor` asks for the one after it, null: there is none.", paymentsPageSchema),
        ...problems("invalid_request", "site_key_missing", "site_key_unknown", "secret_key_required"),
      },
    },
  },
  "/api/v1/payments/{paymentId}": {
    get: {
      summary: "One payment, with its refunds",
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
      summary: "Give a payment's money back, whole",
      description:
        "Asks Safaricom to reverse the transaction, once. The payment is `refunded` only on Safaricom's word, which comes within seconds: read the payment, or wait for the webhook `payment.refunded`.",
      tags: ["owner"],
      requestParams: { header: secretKey.extend(idempotencyKey.shape), path: paymentPath },
      requestBody: { content: { "application/json": { schema: refundRequestSchema } } },
      responses: {
        "202": json("Safaricom is asked.", refundViewSchema),
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
      summary: "How a booking stands",
      tags: ["parent"],
      requestParams: { path: bookingPath },
      responses: {
        "200": json("The one shape in which a booking is shown.", named.BookingView),
        ...problems("origin_not_allowed", "booking_not_found"),
      },
    },
  },
  "/api/booking/{bookingId}/qr": {
    get: {
      summary: "A code that M-Pesa's app reads, to pay by hand",
      description:
        "Made by Safaricom; scanning it in M-Pesa's app fills in paybill, account number and amount. For bookings whose view has `payManually`.",
      tags: ["parent"],
      requestParams: { path: bookingPath },
      responses: {
        "200": { description: "400 by 400 pixels.", content: { "image/png": { schema: z.string() } } },
        ...problems("origin_not_allowed", "booking_not_found", "not_found"),
      },
    },
  },
  "/api/booking/{bookingId}/receipt": {
    get: {
      summary: "A receipt to print, save and show",
      description: "A page that stands alone, once the booking is paid; also after a refund, and then it says so.",
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
      summary: "The booked session for a calendar",
      description: "As long as the price list says; an hour for a session that is not on it.",
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
  "/callbacks/result/{secret}": {
    post: { ...callbackOperation, summary: "Safaricom's answer about a code or a refund", requestParams: { path: secretPath } },
  },
  "/callbacks/timeout/{secret}": {
    post: { ...callbackOperation, summary: "Safaricom's queue gave a question up", requestParams: { path: secretPath } },
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
      description:
        "`somo-pay.js` is the script; it loads the version's other files when it needs them. `somo-pay.all.js` is the same in one file, so that one hash vouches for all of it.",
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
