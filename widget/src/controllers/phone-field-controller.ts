import type { ReactiveControllerHost } from "lit";
import type { CheckoutController } from "./checkout-controller.ts";
import { groupPhone } from "../internal/phone-number.ts";
import { recall, remember } from "../internal/storage.ts";

/** Where the number is kept that the parent asked to remember. */
const PHONE_KEY = "somopay-phone";

/** What is shown of the phone field. */
export interface PhoneField {
  readonly typed: string;
  /** The number is remembered on this device. */
  readonly remembered: boolean;
  readonly onInput: (event: Event) => void;
  readonly onRemember: (event: Event) => void;
}

/** What stands in the phone field, remembered only where the parent has ticked that. */
export class PhoneFieldController implements PhoneField {
  typed = recall(PHONE_KEY);
  remembered = this.typed !== "";
  readonly #checkout: CheckoutController;
  readonly #host: ReactiveControllerHost & { readonly shadowRoot: ShadowRoot | null };

  constructor(host: ReactiveControllerHost & { readonly shadowRoot: ShadowRoot | null }, checkout: CheckoutController) {
    this.#host = host;
    this.#checkout = checkout;
  }

  /** Groups the digits as they are typed; the caret stays behind the digit that it was behind. */
  readonly onInput = ({ target: field }: Event): void => {
    if (!(field instanceof HTMLInputElement)) return;
    const grouped = groupPhone(field.value, field.selectionStart ?? field.value.length);
    if (grouped.text !== field.value) {
      field.value = grouped.text;
      field.setSelectionRange(grouped.caret, grouped.caret);
    }
    this.set(grouped.text);
    this.#checkout.choose("phone-edited");
  };

  readonly onRemember = ({ target }: Event): void => {
    this.remembered = target instanceof HTMLInputElement && target.checked;
    this.#keep();
    this.#host.requestUpdate();
  };

  set(typed: string): void {
    this.typed = typed;
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
    this.set(this.remembered ? recall(PHONE_KEY) : "");
  }

  #keep(): void {
    remember(PHONE_KEY, this.remembered ? this.typed : "");
  }
}
