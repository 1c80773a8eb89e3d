/** What happened to a booking, in words, from everything that is kept of it. Pure. */
import type { Attempt, BookingFile } from "../../payments/payment.ts";
import { scrub } from "../../platform/masking.ts";
import { quotable } from "../../platform/plain-text.ts";
import type { TimelineEntry } from "../owners-contract.ts";
import { describeStep } from "./describe-history.ts";
import type { BookingRecords, CallbackRecord, CheckRecord, DeliveryRecord, RefundRecord } from "./timeline-store.ts";
import { because, kes, sessionTime } from "./words.ts";

/** @param only the id of one payment, whose entries are wanted with those of the booking itself; null: of all */
export function describeTimeline(file: BookingFile, records: BookingRecords, only: string | null): TimelineEntry[] {
  const isWanted = (paymentId: string | null): boolean => only === null || paymentId === null || paymentId === only;
  const attempts = new Map(file.attempts.filter(({ id }) => isWanted(id)).map((attempt) => [attempt.id, attempt]));
  const entries = [
    ...describeBooking(file, records),
    ...records.history.flatMap((record) => {
      const attempt = attempts.get(record.payment_id);
      return (attempt && describeStep(record, attempt)) ?? [];
    }),
    ...[...attempts.values()].flatMap(describeQueries),
    ...records.callbacks.filter(({ payment_id }) => isWanted(payment_id)).map(describeCallback),
    ...records.refunds.filter(({ payment_id }) => isWanted(payment_id)).flatMap(describeRefund),
    ...(only === null ? records.checks.flatMap(describeCheck) : []),
    ...records.deliveries.filter(({ payment_id }) => isWanted(payment_id)).map(describeDelivery),
  ];
  // Of entries at the same moment, the order above stays: the step before the callback that reports it would read the wrong way round.
  return entries.toSorted((left, right) => left.at - right.at || order(left) - order(right));
}

const RULE = { actor: null, reason: null };

/** A callback comes before the money that it told of, the booked or cancelled session after it, and a message to the owner's server last. */
const ORDER: Partial<Record<TimelineEntry["kind"], number>> = { callback: -1, booking: 1, webhook: 2 };

function order({ kind }: TimelineEntry): number {
  return ORDER[kind] ?? 0;
}

function describeBooking({ booking }: BookingFile, { session, history }: BookingRecords): TimelineEntry[] {
  const { parentName, childName, sessionName, amountKes, createdAtMs, expiresAtMs, status } = booking;
  const entry = (at: number, text: string): TimelineEntry => ({ at, kind: "booking", text, ...RULE });
  const who = `${quotable(parentName)}, for ${quotable(childName)}`;
  const made = entry(createdAtMs, `The booking was made by ${who}: ${quotable(sessionName)}, ${sessionTime(booking)}, ${kes(amountKes)}.`);
  const booked = session ? [entry(session.booked_at, "The session was booked.")] : [];
  const isDecided = history.some(({ event }) => event === "cancelled");
  const cancelled =
    session?.cancelled_at && !isDecided
      ? [entry(session.cancelled_at, "The session was cancelled, because its money was given back.")]
      : [];
  const lapsed = status === "lapsed" ? [entry(expiresAtMs, "The booking lapsed: it was not paid in time.")] : [];
  return [made, ...booked, ...cancelled, ...lapsed];
}

function describeQueries({ queries, queriedAtMs }: Attempt): TimelineEntry[] {
  if (queries === 0 || queriedAtMs === null) return [];
  const times = queries === 1 ? "once" : `${queries} times`;
  return [{ at: queriedAtMs, kind: "query", text: `Safaricom was asked ${times} what became of the prompt, the last time then.`, ...RULE }];
}

const VERDICTS: Record<string, string> = {
  verified: "was counted",
  duplicate: "said nothing new",
  unverified: "was not believed; Safaricom is asked instead",
  unmatched: "named nothing that is known here",
  unprocessable: "could not be processed",
  dismissed: "was put aside",
};

function describeCallback({ kind, received_at, verdict, note, receipt, ...stored }: CallbackRecord): TimelineEntry {
  const subject = kind === "push" ? "Safaricom's reply to the prompt was stored, and then" : "Safaricom's callback came and";
  const what = verdict === null ? "waits to be processed" : (VERDICTS[verdict] ?? "was processed");
  return {
    at: received_at,
    kind: "callback",
    text: `${subject} ${what}${verdict === "verified" ? "" : because(note)}.`,
    ...RULE,
    details: { kind, verdict, ...(receipt !== null && { receipt }) },
    raw: rawOf(stored),
  };
}

/** A browser never sees a full phone number, Safaricom's id of a prompt, or a secret. */
function rawOf({ body, body_encoding, truncated }: Pick<CallbackRecord, "body" | "body_encoding" | "truncated">): string {
  const text = body_encoding === "base64" ? Buffer.from(body, "base64").toString("utf8") : body;
  const shown = scrub(text.slice(0, RAW_MAX));
  return truncated === 1 || text.length > RAW_MAX ? `${shown}…` : shown;
}

/** Daraja's bodies are under 2 kB. */
const RAW_MAX = 10_000;

function describeRefund({ receipt, amount, status, note, actor, reason, requested_at, ended_at }: RefundRecord): TimelineEntry[] {
  const asked: TimelineEntry = {
    at: requested_at,
    kind: "refund",
    text: `Safaricom was asked to give ${kes(amount)} back, receipt ${receipt}.`,
    actor,
    reason,
  };
  if (ended_at === null) return [asked];
  const ends = {
    done: `Safaricom gave ${kes(amount)} back.`,
    failed: `Safaricom did not give the money back${because(note)}.`,
    unknown: `Nobody said whether the money was given back${because(note)}.`,
    requested: "",
    sent: "",
  };
  return [asked, { at: ended_at, kind: "refund", text: ends[status], ...RULE }];
}

const CHECK_ENDS: Record<string, string> = {
  counted: "It was right, and its money counts.",
  not_found: "Safaricom knows no such code.",
  not_this_payment: "Its money is not for this booking",
  used: "Its money has paid for something else.",
  unanswered: "Safaricom did not answer.",
};

function describeCheck({ receipt, status, note, requested_at, ended_at }: CheckRecord): TimelineEntry[] {
  const entry = (at: number, text: string): TimelineEntry => ({ at, kind: "receipt_check", text, ...RULE });
  const typed = entry(requested_at, `The parent typed the M-Pesa code ${quotable(receipt)}, and Safaricom was asked about it.`);
  const end = CHECK_ENDS[status];
  if (ended_at === null || end === undefined) return [typed];
  return [typed, entry(ended_at, end.endsWith(".") ? end : `${end}${because(note)}.`)];
}

function describeDelivery(delivery: DeliveryRecord): TimelineEntry {
  const { type, url, status, attempts, last_status, last_problem, last_answer, last_attempt_at, delivered_at, created_at } = delivery;
  const to = url === null ? "a server that is no longer told" : quotable(url, 200);
  const tries = attempts === 1 ? "1 try" : `${attempts} tries`;
  const texts = {
    delivered: `The message ${type} was delivered to ${to}.`,
    waiting: `The message ${type} waits to be delivered to ${to}, after ${tries}${because(last_problem)}.`,
    failed: `The message ${type} could not be delivered to ${to}, after ${tries}${because(last_problem)}.`,
  };
  return {
    at: delivered_at ?? last_attempt_at ?? created_at,
    kind: "webhook",
    text: texts[status],
    ...RULE,
    details: { type, status, tries: attempts, lastStatus: last_status, ...(last_answer !== null && { lastAnswer: last_answer }) },
  };
}
