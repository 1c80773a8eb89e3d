/**
 * A payment's life, as pure functions: what an attempt is, which step is allowed, what an event does to a booking and its attempts.
 * Nothing here reads a clock, a database or the network.
 */
import { sessionStartMs, type Booking } from "../bookings/booking.ts";
import type { BookingPaymentStatus, BookingStatus, FailureReason, PaymentStatus } from "../contract.ts";
import { PAID_CODE } from "../daraja/result-codes.ts";
import { comparePayer } from "./phone-number.ts";

/** One try to pay for a booking: one prompt on one phone, at most. */
export type Attempt = {
  id: string;
  siteId: string;
  bookingId: string;
  sessionId: string | null;
  status: PaymentStatus;
  reason: FailureReason | null;
  /** How much of its money the booking did not need when it came: kept, and the owner decides about it. */
  surplusKes: number;
  amountKes: number;
  /** The M-Pesa account that it was made with, whatever the site's is now; null: not kept. */
  mpesaAccountId: string | null;
  phone: string;
  callbackSecretHash: string;
  checkoutRequestId: string | null;
  merchantRequestId: string | null;
  receipt: string | null;
  /** Safaricom's result code for the prompt; null: none yet. It may differ from 0 on a paid attempt, if a payment without a prompt was matched to it. */
  resultCode: string | null;
  retryAtMs: number | null;
  requestedAtMs: number;
  promptExpiresAtMs: number | null;
  paidAtMs: number | null;
  endedAtMs: number | null;
  /** When a person decided that its money stays as it is, though the booking does not need it; null: not decided. */
  keptAtMs: number | null;
  nextQueryAtMs: number | null;
  queriedAtMs: number | null;
  queries: number;
};

/** A booking with every attempt to pay it, oldest first. Decisions are made on it, and written only if the booking's `version` is unchanged. */
export type BookingFile = {
  booking: Booking;
  attempts: readonly Attempt[];
  /** Only asked for a lapsed booking: whether somebody else has booked its session meanwhile. */
  isPlaceTaken?: boolean;
};

/** Clocks of two companies: events that are dated this close together may have happened in either order. */
export const CLOCKS_APART_MS = 10_000;
/** Safaricom's prompt stays on the phone about this long. */
export const PROMPT_LIFE_MS = 60_000;
/** From then on Safaricom is queried, if no callback came. */
export const FIRST_QUERY_AFTER_MS = 20_000;

/**
 * Ends that only say that Safaricom got no answer in time: 1037 comes about 26 s after a push whose prompt lives for 60 s, so a slow payer pays after
 * it; with 1036 the phone did not confirm the prompt, and with 1019 it expired. Every other code is a definite no (by the payer, the account or the
 * network), and money was never seen to follow one.
 */
const ENDS_WITHOUT_AN_ANSWER: ReadonlySet<string> = new Set(["1019", "1036", "1037"]);
/** After such an end Safaricom is queried twice more: when the prompt is certainly over, and once again because its answers may lag behind the money. */
const QUERIED_AGAIN_AFTER_MS = [2 * 60_000, 10 * 60_000] as const;

const allowedSteps: Record<PaymentStatus, readonly PaymentStatus[]> = {
  requested: ["prompted", "confirming", "paid", "failed"],
  prompted: ["confirming", "paid", "failed"],
  confirming: ["paid", "failed"],
  failed: ["paid"],
  paid: ["refunded"],
  refunded: [],
};

export function isStepAllowed(from: PaymentStatus, to: PaymentStatus): boolean {
  return allowedSteps[from].includes(to);
}

export function isOpen(attempt: Pick<Attempt, "status">): boolean {
  return attempt.status === "requested" || attempt.status === "prompted" || attempt.status === "confirming";
}

/** Whether its money may still come although it has failed: it ended without an answer, or its outcome is unknown. */
export function mayStillBePaid({ status, reason, resultCode }: Pick<Attempt, "status" | "reason" | "resultCode">): boolean {
  return status === "failed" && (reason === "unknown" || (resultCode !== null && ENDS_WITHOUT_AN_ANSWER.has(resultCode)));
}

/** Whether its prompt's money may have come without a receipt: it is open, confirmed by a query alone, or ended without an answer. */
export function mayHoldUnknownMoney(attempt: Attempt): boolean {
  return attempt.receipt === null && (attempt.status === "paid" || isOpen(attempt) || mayStillBePaid(attempt));
}

/** When to query next about an attempt that has failed and may still be paid; null: no more. */
export function queryAgainAt(attempt: Attempt, nowMs: number): number | null {
  const { checkoutRequestId, endedAtMs } = attempt;
  if (!mayStillBePaid(attempt) || checkoutRequestId === null || endedAtMs === null) return null;
  return QUERIED_AGAIN_AFTER_MS.map((afterMs) => endedAtMs + afterMs).find((atMs) => atMs > nowMs) ?? null;
}

