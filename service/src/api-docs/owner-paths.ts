/** The routes for owners' servers, all under `/api/v1` and with the secret key. */
import { z } from "zod";
import type { ZodOpenApiPathsObject } from "zod-openapi";
import {
  assignAnswerSchema,
  assignRequestSchema,
  attentionListSchema,
  cancelBookingSchema,
  dismissCallbackSchema,
  keepMoneySchema,
  moveBookingSchema,
  ownerCallbackListSchema,
  ownerPaymentSchema,
  paymentsPageSchema,
  paymentWithRefundsSchema,
  refundRequestSchema,
  refundViewSchema,
  settleRequestSchema,
  unassignedMoneyListSchema,
  unassignedMoneySchema,
} from "../contract.ts";
import { paymentsQuerySchema } from "../payments/operator/payments-list.ts";
import { bookingPath, idempotencyKey, json, named, paymentPath, problems, secretKey } from "./openapi-parts.ts";

const serverOnly = ["site_key_missing", "site_key_unknown", "secret_key_required"] as const;
const decisionProblems = [...serverOnly, "invalid_request", "idempotency_in_progress", "idempotency_conflict"] as const;

export const ownerPaths: ZodOpenApiPathsObject = {
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
  "/api/v1/payments/{paymentId}/settle": {
    post: {
      summary: "Settle a payment by hand",
      description:
        "For a payment whose outcome Safaricom does not tell: paid, with the receipt from the M-Pesa statement, or not paid (money that arrives later still counts). And for money that a booking does not need: given back by hand, or kept by agreement.",
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
  "/api/v1/callbacks/{callbackId}/dismiss": {
    post: {
      summary: "List a callback no longer",
      description: "For one that leads to nothing and need not. One that still waits to be processed cannot be dismissed.",
      tags: ["owner"],
      requestParams: { header: secretKey.extend(idempotencyKey.shape), path: z.object({ callbackId: z.string() }) },
      requestBody: { content: { "application/json": { schema: dismissCallbackSchema } } },
      responses: { "200": json("It is dismissed.", z.object({})), ...problems(...decisionProblems, "callback_not_found") },
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
  "/api/v1/unassigned-money/{receipt}/keep": {
    post: {
      summary: "Keep money without a booking",
      description: "It belongs to no booking, as a person has found. It is no longer listed, and can still be assigned.",
      tags: ["owner"],
      requestParams: { header: secretKey.extend(idempotencyKey.shape), path: z.object({ receipt: z.string() }) },
      requestBody: { content: { "application/json": { schema: keepMoneySchema } } },
      responses: { "200": json("The money.", unassignedMoneySchema), ...problems(...decisionProblems, "money_not_found") },
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
};
