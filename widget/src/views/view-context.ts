import type { BookingView } from "../contract.ts";
import type { Labels } from "../labels/labels.ts";

/** What a parent can do; every handler is bound to the element. */
export interface Actions {
  submit: (event: SubmitEvent) => void;
  phoneInput: (event: InputEvent) => void;
  again: () => void;
  edit: () => void;
  reload: () => void;
  payManually: () => void;
  back: () => void;
  copy: (name: string, text: string) => void;
  saveReceipt: (booking: BookingView) => void;
  addToCalendar: (booking: BookingView) => void;
}

/** Everything that a view shows besides the state itself. */
export interface ViewContext {
  labels: Labels;
  nowMs: number;
  /** Empty when the page does not name one. */
  merchant: string;
  /** What stands in the phone field. */
  typed: string;
  /** The number that the prompt was sent to, when this page sent it. */
  phone: string | undefined;
  /** The name of what was copied a moment ago. */
  copied: string | undefined;
  act: Actions;
}
