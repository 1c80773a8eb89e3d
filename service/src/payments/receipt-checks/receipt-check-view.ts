import type { BookingView } from "../../contract.ts";
import type { DarajaCredentials } from "../../daraja/daraja-types.ts";
import { shownAttempt, type BookingFile } from "../payment.ts";
import type { ReceiptCheckStore } from "./receipt-check-store.ts";

export type ReceiptCheckView = NonNullable<BookingView["receiptCheck"]>;

/** Whether a parent can type the M-Pesa code for this booking, and what became of the last one; null: the site cannot have codes checked. */
export type ReceiptChecks = (file: BookingFile) => Promise<ReceiptCheckView | null>;

type Parts = { checks: Pick<ReceiptCheckStore, "newestOf">; credentialsOf(siteId: string): Promise<DarajaCredentials | null> };

export function createReceiptCheckViewer({ checks, credentialsOf }: Parts): ReceiptChecks {
  return async (file) => {
    const shown = shownAttempt(file);
    // A payment that is settled with its receipt has nothing to type, and its view costs no further look.
    if (shown?.status === "refunded" || (shown?.status === "paid" && shown.receipt !== null)) return null;
    if (!(await credentialsOf(file.booking.siteId))?.initiator) return null;
    const newest = await checks.newestOf(file.booking.id);
    if (!newest || newest.status === "counted") return { status: "possible" };
    return { status: newest.status, code: newest.receipt };
  };
}
