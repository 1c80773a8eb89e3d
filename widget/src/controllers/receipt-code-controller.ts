import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { BookingView, ReceiptCheck } from "../api/contract.ts";
import { createIdempotencyKey } from "../api/payments-api.ts";
import { isKnown } from "../checkout/checkout-state.ts";
import type { AttentionController } from "./attention-controller.ts";
import type { CheckoutController } from "./checkout-controller.ts";

const CODE = /^[A-Z0-9]{8,12}$/;
const TICK_MS = 1_000;

/** What is shown of the field for the code of M-Pesa's SMS. */
export interface CodeEntry {
  readonly typed: string;
  readonly sending: boolean;
  readonly problem: "invalid" | "lost" | undefined;
  /** Until then the service takes no other code. */
  readonly retryAtMs: number;
  readonly onInput: (event: Event) => void;
  readonly onSubmit: (event: Event) => void;
}

/** Sends the code of M-Pesa's SMS. What the check finds comes with the booking, like every other news. */
export class ReceiptCodeController implements ReactiveController, CodeEntry {
  typed = "";
  sending = false;
  problem: "invalid" | "lost" | undefined;
  retryAtMs = 0;
  readonly #host: ReactiveControllerHost & { readonly shadowRoot: ShadowRoot | null };
  readonly #checkout: CheckoutController;
  readonly #attention: AttentionController;
  #ticker: ReturnType<typeof setTimeout> | undefined;
  #lastStatus: ReceiptCheck["status"] | "wait" | undefined;

  constructor(
    host: ReactiveControllerHost & { readonly shadowRoot: ShadowRoot | null },
    checkout: CheckoutController,
    attention: AttentionController,
  ) {
    this.#host = host;
    this.#checkout = checkout;
    this.#attention = attention;
    host.addController(this);
  }

  readonly onInput = ({ target }: Event): void => {
    if (target instanceof HTMLInputElement) this.typed = target.value.replace(/\s/g, "").toUpperCase();
    this.problem = undefined;
    this.#host.requestUpdate();
  };

  readonly onSubmit = (event: Event): void => {
    event.preventDefault();
    const { state } = this.#checkout;
    if (isKnown(state)) void this.#send(state.booking);
  };

  async #send({ bookingId, receiptCheck }: BookingView): Promise<void> {
    const { api } = this.#checkout;
    if (this.sending || !api || Date.now() < this.retryAtMs) return;
    this.typed ||= receiptCheck?.code ?? "";
    if (CODE.test(this.typed)) {
      this.sending = true;
      this.problem = undefined;
      this.#host.requestUpdate();
      const answer = await api.post("/api/pay/code", { bookingId, code: this.typed }, { "Idempotency-Key": createIdempotencyKey() });
      this.sending = false;
      if (answer.kind === "booking") this.#checkout.receive(answer.booking);
      else if (answer.kind !== "refused") this.problem = "lost";
      else if (answer.retryAfterMs) this.retryAtMs = Date.now() + answer.retryAfterMs;
      else this.problem = answer.problem === "misconfigured" ? "invalid" : "lost";
    } else this.problem = "invalid";
    if (this.problem) this.#attention.focusWrongField();
    this.#host.requestUpdate();
  }

  hostUpdated(): void {
    const { state } = this.#checkout;
    const waiting = Date.now() < this.retryAtMs;
    clearTimeout(this.#ticker);
    if (waiting) this.#ticker = setTimeout(() => this.#host.requestUpdate(), TICK_MS);
    const hint = this.#host.shadowRoot?.querySelector("#code-hint");
    const status = hint && isKnown(state) ? (waiting ? "wait" : state.booking.receiptCheck?.status) : undefined;
    if (this.#lastStatus && status && this.#lastStatus !== status) this.#attention.say(hint?.textContent?.trim() ?? "");
    this.#lastStatus = status;
  }

  hostDisconnected(): void {
    clearTimeout(this.#ticker);
  }
}
