import type { BookingView } from "../api/contract.ts";
import type { BookingForm } from "../controllers/booking-controller.ts";
import type { PhoneField } from "../controllers/phone-field-controller.ts";
import type { CodeEntry } from "../controllers/receipt-code-controller.ts";
import type { Labels } from "../labels/en.ts";

/** What a parent can do; every handler is bound to the element. */
export interface Actions {
  submit: (event: SubmitEvent) => void;
  typePhone: (event: InputEvent) => void;
  remember: (event: Event) => void;
  again: () => void;
  edit: () => void;
  reload: () => void;
  /** Leaves this booking for a new one. */
  bookAgain: () => void;
  payManually: () => void;
  back: () => void;
  /** `name` tells what the text is. */
  copy: (name: string, text: string) => void;
  chooseLanguage: (language: string) => void;
  typeCode: (event: InputEvent) => void;
  checkCode: (event: SubmitEvent, booking: BookingView) => void;
  typeDetails: (event: Event) => void;
  sendDetails: (event: SubmitEvent) => void;
  /** The QR code was unfolded, or could not be had. */
  showQr: (address: string, failed: boolean) => void;
}

/** A screen's heading, and the sentence below it. */
export type Said = [title: string, text?: string];

/** Everything that a view shows besides the state itself. */
export interface ViewContext {
  labels: Labels;
  nowMs: number;
  /** Empty when the page does not name one. */
  merchant: string;
  shareUrl: string;
  /** The page says what a parent can book. */
  canBookAgain: boolean;
  /** The service's; empty when none was found. */
  origin: string;
  phoneField: PhoneField;
  /** The number that the prompt was sent to, when this page sent it. */
  phone: string | undefined;
  /** The name of what has just been copied. */
  copied: string | undefined;
  code: CodeEntry;
  form: BookingForm;
  /** The address of the QR code that was unfolded, and whether none came from it. */
  qr: { address: string; failed: boolean };
  act: Actions;
}
