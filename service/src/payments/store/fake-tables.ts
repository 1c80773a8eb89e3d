/** What the fake stores keep in memory, and how they run a statement. */
import type { Booking } from "../../bookings/booking.ts";
import type { Attempt } from "../payment.ts";
import type { ProcessingResult, StoredCallback } from "./callback-inbox.ts";
import type { BookedSession, HistoryEntry, WebhookMessage } from "./change.ts";

export type FakeKey = {
  requestHash: string;
  resourceId: string | null;
  /** Of the finished request, as JSON. */
  answer: string | null;
  lockedUntilMs: number;
  createdAtMs: number;
};

export type FakeHistory = HistoryEntry & { paymentId: string; bookingVersion: number };

export type FakeHint = { dueAtMs: number | null; queries: number };

/** The tables: what is committed. Rows are replaced, never changed, so that what was read stays as it was read. */
export class FakeTables {
  readonly bookings = new Map<string, Booking>();
  readonly attempts = new Map<string, Attempt>();
  readonly attemptsOfBooking = new Map<string, string[]>();
  readonly attemptBySecretHash = new Map<string, string>();
  readonly references = new Set<string>();
  /** Booking to its open attempt. */
  readonly openKeys = new Map<string, string>();
  /** Attempt to when its last unverified callback came. */
  readonly unverifiedAtMs = new Map<string, number>();
  /** Attempt to its hint: when it is queried for it, and how often it was. */
  readonly hints = new Map<string, FakeHint>();
  /** Receipt to the attempt that it paid. */
  readonly receipts = new Map<string, string>();
  readonly history = new Map<string, FakeHistory>();
  readonly sessions = new Map<string, BookedSession & { bookingId: string; paymentId: string; cancelledAtMs: number | null }>();
  /** Booking to what has arrived for it. */
  readonly amountsPaidKes = new Map<string, number>();
  /** In the order in which they were written. */
  readonly webhooks = new Map<string, WebhookMessage & { bookingId: string; bookingVersion: number }>();
  readonly callbacks = new Map<
    string,
    { callback: StoredCallback; reading: ProcessingResult | null; tries?: number; nextTryAtMs?: number }
  >();
  readonly keys = new Map<string, FakeKey>();
  /** Called after each transaction, with what it was about. */
  onCommitted: (bookingId: string, history: FakeHistory | null) => void = () => undefined;
}

/** Does one statement, or one transaction, at a moment that it chooses. Rejects when the database does. */
export type RunStatement = <Result>(name: string, about: string | null, work: () => Result) => Promise<Result>;
