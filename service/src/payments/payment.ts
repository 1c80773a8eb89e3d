/**
 * A payment's life, as pure functions: what an attempt is, which step is allowed, what an event does to a booking and its attempts.
 * Nothing here reads a clock, a database or the network.
 */
import type { Booking } from "../bookings/booking.ts";
import type { BookingPaymentStatus, FailureReason, PaymentStatus } from "../contract.ts";
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
  /** Money beyond what the booking needed (it was booked or lapsed already): kept for the owner to decide about. */
  surplus: boolean;
  amountKes: number;
  phone: string;
  callbackSecretHash: string;
  checkoutRequestId: string | null;
  merchantRequestId: string | null;
  receipt: string | null;
  /** What Safaricom said of the prompt; null: nothing. Other than 0 where money came by itself and was taken for the prompt's. */
  resultCode: string | null;
  retryAtMs: number | null;
  requestedAtMs: number;
  promptExpiresAtMs: number | null;
  paidAtMs: number | null;
  endedAtMs: number | null;
  nextQueryAtMs: number | null;
  queriedAtMs: number | null;
  queries: number;
};

/** A booking with every attempt to pay it, oldest first: what decisions are made on, guarded by the booking's `version`. */
export type BookingFile = { booking: Booking; attempts: readonly Attempt[] };

/** Clocks of two companies: events that are dated this close together may have happened in either order. */
export const CLOCKS_APART_MS = 10_000;
/** Safaricom's prompt stays on the phone about this long. */
export const PROMPT_LIFE_MS = 60_000;
/** From then on Safaricom is asked, when no callback came. */
export const FIRST_QUERY_AFTER_MS = 20_000;

/**
 * Ends that only say that Safaricom heard nothing in time: 1037 comes about 26 s after a push whose prompt lives for 60 s, so a slow payer pays after
 * it; with 1036 the phone did not confirm that it has the prompt, and with 1019 the time was over. Every other code is somebody's no (the payer's,
 * the account's, the network's), and no money was ever seen to come after one.
 */
const ENDS_WITHOUT_A_WORD: ReadonlySet<string> = new Set(["1019", "1036", "1037"]);
/** After such an end Safaricom is asked twice more: when the prompt is surely over, and once again for answers that lag behind the money. */
const ASKED_AGAIN_AFTER_MS = [2 * 60_000, 10 * 60_000] as const;

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

/** Whether its money may still come, though it has failed: nobody has said no, or nobody has said anything. */
export function mayStillBePaid({ status, reason, resultCode }: Pick<Attempt, "status" | "reason" | "resultCode">): boolean {
  return status === "failed" && (reason === "unknown" || (resultCode !== null && ENDS_WITHOUT_A_WORD.has(resultCode)));
}

/** When to ask next about an attempt that has failed and may still be paid; null: no more. */
export function askAgainAt(attempt: Attempt, nowMs: number): number | null {
  const { checkoutRequestId, endedAtMs } = attempt;
  if (!mayStillBePaid(attempt) || checkoutRequestId === null || endedAtMs === null) return null;
  return ASKED_AGAIN_AFTER_MS.map((afterMs) => endedAtMs + afterMs).find((atMs) => atMs > nowMs) ?? null;
}

/** What happened to an attempt, whoever says so. */
export type PaymentEvent =
  | { type: "push_accepted"; checkoutRequestId: string; merchantRequestId: string | null }
  | { type: "push_refused"; reason: FailureReason; code: string | null; retryAfterMs?: number }
  | { type: "push_unclear" }
  | { type: "prompt_over" }
  | { type: "paid"; receipt: string | null; paidAtMs: number | null; checkoutRequestId: string | null }
  | { type: "failed"; reason: FailureReason; code: string; retryAfterMs?: number; checkoutRequestId: string | null }
  | { type: "gave_up" }
  | { type: "refunded" };

/** Who said so. */
export type EventSource = "push" | "callback" | "query" | "timer" | "c2b" | "code" | "reversal" | "owner";

/** What an event changes. `booked`: this payment books the session. */
export type Step = { attempt: Attempt; booked: boolean };

/** What the event makes of the attempt, or null when it changes nothing: a repetition, or a step that the table does not allow. */
export function step({ booking, attempts }: BookingFile, attemptId: string, event: PaymentEvent, nowMs: number): Step | null {
  const attempt = attempts.find(({ id }) => id === attemptId);
  if (!attempt) throw new Error(`attempt ${attemptId} is not of booking ${booking.id}`);
  const to = targetOf(event);
  if (isStepAllowed(attempt.status, to)) {
    const whose = whoseMoney(attempts, attempt, event);
    if (whose === "undecided" || whose === "claimed") return null;
    if (whose === "counted") return { attempt: { ...attempt, resultCode: PAID_CODE, nextQueryAtMs: null }, booked: false };
    const surplus = to === "refunded" ? attempt.surplus : to === "paid" && booking.status !== "pending";
    const next = { ...attempt, ...changesOf(attempt, event, nowMs), status: to, surplus };
    // Money that came by itself leaves the prompt's own question as it is.
    const nextQueryAtMs = isOpen(next) || isUnclaimed(next) ? next.nextQueryAtMs : askAgainAt(next, nowMs);
    return { attempt: { ...next, nextQueryAtMs }, booked: to === "paid" && !surplus };
  }
  const learnt = learn(attempt, event, nowMs);
  return learnt && { attempt: learnt, booked: false };
}

