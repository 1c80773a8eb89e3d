/** What one event writes: the booking, the attempt, and everything that follows from them. */
import type { Booking } from "../../bookings/booking.ts";
import type { BookingStatus } from "../../contract.ts";
import type { IdempotencyClaim } from "../../platform/idempotency.ts";
import type { Attempt } from "../payment.ts";
import type { ProcessingResult } from "./callback-inbox.ts";

export type HistoryEntry = {
  id: string;
  fromStatus: string | null;
  toStatus: string;
  event: string;
  source: string;
  note: string | null;
  /** The person who decided it; null: a rule did. */
  actor: string | null;
  atMs: number;
};

export type BookedSession = { id: string; bookedAtMs: number };

/** For the owner's server. `id` stays the same, however often it is sent. `paymentId` is null if it is about the booking alone. */
export type WebhookMessage = { id: string; type: string; paymentId: string | null; payload: string; createdAtMs: number };

/** Everything that one event changes; written as a whole or not at all. */
export type Change = {
  /** As it was read: if its `version` has changed meanwhile, nothing is written. */
  booking: Booking;
  /** What is booked afterwards. */
  bookingStatus: BookingStatus;
  /** What has arrived for the booking afterwards and was not given back. */
  amountPaidKes: number;
  attempt: Attempt;
  /** The attempt as it was read; null: this change begins it. */
  before: Attempt | null;
  history: HistoryEntry;
  /** Given if this payment books the session. */
  session: BookedSession | null;
  /** In the order in which the owner's server is told. */
  webhooks: readonly WebhookMessage[];
  /** The idempotency key under which it is done: a repeated request finds it. */
  claim: IdempotencyClaim | null;
  /** The callback that reported it: marked as processed in the same transaction. */
  processed?: { callbackId: string; result: ProcessingResult };
};
