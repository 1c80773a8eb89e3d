import { readReversal } from "../daraja/reversal.ts";
import { readTransactionStatus } from "../daraja/transaction-status.ts";
import type { PaymentsDependencies } from "./payments-dependencies.ts";
import { settleCheck } from "./receipt-checks/settle-check.ts";
import { settleRefund } from "./refunds/refund-payment.ts";
import { decodeBody, type CallbackFinding, type StoredCallback } from "./store/callback-inbox.ts";

/**
 * Processes the answer to an asynchronous request of ours (a receipt looked up, a refund), or the notice that Safaricom's queue gave the request up.
 * Safe to repeat.
 */
export async function processResult(deps: PaymentsDependencies, stored: StoredCallback): Promise<CallbackFinding> {
  const { receiptChecks, refunds } = deps;
  const body = decodeBody(stored);
  const isTimeout = stored.kind === "timeout";
  const check = stored.secretHash === null ? null : await receiptChecks.bySecretHash(stored.secretHash);
  const refund = check || stored.secretHash === null ? null : await refunds.bySecretHash(stored.secretHash);
  const isTrusted = (check !== null || refund !== null) && deps.isTrustedCaller(stored.remoteAddress);
  if (check) {
    const { receipt } = check;
    if (!isTrusted) return { verdict: "unverified", receipt, note: UNTRUSTED_CALLER };
    const { note } = await settleCheck(deps, check, isTimeout ? "timeout" : readTransactionStatus(body));
    return { verdict: "verified", receipt, note };
  }
  if (refund) {
    const { paymentId, receipt } = refund;
    if (!isTrusted) return { verdict: "unverified", paymentId, receipt, note: UNTRUSTED_CALLER };
    return { verdict: await settleRefund(deps, refund, isTimeout ? "timeout" : readReversal(body, refund)), paymentId, receipt };
  }
  return { verdict: "unmatched", note: "it answers no request of ours", isStranger: true };
}

const UNTRUSTED_CALLER = "it came from an address that is not Safaricom's";
