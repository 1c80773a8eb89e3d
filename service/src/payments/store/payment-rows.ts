/** Bookings and attempts as rows of their tables. */
import { z } from "zod";
import type { Booking } from "../../bookings/booking.ts";
import { bookingStatuses, failureReasons, paymentStatuses } from "../../contract.ts";
import { column, optionalNumber, optionalText, rowMapper, text, wholeNumber } from "../../platform/row-mapper.ts";
import type { Attempt } from "../payment.ts";

/** As long as its column. The gateway's own codes are longer; the start of one is enough, and the refusal must be recorded in any case. */
export const RESULT_CODE_MAX = 32;

const attemptRows = rowMapper<Attempt>({
  id: text("id"),
  siteId: text("site_id"),
  bookingId: text("pending_session_id"),
  sessionId: optionalText("session_id"),
  status: column("status", z.enum(paymentStatuses)),
  reason: column("reason", z.enum(failureReasons).nullable()),
  surplusKes: wholeNumber("surplus"),
  amountKes: wholeNumber("amount"),
  mpesaAccountId: optionalText("mpesa_account_id"),
  phone: text("phone"),
  callbackSecretHash: text("callback_secret_hash"),
  checkoutRequestId: optionalText("checkout_request_id"),
  merchantRequestId: optionalText("merchant_request_id"),
  receipt: optionalText("provider_ref"),
  resultCode: optionalText("result_code", RESULT_CODE_MAX),
  retryAtMs: optionalNumber("retry_at"),
  requestedAtMs: wholeNumber("requested_at"),
  promptExpiresAtMs: optionalNumber("prompt_expires_at"),
  paidAtMs: optionalNumber("paid_at"),
  endedAtMs: optionalNumber("ended_at"),
  keptAtMs: optionalNumber("kept_at"),
  nextQueryAtMs: optionalNumber("next_query_at"),
  queriedAtMs: optionalNumber("queried_at"),
  queries: wholeNumber("queries"),
});

const bookingRows = rowMapper<Booking>({
  id: text("id"),
  siteId: text("site_id"),
  reference: text("reference"),
  status: column("status", z.enum(bookingStatuses)),
  version: wholeNumber("version"),
  parentName: text("parent_name"),
  childName: text("child_name"),
  email: text("email"),
  sessionType: optionalText("session_type"),
  sessionName: text("session_name"),
  date: text("date"),
  time: text("time"),
  amountKes: wholeNumber("amount"),
  createdAtMs: wholeNumber("created_at"),
  expiresAtMs: wholeNumber("expires_at"),
});

export const parseAttempt = attemptRows.parse;
export const parseBooking = bookingRows.parse;

/** Without the query columns, which are written separately. */
export function attemptToRow(attempt: Attempt): Record<string, unknown> {
  const { next_query_at: _next, queried_at: _queried, queries: _queries, ...row } = attemptRows.toRow(attempt);
  return { ...row, provider: "mpesa" };
}

export function bookingToRow(booking: Booking): Record<string, unknown> {
  return { ...bookingRows.toRow(booking), processed: booking.status === "booked" ? 1 : 0, updated_at: booking.createdAtMs };
}

export const idRowSchema = z.object({ id: z.string() });
export const versionRowsSchema = z.array(z.object({ id: z.string(), version: z.number() }));
export const receiptRowSchema = z.object({ receipt: z.string() });
export const servedRowsSchema = z.array(z.object({ site_id: z.string(), served_at: z.number() }));
export const accountRowsSchema = z.array(z.object({ mpesa_account_id: z.string().nullable() }));
