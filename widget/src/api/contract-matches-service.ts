/** Types only, and not published: compiling this file proves that `contract.ts` says what the service's wire schemas say. */
import type { BookingView as WireBookingView, FailureReason as WireFailureReason } from "../../../service/src/contract.ts";
import type { BookingView, FailureReason } from "./contract.ts";

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;

export const bookingViewIsTheSame: Same<BookingView, WireBookingView> = true;
export const failureReasonIsTheSame: Same<FailureReason, WireFailureReason> = true;
