import { failureReasons } from "./contract.ts";
import type { BookingPaymentStatus, BookingView, FailureReason, ManualPayment, PaymentStatus, PaymentView } from "./contract.ts";

const paymentStatuses: readonly PaymentStatus[] = ["requested", "prompted", "confirming", "paid", "failed", "refunded"];
const bookingStatuses: readonly BookingPaymentStatus[] = ["unpaid", "pending", "paid", "failed"];

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
const oneOf = <T>(list: readonly T[], value: unknown): T | undefined => list.find((item) => item === value);
const text = (value: unknown) => (typeof value === "string" ? value : undefined);
const number = (value: unknown) => (typeof value === "number" ? value : undefined);
/** True when none is missing. */
const all = <T extends Record<string, unknown>>(values: T): values is { [K in keyof T]: T[K] & ({} | null) } =>
  Object.values(values).every((value) => value !== undefined);

/** A reason that this version has no sentence for reads as `unknown`, which promises nothing about the money. */
export function parseReason(value: unknown): FailureReason | undefined {
  return text(value) === undefined ? undefined : (oneOf(failureReasons, value) ?? "unknown");
}

function parsePayment(value: unknown): PaymentView | undefined {
  if (!isRecord(value)) return undefined;
  const needed = {
    status: oneOf(paymentStatuses, value["status"]),
    phone: text(value["phone"]),
    requestedAt: number(value["requestedAt"]),
  };
  if (!all(needed)) return undefined;
  return {
    ...needed,
    reason: parseReason(value["reason"]),
    receipt: text(value["receipt"]),
    promptExpiresAt: number(value["promptExpiresAt"]),
    paidAt: number(value["paidAt"]),
  };
}

/** Nothing to show is better than half of an account number, so a malformed offer counts as none. */
function parseManual(value: unknown): ManualPayment | undefined {
  if (!isRecord(value)) return undefined;
  const needed = { accountNumber: text(value["accountNumber"]), amount: number(value["amount"]) };
  const [paybill, till] = [text(value["paybill"]), text(value["till"])];
  return all(needed) && (paybill || till) ? { ...needed, paybill, till } : undefined;
}

function parseSession(value: unknown): BookingView["session"] | undefined {
  if (!isRecord(value)) return undefined;
  const needed = { name: text(value["name"]), date: text(value["date"]), time: text(value["time"]) };
  return all(needed) ? { ...needed, sessionType: text(value["sessionType"]) ?? null } : undefined;
}

/** Reads what the service sent. Returns `undefined` for anything that is not a booking; never throws. */
export function parseBooking(value: unknown): BookingView | undefined {
  if (!isRecord(value)) return undefined;
  const needed = {
    bookingId: text(value["bookingId"]),
    reference: text(value["reference"]),
    amount: number(value["amount"]),
    version: number(value["version"]),
    payment_status: oneOf(bookingStatuses, value["payment_status"]),
    session: parseSession(value["session"]),
    payment: value["payment"] === null ? null : parsePayment(value["payment"]),
  };
  if (!all(needed)) return undefined;
  return { ...needed, currency: "KES", retryAfterMs: number(value["retryAfterMs"]), payManually: parseManual(value["payManually"]) };
}

/** The same from JSON text. */
export function parseBookingJson(json: string): BookingView | undefined {
  try {
    return parseBooking(JSON.parse(json));
  } catch {
    return undefined;
  }
}
