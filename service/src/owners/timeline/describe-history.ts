/** The steps of payments, in words. Pure. */
import type { Attempt } from "../../payments/payment.ts";
import type { TimelineEntry } from "../owners-contract.ts";
import type { HistoryRecord } from "./timeline-store.ts";
import { because, failureWords, kes, phoneOf } from "./words.ts";

type Described = Pick<TimelineEntry, "kind" | "text">;

/** null: another entry of the timeline tells it already. */
export function describeStep(record: HistoryRecord, attempt: Attempt): TimelineEntry | null {
  const described = isDecision(record) ? decided(record, attempt) : happened(record, attempt);
  if (described === null) return null;
  const reason = isDecision(record) ? record.note : null;
  return { at: record.at, ...described, actor: record.actor, reason };
}

/** A person's, not a rule's. */
function isDecision({ source }: HistoryRecord): boolean {
  return source === "owner" || source === "operator";
}

function decided({ event }: HistoryRecord, attempt: Attempt): Described {
  const money = kes(attempt.amountKes);
  const texts: Record<string, string> = {
    paid: `Decided by hand: ${money} was paid${receiptOf(attempt)}.`,
    settled_not_paid: `Decided by hand: ${money} was not paid. Money that comes later still counts.`,
    refunded: `Decided by hand: ${money} was given back.`,
    kept: `Decided by hand: ${money} stays as it is.`,
    money_came: `Assigned by hand to this booking: ${money}${receiptOf(attempt)}.`,
    moved: "The booking was moved to another time.",
    cancelled: "The booking was cancelled.",
  };
  return { kind: "decision", text: texts[event] ?? `Decided by hand: ${event}.` };
}

function happened({ event, source, note }: HistoryRecord, attempt: Attempt): Described | null {
  const money = kes(attempt.amountKes);
  switch (event) {
    case "started":
      return { kind: "prompt", text: `A payment of ${money} was started for ${phoneOf(attempt.phone)}.` };
    case "push_accepted":
      return { kind: "prompt", text: `Safaricom sent the prompt to ${phoneOf(attempt.phone)}.` };
    case "push_refused":
      return { kind: "prompt", text: `Safaricom did not send the prompt${because(note)}.` };
    case "push_unclear":
      return { kind: "prompt", text: `Safaricom's reply was unclear${because(note)}. The prompt may be on the phone.` };
    case "prompt_over":
      return { kind: "prompt", text: "The prompt's time was over, and no result had come." };
    case "gave_up":
      return { kind: "query", text: "Nothing was decided for 10 minutes: it counts as failed. Money that comes later still counts." };
    case "money_came":
      return { kind: "money", text: `${money} came without a prompt from ${phoneOf(attempt.phone)}${receiptOf(attempt)}${because(note)}.` };
    case "paid":
      return paid(source, attempt);
    case "failed":
      return { kind: source === "query" ? "query" : "answer", text: `${saidBy(source)}: ${failureOf(attempt)}${because(note)}.` };
    case "refunded":
      // The refund says it, with its own times.
      return source === "reversal" ? null : { kind: "refund", text: `${money} was given back.` };
    default:
      return { kind: "answer", text: `${event} (${source})${because(note)}.` };
  }
}

function paid(source: string, attempt: Attempt): Described {
  const what = `${kes(attempt.amountKes)} was paid${receiptOf(attempt)}`;
  const surplus = attempt.surplusKes > 0 ? ` The booking did not need ${kes(attempt.surplusKes)} of it.` : "";
  if (source === "code") return { kind: "receipt_check", text: `The code from the SMS was right: ${what}.${surplus}` };
  if (source === "c2b") return { kind: "money", text: `Safaricom reported the money: ${what}.${surplus}` };
  return { kind: source === "query" ? "query" : "answer", text: `${saidBy(source)}: ${what}.${surplus}` };
}

function saidBy(source: string): string {
  return source === "query" ? "Safaricom answered, when asked" : source === "timer" ? "After waiting" : "Safaricom reported";
}

function receiptOf({ receipt }: Attempt): string {
  return receipt === null ? "" : `, receipt ${receipt}`;
}

/** The attempt keeps why it failed only until it is paid after all. */
function failureOf({ reason }: Attempt): string {
  return reason === null ? "it was not paid then" : failureWords[reason];
}
