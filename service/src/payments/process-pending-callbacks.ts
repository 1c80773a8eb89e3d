/** Callbacks that were stored and not processed: their process died, the database was away, or processing them failed. */
import { isDatabaseDown } from "../platform/database.ts";
import type { PaymentsDependencies } from "./payments-dependencies.ts";
import { processCallback } from "./process-callback.ts";
import { recordPlain } from "./process-together.ts";
import { UnprocessableCallbackError, type PendingCallback } from "./store/callback-inbox.ts";

/** A callback is processed within milliseconds of its 200. If it is older and unprocessed, the process that received it has died. */
const UNPROCESSED_AFTER_MS = 5_000;
const MOST_AT_ONCE = 100;

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
  // After an outage there are thousands.
  const recorded = await recordPlain(deps, pending);
  for (const callback of pending) if (!recorded.has(callback.id)) await processOrRetryLater(deps, callback);
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