/** Stands in the place of Safaricom's code where a person has decided. */
export const SETTLED_CODE = "SETTLED";
const SETTLED_NOT_PAID = { reason: "rejected", resultCode: SETTLED_CODE } as const;

/** What happened to an attempt, whoever reports it. */
export type PaymentEvent =
  | { type: "push_accepted"; checkoutRequestId: string; merchantRequestId: string | null }
  | { type: "push_refused"; reason: FailureReason; code: string | null; retryAfterMs?: number }
  | { type: "push_unclear" }
  | { type: "prompt_over" }
  | { type: "paid"; receipt: string | null; paidAtMs: number | null; checkoutRequestId: string | null }
  | { type: "failed"; reason: FailureReason; code: string; retryAfterMs?: number; checkoutRequestId: string | null }
  | { type: "gave_up" }
  /** A person found that it was not paid. */
  | { type: "settled_not_paid" }
  | { type: "refunded" }
  /** A person decided that its money stays as it is. */
  | { type: "kept" };

/** An event that can move an attempt to another state. */
type MovingEvent = Exclude<PaymentEvent, { type: "kept" }>;

/** Who reported it. */
export type EventSource = "push" | "callback" | "query" | "timer" | "c2b" | "code" | "reversal" | "owner" | "operator";

/** What an event changes: the attempt, and with it perhaps what is booked. */
export type Step = { attempt: Attempt; bookingStatus: BookingStatus };

/** The attempt after the event; null if the event changes nothing: a repetition, or a step that the table does not allow. */
export function step(file: BookingFile, attemptId: string, event: PaymentEvent, nowMs: number): Step | null {
  const { booking, attempts } = file;
  const attempt = attempts.find(({ id }) => id === attemptId);
  if (!attempt) throw new Error(`attempt ${attemptId} is not of booking ${booking.id}`);
  if (event.type === "kept") return keep(file, attempt, nowMs);
  const to = targetOf(event);
  if (isStepAllowed(attempt.status, to)) {
    const whose = whoseMoney(attempts, attempt, event);
    if (whose === "undecided" || whose === "claimed") return null;
    if (whose === "counted") return { attempt: { ...attempt, resultCode: PAID_CODE, nextQueryAtMs: null }, bookingStatus: booking.status };
    const surplusKes = to === "paid" ? surplusOf(file, attempt.amountKes) : attempt.surplusKes;
    const next = { ...attempt, ...changesOf(attempt, event, nowMs), status: to, surplusKes };
    // A payment without a prompt answers nothing about the prompt, and giving up waiting neither: both are still queried.
    const isQueried = isOpen(next) || isUnclaimed(next) || event.type === "gave_up";
    const nextQueryAtMs = isQueried ? next.nextQueryAtMs : queryAgainAt(next, nowMs);
    return withBookingStatus(file, { ...next, nextQueryAtMs }, nowMs);
  }
  const learnt = learn(attempt, event, nowMs);
  return learnt && { attempt: learnt, bookingStatus: booking.status };
}

/** What becomes of the booking once the attempt is as given: full money books it, and it is cancelled once all of its money was given back. */
export function withBookingStatus(file: BookingFile, attempt: Attempt, nowMs: number): Step {
  const { booking } = file;
  const attempts = [...file.attempts.filter(({ id }) => id !== attempt.id), attempt];
  const paidKes = amountPaidKes(attempts);
  const isRefund = attempt.status === "refunded";
  if (isRefund && paidKes === 0 && booking.status !== "pending") return { attempt, bookingStatus: "cancelled" };
  if (!isRefund && paidKes >= booking.amountKes && canBook(file, nowMs)) return { attempt, bookingStatus: "booked" };
  return { attempt, bookingStatus: booking.status };
}

/** A pending booking can be booked; a lapsed one only while its session is ahead and its place free. Otherwise the owner decides. */
function canBook({ booking, isPlaceTaken = false }: BookingFile, nowMs: number): boolean {
  if (booking.status === "pending") return true;
  return booking.status === "lapsed" && sessionStartMs(booking) > nowMs && !isPlaceTaken;
}

/** What a booking becomes when it is moved to a time that is ahead. */
export function statusOnceMoved({ booking, attempts }: BookingFile): BookingStatus {
  if (booking.status === "booked" || amountPaidKes(attempts) >= booking.amountKes) return "booked";
  return "pending";
}

/** What has arrived and was not given back. */
export function amountPaidKes(attempts: readonly Attempt[]): number {
  return attempts.reduce((sumKes, { status, amountKes }) => (status === "paid" ? sumKes + amountKes : sumKes), 0);
}

