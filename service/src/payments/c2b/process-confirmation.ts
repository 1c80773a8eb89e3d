/** Money without a prompt: what a payer sends by hand to the paybill, with a booking's reference as the account number. */
import { parseC2bNotice, type C2bNotice, type ValidationAnswer } from "../../daraja/c2b.ts";
import type { DarajaCredentials } from "../../daraja/daraja-types.ts";
import { hashSecret } from "../../platform/ids.ts";
import { decodeBody, type ProcessingResult, type StoredCallback } from "../store/callback-inbox.ts";
import { isAllowedAddress, type CallbackReceiver } from "../receive-callback.ts";
import type { MoneyStore } from "./unassigned-money-store.ts";
import { bookingPaymentStatus, type BookingFile } from "../payment.ts";
import { recordMoney } from "./record-money.ts";

export type MoneyReceiver = CallbackReceiver & { money: MoneyStore; credentialsOf(siteId: string): Promise<DarajaCredentials | null> };

type MoneyNotice = Extract<C2bNotice, { kind: "money" }>;

/** Acts on a stored C2B confirmation. Safe to repeat: a receipt counts once, ever. */
export async function processConfirmation(receiver: MoneyReceiver, stored: StoredCallback): Promise<ProcessingResult> {
  const { money, now } = receiver;
  const notice = parseC2bNotice(decodeBody(stored));
  const read = (verdict: ProcessingResult["verdict"], note: string | null, paymentId: string | null = null): ProcessingResult => ({
    verdict,
    note,
    paymentId,
    receipt: notice.kind === "money" ? notice.receipt : null,
    atMs: now(),
  });
  if (notice.kind === "unreadable") return read("unmatched", notice.why);
  const shortcode = stored.secretHash === null ? null : await money.shortcodeOfAddress(stored.secretHash);
  if (shortcode === null) return read("unverified", "it did not come in on an address that we registered");
  if (!isAllowedAddress(receiver.allowedAddresses, stored.remoteAddress))
    return read("unverified", "it came from an address that is not Safaricom's");
  const { amountKes } = notice;
  if (amountKes === null) return read("unverified", "it does not say the amount in whole shillings");
  if (await money.isReceiptPaid(notice.receipt)) return read("duplicate", null);

  const file = await findBooking(receiver, notice);
  const why = file === null ? "no booking has this reference" : await whyNotFor(receiver, file, shortcode, notice);
  if (file === null || why !== null) return keep(receiver, { ...notice, amountKes }, shortcode, why ?? "", read);

  const said = { receipt: notice.receipt, amountKes, payer: notice.payer, paidAtMs: notice.paidAtMs };
  const { kind, attempt } = await recordMoney(receiver, file.booking.id, said, { source: "c2b" });
  if (kind === "known") return read("duplicate", null, attempt?.id ?? null);
  return read("verified", attempt?.surplus ? "money beyond what the booking needed, or another amount" : null, attempt?.id ?? null);
}

async function keep(
  { money, now }: MoneyReceiver,
  notice: MoneyNotice & { amountKes: number },
  shortcode: string,
  why: string,
  read: (verdict: ProcessingResult["verdict"], note: string | null) => ProcessingResult,
): Promise<ProcessingResult> {
  const { receipt, accountNumber, amountKes, payer, paidAtMs } = notice;
  const kept = await money.keepUnassigned({
    receipt,
    shortcode,
    accountNumber,
    amountKes,
    payer,
    why,
    paidAtMs: paidAtMs ?? now(),
    receivedAtMs: now(),
  });
  return kept === "kept" ? read("unmatched", why) : read("duplicate", null);
}

/**
 * As a payer may type it: in small letters, with blanks or dashes. References have no 0 or O, no 1, I or L, so neither can be meant by the other: who
 * types one has misread something, and the money waits for its code or the owner.
 */
export function normaliseReference(accountNumber: string): string {
  return accountNumber.toUpperCase().replace(/[^0-9A-Z]/g, "");
}

async function findBooking({ money, store }: MoneyReceiver, { accountNumber }: MoneyNotice): Promise<BookingFile | null> {
  const reference = normaliseReference(accountNumber);
  const bookingId = reference === "" ? null : await money.bookingIdByReference(reference);
  return bookingId === null ? null : store.load(bookingId);
}

/** Money that went to another account than the booking's site has is not for that booking, whatever its account number says. */
async function whyNotFor(
  { credentialsOf }: MoneyReceiver,
  { booking }: BookingFile,
  shortcode: string,
  { paidTo }: MoneyNotice,
): Promise<string | null> {
  const credentials = await credentialsOf(booking.siteId);
  const isOwn = credentials?.shortcode === shortcode && (paidTo === shortcode || paidTo === credentials.till);
  return isOwn ? null : "it went to another account than the booking's site has";
}

/**
 * Whether a payment by hand should go through, before its money moves. Only what would surely be wrong is stopped: the owner's paybill may take
 * other money too, so an unknown account number passes.
 */
export async function validatePayment(receiver: MoneyReceiver, secret: string, body: string): Promise<ValidationAnswer> {
  const notice = parseC2bNotice(body);
  if (notice.kind === "unreadable") return "accept";
  const shortcode = await receiver.money.shortcodeOfAddress(hashSecret(secret));
  const file = shortcode === null ? null : await findBooking(receiver, notice);
  if (shortcode === null || file === null || (await whyNotFor(receiver, file, shortcode, notice)) !== null) return "accept";
  if (bookingPaymentStatus(file) === "paid" || file.booking.status !== "pending") return "other";
  return notice.amountKes === file.booking.amountKes ? "accept" : "wrong_amount";
}
