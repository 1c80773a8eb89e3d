/** Processes callbacks that arrived together. */
import { parseStkCallback } from "../daraja/stk-callback.ts";
import { createBatcher, type Batcher } from "../platform/batcher.ts";
import type { PaymentsDependencies } from "./payments-dependencies.ts";
import { logProcessed, processCallback } from "./process-callback.ts";
import { noteOf } from "./process-stk-callback.ts";
import { recordTogether, type ReportedTogether } from "./record-together.ts";
import { decodeBody, type ProcessingResult, type StoredCallback } from "./store/callback-inbox.ts";
import { verifyCallback } from "./verify-callback.ts";

/** Enough to make the cost of a transaction small; more would only make the first ones wait. */
const PROCESSED_AT_ONCE = 100;
/** While the database writes one group, the next one is read and decided. */
const GROUPS_ABREAST = 2;
/** A group takes milliseconds. One that takes longer waits for a lock, or for a connection that will never answer. */
const PATIENCE_MS = 1_000;

export function createCallbackProcessing(deps: PaymentsDependencies): Batcher<StoredCallback, void> {
  return createBatcher((callbacks) => processTogether(deps, callbacks), {
    most: PROCESSED_AT_ONCE,
    patienceMs: PATIENCE_MS,
    abreast: GROUPS_ABREAST,
    timers: deps.timers,
  });
}

/**
 * The outcomes of prompts that need no second look share a transaction; every other callback is processed by itself, and none can fail another. Safe to
 * repeat.
 */
async function processTogether(deps: PaymentsDependencies, callbacks: readonly StoredCallback[]): Promise<PromiseSettledResult<void>[]> {
  const recorded = await recordPlain(deps, callbacks);
  return Promise.allSettled(
    callbacks.map(async (callback) => {
      if (!recorded.has(callback.id)) await processCallback(deps, callback);
    }),
  );
}

/** Records those that are plain outcomes, together. @returns their ids: they are marked as processed, too */
export async function recordPlain(deps: PaymentsDependencies, callbacks: readonly StoredCallback[]): Promise<Set<string>> {
  const onSecrets = callbacks.filter(({ kind, secretHash }) => kind === "stk" && secretHash !== null);
  if (onSecrets.length === 0) return new Set();
  try {
    const found = await deps.store.loadBySecretHashes(onSecrets.map(({ secretHash }) => secretHash ?? ""));
    const reports = onSecrets.flatMap((stored) => reportOf(deps, stored, found.get(stored.secretHash ?? "")) ?? []);
    const recorded = await recordTogether(deps, reports);
    for (const report of reports) if (recorded.has(report.processed.callbackId)) tell(deps, callbacks, report);
    return recorded;
  } catch (error) {
    deps.logger.warn({ err: error, callbacks: callbacks.length }, "callbacks could not be processed together; each is processed by itself");
    return new Set();
  }
}

/** Null: it does not count as it is. */
function reportOf(
  deps: PaymentsDependencies,
  stored: StoredCallback,
  found: Pick<ReportedTogether, "file" | "attempt"> | undefined,
): ReportedTogether | null {
  if (!found) return null;
  const callback = parseStkCallback(decodeBody(stored));
  const verification = verifyCallback(callback, found.attempt, {
    secretMatches: true,
    isTrustedCaller: deps.isTrustedCaller(stored.remoteAddress),
  });
  if (verification.kind !== "verified") return null;
  const { outcome } = callback;
  const note = noteOf(callback);
  const result: ProcessingResult = {
    verdict: "verified",
    paymentId: found.attempt.id,
    receipt: outcome.kind === "paid" ? outcome.receipt : null,
    note,
    atMs: deps.now(),
  };
  return { ...found, event: verification.event, note, processed: { callbackId: stored.id, result } };
}

function tell(deps: PaymentsDependencies, callbacks: readonly StoredCallback[], { event, processed }: ReportedTogether): void {
  const { callbackId, result } = processed;
  const stored = callbacks.find(({ id }) => id === callbackId);
  if (!stored) return;
  if (event.type === "paid" && event.paidAtMs !== null) deps.metrics.callbackDelayed(stored.receivedAtMs - event.paidAtMs);
  deps.metrics.callbackProcessed(result.verdict, result.atMs - stored.receivedAtMs);
  logProcessed(deps, stored, result);
}
