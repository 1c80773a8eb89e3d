import type { QueryAnswer } from "../daraja/daraja-types.ts";
import { recordMoney } from "./c2b/record-money.ts";
import { askAgainAt, hasClaimed, isOpen, type Attempt } from "./payment.ts";
import type { PaymentsDependencies } from "./payments-dependencies.ts";
import { recordOutcome } from "./record-outcome.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** When Safaricom is asked, counted from the request: soon after an answer is likely, then ever more rarely; after a day, once a day. */
const QUERY_AFTER_MS = [
  20 * SECOND_MS,
  40 * SECOND_MS,
  65 * SECOND_MS,
  90 * SECOND_MS,
  2 * MINUTE_MS,
  5 * MINUTE_MS,
  10 * MINUTE_MS,
  20 * MINUTE_MS,
  HOUR_MS,
  2 * HOUR_MS,
  4 * HOUR_MS,
  8 * HOUR_MS,
  24 * HOUR_MS,
] as const;
/** The push's own deadline is 9 s: a request that is older and has no answer lost the copy that was to write it down. */
const REQUEST_ABANDONED_AFTER_MS = 15 * SECOND_MS;
/** A reply that was lost leaves nothing to ask by; who has not heard by then will hardly hear. */
const LOST_REPLY_GIVEN_UP_AFTER_MS = 10 * MINUTE_MS;
/** For so long a question belongs to the copy that asks it. */
const QUERY_LEASE_MS = 30 * SECOND_MS;
/**
 * An ended attempt is asked about when an unverified callback says that money came after all, however late that is; not for ever, for anybody may say so.
 * More answers in a row that decide nothing were never seen.
 */
const MOST_QUESTIONS_ABOUT_ENDED = 20;
/** Whose money it is turns out when the other attempt has been asked about. */
const UNDECIDED_ASKED_AGAIN_AFTER_MS = MINUTE_MS;
const MOST_AT_ONCE = 200;

/** When to ask next, for an attempt that was asked about `queries` times. */
export function nextQueryAt(requestedAtMs: number, queries: number, nowMs: number): number {
  const planned = QUERY_AFTER_MS[queries];
  // Never at once again: a copy that comes back after a day must not ask every step of the ladder in a row.
  if (planned !== undefined) return Math.max(requestedAtMs + planned, nowMs + 10 * SECOND_MS);
  return nowMs + 24 * HOUR_MS;
}

/** Moves on what time alone moves on: requests nobody answered, prompts whose life is over, replies lost for good. */
export async function settleOverdue(deps: PaymentsDependencies): Promise<boolean> {
  const nowMs = deps.now();
  const overdue = await deps.store.overdue(
    {
      requestedBeforeMs: nowMs - REQUEST_ABANDONED_AFTER_MS,
      promptedBeforeMs: nowMs,
      lostBeforeMs: nowMs - LOST_REPLY_GIVEN_UP_AFTER_MS,
    },
    MOST_AT_ONCE,
  );
  for (const attempt of overdue) await recordOutcome(deps, { attemptId: attempt.id, event: overdueEvent(attempt), source: "timer" });
  return overdue.length >= MOST_AT_ONCE;
}

function overdueEvent(attempt: Attempt) {
  if (attempt.status === "requested") return { type: "push_unclear" } as const;
  if (attempt.status === "prompted") return { type: "prompt_over" } as const;
  return { type: "gave_up" } as const;
}

/**
 * Asks Safaricom about one attempt that is due, if it is this deployment's turn: all copies and sites share one budget, spread evenly because
 * Safaricom allows no bursts. Returns whether it asked.
 */
export async function queryOneDue(deps: PaymentsDependencies): Promise<boolean> {
  const { store, leases, now } = deps;
  const turnMs = Math.ceil(MINUTE_MS / deps.queriesPerMinute);
  const waiting = await store.hasDueQuery(now());
  if (!waiting || !(await leases.takeTurn("daraja-query", turnMs))) return false;
  const askedAtMs = now();
  const attempt = await store.takeDueQuery(askedAtMs, QUERY_LEASE_MS);
  if (!attempt) return false;
  const answer = await ask(deps, attempt);
  deps.metrics.queried(answer.kind);
  await act(deps, attempt, answer, askedAtMs);
  return true;
}

