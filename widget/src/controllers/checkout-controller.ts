import type { ReactiveController, ReactiveControllerHost } from "lit";
import { attemptOf, isKnown, isOver, maySubmit, next } from "../checkout/checkout-state.ts";
import type { CheckoutEvent, CheckoutState } from "../checkout/checkout-state.ts";
import type { BookingView } from "../api/contract.ts";
import { createIdempotencyKey, createPaymentsApi } from "../api/payments-api.ts";
import type { Answer, PaymentsApi, PayRequest } from "../api/payments-api.ts";
import { parsePhone } from "../internal/phone-number.ts";
import { BookingListener } from "./booking-listener.ts";
import { findServiceOrigin } from "../internal/service-origin.ts";

/** Requests to pay whose answers were lost are repeated, with the same key, so often. */
const PAY_TRIES = 3;
/** Another tab's identical request is waited for so long; Safaricom answers within half a minute. */
const IN_PROGRESS_MAX_MS = 60_000;
const RETRY_PAUSE_MS = 1_500;
/** First reads that fail are repeated so often before the parent is told. */
const READ_TRIES = 3;
/** While the browser says that there is no network, which is not always true, a request is repeated so often. */
const OFFLINE_RETRY_MS = 4_000;
/** While the service cannot be reached, and nothing else asks it, it is asked so often. */
const PROBE_MS = 8_000;
const TICK_MS = 1_000;
/** After these the page may have missed something. All of them reach the window. */
const WAKING = ["online", "offline", "pageshow", "visibilitychange"];

export interface CheckoutHost extends ReactiveControllerHost {
  bookingId: string;
  readonly service: string;
  readonly siteKey: string;
  readonly sessionType: string;
  readonly amount: number | undefined;
}

const backOnline = () => new Promise((back) => addEventListener("online", back, { once: true }));
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Drives one checkout: reads the booking, submits, listens, stops. What follows from what is decided by `next()` alone. */
export class CheckoutController implements ReactiveController {
  state: CheckoutState = { name: "loading" };
  /** The last number that was submitted, as `2547XXXXXXXX`. In memory only. */
  phone: string | undefined;
  /** False while the service cannot be reached. */
  reachable = true;
  /** Missing when the page names no service that could be asked. */
  api: PaymentsApi | undefined;

