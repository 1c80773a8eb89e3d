import { processConfirmation } from "./c2b/process-confirmation.ts";
import type { PaymentsDependencies } from "./payments-dependencies.ts";
import { processPushReply } from "./process-push-reply.ts";
import { processResult } from "./process-result.ts";
import { processStkCallback } from "./process-stk-callback.ts";
import type { CallbackFinding, ProcessingResult, StoredCallback } from "./store/callback-inbox.ts";

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

export function logProcessed(
  { logger }: PaymentsDependencies,
  { id, kind }: StoredCallback,
  { verdict, paymentId, note }: ProcessingResult,
): void {
  const facts = { callbackId: id, kind, verdict, paymentId, note };
  if (verdict === "unverified") logger.warn(facts, "callback stored; verification failed");
  else if (verdict === "unmatched") logger.warn(facts, "callback stored; no payment matches it");
  // The note of an answer to a request of ours is in the request's own row.
  else if (note !== null && (kind === "stk" || kind === "c2b")) logger.warn(facts, "callback processed; the owner should look at it");
  else logger.info(facts, "callback processed");
}