async function ask({ daraja, credentialsOf }: PaymentsDependencies, attempt: Attempt): Promise<QueryAnswer> {
  const credentials = await credentialsOf(attempt.siteId);
  if (!credentials || attempt.checkoutRequestId === null) return { kind: "pending", message: "nothing to ask with" };
  return daraja.query(credentials, attempt.checkoutRequestId);
}

async function act(deps: PaymentsDependencies, attempt: Attempt, answer: QueryAnswer, askedAtMs: number): Promise<void> {
  const { store, now, logger } = deps;
  const about = { attemptId: attempt.id, source: "query" } as const;
  const { checkoutRequestId } = attempt;
  let after = attempt;
  switch (answer.kind) {
    case "paid":
      after = await actOnPaid(deps, attempt);
      break;
    case "failed": {
      const { code, reason, retryAfterMs } = answer;
      const event = { type: "failed", code, reason, checkoutRequestId, ...(retryAfterMs !== undefined && { retryAfterMs }) } as const;
      after = (await recordOutcome(deps, { ...about, event, note: answer.message })).attempt;
      break;
    }
    case "unrecognised":
      logger.error(
        { paymentId: attempt.id, code: answer.code, message: answer.message },
        "Safaricom answered with a code that is not known; the payment stays open",
      );
      break;
    case "throttled":
      await deps.leases.acquire("daraja-query", answer.retryAfterMs);
      break;
    case "pending":
      logger.debug({ paymentId: attempt.id, message: answer.message }, "Safaricom does not know yet");
      break;
  }
  await store.scheduleQuery(attempt.id, {
    askedAtMs,
    queriedAtMs: now(),
    nextQueryAtMs: nextAfter(answer, after, now()),
    asked: answer.kind === "throttled" ? 0 : 1,
    attention: attentionFor(answer),
  });
}

/** Returns the attempt as it is then: still `failed` while the money may be another attempt's, which is asked about first. */
async function actOnPaid(deps: PaymentsDependencies, attempt: Attempt): Promise<Attempt> {
  const { id, bookingId, amountKes, phone, checkoutRequestId } = attempt;
  const paid = { type: "paid", paidAtMs: null, checkoutRequestId } as const;
  const about = { attemptId: id, source: "query" } as const;
  const receipt = await deps.store.unverifiedReceipt(attempt);
  const result = await recordOutcome(deps, { ...about, event: { ...paid, receipt } });
  if (receipt === null || result.kind === "recorded") return result.attempt;
  // Other money was taken for this prompt's before, and this is its own.
  if (result.kind === "unchanged" && result.attempt.receipt !== receipt)
    await recordMoney(deps, bookingId, { receipt, amountKes, payer: phone, paidAtMs: null }, { source: "query" });
  // The receipt has paid for something else, but Safaricom says that this is paid too: the money counts, the receipt does not.
  return (await recordOutcome(deps, { ...about, event: { ...paid, receipt: null } })).attempt;
}

/** When to ask next, after this answer; null: no more. `attempt` has been asked about `queries` times before. */
function nextAfter(answer: QueryAnswer, attempt: Attempt, nowMs: number): number | null {
  switch (answer.kind) {
    case "paid":
      if (attempt.status !== "failed" || hasClaimed(attempt) || attempt.queries >= MOST_QUESTIONS_ABOUT_ENDED) return null;
      return nowMs + UNDECIDED_ASKED_AGAIN_AFTER_MS;
    case "failed":
      return askAgainAt(attempt, nowMs);
    case "throttled":
      return nowMs + answer.retryAfterMs;
    case "pending":
    case "unrecognised":
      return isOpen(attempt) || attempt.queries < MOST_QUESTIONS_ABOUT_ENDED
        ? nextQueryAt(attempt.requestedAtMs, attempt.queries + 1, nowMs)
        : null;
  }
}

/** What the owner is shown: an answer that nobody knows keeps the payment open until somebody looks. */
function attentionFor(answer: QueryAnswer): string | null {
  return answer.kind === "unrecognised" ? `Safaricom answered ${answer.code ?? "without a code"}: ${answer.message}` : null;
}
