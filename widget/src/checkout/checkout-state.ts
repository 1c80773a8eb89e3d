/**
 * What the checkout shows, and the one function that changes it. The widget asks and shows what the service answers: an outcome is never
 * guessed here, and of two views of a booking the one with the higher version wins.
 */
import type { BookingView } from "../api/contract.ts";
import type { Problem } from "./problem.ts";

interface Known {
  booking: BookingView;
  /** How far the service's clock is ahead of this device's. */
  skewMs: number;
  /** Before this moment of this device's clock another prompt would be refused. 0: now is fine. */
  retryAtMs: number;
}

export type CheckoutState =
  | { name: "loading" }
  /** Asks what shall be booked, because the page names no booking. */
  | { name: "details" }
  | { name: "unavailable"; problem: Problem }
  | ({ name: "ready"; phoneError: boolean } & Known)
  /** `startedAtMs` is missing when another page, or this one before a reload, pressed the button. */
  | ({ name: "sending"; startedAtMs?: number; fromForm?: boolean } & Known)
  | ({ name: "prompted" } & Known)
  | ({ name: "confirming" } & Known)
  /** The full amount has arrived; what is booked says `booking_status`. `late`: this page had already said that nothing was paid. */
  | ({ name: "paid"; late: boolean } & Known)
  | ({ name: "failed"; problem: Problem } & Known)
  | ({ name: "refunded" } & Known)
  /** Not, or not fully, paid in time. */
  | ({ name: "lapsed" } & Known)
  /** Not, or not fully, paid, and no longer to be paid. */
  | ({ name: "cancelled" } & Known)
  /** Paying by M-Pesa's own menu; ends when the money arrives. */
  | ({ name: "manual" } & Known);

export type CheckoutStatus = CheckoutState["name"];
export type KnownState = Extract<CheckoutState, Known>;

export type CheckoutEvent =
  /** The service's present view, from a read or from the stream. */
  | { type: "booking"; booking: BookingView; atMs: number }
  /** The service's answer to our own request to pay. */
  | { type: "answered"; booking: BookingView; atMs: number }
  | { type: "submitted"; atMs: number }
  | { type: "refused"; problem: Problem; retryAfterMs?: number | undefined; booking?: BookingView | undefined; atMs: number }
  /** The service took our request for no attempt: another prompt cannot be sent yet. */
  | { type: "too-soon"; booking: BookingView; retryAfterMs?: number | undefined; atMs: number }
  | { type: "phone-refused" }
  | { type: "phone-edited" }
  | { type: "unavailable"; problem: Problem }
  | { type: "edit" }
  | { type: "pay-manually" }
  | { type: "back" }
  | { type: "ask-details" }
  | { type: "reset" };

/** One booking's attempts follow each other, so the moment at which one was requested tells them apart. */
export const attemptOf = (booking: BookingView) => booking.payment?.requestedAt;

export function isKnown(state: CheckoutState): state is KnownState {
  return "booking" in state;
}

/** Its outcome is unknown. */
export const isOpen = ({ payment }: BookingView) => /^(requested|prompted|confirming)$/.test(payment?.status ?? "");

/** Nothing more is to be paid. */
export const isOver = ({ name }: CheckoutState) => /^(paid|refunded|lapsed|cancelled)$/.test(name);

/** A part payment that was given back leaves its booking to be paid. */
export const isPayable = ({ booking_status, amountDue }: BookingView) => booking_status === "pending" && amountDue > 0;

/** True when pressing the button now may send a prompt. */
export function maySubmit(state: CheckoutState, atMs: number): state is KnownState {
  return (state.name === "ready" || state.name === "failed") && atMs >= state.retryAtMs;
}

/** True while something may happen that this page has not caused: an open attempt, late money, a payment by hand, a late receipt. */
export function awaitsNews(state: CheckoutState): boolean {
  if (state.name === "ready") return state.booking.payment !== null;
  return isKnown(state) && state.name !== "refunded" && !(state.name === "paid" && state.booking.payment?.receipt);
}

