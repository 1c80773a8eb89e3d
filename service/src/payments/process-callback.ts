import { isDatabaseDown } from "../platform/database.ts";
import { processConfirmation } from "./c2b/process-confirmation.ts";
import type { PaymentsDependencies } from "./payments-dependencies.ts";
import { processPushReply } from "./process-push-reply.ts";
import { processResult } from "./process-result.ts";
import { processStkCallback } from "./process-stk-callback.ts";
import type { CallbackFinding, ProcessingResult, StoredCallback } from "./store/callback-inbox.ts";

/** A callback is processed within milliseconds of its 200. If it is older and unprocessed, the process that received it has died. */
const UNPROCESSED_AFTER_MS = 5_000;
const MOST_AT_ONCE = 100;

/** Interprets a stored callback by its kind, acts on it, and stores the result beside it. Safe to repeat: every write that follows is guarded. */
export async function processCallback(deps: PaymentsDependencies, stored: StoredCallback): Promise<ProcessingResult> {
  const finding = await processByKind(deps, stored);
  const result: ProcessingResult = { paymentId: null, receipt: null, note: null, ...finding, atMs: deps.now() };
  await deps.inbox.markProcessed(stored.id, result);
  deps.metrics.callbackProcessed(result.verdict, result.atMs - stored.receivedAtMs);
  log(deps, stored, result);
  return result;
}

function processByKind(deps: PaymentsDependencies, stored: StoredCallback): Promise<CallbackFinding> {
  switch (stored.kind) {
    case "stk":
      return processStkCallback(deps, stored);
    case "c2b":
      return processConfirmation(deps, stored);
    case "result":
    case "timeout":
      return processResult(deps, stored);
    case "push":
      return processPushReply(deps, stored);
  }
}

function log({ logger }: PaymentsDependencies, { id, kind }: StoredCallback, { verdict, paymentId, note }: ProcessingResult): void {
  const facts = { callbackId: id, kind, verdict, paymentId, note };
  if (verdict === "unverified") logger.warn(facts, "callback stored; verification failed");
  else if (verdict === "unmatched") logger.warn(facts, "callback stored; no payment matches it");
  // The note of an answer to a request of ours is in the request's own row.
  else if (note !== null && (kind === "stk" || kind === "c2b")) logger.warn(facts, "callback processed; the owner should look at it");
  else logger.info(facts, "callback processed");
}

/**
 * Moves what the journal holds into the database, then processes every callback whose process died before it did.
 * @returns whether there is more to do at once
 */
export async function processPendingCallbacks(deps: PaymentsDependencies): Promise<boolean> {
  const { inbox, now } = deps;
  const replayed = await inbox.replayJournal();
  const pending = await inbox.unprocessed(replayed > 0 ? now() + 1 : now() - UNPROCESSED_AFTER_MS, MOST_AT_ONCE);
  for (const callback of pending) await processOrSetAside(deps, callback);
  return pending.length >= MOST_AT_ONCE;
}

/** A callback that cannot be processed must not block the ones after it. */
async function processOrSetAside(deps: PaymentsDependencies, callback: StoredCallback): Promise<void> {
  try {
    await processCallback(deps, callback);
  } catch (error) {
    if (isDatabaseDown(error)) throw error;
    deps.logger.error({ err: error, callbackId: callback.id }, "callback could not be processed; it is stored and set aside");
    const note = `could not be processed: ${error instanceof Error ? error.message : String(error)}`;
    await deps.inbox.markProcessed(callback.id, { verdict: "unverified", paymentId: null, receipt: null, note, atMs: deps.now() });
  }
}
