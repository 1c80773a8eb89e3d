import type { BookingView } from "../../contract.ts";
import { bookingPaymentStatus, type BookingFile } from "../payment.ts";
import { accountForCode } from "../accounts-of-booking.ts";
import type { PaymentsDependencies } from "../payments-dependencies.ts";

export type ReceiptCheckView = NonNullable<BookingView["receiptCheck"]>;

/** Whether the parent can type the M-Pesa code for this booking, and what became of the last one; null: the site cannot have codes checked. */
export async function viewReceiptCheck(
  { receiptChecks, accounts }: Pick<PaymentsDependencies, "receiptChecks" | "accounts">,
  file: BookingFile,
): Promise<ReceiptCheckView | null> {
  // A payment that is settled with its receipts has nothing to type, and its view costs no further query.
  const status = bookingPaymentStatus(file);
  const lacksReceipt = file.attempts.some((attempt) => attempt.status === "paid" && attempt.receipt === null);
  if (status === "refunded" || (status === "paid" && !lacksReceipt)) return null;
  if (!(await accountForCode(accounts, file))?.credentials.initiator) return null;
  const newest = await receiptChecks.newestOf(file.booking.id);
  if (!newest || newest.status === "counted") return { status: "possible" };
  return { status: newest.status, code: newest.receipt };
}
