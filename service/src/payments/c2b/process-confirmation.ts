import { parseC2bNotice } from "../../daraja/c2b.ts";
import type { PaymentsDependencies } from "../payments-dependencies.ts";
import { decodeBody, type CallbackFinding, type StoredCallback } from "../store/callback-inbox.ts";
import { matchBooking, type MoneyNotice } from "./match-payment.ts";
import { recordMoney } from "./record-money.ts";

/** Processes a C2B confirmation: money that came to the paybill, with or without a prompt. Safe to repeat: a receipt counts once. */
export async function processConfirmation(deps: PaymentsDependencies, stored: StoredCallback): Promise<CallbackFinding> {
  const notice = parseC2bNotice(decodeBody(stored));
  const shortcode = stored.secretHash === null ? null : await deps.c2bAddresses.shortcodeOf(stored.secretHash);
  const isStranger = shortcode === null;
  if (notice.kind === "unreadable") return { verdict: "unmatched", note: notice.why, isStranger };
  const { receipt, amountKes, payer, paidAtMs } = notice;
  const unverified = (note: string): CallbackFinding => ({ verdict: "unverified", receipt, note, isStranger });
  if (shortcode === null) return unverified("it did not come in on an address that we registered");
  if (!deps.isTrustedCaller(stored.remoteAddress)) return unverified("it came from an address that is not Safaricom's");
  if (amountKes === null) return unverified("it does not say the amount in whole shillings");
  if (await deps.store.isReceiptUsed(receipt)) return { verdict: "duplicate", receipt };

  const match = await matchBooking(deps, shortcode, notice);
  if (match.file === null) return keepUnassigned(deps, { ...notice, amountKes }, shortcode, match.why);

  const money = { receipt, amountKes, payer, paidAtMs, mpesaAccountId: match.mpesaAccountId };
  const { kind, attempt } = await recordMoney(deps, match.file.booking.id, money, { source: "c2b" });
  const paymentId = attempt?.id ?? null;
  if (kind === "known") return { verdict: "duplicate", paymentId, receipt };
  const note = attempt && attempt.surplusKes > 0 ? `KES ${attempt.surplusKes} beyond what the booking needed` : null;
  return { verdict: "verified", paymentId, receipt, note };
}

/** Money that belongs to no booking waits for the owner. */
async function keepUnassigned(
  { unassignedMoney, now }: PaymentsDependencies,
  { receipt, accountNumber, amountKes, payer, paidAtMs }: MoneyNotice & { amountKes: number },
  shortcode: string,
  why: string,
): Promise<CallbackFinding> {
  const receivedAtMs = now();
  const money = { receipt, shortcode, accountNumber, amountKes, payer, why, paidAtMs: paidAtMs ?? receivedAtMs, receivedAtMs };
  const isNew = (await unassignedMoney.keep(money)) === "kept";
  return isNew ? { verdict: "unmatched", receipt, note: why } : { verdict: "duplicate", receipt };
}
