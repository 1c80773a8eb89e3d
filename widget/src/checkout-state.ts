/**
 * What the checkout shows, and the one function that changes it. The widget asks and shows what the service answers: an outcome is never
 * guessed here, and of two views of a booking the one with the higher version wins.
 */
import type { BookingView } from "./contract.ts";
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
  | { name: "unavailable"; problem: Problem }
  | ({ name: "ready"; phoneError: boolean } & Known)
  /** `startedAtMs` is missing when another page, or this one before a reload, pressed the button. */
  | ({ name: "sending"; startedAtMs?: number } & Known)
  | ({ name: "prompted" } & Known)
  | ({ name: "confirming" } & Known)
  /** `late`: this page had already said that the payment failed. */
  | ({ name: "paid"; late: boolean } & Known)
  | ({ name: "failed"; problem: Problem } & Known)
  | ({ name: "refunded" } & Known)
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
  | { type: "phone-refused" }
  | { type: "phone-edited" }
  | { type: "unavailable"; problem: Problem }
  | { type: "edit" }
  | { type: "pay-manually" }
  | { type: "back" }
  | { type: "reset" };

/** One booking's attempts follow each other, so the moment at which one was requested tells them apart. */
export const attemptOf = (booking: BookingView) => booking.payment?.requestedAt;

export function isKnown(state: CheckoutState): state is KnownState {
  return "booking" in state;
}

/** True when pressing the button now may send a prompt. */
export function maySubmit(state: CheckoutState, atMs: number): boolean {
  return (state.name === "ready" || state.name === "failed") && atMs >= state.retryAtMs;
}

/** True while something may happen that this page has not caused: an open attempt, late money, a payment by hand. */
export function awaitsNews(state: CheckoutState): boolean {
  switch (state.name) {
    case "ready":
      return state.booking.payment !== null;
    case "sending":
    case "prompted":
    case "confirming":
    case "failed":
    case "manual":
      return true;
    case "loading":
    case "unavailable":
    case "paid":
    case "refunded":
      return false;
  }
}

/** When the prompt ends, on this device's clock; `undefined` when the service did not say. */
export function promptEndsAtMs(state: KnownState): number | undefined {
  const endsAt = state.booking.payment?.promptExpiresAt;
  return endsAt === undefined ? undefined : endsAt - state.skewMs;
}

/** The screen that a booking calls for by itself. */
function shown(known: Known, late: boolean): KnownState {
  const { payment, payment_status } = known.booking;
  if (payment_status === "paid" && payment?.status !== "refunded") return { ...known, name: "paid", late };
  if (!payment) return { ...known, name: "ready", phoneError: false };
  switch (payment.status) {
    case "requested":
      return { ...known, name: "sending" };
    case "prompted":
    case "confirming":
      return { ...known, name: payment.status };
    case "failed":
      return { ...known, name: "failed", problem: payment.reason ?? "unknown" };
    case "paid":
      return { ...known, name: "paid", late };
    case "refunded":
      return { ...known, name: "refunded" };
  }
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
  const result = shown(known, before?.booking.payment?.status === "failed" && before.booking.payment_status !== "paid");
  if (result.name === "paid" && before?.name === "paid") return { ...result, late: before.late };
  if (result.name === "paid" || result.name === "refunded" || !before) return result;
  switch (before.name) {
    case "paid":
    case "refunded":
      return state; // Money that has arrived does not go away on this screen.
    case "manual":
      return { ...before, ...known };
    case "sending": {
      // Until our request is answered, the failed attempt before it is old news. An open one is ours, or another tab's.
      const status = before.booking.payment?.status;
      const old = attemptOf(booking) === attemptOf(before.booking) && (status === undefined || status === "failed");
      return ourAnswer || !old || before.startedAtMs === undefined ? keepStart(result, before) : { ...before, ...known };
    }
    case "ready":
    case "failed":
      // The parent has dismissed this attempt, or reads about a refusal that came after it.
      return attemptOf(booking) === attemptOf(before.booking) && (result.name === "failed" || result.name === "ready")
        ? { ...before, ...known, ...problemOf(before, result) }
        : result;
    case "prompted":
    case "confirming":
      return result;
  }
}

/** An attempt that failed for one reason may turn out, later, to have failed for another. */
function problemOf(before: KnownState, result: KnownState) {
  const said = before.booking.payment?.reason ?? "unknown";
  return before.name === "failed" && result.name === "failed" && before.problem === said ? { problem: result.problem } : undefined;
}

function keepStart(result: KnownState, before: KnownState & { name: "sending" }): KnownState {
  return result.name === "sending" && before.startedAtMs !== undefined ? { ...result, startedAtMs: before.startedAtMs } : result;
}

function refuse(state: CheckoutState, event: CheckoutEvent & { type: "refused" }): CheckoutState {
  if (state.name !== "sending") return state; // The stream was quicker and knows better.
  const retryAtMs = event.retryAfterMs ? event.atMs + event.retryAfterMs : state.retryAtMs;
  const told = event.booking ? learn(state, event.booking, event.atMs, true) : state;
  if (told.name !== "sending") return told.name === "failed" ? { ...told, retryAtMs: Math.max(told.retryAtMs, retryAtMs) } : told;
  const { booking, skewMs } = state;
  // Our answer got lost, but the booking says that the attempt is under way: its outcome will come.
  if (event.problem === "no_connection" && booking.payment?.status === "requested") return state;
  return { name: "failed", booking, skewMs, retryAtMs, problem: event.problem };
}

function toForm({ booking, skewMs, retryAtMs }: Known, phoneError = false): CheckoutState {
  return { name: "ready", booking, skewMs, retryAtMs, phoneError };
}

/** The only way from one state to another. An event that does not fit the state (a race, a second click) changes nothing. */
export function next(state: CheckoutState, event: CheckoutEvent): CheckoutState {
  switch (event.type) {
    case "reset":
      return { name: "loading" };
    case "unavailable":
      return isKnown(state) ? state : { name: "unavailable", problem: event.problem };
    case "booking":
      return learn(state, event.booking, event.atMs, false);
    case "answered":
      return learn(state, event.booking, event.atMs, true);
    case "refused":
      return refuse(state, event);
    case "submitted": {
      if (!maySubmit(state, event.atMs) || !isKnown(state)) return state;
      const { booking, skewMs, retryAtMs } = state;
      return { name: "sending", booking, skewMs, retryAtMs, startedAtMs: event.atMs };
    }
    case "phone-refused":
      return state.name === "ready" || state.name === "sending" ? toForm(state, true) : state;
    case "phone-edited":
      return state.name === "ready" && state.phoneError ? toForm(state) : state;
    case "edit":
      return state.name === "failed" ? toForm(state) : state;
    case "pay-manually": {
      const offered = state.name === "ready" || state.name === "prompted" || state.name === "failed";
      if (!offered || !state.booking.payManually) return state;
      const { booking, skewMs, retryAtMs } = state;
      return { name: "manual", booking, skewMs, retryAtMs };
    }
    case "back":
      return state.name === "manual" ? shown({ booking: state.booking, skewMs: state.skewMs, retryAtMs: state.retryAtMs }, false) : state;
  }
}