/** What is still to pay. A booked session asks for nothing more, also if a part of its money was given back. */
export function amountDueKes({ booking, attempts }: BookingFile): number {
  if (booking.status === "booked") return 0;
  return Math.max(0, booking.amountKes - amountPaidKes(attempts));
}

/** How much of new money the booking does not need. */
export function surplusOf(file: BookingFile, newMoneyKes: number): number {
  if (file.booking.status === "cancelled") return newMoneyKes;
  return Math.max(0, newMoneyKes - amountDueKes(file));
}

/** Only money that is here can stay. */
function keep({ booking }: BookingFile, attempt: Attempt, nowMs: number): Step | null {
  if (attempt.status !== "paid" || attempt.keptAtMs !== null) return null;
  return { attempt: { ...attempt, keptAtMs: nowMs }, bookingStatus: booking.status };
}

function targetOf(event: MovingEvent): PaymentStatus {
  switch (event.type) {
    case "push_accepted":
      return "prompted";
    case "push_unclear":
    case "prompt_over":
      return "confirming";
    case "paid":
      return "paid";
    case "push_refused":
    case "failed":
    case "gave_up":
    case "settled_not_paid":
      return "failed";
    case "refunded":
      return "refunded";
  }
}

function changesOf(attempt: Attempt, event: MovingEvent, nowMs: number): Partial<Attempt> {
  switch (event.type) {
    case "push_accepted":
      return {
        checkoutRequestId: event.checkoutRequestId,
        merchantRequestId: event.merchantRequestId,
        promptExpiresAtMs: nowMs + PROMPT_LIFE_MS,
        nextQueryAtMs: nowMs + FIRST_QUERY_AFTER_MS,
      };
    case "push_unclear":
    case "prompt_over":
      return {};
    case "push_refused":
      return { reason: event.reason, resultCode: event.code, endedAtMs: nowMs, ...retryAt(event, nowMs) };
    case "failed":
      return { reason: event.reason, resultCode: event.code, endedAtMs: nowMs, ...retryAt(event, nowMs), ...adoptId(event) };
    case "gave_up":
      return { reason: "unknown", endedAtMs: nowMs };
    case "settled_not_paid":
      return { ...SETTLED_NOT_PAID, endedAtMs: nowMs };
    case "refunded":
      // The receipt and the time of the payment stay: the money did come.
      return {};
    case "paid":
      return {
        reason: null,
        // A payment without a prompt names none: only the prompt's own result tells whether it answered this one.
        resultCode: event.checkoutRequestId === null ? attempt.resultCode : PAID_CODE,
        retryAtMs: null,
        receipt: event.receipt,
        paidAtMs: event.paidAtMs ?? nowMs,
        endedAtMs: nowMs,
        ...adoptId(event),
      };
  }
}

function retryAt(event: { retryAfterMs?: number }, nowMs: number): Partial<Attempt> {
  return { retryAtMs: event.retryAfterMs === undefined ? null : nowMs + event.retryAfterMs };
}

/** A callback on the attempt's own secret URL may be the first to name the prompt: before the push's reply, or if that was lost. */
function adoptId(event: { checkoutRequestId: string | null }): Partial<Attempt> {
  return event.checkoutRequestId === null ? {} : { checkoutRequestId: event.checkoutRequestId };
}

/**
 * Facts that an event adds without a step: the prompt's id from a late reply, the receipt of a payment that a query found, or the prompt's own result
 * after a payment without a prompt was matched to it.
 */
function learn(attempt: Attempt, event: PaymentEvent, nowMs: number): Attempt | null {
  const { checkoutRequestId, receipt } = attempt;
  if (event.type === "push_accepted" && checkoutRequestId === null) {
    const { merchantRequestId } = event;
    return { ...attempt, checkoutRequestId: event.checkoutRequestId, merchantRequestId, nextQueryAtMs: firstQueryAt(attempt, nowMs) };
  }
  if (event.type === "failed" && attempt.status === "paid" && attempt.resultCode === null)
    return { ...attempt, resultCode: event.code, nextQueryAtMs: null };
  if (event.type === "settled_not_paid" && mayStillBePaid(attempt)) return { ...attempt, ...SETTLED_NOT_PAID, nextQueryAtMs: null };
  if (event.type !== "paid" || attempt.status !== "paid") return null;
  if (event.receipt !== null && receipt !== null && event.receipt !== receipt) return null;
  const named = event.checkoutRequestId === null ? {} : { resultCode: PAID_CODE, nextQueryAtMs: null };
  const received =
    receipt === null && event.receipt !== null ? { receipt: event.receipt, paidAtMs: event.paidAtMs ?? attempt.paidAtMs } : {};
  const learnt = { ...attempt, ...named, ...received };
  return learnt.receipt === receipt && learnt.resultCode === attempt.resultCode ? null : learnt;
}

