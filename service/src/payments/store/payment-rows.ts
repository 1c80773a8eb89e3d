/** How bookings and attempts stand in the tables; the only place that knows both spellings. */
import { z } from "zod";
import { failureReasons, paymentStatuses } from "../../contract.ts";
import type { Booking } from "../../bookings/booking.ts";
import type { Attempt } from "../payment.ts";

const flag = z.union([z.literal(0), z.literal(1)]).transform((value) => value === 1);
const time = z.number().int().nullable();
/** As long as its column. The gateway's own codes are longer; what is needed of them stays, and the refusal must be written down in any case. */
const RESULT_CODE_MAX = 32;

const attemptRowSchema = z.object({
  id: z.string(),
  site_id: z.string(),
  pending_session_id: z.string(),
  session_id: z.string().nullable(),
  status: z.enum(paymentStatuses),
  reason: z.enum(failureReasons).nullable(),
  surplus: flag,
  amount: z.number().int(),
  phone: z.string(),
  callback_secret_hash: z.string(),
  checkout_request_id: z.string().nullable(),
  merchant_request_id: z.string().nullable(),
  provider_ref: z.string().nullable(),
  result_code: z.string().nullable(),
  retry_at: time,
  requested_at: z.number().int(),
  prompt_expires_at: time,
  paid_at: time,
  ended_at: time,
  next_query_at: time,
  queried_at: time,
  queries: z.number().int(),
});

export function parseAttempt(row: unknown): Attempt {
  const parsed = attemptRowSchema.parse(row);
  return {
    id: parsed.id,
    siteId: parsed.site_id,
    bookingId: parsed.pending_session_id,
    sessionId: parsed.session_id,
    status: parsed.status,
    reason: parsed.reason,
    surplus: parsed.surplus,
    amountKes: parsed.amount,
    phone: parsed.phone,
    callbackSecretHash: parsed.callback_secret_hash,
    checkoutRequestId: parsed.checkout_request_id,
    merchantRequestId: parsed.merchant_request_id,
    receipt: parsed.provider_ref,
    resultCode: parsed.result_code,
    retryAtMs: parsed.retry_at,
    requestedAtMs: parsed.requested_at,
    promptExpiresAtMs: parsed.prompt_expires_at,
    paidAtMs: parsed.paid_at,
    endedAtMs: parsed.ended_at,
    nextQueryAtMs: parsed.next_query_at,
    queriedAtMs: parsed.queried_at,
    queries: parsed.queries,
  };
}

/** All but the questions' columns. */
export function attemptToRow(attempt: Omit<Attempt, "nextQueryAtMs" | "queriedAtMs" | "queries">): object {
  return {
    id: attempt.id,
    site_id: attempt.siteId,
    pending_session_id: attempt.bookingId,
    session_id: attempt.sessionId,
    provider: "mpesa",
    provider_ref: attempt.receipt,
    status: attempt.status,
    reason: attempt.reason,
    surplus: attempt.surplus ? 1 : 0,
    amount: attempt.amountKes,
    phone: attempt.phone,
    callback_secret_hash: attempt.callbackSecretHash,
    checkout_request_id: attempt.checkoutRequestId,
    merchant_request_id: attempt.merchantRequestId,
    result_code: attempt.resultCode?.slice(0, RESULT_CODE_MAX) ?? null,
    retry_at: attempt.retryAtMs,
    requested_at: attempt.requestedAtMs,
    prompt_expires_at: attempt.promptExpiresAtMs,
    paid_at: attempt.paidAtMs,
    ended_at: attempt.endedAtMs,
  };
}

const bookingRowSchema = z.object({
  id: z.string(),
  site_id: z.string(),
  reference: z.string(),
  status: z.enum(["pending", "booked", "lapsed"]),
  version: z.number().int(),
  parent_name: z.string(),
  child_name: z.string(),
  email: z.string(),
  session_type: z.string().nullable(),
  session_name: z.string(),
  date: z.string(),
  time: z.string(),
  amount: z.number().int(),
  created_at: z.number().int(),
});

export function parseBooking(row: unknown): Booking {
  const parsed = bookingRowSchema.parse(row);
  return {
    id: parsed.id,
    siteId: parsed.site_id,
    reference: parsed.reference,
    status: parsed.status,
    version: parsed.version,
    parentName: parsed.parent_name,
    childName: parsed.child_name,
    email: parsed.email,
    sessionType: parsed.session_type,
    sessionName: parsed.session_name,
    date: parsed.date,
    time: parsed.time,
    amountKes: parsed.amount,
    createdAtMs: parsed.created_at,
  };
}

export function bookingToRow(booking: Booking): object {
  return {
    id: booking.id,
    site_id: booking.siteId,
    reference: booking.reference,
    status: booking.status,
    version: booking.version,
    parent_name: booking.parentName,
    child_name: booking.childName,
    email: booking.email,
    session_type: booking.sessionType,
    session_name: booking.sessionName,
    date: booking.date,
    time: booking.time,
    amount: booking.amountKes,
    processed: booking.status === "booked" ? 1 : 0,
    created_at: booking.createdAtMs,
    updated_at: booking.createdAtMs,
  };
}

export const idRowSchema = z.object({ id: z.string() });
export const versionRowsSchema = z.array(z.object({ id: z.string(), version: z.number() }));
export const receiptRowSchema = z.object({ receipt: z.string() });
export const servedRowsSchema = z.array(z.object({ site_id: z.string(), served_at: z.number() }));
