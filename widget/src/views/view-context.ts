import type { BookingForm } from "../controllers/booking-controller.ts";
import type { PhoneField } from "../controllers/phone-field-controller.ts";
import type { Copying } from "../controllers/copy-controller.ts";
import type { CodeEntry } from "../controllers/receipt-code-controller.ts";
import type { Labels } from "../labels/en.ts";

/** What a parent can do; every handler is bound to the element. */
export interface Actions {
  submit: (event: SubmitEvent) => void;
  again: () => void;
  edit: () => void;
  reload: () => void;
  /** Leaves this booking for a new one. */
  bookAgain: () => void;
  payManually: () => void;
  back: () => void;
  chooseLanguage: (language: string) => void;
  /** The QR code was unfolded, or could not be had. */
  showQr: (address: string, failed: boolean) => void;
}

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
  copying: Copying;
  code: CodeEntry;
  form: BookingForm;
  /** The address of the QR code that was unfolded, and whether none came from it. */
  qr: { address: string; failed: boolean };
  act: Actions;
}
