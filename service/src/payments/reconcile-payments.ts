import type { QueryAnswer } from "../daraja/daraja-types.ts";
import { recordMoney } from "./c2b/record-money.ts";
import { queryAgainAt, hasClaimed, type Attempt } from "./payment.ts";
import type { PaymentsDependencies } from "./payments-dependencies.ts";
import { recordOutcome, type Recorder } from "./record-outcome.ts";
import type { QueryCause } from "./store/status-queries.ts";

/** What querying Safaricom needs. */
export type Reconciler = Recorder & Pick<PaymentsDependencies, "daraja" | "accounts" | "leases" | "queriesPerMinute">;

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** When Safaricom is queried, counted from the request: soon after an answer is likely, then less and less often, for a day. */
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
/** The push times out after 9 s. If a request is older and has no answer, the copy that was to record it has died. */
const REQUEST_ABANDONED_AFTER_MS = 15 * SECOND_MS;
/** A parent who waits this long may act. Queries go on, and late money still counts. */
const UNDECIDED_GIVEN_UP_AFTER_MS = 10 * MINUTE_MS;
/** For so long a query belongs to the copy that sends it. */
const QUERY_LEASE_MS = 30 * SECOND_MS;
/**
 * An unverified callback may report money for an ended attempt, however late, so the attempt is queried again. It is queried at most this often, because
 * anybody can send such a callback. More undecided answers in a row were never seen.
 */
const MOST_QUERIES_ABOUT_ENDED = 20;
/** Once the other attempt has been queried, it is clear whose money it is. */
const UNDECIDED_QUERIED_AGAIN_AFTER_MS = MINUTE_MS;
/** While Safaricom does not answer about a hint. The hints of an attempt are limited (`HINT_QUERIES_MAX`). */
const HINT_QUERIED_AGAIN_AFTER_MS = 10 * MINUTE_MS;
/**
 * Hints get at most one turn in so many of their account, and only while nothing else is due: enough to settle a real one within minutes, too little
 * to be missed when somebody sends them by the dozen.
 */
const TURNS_PER_HINT = 5;
const MOST_AT_ONCE = 200;
/** The accounts that are queried side by side. Those whose turn was longest ago come first, so all get theirs. */
const MOST_ACCOUNTS_AT_ONCE = 32;

/** When to query next, for an attempt that was queried `queries` times without a decision; null: no more. */
export function nextQueryAt(requestedAtMs: number, queries: number, nowMs: number): number | null {
  const planned = QUERY_AFTER_MS[queries];
  // Never immediately: a copy that comes back after a day must not run through all the steps in a row.
  if (planned !== undefined) return Math.max(requestedAtMs + planned, nowMs + 10 * SECOND_MS);
  // After a day nobody asks any more but an unverified callback: its query is repeated once a day.
  const isPlanOver = queries === QUERY_AFTER_MS.length;
  return isPlanOver || queries > MOST_QUERIES_ABOUT_ENDED ? null : nowMs + 24 * HOUR_MS;
}

/**
 * Moves on what time alone moves on: requests without an answer, expired prompts, outcomes that nobody decides.
 * @returns whether there is more to do at once
 */