/** What every screen of a booking goes on knowing; the rest belongs to one screen alone. */
const knownOf = ({ booking, skewMs, retryAtMs }: Known): Known => ({ booking, skewMs, retryAtMs });

/** When the prompt ends, on this device's clock; `undefined` when the service did not say. */
export function promptEndsAtMs(state: KnownState): number | undefined {
  const endsAt = state.booking.payment?.promptExpiresAt;
  return endsAt === undefined ? undefined : endsAt - state.skewMs;
}

/** The screen that a booking calls for by itself. */
function shown(known: Known, late: boolean): KnownState {
  const { payment, payment_status, booking_status } = known.booking;
  const status = payment?.status;
  // A part may have been given back since: what is booked stays booked, and asks for nothing.
  const keepsPart = payment_status === "partial" && booking_status === "booked";
  if (payment_status === "paid" || keepsPart) return { ...known, name: "paid", late };
  // A part that was given back leaves a pending booking to pay; then the last attempt says what came of it.
  if (payment_status === "refunded" && (status === "refunded" || booking_status !== "pending")) return { ...known, name: "refunded" };
  if (booking_status === "cancelled") return { ...known, name: booking_status };
  if (payment_status === "pending") {
    if (status === "requested") return { ...known, name: "sending" };
    return { ...known, name: status === "prompted" ? status : "confirming" };
  }
  if (booking_status === "lapsed") return { ...known, name: booking_status };
  return status === "failed" ? { ...known, name: status, problem: reasonOf(known) } : toForm(known);
}

const reasonOf = ({ booking }: Known) => booking.payment?.reason ?? "unknown";

function toForm(known: Known, phoneError = false): KnownState {
  return { ...knownOf(known), name: "ready", phoneError };
}

/**
 * The service's times are read against this device's clock. Our own request tells how far the two are apart. For an attempt met after a reload
 * the clocks are taken to agree, unless the device's time lies outside the prompt's life: then the prompt counts as new.
 */
function skewOf(state: CheckoutState, booking: BookingView, atMs: number): number {
  const { payment } = booking;
  if (isKnown(state) && (!payment || attemptOf(state.booking) === payment.requestedAt)) return state.skewMs;
  if (!payment) return 0;
  if (state.name === "sending" && state.startedAtMs !== undefined) return payment.requestedAt - state.startedAtMs;
  // Nothing is counted down any more.
  if (!isOpen(booking)) return 0;
  const plausible = atMs >= payment.requestedAt - CLOCK_SLACK_MS && atMs <= (payment.promptExpiresAt ?? Infinity) + CLOCK_SLACK_MS;
  return plausible ? 0 : payment.requestedAt - atMs;
}
/** A device's clock may be this far off without spoiling a countdown of a minute. */
const CLOCK_SLACK_MS = 5_000;

