import type { ReactiveControllerHost } from "lit";
import { recall, remember } from "../internal/storage.ts";

/** Where the number is kept that the parent asked to remember. */
const PHONE_KEY = "somopay-phone";

/** What is shown of the phone field. */
export interface PhoneField {
  readonly typed: string;
  /** The number is remembered on this device. */
  readonly remembered: boolean;
}

/** What stands in the phone field, remembered only where the parent has ticked that. */
export class PhoneFieldController implements PhoneField {
  typed = recall(PHONE_KEY);
  remembered = this.typed !== "";
  readonly #host: ReactiveControllerHost & { readonly shadowRoot: ShadowRoot | null };

  constructor(host: ReactiveControllerHost & { readonly shadowRoot: ShadowRoot | null }) {
    this.#host = host;
  }

  type(typed: string): void {
    this.typed = typed;
    this.#host.requestUpdate();
  }

  remember(remembered: boolean): void {
    this.remembered = remembered;
    this.#keep();
    this.#host.requestUpdate();
  }

  /** What is in the field when the parent sends it. */
  read(): string {
    // Some browsers fill fields in without a word.
    this.typed = this.#host.shadowRoot?.querySelector<HTMLInputElement>("#phone")?.value ?? this.typed;
    this.#keep();
    return this.typed;
  }

  reset(): void {
    this.type(this.remembered ? recall(PHONE_KEY) : "");
  }

  #keep(): void {
    remember(PHONE_KEY, this.remembered ? this.typed : "");
  }
}
