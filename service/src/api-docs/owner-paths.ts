/** The routes for owners' servers, all under `/api/v1` and with a secret key. */
import { z } from "zod";
import type { ZodOpenApiPathsObject } from "zod-openapi";
import { pageSchema, sessionTypeCodeSchema } from "../contract.ts";
import { attentionQuerySchema } from "../payments/operator/attention.ts";
import { bookingsQuerySchema } from "../payments/operator/bookings-list.ts";
import { callbacksQuerySchema } from "../payments/operator/callback-list.ts";
import { unassignedMoneyQuerySchema } from "../payments/operator/decisions-router.ts";
import { refundsQuerySchema } from "../payments/operator/owner-payments-router.ts";
import { paymentsQuerySchema } from "../payments/operator/payments-list.ts";
import { sessionTypesQuerySchema } from "../sites/session-types-router.ts";
import { examples } from "./examples.ts";
import { body, bookingPath, json, named, paymentPath, serverRoute } from "./openapi-parts.ts";

const codePath = z.object({ code: sessionTypeCodeSchema });

export const ownerPaths: ZodOpenApiPathsObject = {
  "/api/v1/bookings": {
    get: serverRoute({
      operationId: "listBookings",
      summary: "List bookings",
      description: "Those made last first.",
      requestParams: { query: bookingsQuerySchema },
      answers: { "200": json("One page.", pageSchema(named.OwnerBooking), examples.page(examples.ownerBooking)) },
    }),
    post: serverRoute({
      operationId: "createBooking",
      summary: "Create a booking",
      description:
        "From the price list, or with `amount` and `description` instead of `sessionType`. It is unpaid until a payment succeeds. Whoever has its `bookingId` can read and pay it.",
      requestBody: body(named.CreateBooking, { fromPriceList: examples.wish, ownPrice: examples.serverWish }),
      answers: { "201": json("The booking.", named.BookingView, examples.unpaid) },
      errors: ["session_type_unknown"],
    }),
  },
  "/api/v1/bookings/{bookingId}": {
    get: serverRoute({
      operationId: "getBooking",
      summary: "Get a booking",
      requestParams: { path: bookingPath },
      answers: { "200": json("The booking, with the names.", named.OwnerBooking, examples.ownerBooking) },
      errors: ["booking_not_found"],
    }),
  },
  "/api/v1/bookings/{bookingId}/move": {
    post: serverRoute({
      operationId: "moveBooking",
      summary: "Move a booking to another time",
      description: "Paid in full, it is booked then, also if it had lapsed. Otherwise it waits for the rest.",
      requestParams: { path: bookingPath },
      requestBody: body(named.MoveBooking, { move: examples.move }),
      answers: { "200": json("The booking.", named.BookingView, examples.booked) },
      errors: ["booking_not_found", "booking_cancelled", "date_in_past"],
    }),
  },
  "/api/v1/bookings/{bookingId}/cancel": {
    post: serverRoute({
      operationId: "cancelBooking",
      summary: "Cancel a booking",
      description: "Its session does not take place. Its money stays on the list until it is given back.",
      requestParams: { path: bookingPath },
      requestBody: body(named.CancelBooking, { cancel: examples.cancel }),
      answers: { "200": json("The booking.", named.BookingView, { ...examples.unpaid, booking_status: "cancelled", version: 2 }) },
      errors: ["booking_not_found", "booking_cancelled", "attempt_open"],
    }),
  },
  "/api/v1/payments": {
    get: serverRoute({
      operationId: "listPayments",
      summary: "List payments",
      description: "Newest first. `surplus=true` lists payments of which the booking did not need all.",
      requestParams: { query: paymentsQuerySchema },
      answers: { "200": json("One page.", pageSchema(named.Payment), examples.page(examples.payment)) },
    }),
  },
  "/api/v1/payments/{paymentId}": {
    get: serverRoute({
      operationId: "getPayment",
      summary: "Get a payment and its refunds",
      requestParams: { path: paymentPath },
      answers: { "200": json("The payment.", named.PaymentWithRefunds, examples.paymentWithRefunds) },
      errors: ["payment_not_found"],
    }),
  },
  "/api/v1/payments/{paymentId}/refunds": {
    get: serverRoute({
      operationId: "listRefunds",
      summary: "List the refunds of a payment",
      description: "Newest first.",
      requestParams: { path: paymentPath, query: refundsQuerySchema },
      answers: { "200": json("One page.", pageSchema(named.Refund), examples.page(examples.refund)) },
      errors: ["payment_not_found"],
    }),
    post: serverRoute({
      operationId: "createRefund",
      summary: "Refund a payment",
      description:
        "Refunds the whole amount. The service asks Safaricom once to reverse the transaction. The payment becomes `refunded` when Safaricom confirms it, usually within seconds: read the payment to see it.",
      requestParams: { path: paymentPath },
      requestBody: body(named.CreateRefund, { refund: { remarks: "Lesson cancelled" } }, false),
      answers: { "202": json("Safaricom has been asked.", named.Refund, examples.refund) },
      errors: ["payment_not_found", "not_refundable", "refunds_not_set_up", "refund_open", "refund_refused"],
    }),
  },
  "/api/v1/payments/{paymentId}/settle": {
    post: serverRoute({
      operationId: "settlePayment",
      summary: "Settle a payment by hand",
      description:
        "For a payment whose outcome Safaricom does not tell: paid, with the receipt from the M-Pesa statement, or not paid (money that arrives later still counts). And for money that a booking does not need: given back by hand, or kept by agreement.",
      requestParams: { path: paymentPath },
      requestBody: body(named.SettlePayment, { paid: examples.settle, notPaid: { outcome: "not_paid", reason: "Not on the statement" } }),
      answers: { "200": json("The payment as it is now.", named.Payment, examples.payment) },
      errors: ["payment_not_found", "code_invalid", "receipt_used", "not_settleable"],
    }),
  },
  "/api/v1/attention": {
    get: serverRoute({
      operationId: "listAttention",
      summary: "List what waits for a decision",
      description:
        "Undecided payments, money without a booking, part payments, money for lapsed and cancelled bookings, surplus, unfinished refunds and callbacks that could not be processed, in words. Kind by kind, newest first. Money without a booking is shown only to a site that shares its M-Pesa account with no other.",
      requestParams: { query: attentionQuerySchema },
      answers: { "200": json("One page.", pageSchema(named.AttentionItem), examples.page(examples.waiting)) },
    }),
  },
  "/api/v1/callbacks": {
    get: serverRoute({
      operationId: "listCallbacks",
      summary: "List callbacks that led to nothing",
      description: "Unverified, unmatched, set aside, or not processed yet; newest first. Their bodies are not shown.",
      requestParams: { query: callbacksQuerySchema },
      answers: { "200": json("One page.", pageSchema(named.Callback), examples.page(examples.callback)) },
    }),
  },
  "/api/v1/callbacks/{callbackId}/replay": {
    post: serverRoute({
      operationId: "replayCallback",
      summary: "Process a callback once more",
      description: "Whatever came of it before. It is processed within seconds.",
      requestParams: { path: z.object({ callbackId: z.string() }) },
      answers: { "202": json("It will be processed.", z.object({}), {}) },
      errors: ["callback_not_found"],
    }),
  },
  "/api/v1/callbacks/{callbackId}/dismiss": {
    post: serverRoute({
      operationId: "dismissCallback",
      summary: "List a callback no longer",
      description: "For one that leads to nothing and need not. One that still waits to be processed cannot be dismissed.",
      requestParams: { path: z.object({ callbackId: z.string() }) },
      requestBody: body(named.DismissCallback, { dismiss: { reason: "A test of ours", actor: "Grace" } }),
      answers: { "200": json("It is dismissed.", z.object({}), {}) },
      errors: ["callback_not_found"],
    }),
  },
  "/api/v1/unassigned-money": {
    get: serverRoute({
      operationId: "listUnassignedMoney",
      summary: "List money without a booking",
      description: "Newest first. Only for a site that shares its M-Pesa account with no other: otherwise the money may be the other's.",
      requestParams: { query: unassignedMoneyQuerySchema },
      answers: { "200": json("One page.", pageSchema(named.UnassignedMoney), examples.page(examples.money)) },
    }),
  },
  "/api/v1/unassigned-money/{receipt}/assign": {
    post: serverRoute({
      operationId: "assignMoney",
      summary: "Assign money to a booking",
      description: "With `amount`, money from the M-Pesa statement that Safaricom never reported.",
      requestParams: { path: z.object({ receipt: z.string() }) },
      requestBody: body(named.AssignMoney, { assign: examples.assign }),
      answers: {
        "200": json("What became of it.", named.Assignment, {
          assignment: "booked",
          booking: examples.booked,
        }),
      },
      errors: ["money_not_found", "booking_not_found"],
    }),
  },
  "/api/v1/unassigned-money/{receipt}/keep": {
    post: serverRoute({
      operationId: "keepMoney",
      summary: "Keep money without a booking",
      description: "It belongs to no booking, as a person has found. It is no longer listed, and can still be assigned.",
      requestParams: { path: z.object({ receipt: z.string() }) },
      requestBody: body(named.KeepMoney, { keep: { reason: "For school uniforms", actor: "Grace" } }),
      answers: { "200": json("The money.", named.UnassignedMoney, examples.money) },
      errors: ["money_not_found"],
    }),
  },
  "/api/v1/session-types": {
    get: serverRoute({
      operationId: "listSessionTypes",
      summary: "List the session types",
      description: "In the order of the price list.",
      requestParams: { query: sessionTypesQuerySchema },
      answers: { "200": json("One page.", pageSchema(named.SessionType), examples.page(examples.sessionType)) },
    }),
  },
  "/api/v1/session-types/{code}": {
    put: serverRoute({
      operationId: "putSessionType",
      summary: "Change a session type, or add one",
      description:
        "A new one goes to the end of the list. Bookings keep the price that they were made with. `somopay site add` replaces the list with the site file's.",
      requestParams: { path: codePath },
      requestBody: body(named.SessionTypeChange, { change: examples.sessionTypeChange }),
      answers: { "200": json("The session type.", named.SessionType, examples.sessionType) },
    }),
    delete: serverRoute({
      operationId: "deleteSessionType",
      summary: "Remove a session type",
      description: "Bookings of it stay as they are.",
      requestParams: { path: codePath },
      answers: { "204": { description: "It is removed." } },
      errors: ["session_type_not_found"],
    }),
  },
};
