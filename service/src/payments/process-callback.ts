import { isDatabaseDown } from "../platform/database.ts";
import { processConfirmation } from "./c2b/process-confirmation.ts";
import type { PaymentsDependencies } from "./payments-dependencies.ts";
import { processPushReply } from "./process-push-reply.ts";
import { processResult } from "./process-result.ts";
import { processStkCallback } from "./process-stk-callback.ts";
import {
  UnprocessableCallbackError,
  type CallbackFinding,
  type PendingCallback,
  type ProcessingResult,
  type StoredCallback,
} from "./store/callback-inbox.ts";

/** A callback is processed within milliseconds of its 200. If it is older and unprocessed, the process that received it has died. */
const UNPROCESSED_AFTER_MS = 5_000;
const MOST_AT_ONCE = 100;

/** Interprets a stored callback by its kind, acts on it, and stores the result beside it. Safe to repeat: every write that follows is guarded. */
export async function processCallback(deps: PaymentsDependencies, stored: StoredCallback): Promise<ProcessingResult> {
  const { isStranger = false, ...finding } = await processByKind(deps, stored);
  const result: ProcessingResult = { paymentId: null, receipt: null, note: null, ...finding, atMs: deps.now() };
  await deps.inbox.markProcessed(stored.id, result);
  if (isStranger) await keepWithinBounds(deps, stored);
  deps.metrics.callbackProcessed(result.verdict, result.atMs - stored.receivedAtMs);
  logProcessed(deps, stored, result);
  return result;
}

/** The largest real callback is under 1 kB. */
const STRANGERS_BODY_MAX = 4 * 1024;
/** Enough to see who knocks; far more would fill the disk. */
const STRANGERS_KEPT_PER_DAY = 1_000;
const DAY_MS = 24 * 60 * 60_000;

/** Anybody can send callbacks without a secret: little of each is kept, and of the day's only the first. */
async function keepWithinBounds({ inbox, strangers, metrics, now }: PaymentsDependencies, { id, body }: StoredCallback): Promise<void> {
  const day = Math.floor(now() / DAY_MS);
  if (strangers.day !== day) Object.assign(strangers, { day, count: 0 });
  strangers.count += 1;
  metrics.strangersCallback();
  if (strangers.count > STRANGERS_KEPT_PER_DAY) await inbox.forget(id);
  else if (body.length > STRANGERS_BODY_MAX) await inbox.shorten(id, STRANGERS_BODY_MAX);
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

export function logProcessed({ logger }: PaymentsDependencies, { id, kind }: StoredCallback, { verdict, paymentId, note }: ProcessingResult): void {
  const facts = { callbackId: id, kind, verdict, paymentId, note };
  if (verdict === "unverified") logger.warn(facts, "callback stored; verification failed");
  else if (verdict === "unmatched") logger.warn(facts, "callback stored; no payment matches it");
  // The note of an answer to a request of ours is in the request's own row.
  else if (note !== null && (kind === "stk" || kind === "c2b")) logger.warn(facts, "callback processed; the owner should look at it");
  else logger.info(facts, "callback processed");
}

const FIRST_RETRY_AFTER_MS = 5_000;
/** A full disk or a wrong key is put right within hours; then the callback must not wait much longer. */
const LONGEST_RETRY_AFTER_MS = 15 * 60_000;
/** By then it is not a passing fault: somebody must look. */
const TRIES_UNTIL_ERROR = 5;

/**
 * Moves what the journal holds into the database, then processes every callback whose process died before it did, or whose processing failed.
 * @returns whether there is more to do at once
 */
export async function processPendingCallbacks(deps: PaymentsDependencies): Promise<boolean> {
  const { inbox, now } = deps;
  const replayed = await inbox.replayJournal();
  const pending = await inbox.unprocessed(replayed > 0 ? now() + 1 : now() - UNPROCESSED_AFTER_MS, now(), MOST_AT_ONCE);
  for (const callback of pending) await processOrRetryLater(deps, callback);
  return pending.length >= MOST_AT_ONCE;
}

/** A callback that cannot be processed must not block the ones after it, and is never given up unless the fault is its own. */
async function processOrRetryLater(deps: PaymentsDependencies, { tries, ...callback }: PendingCallback): Promise<void> {
  const { inbox, logger, metrics, now } = deps;
  try {
    await processCallback(deps, callback);
  } catch (error) {
    if (isDatabaseDown(error)) throw error;
    if (error instanceof UnprocessableCallbackError) {
      logger.error({ err: error, callbackId: callback.id }, "callback cannot be processed; it is set aside for a person");
      const note = `it cannot be processed: ${error.message}`;
      await inbox.markProcessed(callback.id, { verdict: "unprocessable", paymentId: null, receipt: null, note, atMs: now() });
      return;
    }
    const waitMs = Math.min(FIRST_RETRY_AFTER_MS * 4 ** tries, LONGEST_RETRY_AFTER_MS);
    metrics.callbackRetried();
    const facts = { err: error, callbackId: callback.id, tries: tries + 1 };
    if (tries + 1 === TRIES_UNTIL_ERROR) logger.error(facts, "callback could not be processed for minutes; it is tried again and again");
    else logger.warn(facts, "callback could not be processed; it is tried again");
    await inbox.retryLater(callback.id, {
      tries: tries + 1,
      nextTryAtMs: now() + waitMs,
      note: `could not be processed yet: ${nameOf(error)}`,
    });
  }
}

/** What kind of error it is. Its message may hold values from a statement, so it goes to the log only, which removes them. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown error";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
