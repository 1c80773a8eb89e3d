import { failureReasons, receiptCheckStatuses } from "./contract.ts";
import type { BookingView, FailureReason } from "./contract.ts";

/** Returns the value as what it was looked for, or `undefined` when it is not that. */
type Reader<T> = (value: unknown) => T | undefined;
type Readers<T> = { [K in keyof T]-?: Reader<T[K]> };

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
const text: Reader<string> = (value) => (typeof value === "string" ? value : undefined);
const number: Reader<number> = (value) => (typeof value === "number" ? value : undefined);
const oneOf =
  <T extends string>(...list: readonly T[]): Reader<T> =>
  (value) =>
    list.find((item) => item === value);

/** Reads an object member by member. It counts only when none of `needed` is missing; the members of `optional` may be. */
function object<Needed extends object, Optional extends object>(
  needed: Readers<Needed>,
  optional: Readers<Optional>,
): Reader<Needed & { [K in keyof Optional]: Optional[K] | undefined }> {
  const readers: [string, Reader<unknown>][] = Object.entries({ ...needed, ...optional });
  return (value) => {
    if (!isRecord(value)) return undefined;
    const members = readers.map(([name, read]) => [name, read(value[name])] as const);
    if (members.some(([name, member]) => name in needed && member === undefined)) return undefined;
    // Each member is what its own reader returned, which is what this type says.
    return Object.fromEntries(members) as Needed & Optional;
  };
}

/** A reason that this version has no sentence for reads as `unknown`, which promises nothing about the money. */
export const parseReason: Reader<FailureReason> = (value) => (typeof value === "string" ? (knownReason(value) ?? "unknown") : undefined);
const knownReason = oneOf(...failureReasons);

const parsePayment = object(
  { status: oneOf("requested", "prompted", "confirming", "paid", "failed", "refunded"), phone: text, amount: number, requestedAt: number },
  { reason: parseReason, receipt: text, promptExpiresAt: number, paidAt: number },
);
const parseManual = object({ accountNumber: text, amount: number }, { paybill: text, till: text });

/** Reads what the service sent. Returns `undefined` for anything that is not a booking; never throws. */
export const parseBooking: Reader<BookingView> = object(
  {
    bookingId: text,
    reference: text,
    amount: number,
    amountPaid: number,
    amountDue: number,
    version: number,
    expiresAt: number,
    currency: () => "KES" as const,
    booking_status: oneOf("pending", "booked", "lapsed", "cancelled"),
    payment_status: oneOf("unpaid", "pending", "partial", "paid", "failed", "refunded"),
    session: object({ name: text, date: text, time: text, sessionType: (value) => text(value) ?? null }, {}),
    payment: (value) => (value === null ? null : parsePayment(value)),
  },
  {
    surplus: number,
    retryAfterMs: number,
    // Nothing to show is better than half of an account number, so a malformed offer counts as none.
    payManually: (value) => {
      const offer = parseManual(value);
      return offer?.paybill || offer?.till ? offer : undefined;
    },
    receiptCheck: object({ status: oneOf(...receiptCheckStatuses) }, { code: text }),
  },
);

/** The same from JSON text. */
export function parseBookingJson(json: string): BookingView | undefined {
  try {
    return parseBooking(JSON.parse(json));
  } catch {
    return undefined;
  }
}
