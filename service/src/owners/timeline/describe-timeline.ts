/** What happened to a booking, in words, from everything that is kept of it. Pure. */
import type { Attempt, BookingFile } from "../../payments/payment.ts";
import { scrub } from "../../platform/masking.ts";
import { quotable } from "../../platform/plain-text.ts";
import type { Words } from "../../words/english.ts";
import { because, kes, sessionTime } from "../../words/words.ts";
import type { TimelineEntry } from "../owners-contract.ts";
import { describeStep } from "./describe-history.ts";
import type { BookingRecords, CallbackRecord, CheckRecord, DeliveryRecord, RefundRecord } from "./timeline-store.ts";

/** @param only the id of one payment, whose entries are wanted with those of the booking itself; null: of all */
export function describeTimeline(words: Words, file: BookingFile, records: BookingRecords, only: string | null): TimelineEntry[] {
  const isWanted = (paymentId: string | null): boolean => only === null || paymentId === null || paymentId === only;
  const attempts = new Map(file.attempts.filter(({ id }) => isWanted(id)).map((attempt) => [attempt.id, attempt]));
  const entries = [
    ...describeBooking(words, file, records),
    ...records.history.flatMap((record) => {
      const attempt = attempts.get(record.payment_id);
      return (attempt && describeStep(words, record, attempt)) ?? [];
    }),
    ...[...attempts.values()].flatMap((attempt) => describeQueries(words, attempt)),
    ...records.callbacks.filter(({ payment_id }) => isWanted(payment_id)).map((callback) => describeCallback(words, callback)),
    ...records.refunds.filter(({ payment_id }) => isWanted(payment_id)).flatMap((refund) => describeRefund(words, refund)),
    ...(only === null ? records.checks.flatMap((check) => describeCheck(words, check)) : []),
    ...records.deliveries.filter(({ payment_id }) => isWanted(payment_id)).map((delivery) => describeDelivery(words, delivery)),
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

function describeBooking(words: Words, { booking }: BookingFile, { session, history }: BookingRecords): TimelineEntry[] {
  const { parentName, childName, sessionName, amountKes, createdAtMs, expiresAtMs, status } = booking;
  const say = words.booking;
  const entry = (at: number, text: string): TimelineEntry => ({ at, kind: "booking", text, ...RULE });
  const what = [quotable(parentName), quotable(childName), quotable(sessionName)] as const;
  const made = entry(createdAtMs, say.made(...what, sessionTime(words, booking), kes(amountKes)));
  const booked = session ? [entry(session.booked_at, say.booked)] : [];
  const isDecided = history.some(({ event }) => event === "cancelled");
  const cancelled = session?.cancelled_at && !isDecided ? [entry(session.cancelled_at, say.cancelledByRefund)] : [];
  const lapsed = status === "lapsed" ? [entry(expiresAtMs, say.lapsed)] : [];
  return [made, ...booked, ...cancelled, ...lapsed];
}

function describeQueries({ prompt }: Words, { queries, queriedAtMs }: Attempt): TimelineEntry[] {
  if (queries === 0 || queriedAtMs === null) return [];
  return [{ at: queriedAtMs, kind: "query", text: prompt.asked(queries), ...RULE }];
}

function describeCallback(words: Words, { kind, received_at, verdict, note, receipt, ...stored }: CallbackRecord): TimelineEntry {
  const { callback } = words;
  const verdicts: Readonly<Record<string, string>> = callback.verdicts;
  const what = verdict === null ? callback.waits : (verdicts[verdict] ?? callback.processed);
  const became = `${what}${verdict === "verified" ? "" : because(words, note)}`;
  return {
    at: received_at,
    kind: "callback",
    text: kind === "push" ? callback.push(became) : callback.came(became),
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

function describeRefund(words: Words, record: RefundRecord): TimelineEntry[] {
  const { receipt, amount, status, note, actor, reason, requested_at, ended_at } = record;
  const asked: TimelineEntry = { at: requested_at, kind: "refund", text: words.refund.asked(kes(amount), receipt), actor, reason };
  if (ended_at === null) return [asked];
  const why = because(words, note);
  const ends = {
    done: words.refund.done(kes(amount)),
    failed: words.refund.failed(why),
    unknown: words.refund.unknown(why),
    requested: "",
    sent: "",
  };
  return [asked, { at: ended_at, kind: "refund", text: ends[status], ...RULE }];
}

function describeCheck(words: Words, { receipt, status, note, requested_at, ended_at }: CheckRecord): TimelineEntry[] {
  const { typed, not_this_payment, ...ends } = words.receiptCheck;
  const entry = (at: number, text: string): TimelineEntry => ({ at, kind: "receipt_check", text, ...RULE });
  const begin = entry(requested_at, typed(quotable(receipt)));
  const known: Readonly<Record<string, string>> = { ...ends, not_this_payment: not_this_payment(because(words, note)) };
  const end = known[status];
  return ended_at === null || end === undefined ? [begin] : [begin, entry(ended_at, end)];
}

function describeDelivery(words: Words, delivery: DeliveryRecord): TimelineEntry {
  const { type, url, status, attempts, last_status, last_problem, last_answer, last_attempt_at, delivered_at, created_at } = delivery;
  const say = words.delivery;
  const to = url === null ? say.toNobody : quotable(url, 200);
  const tries = say.tries(attempts);
  const why = because(words, last_problem);
  const texts = {
    delivered: say.delivered(type, to),
    waiting: say.waiting(type, to, tries, why),
    failed: say.failed(type, to, tries, why),
  };
  return {
    at: delivered_at ?? last_attempt_at ?? created_at,
    kind: "webhook",
    text: texts[status],
    ...RULE,
    details: { type, status, tries: attempts, lastStatus: last_status, ...(last_answer !== null && { lastAnswer: last_answer }) },
  };
}
