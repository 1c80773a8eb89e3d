/** Importing this defines `<somo-pay>`; on a server it does nothing. */
// oxlint-disable-next-line import/no-unassigned-import -- defining the element is what it is imported for
import "./define.ts";

export { SomoPay } from "./somo-pay.ts";
export {
  PaymentConfirmedEvent,
  PaymentFailedEvent,
  SomoPayBookedEvent,
  SomoPayCloseEvent,
  SomoPayOpenEvent,
  SomoPayStatusEvent,
} from "./events.ts";
export type { PaymentConfirmedDetail, PaymentFailedDetail, SomoPayBookedDetail, StatusDetail } from "./events.ts";
export type { Language, OwnLabels } from "./labels/labels.ts";
export type { CheckoutStatus } from "./checkout/checkout-state.ts";
export type { BookingView, FailureReason } from "./api/contract.ts";
export type { Problem } from "./checkout/problem.ts";