export async function settleOverdue(deps: Recorder): Promise<boolean> {
  const nowMs = deps.now();
  const overdue = await deps.store.overdue(
    {
      requestedBeforeMs: nowMs - REQUEST_ABANDONED_AFTER_MS,
      promptedBeforeMs: nowMs,
      undecidedBeforeMs: nowMs - UNDECIDED_GIVEN_UP_AFTER_MS,
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
 * Queries Safaricom about what is due, an attempt for each account whose turn it is. An account's budget is shared by all copies and by all sites that
 * use it, and spread evenly because Safaricom allows no bursts. No account waits for another's turn.
 * @returns whether it queried
 */
export async function queryDue(deps: Reconciler): Promise<boolean> {
  const turnMs = Math.ceil(MINUTE_MS / deps.queriesPerMinute);
  const nowMs = deps.now();
  const due = await deps.store.accountsToQuery(nowMs, nowMs + turnMs);
  if (due.length === 0) return false;
  const free = await deps.leases.free(due.flatMap(({ accountId }) => [turnOf(accountId), hintTurnOf(accountId)]));
  const order = new Map(free.map((name, index) => [name, index]));
  const turns = due
    .filter(({ accountId, cause }) => order.has(turnOf(accountId)) && (cause === "query" || order.has(hintTurnOf(accountId))))
    .toSorted((left, right) => (order.get(turnOf(left.accountId)) ?? 0) - (order.get(turnOf(right.accountId)) ?? 0))
    .slice(0, MOST_ACCOUNTS_AT_ONCE);
  const results = await Promise.allSettled(turns.map((turn) => queryAccount(deps, turn, turnMs)));
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
  return results.some((result) => result.status === "fulfilled" && result.value);
}

type Turn = { accountId: string | null; cause: QueryCause };

/** The lease of an account's turn. Payments from before accounts were kept have one together. */
function turnOf(accountId: string | null): string {
  return `daraja-query:${accountId ?? "unknown"}`;
}

function hintTurnOf(accountId: string | null): string {
  return `daraja-hint:${accountId ?? "unknown"}`;
}

async function queryAccount(deps: Reconciler, { accountId, cause }: Turn, turnMs: number): Promise<boolean> {
  const { store, leases, now } = deps;
  if (cause === "hint" && !(await leases.takeTurn(hintTurnOf(accountId), turnMs * TURNS_PER_HINT))) return false;
  if (!(await leases.takeTurn(turnOf(accountId), turnMs))) return false;
  const askedAtMs = now();
  const attempt = await (cause === "hint"
    ? store.takeDueHint(accountId, askedAtMs)
    : store.takeDueQuery(accountId, askedAtMs, QUERY_LEASE_MS));
  if (!attempt) return false;
  const answer = await ask(deps, attempt);
  deps.metrics.queried(answer.kind);
  await act(deps, attempt, answer, { cause, askedAtMs });
  return true;
}

/** `no_account`: Safaricom answers only the account that sent the prompt, and that one cannot be used. */
type Answer = QueryAnswer | { kind: "no_account" };

async function ask({ daraja, accounts }: Reconciler, attempt: Attempt): Promise<Answer> {
  if (attempt.checkoutRequestId === null) return { kind: "pending", message: "nothing to query by" };
  const account = await accounts.ofPayment(attempt);
  return account ? daraja.query(account.credentials, attempt.checkoutRequestId) : { kind: "no_account" };
}

async function act(
  deps: Reconciler,
  attempt: Attempt,
  answer: Answer,
  { cause, askedAtMs }: { cause: QueryCause; askedAtMs: number },
): Promise<void> {
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
        "Safaricom answered with an unknown code; the payment stays open",
      );
      break;
    case "no_account":
      logger.error(
        { paymentId: attempt.id, accountId: attempt.mpesaAccountId },
        "a payment cannot be queried: its M-Pesa account is gone or cannot be read",
      );
      break;
    case "throttled":
      await deps.leases.acquire(turnOf(attempt.mpesaAccountId), answer.retryAfterMs);
      break;
    case "pending":
      logger.debug({ paymentId: attempt.id, message: answer.message }, "query undecided");
      break;
  }
  const asked = answer.kind === "throttled" ? 0 : 1;
  const note = { askedAtMs, queriedAtMs: now(), asked, attention: attentionFor(answer) } as const;
  if (cause === "hint") await store.scheduleHint(attempt.id, { ...note, nextQueryAtMs: nextHintAfter(answer, after, now()) });
  else await store.scheduleQuery(attempt.id, { ...note, nextQueryAtMs: nextAfter(answer, after, now()) });
}

/** @returns the attempt afterwards: still `failed` while the money may be another attempt's, which is queried first */
async function actOnPaid(deps: Reconciler, attempt: Attempt): Promise<Attempt> {
  const { id, bookingId, amountKes, phone, checkoutRequestId, mpesaAccountId } = attempt;
  const paid = { type: "paid", paidAtMs: null, checkoutRequestId } as const;
  const about = { attemptId: id, source: "query" } as const;
  const receipt = await deps.store.unverifiedReceipt(attempt);
  const result = await recordOutcome(deps, { ...about, event: { ...paid, receipt } });
  if (receipt === null || result.kind === "recorded") return result.attempt;
  // Other money was matched to this prompt before; this receipt is its own.
  if (result.kind === "unchanged" && result.attempt.receipt !== receipt)
    await recordMoney(deps, bookingId, { receipt, amountKes, payer: phone, paidAtMs: null, mpesaAccountId }, { source: "query" });
  // The receipt has paid for something else, but Safaricom confirms this payment too: the money counts, the receipt does not.
  return (await recordOutcome(deps, { ...about, event: { ...paid, receipt: null } })).attempt;
}

/** When to query next, after this answer; null: no more. `attempt` was queried `queries` times before. */
function nextAfter(answer: Answer, attempt: Attempt, nowMs: number): number | null {
  switch (answer.kind) {
    case "paid":
      if (attempt.status !== "failed" || hasClaimed(attempt) || attempt.queries >= MOST_QUERIES_ABOUT_ENDED) return null;
      return nowMs + UNDECIDED_QUERIED_AGAIN_AFTER_MS;
    case "failed":
      return queryAgainAt(attempt, nowMs);
    case "throttled":
      return nowMs + answer.retryAfterMs;
    case "pending":
    case "unrecognised":
    case "no_account":
      return nextQueryAt(attempt.requestedAtMs, attempt.queries + 1, nowMs);
  }
}

/** When to query for the hint again; null: it is settled, or the attempt's own plan asks anyway. */
function nextHintAfter(answer: Answer, attempt: Attempt, nowMs: number): number | null {
  switch (answer.kind) {
    case "paid":
      return attempt.status === "failed" && !hasClaimed(attempt) ? nowMs + UNDECIDED_QUERIED_AGAIN_AFTER_MS : null;
    case "failed":
      return null;
    case "throttled":
      return nowMs + answer.retryAfterMs;
    case "pending":
    case "unrecognised":
    case "no_account":
      return attempt.nextQueryAtMs === null ? nowMs + HINT_QUERIED_AGAIN_AFTER_MS : null;
  }
}

/** What the owner is shown: an unknown answer keeps the payment open until a person looks at it. */
function attentionFor(answer: Answer): string | null {
  if (answer.kind === "no_account") return "its M-Pesa account is gone or cannot be read, so Safaricom cannot be asked";
  return answer.kind === "unrecognised" ? `Safaricom answered ${answer.code ?? "without a code"}: ${answer.message}` : null;
}