function targetOf(event: PaymentEvent): PaymentStatus {
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
      return "failed";
    case "refunded":
      return "refunded";
  }
}

function changesOf(attempt: Attempt, event: PaymentEvent, nowMs: number): Partial<Attempt> {
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
    case "refunded":
      // When and with which receipt it was paid stays: the money did come.
      return {};
    case "paid":
      return {
        reason: null,
        // Money that came by itself names no prompt: whether it answered this one, only the prompt's own result can say.
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

/** A callback on the attempt's own secret URL may be the first to name the prompt: before the push's reply, or when that was lost. */
function adoptId(event: { checkoutRequestId: string | null }): Partial<Attempt> {
  return event.checkoutRequestId === null ? {} : { checkoutRequestId: event.checkoutRequestId };
}

/**
 * Facts that an event adds without a step: the prompt's id from a late reply, the receipt of a payment that a query found, the prompt's own result
 * where money had come by itself.
 */
function learn(attempt: Attempt, event: PaymentEvent, nowMs: number): Attempt | null {
  const { checkoutRequestId, receipt } = attempt;
  if (event.type === "push_accepted" && checkoutRequestId === null) {
    const { merchantRequestId } = event;
    return { ...attempt, checkoutRequestId: event.checkoutRequestId, merchantRequestId, nextQueryAtMs: firstQueryAt(attempt, nowMs) };
  }
  if (event.type === "failed" && attempt.status === "paid" && attempt.resultCode === null)
    return { ...attempt, resultCode: event.code, nextQueryAtMs: null };
  if (event.type !== "paid" || attempt.status !== "paid") return null;
  if (event.receipt !== null && receipt !== null && event.receipt !== receipt) return null;
  const named = event.checkoutRequestId === null ? {} : { resultCode: PAID_CODE, nextQueryAtMs: null };
  const received =
    receipt === null && event.receipt !== null ? { receipt: event.receipt, paidAtMs: event.paidAtMs ?? attempt.paidAtMs } : {};
  const learnt = { ...attempt, ...named, ...received };
  return learnt.receipt === receipt && learnt.resultCode === attempt.resultCode ? null : learnt;
}

/** When to ask about a prompt whose id is known at last. */
function firstQueryAt(attempt: Attempt, nowMs: number): number | null {
  if (isOpen(attempt) || isUnclaimed(attempt)) return attempt.requestedAtMs + FIRST_QUERY_AFTER_MS;
  return mayStillBePaid(attempt) ? nowMs : null;
}

/** Its money came by itself, and no prompt's own result has claimed it. */
function isUnclaimed({ status, receipt, resultCode }: Attempt): boolean {
  return (status === "paid" || status === "refunded") && receipt !== null && resultCode !== PAID_CODE;
}

/**
 * Safaricom says that a prompt which has failed is paid, and not with which receipt. Money of the same payer that came by itself may be in the
 * booking's books already: then it is that money, told a second time (`counted`; such an attempt stays failed, with the result 0, and has `claimed`
 * one). `undecided` while a prompt that has such money is still to be asked about, which may be its own.
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

/** Paid, by Safaricom's word, with money that counts as another attempt's of the booking. */
export function hasClaimed({ status, resultCode }: Pick<Attempt, "status" | "resultCode">): boolean {
  return status === "failed" && resultCode === PAID_CODE;
}

/** An attempt at its beginning: written down, and nothing sent yet. */
export function beginAttempt(booking: Booking, own: { id: string; phone: string; callbackSecretHash: string; nowMs: number }): Attempt {
  return {
    id: own.id,
    siteId: booking.siteId,
    bookingId: booking.id,
    sessionId: null,
    status: "requested",
    reason: null,
    surplus: false,
    amountKes: booking.amountKes,
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
    nextQueryAtMs: null,
    queriedAtMs: null,
    queries: 0,
  };
}

/**
 * The attempt that a booking shows: the one that paid it, else the newest. Money that does not pay for it (a part of the price, say) is the owner's
 * to settle and is not shown as its payment; of a lapsed booking any money is, or its payer would be asked to pay once more.
 */
export function shownAttempt({ booking, attempts }: BookingFile): Attempt | null {
  const newest = booking.status === "lapsed" ? attempts.at(-1) : attempts.findLast(({ surplus }) => !surplus);
  return attempts.find(({ sessionId }) => sessionId !== null) ?? newest ?? null;
}

export function bookingPaymentStatus(file: BookingFile): BookingPaymentStatus {
  const shown = shownAttempt(file);
  if (!shown) return "unpaid";
  switch (shown.status) {
    case "requested":
    case "prompted":
    case "confirming":
      return "pending";
    case "paid":
    case "refunded":
      return "paid";
    case "failed":
      return "failed";
  }
}