function learn(state: CheckoutState, booking: BookingView, atMs: number, ourAnswer: boolean): CheckoutState {
  const before = isKnown(state) ? state : undefined;
  if (before && booking.version < before.booking.version) return state;
  const known: Known = {
    booking,
    skewMs: skewOf(state, booking, atMs),
    retryAtMs: booking.retryAfterMs ? atMs + booking.retryAfterMs : (before?.retryAtMs ?? 0),
  };
  const status = before?.booking.payment?.status;
  const saidUnpaid = status === "failed" || before?.name === "lapsed" || before?.name === "cancelled";
  const result = shown(known, before?.name === "paid" ? before.late : saidUnpaid && before?.booking.payment_status !== "paid");
  if (!before) return result;
  const sameAttempt = attemptOf(booking) === attemptOf(before.booking);
  // Who pays again after a refund has dismissed it.
  const isDismissed = result.name === "refunded" && sameAttempt && (before.name === "ready" || before.name === "sending");
  if (isOver(result) && !isDismissed) return result;
  const isUnchanged = sameAttempt && booking.payment?.status === status;
  switch (before.name) {
    case "paid":
    case "refunded":
      return state; // Money that has arrived does not go away on this screen.
    case "manual":
      return { ...before, ...known };
    case "sending":
      if (before.startedAtMs === undefined) return result;
      // Until our request is answered, the ended attempt before it is old news. An open one is ours, or another tab's.
      if (!ourAnswer && sameAttempt && !isOpen(before.booking)) return { ...before, ...known };
      return result.name === "sending" ? { ...result, startedAtMs: before.startedAtMs } : result;
    case "ready":
    case "failed":
      // The parent has dismissed this attempt, or reads about a refusal that came after it.
      if (!isUnchanged || !/^(ready|failed|refunded)$/.test(result.name)) return result;
      // An attempt that failed for one reason may turn out, later, to have failed for another.
      if (before.name === result.name && before.name === "failed" && before.problem === reasonOf(before)) return { ...before, ...result };
      return { ...before, ...known };
    case "prompted":
    case "confirming":
    case "lapsed":
    case "cancelled":
      return result;
  }
}

function refuse(state: CheckoutState, event: CheckoutEvent & { type: "refused" }): CheckoutState {
  if (state.name !== "sending") return state; // The stream was quicker and knows better.
  const retryAtMs = event.retryAfterMs ? event.atMs + event.retryAfterMs : state.retryAtMs;
  const told = event.booking ? learn(state, event.booking, event.atMs, true) : state;
  if (told.name === "failed") return { ...told, retryAtMs: Math.max(told.retryAtMs, retryAtMs) };
  if (told.name !== "sending") return told;
  // Our answer got lost, but the booking says that the attempt is under way: its outcome will come.
  if (event.problem === "no_connection" && state.booking.payment?.status === "requested") return state;
  return { ...knownOf(state), retryAtMs, name: "failed", problem: event.problem };
}

/** Waits where the parent pressed the button, unless the booking has news of its own. */
function wait(state: CheckoutState, event: CheckoutEvent & { type: "too-soon" }): CheckoutState {
  const told = learn(state, event.booking, event.atMs, true);
  if (state.name !== "sending" || (told.name !== "failed" && told.name !== "ready")) return told;
  const waiting = { ...told, retryAtMs: Math.max(told.retryAtMs, event.atMs + (event.retryAfterMs ?? 0)) };
  return state.fromForm ? toForm(waiting) : waiting;
}

/** The only way from one state to another. An event that does not fit the state (a race, a second click) changes nothing. */
export function next(state: CheckoutState, event: CheckoutEvent): CheckoutState {
  switch (event.type) {
    case "reset":
      return { name: "loading" };
    case "ask-details":
      return isKnown(state) ? state : { name: "details" };
    case "unavailable":
      return isKnown(state) ? state : { name: "unavailable", problem: event.problem };
    case "booking":
    case "answered":
      return learn(state, event.booking, event.atMs, event.type === "answered");
    case "refused":
      return refuse(state, event);
    case "too-soon":
      return wait(state, event);
    case "submitted":
      return maySubmit(state, event.atMs)
        ? { ...knownOf(state), name: "sending", startedAtMs: event.atMs, fromForm: state.name === "ready" }
        : state;
    case "phone-refused":
      return state.name === "ready" || state.name === "sending" ? toForm(state, true) : state;
    case "phone-edited":
      return state.name === "ready" && state.phoneError ? toForm(state) : state;
    case "edit":
      return state.name === "failed" || (state.name === "refunded" && isPayable(state.booking)) ? toForm(state) : state;
    case "pay-manually": {
      const offered = state.name === "ready" || state.name === "prompted" || state.name === "failed";
      return offered && state.booking.payManually ? { ...knownOf(state), name: "manual" } : state;
    }
    case "back":
      return state.name === "manual" ? shown(knownOf(state), false) : state;
  }
}