/** When to query a prompt whose id has just become known. */
function firstQueryAt(attempt: Attempt, nowMs: number): number | null {
  if (isOpen(attempt) || isUnclaimed(attempt)) return attempt.requestedAtMs + FIRST_QUERY_AFTER_MS;
  return mayStillBePaid(attempt) ? nowMs : null;
}

/** It was paid without a prompt, and no prompt's own result has claimed that money. */
function isUnclaimed({ status, receipt, resultCode }: Attempt): boolean {
  return (status === "paid" || status === "refunded") && receipt !== null && resultCode !== PAID_CODE;
}

/**
 * Safaricom reports a failed prompt as paid, without a receipt. The booking may already have a payment of the same payer that came without a prompt.
 * Then it is that money, reported a second time: `counted` (the attempt stays failed with the result 0), and `claimed` if that has happened before.
 * `undecided` while a prompt that holds such money is still to be queried, because the money may be its own. Otherwise the money is `its`.
 */
function whoseMoney(attempts: readonly Attempt[], attempt: Attempt, event: PaymentEvent): "its" | "counted" | "claimed" | "undecided" {
  if (event.type !== "paid" || event.receipt !== null || isOpen(attempt)) return "its";
  if (hasClaimed(attempt)) return "claimed";
  const others = attempts.filter(
    ({ amountKes, phone }) => amountKes === attempt.amountKes && comparePayer(attempt.phone, phone) !== "other",
  );
  const earliestMs = attempt.requestedAtMs - CLOCKS_APART_MS;
  const unclaimed = others.filter((other) => isUnclaimed(other) && (other.paidAtMs ?? earliestMs) >= earliestMs);
  if (unclaimed.length <= others.filter(hasClaimed).length) return "its";
  return unclaimed.some(({ nextQueryAtMs }) => nextQueryAtMs !== null) ? "undecided" : "counted";
}

/** Safaricom confirmed it as paid, with money that counts for another attempt of the booking. */
export function hasClaimed({ status, resultCode }: Pick<Attempt, "status" | "resultCode">): boolean {
  return status === "failed" && resultCode === PAID_CODE;
}

/** A new attempt: recorded, and nothing sent yet. */
export function beginAttempt(
  booking: Booking,
  own: { id: string; phone: string; callbackSecretHash: string; amountKes: number; mpesaAccountId: string | null; nowMs: number },
): Attempt {
  return {
    id: own.id,
    siteId: booking.siteId,
    bookingId: booking.id,
    sessionId: null,
    status: "requested",
    reason: null,
    surplusKes: 0,
    amountKes: own.amountKes,
    mpesaAccountId: own.mpesaAccountId,
    phone: own.phone,
    callbackSecretHash: own.callbackSecretHash,
    checkoutRequestId: null,
    merchantRequestId: null,
    receipt: null,
    resultCode: null,
    retryAtMs: null,
    requestedAtMs: own.nowMs,
    promptExpiresAtMs: null,
    paidAtMs: null,
    endedAtMs: null,
    keptAtMs: null,
    nextQueryAtMs: null,
    queriedAtMs: null,
    queries: 0,
  };
}

/** The attempt that a booking shows: the one that booked it, else one that is open, else the newest. */
export function shownAttempt({ attempts }: BookingFile): Attempt | null {
  return attempts.find(({ sessionId }) => sessionId !== null) ?? attempts.find(isOpen) ?? attempts.at(-1) ?? null;
}

/** What was paid, whatever is booked: `paid` only once the full amount has arrived. */
export function bookingPaymentStatus({ booking, attempts }: BookingFile): BookingPaymentStatus {
  const paidKes = amountPaidKes(attempts);
  if (paidKes >= booking.amountKes) return "paid";
  if (attempts.some(isOpen)) return "pending";
  if (paidKes > 0) return "partial";
  if (attempts.some(({ status }) => status === "refunded")) return "refunded";
  return attempts.length > 0 ? "failed" : "unpaid";
}

/** For how long Safaricom would refuse another prompt, or the last one may still be on the phone; 0: a new prompt may be sent. */
export function retryAfterMs({ attempts }: BookingFile, nowMs: number): number {
  const lockedUntilMs = attempts.map(({ status, reason, retryAtMs, promptExpiresAtMs, requestedAtMs }) => {
    if (status !== "failed") return 0;
    const isPromptAlive = reason === "no_answer" || reason === "unreachable";
    // Without the push's reply nobody knows when the prompt went out: soon after the request.
    return Math.max(retryAtMs ?? 0, isPromptAlive ? (promptExpiresAtMs ?? requestedAtMs + PROMPT_LIFE_MS) : 0);
  });
  return Math.max(0, Math.max(0, ...lockedUntilMs) - nowMs);
}
