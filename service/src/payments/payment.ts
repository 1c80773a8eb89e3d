/**
 * A payment's life, as pure functions: what an attempt is, which step is allowed, what an event does to a booking and its attempts.
 * Nothing here reads a clock, a database or the network.
 */
import type { BookingPaymentStatus, FailureReason, PaymentStatus } from "../contract.ts";

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

export type BookingStatus = "pending" | "booked" | "lapsed";

export type Booking = {
  id: string;
  siteId: string;
  reference: string;
  status: BookingStatus;
  version: number;
  parentName: string;
  childName: string;
  email: string;
  sessionType: string | null;
  sessionName: string;
  date: string;
  time: string;
  amountKes: number;
  createdAtMs: number;
};

/** A booking with every attempt to pay it, oldest first: what decisions are made on, guarded by the booking's `version`. */
export type BookingFile = { booking: Booking; attempts: readonly Attempt[] };

/** Safaricom's prompt stays on the phone about this long. */
export const PROMPT_LIFE_MS = 60_000;
/** From then on Safaricom is asked, when no callback came. */
export const FIRST_QUERY_AFTER_MS = 20_000;

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
    const surplus = to === "refunded" ? attempt.surplus : to === "paid" && booking.status !== "pending";
    return {
      attempt: { ...attempt, ...changesOf(event, nowMs), ...(isOpenStatus(to) ? {} : ENDED), status: to, surplus },
      booked: to === "paid" && !surplus,
    };
  }
  const learnt = learn(attempt, event);
  return learnt && { attempt: learnt, booked: false };
}

const ENDED = { nextQueryAtMs: null } as const;

function isOpenStatus(status: PaymentStatus): boolean {
  return isOpen({ status });
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

function changesOf(event: PaymentEvent, nowMs: number): Partial<Attempt> {
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
        resultCode: "0",
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

/** Facts that an event adds without a step: the prompt's id from a late reply, the receipt of a payment that a query found. */
function learn(attempt: Attempt, event: PaymentEvent): Attempt | null {
  if (event.type === "push_accepted" && attempt.checkoutRequestId === null) {
    const { checkoutRequestId, merchantRequestId } = event;
    const nextQueryAtMs = isOpen(attempt) ? attempt.requestedAtMs + FIRST_QUERY_AFTER_MS : null;
    return { ...attempt, checkoutRequestId, merchantRequestId, nextQueryAtMs };
  }
  if (event.type === "paid" && attempt.status === "paid" && attempt.receipt === null && event.receipt !== null) {
    return { ...attempt, receipt: event.receipt, paidAtMs: event.paidAtMs ?? attempt.paidAtMs };
  }
  return null;
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

/** Money that surely came: M-Pesa's receipt says so. `payer` is masked by M-Pesa, or empty. */
export type Money = { receipt: string; amountKes: number; payer: string; paidAtMs: number | null };

/**
 * The prompt that this money most likely answered: one that is paid without a receipt yet (only a query told), one that is open, or one that we
 * lost sight of. Money for a prompt is reported twice, by its callback and as money to the paybill, and must count once.
 */
export function attemptForMoney({ booking, attempts }: BookingFile, money: Money): Attempt | null {
  if (money.amountKes !== booking.amountKes) return null;
  const withoutReceipt = attempts.filter(({ receipt }) => receipt === null);
  return (
    withoutReceipt.find(({ status }) => status === "paid") ??
    withoutReceipt.find(isOpen) ??
    withoutReceipt.findLast(({ status, reason }) => status === "failed" && reason === "unknown") ??
    null
  );
}

/** A payment that nobody was prompted for, as an attempt that begins paid. Part of the price, or more than it, books nothing: the owner decides. */
export function manualStep({ booking }: BookingFile, money: Money, id: string, nowMs: number): Step {
  const surplus = booking.status !== "pending" || money.amountKes !== booking.amountKes;
  const begun = beginAttempt(booking, {
    id,
    // A hash, as older notices have it, says nothing to anybody.
    phone: money.payer.length <= PHONE_LENGTH ? money.payer : "",
    // No callback can come for it: no secret hashes to this.
    callbackSecretHash: `receipt:${money.receipt}`,
    nowMs,
  });
  const attempt: Attempt = {
    ...begun,
    status: "paid",
    surplus,
    amountKes: money.amountKes,
    receipt: money.receipt,
    resultCode: "0",
    paidAtMs: money.paidAtMs ?? nowMs,
    endedAtMs: nowMs,
  };
  return { attempt, booked: !surplus };
}

/** `254` and nine digits. */
const PHONE_LENGTH = 12;

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
