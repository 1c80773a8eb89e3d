import type { CheckoutState, KnownState } from "../checkout-state.ts";
import type { In, Labels, Pair } from "../labels/labels.ts";

/** What a parent can do; every handler is bound to the element. */
export interface Actions {
  submit: (event: SubmitEvent) => void;
  phoneInput: (event: InputEvent) => void;
  remember: (event: Event) => void;
  again: () => void;
  edit: () => void;
  reload: () => void;
  /** Leaves this booking for a new one. */
  bookAgain: () => void;
  payManually: () => void;
  back: () => void;
}

export type Unpaid = Extract<CheckoutState, { name: "failed" | "refunded" | "lapsed" | "cancelled" | "unavailable" }>;

/** A screen's heading, and the sentence below it. */
export type Said = [title: string, text?: string];

/** What is fetched when it is needed: everything beside the way from the number to the receipt. */
export interface MoreViews {
  drawing: (state: CheckoutState, context: ViewContext) => unknown;
  /** What helps on a screen: cures, the field for a code, a link to send, things to keep. */
  extras: (state: CheckoutState, context: ViewContext) => unknown;
  /** Paying from M-Pesa's own menu. */
  manual: (state: KnownState, context: ViewContext) => unknown;
  /** `name` is read out with the button; `text` is what gets copied. */
  copyButton: (name: string, text: string, context: ViewContext) => unknown;
  /** What is said where nothing is paid. */
  unpaid: (state: Unpaid, context: ViewContext) => Said;
  /** What is said where all is paid and nothing is booked. */
  unbooked: (state: KnownState, context: ViewContext) => string;
}

/** Everything that a view shows besides the state itself. */
export interface ViewContext {
  state: CheckoutState;
  labels: Labels;
  /** A fetched part's own words in the parent's language, with the owner's in their place. */
  words: <W extends Record<string, Pair>>(words: W) => In<W>;
  nowMs: number;
  /** Empty when the page does not name one. */
  merchant: string;
  /** What stands in the phone field. */
  typedPhone: string;
  /** The number is remembered on this device. */
  remembered: boolean;
  /** The number that the prompt was sent to, when this page sent it. */
  phone: string | undefined;
  more: MoreViews | undefined;
  act: Actions;
}
