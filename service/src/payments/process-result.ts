/** Safaricom's answers to what it was asked asynchronously: codes looked up, money given back. */
import { readReversal } from "../daraja/reversal.ts";
import { readTransactionStatus } from "../daraja/transaction-status.ts";
import { isAllowedAddress, type CallbackReceiver } from "./receive-callback.ts";
import { decodeBody, type ProcessingResult, type StoredCallback, type Verdict } from "./store/callback-inbox.ts";
import { settleCheck, type ReceiptChecker } from "./receipt-checks/check-receipt.ts";
import { settleRefund, type Refunder } from "./refunds/refund-payment.ts";

export type ResultReceiver = CallbackReceiver & ReceiptChecker & Refunder;

/** Acts on a stored result, or on the notice that the queue gave the question up. Safe to repeat. */
export async function processResult(receiver: ResultReceiver, stored: StoredCallback): Promise<ProcessingResult> {
  const { checks, refunds, now } = receiver;
  const read = (verdict: Verdict, note: string | null, of: { paymentId?: string; receipt?: string } = {}): ProcessingResult => ({
    verdict,
    note,
    paymentId: of.paymentId ?? null,
    receipt: of.receipt ?? null,
    atMs: now(),
  });
  const body = decodeBody(stored);
  const check = stored.secretHash === null ? null : await checks.bySecretHash(stored.secretHash);
  const refund = check || stored.secretHash === null ? null : await refunds.bySecretHash(stored.secretHash);
  if (!check && !refund) return read("unmatched", "it answers nothing that we asked");
  if (!isAllowedAddress(receiver.allowedAddresses, stored.remoteAddress))
    return read("unverified", "it came from an address that is not Safaricom's", check ?? refund ?? {});
  const isTimeout = stored.kind === "timeout";
  if (check) {
    const ending = await settleCheck(receiver, check, isTimeout ? "timeout" : readTransactionStatus(body));
    return read("verified", ending.note, { receipt: check.receipt });
  }
  if (!refund) throw new Error("neither a code nor a refund");
  const verdict = await settleRefund(receiver, refund, isTimeout ? "timeout" : readReversal(body, refund));
  return read(verdict, null, refund);
}
