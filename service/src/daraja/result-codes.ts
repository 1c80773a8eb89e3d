/** The table of Safaricom's failure codes. 0 (paid) and 4999 (still in progress) are not failures. */
import type { FailureReason } from "../contract.ts";

export const PAID_CODE = "0";
export const IN_PROGRESS_CODE = "4999";

/** Code 17: Safaricom refuses the same amount to the same site within two minutes. */
export const SAME_AMOUNT_RETRY_MS = 120_000;
/** Safaricom advises to wait at least a minute if another transaction locks the phone, or the system is busy. */
export const BUSY_RETRY_MS = 60_000;

export type FailureMeaning = { reason: FailureReason; retryAfterMs?: number };

type Entry = FailureMeaning & {
  /** Counts only from a callback: in the answer to a query, the code may describe the query itself. */
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
  ["1031", { reason: "cancelled" }],
  ["1032", { reason: "cancelled" }],
  ["1036", { reason: "unreachable" }],
  ["1037", { reason: "no_answer" }],
  ["2001", { reason: "wrong_pin" }],
  ["2028", { reason: "misconfigured" }],
  ["8006", { reason: "pin_locked" }],
  ["9999", { reason: "busy", retryAfterMs: BUSY_RETRY_MS, callbackOnly: true }],
  ["SFC_IC0003", { reason: "misconfigured" }],
]);

/** Every code in the table, for tests. */
export const failureCodes: readonly string[] = [...table.keys()];

function meaningOf({ reason, retryAfterMs }: Entry): FailureMeaning {
  return retryAfterMs === undefined ? { reason } : { reason, retryAfterMs };
}

/** A callback is final: an unknown code is a failure too (`known: false`), and the owner is told. */
export function reasonForCallback(code: string): FailureMeaning & { known: boolean } {
  const entry = table.get(code);
  return entry ? { ...meaningOf(entry), known: true } : { reason: "rejected", known: false };
}

/** Null if an answer with this code decides nothing. */
export function reasonForQuery(code: string): FailureMeaning | null {
  const entry = table.get(code);
  return entry && !entry.callbackOnly ? meaningOf(entry) : null;
}
