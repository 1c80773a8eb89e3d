/** The one table of Safaricom's result codes. 0 (paid) and 4999 (still in progress) are no failures and not in it. */
import type { FailureReason } from "../contract.ts";

export const PAID_CODE = "0";
export const IN_PROGRESS_CODE = "4999";

/** "Same amount to the same site within two minutes" is what Safaricom's rule behind 17 refuses. */
export const SAME_AMOUNT_RETRY_MS = 120_000;
/** Safaricom's own advice when a phone's line is locked by another transaction, or the system is busy: at least a minute. */
export const BUSY_RETRY_MS = 60_000;

export type FailureMeaning = { reason: FailureReason; retryAfterMs?: number };

type Entry = FailureMeaning & {
  /** Counts from a callback only: as the answer to a query the same code may describe the query itself. */
  callbackOnly?: true;
};

const table: ReadonlyMap<string, Entry> = new Map<string, Entry>([
  ["1", { reason: "insufficient_funds" }],
  ["2", { reason: "limit" }],
  ["3", { reason: "limit" }],
  ["4", { reason: "limit" }],
  ["8", { reason: "misconfigured" }], // the site's own account is full
  ["17", { reason: "busy", retryAfterMs: SAME_AMOUNT_RETRY_MS }],
  ["26", { reason: "busy", retryAfterMs: BUSY_RETRY_MS, callbackOnly: true }],
  ["1001", { reason: "busy", retryAfterMs: BUSY_RETRY_MS, callbackOnly: true }],
  ["1019", { reason: "expired" }],
  ["1025", { reason: "busy" }],
  ["1032", { reason: "cancelled" }],
  ["1036", { reason: "unreachable" }],
  ["1037", { reason: "no_answer" }],
  ["2001", { reason: "wrong_pin" }],
  ["2028", { reason: "misconfigured" }],
  ["8006", { reason: "pin_locked" }],
  ["9999", { reason: "busy", retryAfterMs: BUSY_RETRY_MS, callbackOnly: true }],
  ["SFC_IC0003", { reason: "misconfigured" }],
]);

/** Every code of the table, for the documentation and the tests. */
export const failureCodes: readonly string[] = [...table.keys()];

function meaningOf({ reason, retryAfterMs }: Entry): FailureMeaning {
  return retryAfterMs === undefined ? { reason } : { reason, retryAfterMs };
}

/** A callback is the last word: a code that nobody knows is a failure too, `known: false`, and the owner is told. */
export function reasonForCallback(code: string): FailureMeaning & { known: boolean } {
  const entry = table.get(code);
  return entry ? { ...meaningOf(entry), known: true } : { reason: "rejected", known: false };
}

/** Null: an answer with this code decides nothing. */
export function reasonForQuery(code: string): FailureMeaning | null {
  const entry = table.get(code);
  return entry && !entry.callbackOnly ? meaningOf(entry) : null;
}
