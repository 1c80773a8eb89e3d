/** Importing this registers `<somo-pay>`. */
import { registerSomoPay } from "./register.ts";

registerSomoPay();

export { SomoPay } from "./somo-pay.ts";
export { PaymentConfirmedEvent, PaymentFailedEvent, SomoPayStatusEvent } from "./events.ts";
export type { PaymentConfirmedDetail, PaymentFailedDetail, StatusDetail } from "./events.ts";
export { SomoPayBookedEvent, SomoPayCloseEvent, SomoPayOpenEvent } from "./ways-in/events.ts";
export type { SomoPayBookedDetail } from "./ways-in/events.ts";
export type { Language, OwnLabels } from "./language.ts";
export type { CheckoutStatus } from "./checkout-state.ts";
export type { BookingView, FailureReason } from "./contract.ts";
export type { Problem } from "./problem.ts";