  readonly #host: CheckoutHost;
  readonly #onChange: (before: CheckoutState, after: CheckoutState) => void;
  #target = "";
  /** Grows when everything begins anew: what an older round still hears is dropped. */
  #round = 0;
  #loads = 0;
  #connected = false;
  readonly #listener = new BookingListener({
    read: () => this.#read(),
    onBooking: (booking) => this.receive(booking),
    onReachable: (reachable) => this.#setReachable(reachable),
  });
  #probeTimer: ReturnType<typeof setTimeout> | undefined;
  #ticker: ReturnType<typeof setInterval> | undefined;
  /** The key of a request whose answer was lost: repeating it is safe, a new one might not be. */
  #lostRequest: { key: string; body: string } | undefined;

  constructor(host: CheckoutHost, onChange: (before: CheckoutState, after: CheckoutState) => void) {
    this.#host = host;
    this.#onChange = onChange;
    host.addController(this);
  }

  hostConnected(): void {
    this.#connected = true;
    for (const type of WAKING) addEventListener(type, this.wake);
    if (isKnown(this.state)) this.wake();
    this.#follow();
  }

  hostDisconnected(): void {
    this.#connected = false;
    for (const type of WAKING) removeEventListener(type, this.wake);
    clearTimeout(this.#probeTimer);
    this.#follow();
  }

  /** Begins anew when the page names something else to pay for. */
  hostUpdate(): void {
    if (this.#wanted() !== this.#target) this.restart();
  }

  /** Goes on with a booking that was made here, as the service has just shown it. */
  adopt(booking: BookingView): void {
    this.#host.bookingId = booking.bookingId;
    this.#target = this.#wanted();
    this.receive(booking);
  }

  /** The service's present view, from whoever has asked for it. */
  receive(booking: BookingView): void {
    this.#dispatch({ type: "booking", booking, atMs: Date.now() });
  }

  /** Forgets everything and reads the booking again. */
  restart(): void {
    this.#round++;
    this.#loads++;
    this.api = undefined;
    this.#target = this.#wanted();
    this.phone = this.#lostRequest = undefined;
    this.#setReachable(true);
    this.#dispatch({ type: "reset" });
    const { bookingId, service, siteKey, sessionType } = this.#host;
    if (!bookingId && !(siteKey && sessionType)) return;
    const origin = findServiceOrigin(service);
    this.api = origin ? createPaymentsApi(origin) : undefined;
    if (!origin) this.#dispatch({ type: "unavailable", problem: "not_allowed" });
    else if (bookingId) void this.#load();
    else this.#dispatch({ type: "ask-details" });
  }

  #wanted(): string {
    const { bookingId, service, siteKey, sessionType } = this.#host;
    return [bookingId, service, !bookingId && siteKey + sessionType].join();
  }

  /** Sends one prompt to `typed`. Does nothing while one is on its way or another may not be sent yet. */
  async submit(typed: string): Promise<void> {
    if (!maySubmit(this.state, Date.now())) return;
    const phone = parsePhone(typed);
    if (!phone) {
      this.#dispatch({ type: "edit" });
      this.#dispatch({ type: "phone-refused" });
      return;
    }
    this.phone = phone;
    const { amount, amountDue } = this.state.booking;
    // The page promised the whole price; once a part of it is paid, the service expects the rest.
    const promised = this.#host.amount === amount ? amountDue : this.#host.amount;
    const request = { bookingId: this.#host.bookingId, phone, amount: promised };
    const body = JSON.stringify(request);
    const key = this.#lostRequest?.body === body ? this.#lostRequest.key : createIdempotencyKey();
    this.#lostRequest = { key, body };
    this.#dispatch({ type: "submitted", atMs: Date.now() });
    await this.#deliver(request, key);
  }

  /** The parent's other choices on the screen. */
  choose(type: "edit" | "pay-manually" | "back" | "phone-edited"): void {
    this.#dispatch({ type });
  }

  /** Reads the booking; a page that is seen again does not wait for an older read, which may hang. */
  async #load(): Promise<void> {
    const load = ++this.#loads;
    for (let tries = 1; ; tries++) {
      const answer = await this.#read();
      if (load !== this.#loads) return;
      if (answer.kind === "booking") this.receive(answer.booking);
      // Where nothing is awaited, nobody needs to know that a look in between was lost.
      this.#setReachable(answer.kind !== "lost" || isKnown(this.state));
      if (answer.kind === "booking") return;
      if (answer.kind === "refused" || tries === READ_TRIES) {
        const problem = answer.kind !== "refused" || answer.problem === "phone" ? "no_connection" : answer.problem;
        return this.#dispatch({ type: "unavailable", problem });
      }
      await pause(RETRY_PAUSE_MS);
    }
  }

  async #deliver(request: PayRequest, key: string): Promise<void> {
    const { api } = this;
    const round = this.#round;
    if (!api) return;
    const inProgressUntilMs = Date.now() + IN_PROGRESS_MAX_MS;
    for (let tries = 1; ;) {
      const answer = await api.pay(request, key);
      if (round !== this.#round) return;
      if (this.#settle(answer)) return;
      if (answer.kind === "wait" && Date.now() < inProgressUntilMs) {
        await pause(answer.retryAfterMs);
      } else {
        // It may have arrived all the same: the booking knows.
        const view = await this.#read();
        if (round !== this.#round) return;
        this.#setReachable(view.kind !== "lost");
        if (view.kind === "booking") this.receive(view.booking);
        if (navigator.onLine) tries++;
        if (tries > PAY_TRIES) return this.#dispatch({ type: "refused", problem: "no_connection", atMs: Date.now() });
        await (navigator.onLine ? pause(RETRY_PAUSE_MS * tries) : Promise.race([pause(OFFLINE_RETRY_MS), backOnline()]));
      }
      // The stream may have told the rest in the meantime.
      if (round !== this.#round || this.state.name !== "sending") return;
    }
  }

  /** Returns true when the request to pay has had its answer. */
  #settle(answer: Answer): boolean {
    const atMs = Date.now();
    if (answer.kind === "wait" || answer.kind === "lost") return false;
    this.#lostRequest = undefined;
    this.#setReachable(true);
    if (answer.kind === "booking") {
      this.#dispatch({ type: "answered", booking: answer.booking, atMs });
    } else if (answer.kind === "too_soon") {
      this.#dispatch({ type: "too-soon", booking: answer.booking, retryAfterMs: answer.retryAfterMs, atMs });
    } else if (answer.problem === "phone") {
      this.#dispatch({ type: "phone-refused" });
    } else {
      this.#dispatch({ type: "refused", problem: answer.problem, booking: answer.booking, retryAfterMs: answer.retryAfterMs, atMs });
    }
    return true;
  }

  #read(): Promise<Answer> {
    return this.api ? this.api.readBooking(this.#host.bookingId) : Promise.resolve({ kind: "lost" });
  }

  /** Looks at once whether something was missed. */
  readonly wake = (event?: Event): void => {
    // A page shows itself when it was just loaded too; then its first read is under way.
    if (event && "persisted" in event && !event.persisted) return;
    if (event?.type === "offline") return this.#setReachable(false);
    // Whether that is so shows with the next request.
    if (event?.type === "online") this.#setReachable(true);
    // "loading" without a booking to load is an element that waits for its page.
    if (!this.api) return;
    this.#listener.wake();
    this.#follow();
    const { state } = this;
    const mayBeStale = isKnown(state)
      ? !isOver(state)
      : state.name === "loading" || ("problem" in state && state.problem === "no_connection");
    if (!document.hidden && !this.#listener.isListening && mayBeStale) void this.#load();
  };

  #setReachable(reachable: boolean): void {
    if (reachable === this.reachable) return;
    this.reachable = reachable;
    this.#host.requestUpdate();
    clearTimeout(this.#probeTimer);
    // Some machines never say that the network is back, so that is found out.
    if (!reachable) this.#probeTimer = setTimeout(() => void this.#probe(), PROBE_MS);
  }

  async #probe(): Promise<void> {
    const round = this.#round;
    const answer = await this.#read();
    if (round !== this.#round || !this.#connected || this.reachable) return;
    if (answer.kind === "booking") this.receive(answer.booking);
    if (answer.kind !== "lost") this.#setReachable(true);
    else this.#probeTimer = setTimeout(() => void this.#probe(), PROBE_MS);
  }

  #dispatch(event: CheckoutEvent): void {
    const before = this.state;
    this.state = next(before, event);
    if (this.state === before) return;
    // A new attempt is the answer to whatever was left unanswered, so the next one needs a key of its own.
    if (isKnown(before) && isKnown(this.state) && attemptOf(before.booking) !== attemptOf(this.state.booking))
      this.#lostRequest = undefined;
    this.#follow();
    this.#host.requestUpdate();
    this.#onChange(before, this.state);
  }

  /** Starts and stops listening and ticking, as the state needs it. */
  #follow(): void {
    if (this.#connected) this.#listener.follow(this.state, this.api);
    else this.#listener.stop();
    this.#tick();
  }

  /** Renders once a second while seconds are shown. */
  #tick(): void {
    const { state } = this;
    const needed = this.#connected && (state.name === "prompted" || (isKnown(state) && state.retryAtMs > Date.now()));
    if (needed && !this.#ticker) this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    if (!needed) {
      clearInterval(this.#ticker);
      this.#ticker = undefined;
    }
    this.#host.requestUpdate();
  }
}
