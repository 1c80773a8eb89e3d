/** The steps of payments, in words. Pure. */
import type { Attempt } from "../../payments/payment.ts";
import type { Words } from "../../words/english.ts";
import { because, kes, phoneOf } from "../../words/words.ts";
import type { TimelineEntry } from "../owners-contract.ts";
import type { HistoryRecord } from "./timeline-store.ts";

type Described = Pick<TimelineEntry, "kind" | "text">;

/** null: another entry of the timeline tells it already. */
export function describeStep(words: Words, record: HistoryRecord, attempt: Attempt): TimelineEntry | null {
  const described = isDecision(record) ? decided(words, record, attempt) : happened(words, record, attempt);
  if (described === null) return null;
  const reason = isDecision(record) ? record.note : null;
  return { at: record.at, ...described, actor: record.actor, reason };
}

/** A person's, not a rule's. */
function isDecision({ source }: HistoryRecord): boolean {
  return source === "owner" || source === "operator";
}

function decided(words: Words, { event }: HistoryRecord, attempt: Attempt): Described {
  const { other, ...known } = words.decisions;
  const sentences: Readonly<Record<string, (money: string, receipt: string) => string>> = known;
  const text = sentences[event]?.(kes(attempt.amountKes), receiptOf(words, attempt)) ?? other(event);
  return { kind: "decision", text };
}

function happened(words: Words, { event, source, note }: HistoryRecord, attempt: Attempt): Described | null {
  const { prompt, money } = words;
  const amount = kes(attempt.amountKes);
  const phone = phoneOf(words, attempt.phone);
  const why = because(words, note);
  switch (event) {
    case "started":
      return { kind: "prompt", text: prompt.started(amount, phone) };
    case "push_accepted":
      return { kind: "prompt", text: prompt.sent(phone) };
    case "push_refused":
      return { kind: "prompt", text: prompt.refused(why) };
    case "push_unclear":
      return { kind: "prompt", text: prompt.unclear(why) };
    case "prompt_over":
      return { kind: "prompt", text: prompt.over };
    case "gave_up":
      return { kind: "query", text: prompt.gaveUp };
    case "money_came":
      return { kind: "money", text: money.came(amount, phone, receiptOf(words, attempt), why) };
    case "paid":
      return paid(words, source, attempt);
    case "failed":
      return said(words, source, `${failureOf(words, attempt)}${why}`);
    case "refunded":
      // The refund says it, with its own times.
      return source === "reversal" ? null : { kind: "refund", text: money.givenBack(amount) };
    default:
      return { kind: "answer", text: money.other(event, source, why) };
  }
}

function paid(words: Words, source: string, attempt: Attempt): Described {
  const { money } = words;
  const what = money.paid(kes(attempt.amountKes), receiptOf(words, attempt));
  const surplus = attempt.surplusKes > 0 ? money.surplus(kes(attempt.surplusKes)) : "";
  if (source === "code") return { kind: "receipt_check", text: `${money.byCode(what)}${surplus}` };
  if (source === "c2b") return { kind: "money", text: `${money.reportedMoney(what)}${surplus}` };
  const { kind, text } = said(words, source, what);
  return { kind, text: `${text}${surplus}` };
}

function said({ money }: Words, source: string, what: string): Described {
  if (source === "query") return { kind: "query", text: money.answered(what) };
  return { kind: "answer", text: source === "timer" ? money.afterWaiting(what) : money.reported(what) };
}

function receiptOf(words: Words, { receipt }: Attempt): string {
  return receipt === null ? "" : words.receipt(receipt);
}

/** The attempt keeps why it failed only until it is paid after all. */
function failureOf({ failures, money }: Words, { reason }: Attempt): string {
  return reason === null ? money.notPaidThen : failures[reason];
}
