/** The ledger audit of a storm, with the storm's own checks of prompts, callbacks and time. */
import { isOpen, type Attempt } from "../../service/src/payments/payment.ts";
import { hashSecret } from "../../service/src/platform/ids.ts";
import type { Delivery } from "../daraja-simulator/delivery.ts";
import type { LedgerEntry as Movement } from "../daraja-simulator/ledger.ts";
import type { PromptView } from "../daraja-simulator/prompt.ts";
import { toSnapshot, type Rows } from "../factories/records.ts";
import { secretOf } from "../factories/secret-of.ts";
import { readLedger } from "../factories/simulator-ledger.ts";
import { auditLedger, sentencesOf, type Difference, type Places } from "../ledger-audit/ledger-audit.ts";
import { isCounted } from "../ledger-audit/snapshot.ts";

/** What Safaricom knows. */
export interface Truth {
  readonly ledger: readonly Movement[];
  readonly prompts: readonly PromptView[];
  readonly deliveries: readonly Delivery[];
  /** Phone to booking: the booking that its money is for. */
  readonly bookingOfPayer: ReadonlyMap<string, string>;
}

export interface Unreported {
  readonly attempt: Attempt;
  readonly promptWentOut: boolean;
  /** What happened to its callback: Safaricom lost it, or no copy accepted it. */
  readonly callback: "none" | "lost" | "not taken";
}

export interface StormAudit {
  readonly inLedger: number;
  readonly paidInDatabase: number;
  /** Each a sentence that names the attempt or booking. */
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly bookedWrongly: readonly string[];
  readonly unsettled: readonly string[];
  /** Callbacks that were answered 200 and are not in the database. */
  readonly callbacksForgotten: readonly string[];
  /** Unpaid attempts of which neither the push's reply nor a callback arrived: open, or failed as unknown after 10 minutes. */
  readonly unreported: readonly Unreported[];
  /** Where the ledger's money is. */
  readonly places: Places;
  /** From the outcome on the phone to the step in the database, by what reported it. */
  readonly settledAfterMs: { readonly callback: readonly number[]; readonly other: readonly number[] };
  readonly callbacksAnswered: number;
  readonly callbacksStored: number;
}

/** Stands for the booking of a phone that booked nothing. Equals no booking's id. */
const NO_BOOKING = "none: this phone booked nothing";

