import type { BookingView } from "../contract.ts";
import type { BookingFile } from "./payment.ts";
import type { PaymentsDependencies } from "./payments-dependencies.ts";
import { viewReceiptCheck } from "./receipt-checks/receipt-check-view.ts";

/** A booking's view at this moment, with the other ways to pay and to prove a payment that its site offers. */
export async function viewBooking(
  deps: Pick<PaymentsDependencies, "toBookingView" | "paybillOf" | "receiptChecks" | "accounts" | "now">,
  file: BookingFile,
): Promise<BookingView> {
  const receiptCheck = await viewReceiptCheck(deps, file);
  const paybill = await deps.paybillOf(file.booking.siteId);
  return deps.toBookingView(file, { nowMs: deps.now(), paybill, receiptCheck });
}
