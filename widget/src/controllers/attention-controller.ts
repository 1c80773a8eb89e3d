import type { ReactiveController, ReactiveControllerHost } from "lit";
import { isKnown } from "../checkout/checkout-state.ts";
import type { CheckoutState } from "../checkout/checkout-state.ts";

interface AttentionHost extends ReactiveControllerHost {
  readonly shadowRoot: ShadowRoot | null;
}

const WRONG_FIELD = "[aria-invalid], [data-wrong]";
/** The heading is described by the others. */
const SCREEN_IN_WORDS = "#fact, #title, #money, #text";

/** Moves the focus and speaks to those who do not see the screen: each change is said once, by what takes the focus or by the live region. */
export class AttentionController implements ReactiveController {
  readonly #host: AttentionHost;
  /** What to say of a screen whose own words do not say it. */
  readonly #screenInWords: () => string | undefined;
  #saysScreen = false;
  #focusNext = "";
  #bringsIntoView = false;

  constructor(host: AttentionHost, screenInWords: () => string | undefined) {
    this.#host = host;
    this.#screenInWords = screenInWords;
    host.addController(this);
  }

  /** Says what is new, and takes a parent who was working here along, when what they used is gone. */
  follow(before: CheckoutState, after: CheckoutState): void {
    if (before.name === after.name) {
      // A part has arrived, and the screen stays.
      if (isKnown(before) && isKnown(after) && after.booking.amountPaid > before.booking.amountPaid) this.#saysScreen = true;
      return;
    }
    // Only who is working here: what is new may be above or below what they see.
    this.#bringsIntoView = Boolean(this.#host.shadowRoot?.activeElement);
    if (this.#bringsIntoView) this.#focusNext = focusAfter(before, after);
    if (before.name !== "loading") this.#saysScreen = true;
  }

  /** With the next update the focus goes to the first field that is wrong. If it is there already, what is wrong is said. */
  focusWrongField(): void {
    this.#focusNext = WRONG_FIELD;
  }

  /** Says a sentence now. */
  say(sentence: string): void {
    const region = this.#host.shadowRoot?.querySelector("#said");
    if (region) region.textContent = sentence;
  }

  hostUpdated(): void {
    const root = this.#host.shadowRoot;
    const target = this.#focusNext && root?.querySelector<HTMLElement>(this.#focusNext);
    // What takes the focus is read out by that, and saying it twice would be noise; what has it already is not.
    const moves = target && target !== root?.activeElement;
    if (this.#saysScreen) this.say(moves ? "" : (this.#screenInWords() ?? this.#textOf(SCREEN_IN_WORDS)));
    else if (target && !moves) this.say(root?.querySelector("[part=error]")?.textContent?.trim() ?? "");
    this.#saysScreen = false;
    this.#focusNext = "";
    if (moves) target.focus({ preventScroll: this.#bringsIntoView });
    if (this.#bringsIntoView) root?.querySelector(".head, .stage")?.scrollIntoView({ block: "nearest" });
    this.#bringsIntoView = false;
  }

  #textOf(selector: string): string {
    return [...(this.#host.shadowRoot?.querySelectorAll(selector) ?? [])]
      .map(({ textContent }) => textContent?.trim())
      .join(". ")
      .replaceAll(".. ", ". ");
  }
}

/** What gets the focus when the control that had it is gone. */
function focusAfter(before: CheckoutState, after: CheckoutState): string {
  if (after.name === "sending" || (before.name === "sending" && after.name === "ready" && !after.phoneError)) return "";
  // What has arrived is news, and the heading is described by it.
  const isNews = before.name !== "failed" && before.name !== "manual" && isKnown(after) && after.booking.amountPaid > 0;
  return after.name === "ready" && !isNews ? "#phone" : "#title";
}