export function auditStorm(truth: Truth, rows: Rows): StormAudit {
  const promptsOf = Map.groupBy(truth.prompts, ({ callbackUrl }) => hashSecret(secretOf(callbackUrl)));
  const answeredOf = Map.groupBy(
    truth.deliveries.filter(({ status }) => status === 200),
    ({ url }) => hashSecret(secretOf(url)),
  );
  const promptIds = new Set(truth.prompts.map(({ checkoutRequestId }) => checkoutRequestId));
  const moneyOf = Map.groupBy(truth.ledger, ({ checkoutRequestId }) => checkoutRequestId);
  const stepsOf = Map.groupBy(rows.history, ({ payment_id }) => payment_id);
  const ledger = readLedger(truth, rows.attempts, (phone) => truth.bookingOfPayer.get(phone) ?? NO_BOOKING);
  const { differences, places } = auditLedger(ledger, toSnapshot(rows));

  const lost = differences.filter(({ rule }) => rule === "money-lost").map((difference) => describeLost(difference, rows));
  const doubled = sentencesOf(differences, "doubled");
  const bookedWrongly = sentencesOf(differences, "wrong");
  const unsettled: string[] = [];
  const unreported: Unreported[] = [];
  const settledAfterMs = { callback: [] as number[], other: [] as number[] };

  for (const attempt of rows.attempts) {
    const prompts = promptsOf.get(attempt.callbackSecretHash) ?? [];
    const answered = answeredOf.get(attempt.callbackSecretHash) ?? [];
    const money = prompts.flatMap(({ checkoutRequestId }) => moneyOf.get(checkoutRequestId) ?? []);
    const name = `attempt ${attempt.id} (${attempt.status}${attempt.reason === null ? "" : `, ${attempt.reason}`})`;

    const gaveUp = attempt.status === "failed" && attempt.reason === "unknown";
    const isUnreported = (isOpen(attempt) || gaveUp) && attempt.checkoutRequestId === null && answered.length === 0 && money.length === 0;
    if (isUnreported) unreported.push({ attempt, promptWentOut: prompts.length > 0, callback: callbackOf(prompts, truth) });
    else if (isOpen(attempt))
      unsettled.push(`${name} is still open${prompts[0]?.outcome ? `, and ended with ${prompts[0].outcome.code}` : ""}`);

    if (prompts.length > 1) doubled.push(`${name} was sent to the phone ${prompts.length} times`);
    if (money.length > 1) doubled.push(`${name} was paid ${money.length} times`);
    // A callback may bring an unknown id (one of Safaricom's faults), but not another attempt's.
    if (
      attempt.checkoutRequestId !== null &&
      prompts[0]?.checkoutRequestId !== attempt.checkoutRequestId &&
      promptIds.has(attempt.checkoutRequestId)
    )
      bookedWrongly.push(`${name}: it names another attempt's prompt`);

    const outcome = prompts[0]?.outcome;
    const settled = (stepsOf.get(attempt.id) ?? []).find(({ to_status }) => to_status === (outcome?.code === "0" ? "paid" : "failed"));
    if (outcome && settled) settledAfterMs[settled.source === "callback" ? "callback" : "other"].push(Math.max(0, settled.at - outcome.at));
  }

  const known = new Set(rows.attempts.map(({ callbackSecretHash }) => callbackSecretHash));
  for (const [secretHash, prompts] of promptsOf)
    if (!known.has(secretHash)) lost.push(`a prompt to ${prompts[0]?.phone ?? "nobody"} belongs to no attempt`);
  for (const callback of rows.callbacks) {
    if (callback.verdict === null) unsettled.push(`callback ${callback.id} was never read`);
    if (callback.note?.startsWith("could not be processed")) unsettled.push(`callback ${callback.id} ${callback.note}`);
  }

  return {
    inLedger: truth.ledger.length,
    paidInDatabase: rows.attempts.filter(isCounted).length,
    lost,
    doubled,
    bookedWrongly,
    unsettled,
    callbacksForgotten: callbacksForgotten(answeredOf, rows),
    unreported,
    places,
    settledAfterMs,
    callbacksAnswered: truth.deliveries.filter(({ status }) => status === 200).length,
    callbacksStored: rows.callbacks.length,
  };
}

/** With what is known of the booking whose money is missing. */
function describeLost({ text, bookingId }: Difference, { attempts, bookings, checks }: Rows): string {
  const states = attempts
    .filter((attempt) => attempt.bookingId === bookingId)
    .map(
      ({ id, status, reason, resultCode, receipt, queries, nextQueryAtMs, checkoutRequestId }) =>
        `${id} ${status} ${reason ?? ""} ${resultCode ?? "no result"} ${receipt ?? "no receipt"}, queried ${queries} times` +
        `${checkoutRequestId === null ? ", without an id" : ""}${nextQueryAtMs === null ? "" : `, next at ${nextQueryAtMs}`}`,
    );
  const booking = bookings.find(({ id }) => id === bookingId);
  const typed = checks
    .filter(({ pending_session_id }) => pending_session_id === bookingId)
    .map(({ receipt, status, note, requested_at }) => `code ${receipt} typed at ${requested_at}: ${status} ${note ?? ""}`);
  return `${text}: ${[`booking ${booking?.status ?? "unknown"}`, ...states, ...typed].join("; ")}`;
}

function callbacksForgotten(answeredOf: ReadonlyMap<string, readonly Delivery[]>, { callbacks }: Rows): string[] {
  const storedOf = Map.groupBy(callbacks, ({ secret_hash }) => secret_hash);
  return [...answeredOf].flatMap(([secretHash, answered]) => {
    const stored = storedOf.get(secretHash)?.length ?? 0;
    const kind = answered[0]?.kind ?? "?";
    return stored < answered.length ? [`${kind} on ${secretHash}: ${answered.length} were answered 200, ${stored} are stored`] : [];
  });
}

function callbackOf(prompts: readonly PromptView[], { deliveries }: Truth): Unreported["callback"] {
  const tried = deliveries.filter((delivery) => prompts.some(({ callbackUrl }) => callbackUrl === delivery.url));
  if (tried.length === 0) return "none";
  return tried.every(({ outcome }) => outcome === "lost") ? "lost" : "not taken";
}
