/** What Safaricom (or our own records) says about a typed code becomes the check's end, and money for the booking. */
import type { Booking } from "../../bookings/booking.ts";
import type { TransactionFacts } from "../../daraja/daraja-types.ts";
import type { MpesaAccount } from "../../sites/mpesa-account.ts";
import { accountsOfBooking } from "../accounts-of-booking.ts";
import { recordMoney } from "../c2b/record-money.ts";
import { publishBookingChanged } from "../payment-events.ts";
import { amountDueKes, type BookingFile } from "../payment.ts";
import type { PaymentsDependencies } from "../payments-dependencies.ts";
import { comparePayer } from "../phone-number.ts";
import type { ReceiptCheck, ReceiptCheckStatus } from "./receipt-check-store.ts";

type Transaction = Extract<TransactionFacts, { kind: "transaction" }>;
type Ending = { status: Exclude<ReceiptCheckStatus, "checking">; note: string | null };

/** Answers come within seconds. A parent who has waited this long is told to try again; a late answer still counts. */
const ANSWER_AWAITED_MS = 60_000;
const MOST_AT_ONCE = 100;
/** Clocks of two companies: money may look a little older than the booking that it pays. */
const OLDER_THAN_BOOKING_MS = 10 * 60_000;

/** Ends the check with what is known of the code. Safe to repeat. */
export async function settleCheck(
  deps: PaymentsDependencies,
  check: ReceiptCheck,
  facts: TransactionFacts | "used" | "timeout",
): Promise<Ending> {
  const ending = await endingOf(deps, check, facts);
  await endCheck(deps, check, ending);
  return ending;
}

async function endingOf(deps: PaymentsDependencies, check: ReceiptCheck, facts: TransactionFacts | "used" | "timeout"): Promise<Ending> {
  if (facts === "used") return { status: "used", note: null };
  if (facts === "timeout") return { status: "unanswered", note: "Safaricom's queue gave the request up" };
  switch (facts.kind) {
    case "transaction":
      return count(deps, check, facts);
    case "unknown_receipt":
      return { status: "not_found", note: `${facts.code} ${facts.message}` };
    case "misconfigured":
      reportMisconfigured(deps, check, `${facts.code} ${facts.message}`);
      return { status: "unanswered", note: `${facts.code} ${facts.message}` };
    case "no_answer":
      return { status: "unanswered", note: `${facts.code} ${facts.message}` };
    case "unreadable":
      return { status: "unanswered", note: facts.why };
  }
}

async function count(deps: PaymentsDependencies, check: ReceiptCheck, transaction: Transaction): Promise<Ending> {
  const { store, unassignedMoney, now } = deps;
  const file = await store.load(check.bookingId);
  if (!file) throw new Error(`booking ${check.bookingId} does not exist`);
  const account = await receivingAccount(deps, file, transaction);
  const mismatch = await mismatchOf(deps, check, file, transaction, account);
  const { receipt, amountKes, payer, paidAtMs } = transaction;
  if (mismatch === null && amountKes !== null) {
    const money = { receipt, amountKes, payer, paidAtMs, mpesaAccountId: account?.id ?? null };
    const { attempt } = await recordMoney(deps, check.bookingId, money, { source: "code", note: "the payer typed its code" });
    if (attempt?.bookingId !== check.bookingId) return { status: "used", note: null };
    await unassignedMoney.markAssigned(receipt, attempt.id);
    return { status: "counted", note: attempt.surplusKes > 0 ? `KES ${attempt.surplusKes} kept as surplus` : null };
  }
  // Money that surely came to this account and that no booking has: the owner decides whose it is.
  const isOurs = transaction.isCompleted && mismatch?.isOurs === true && !(await store.isReceiptUsed(receipt));
  if (isOurs && amountKes !== null) {
    const { reference } = file.booking;
    const why = `its code was typed for ${reference}: ${mismatch.note}`;
    const money = { receipt, shortcode: transaction.paidTo, accountNumber: reference, amountKes, payer, why };
    await unassignedMoney.keep({ ...money, paidAtMs: paidAtMs ?? now(), receivedAtMs: now() });
  }
  return { status: "not_this_payment", note: mismatch?.note ?? null };
}

/** `isOurs`: the money did come to this account. */
type Mismatch = { note: string; isOurs: boolean };

/** Others can read a code over the payer's shoulder, so it counts only for money that this booking can have been paid with. Null: it does. */
async function mismatchOf(
  { store }: PaymentsDependencies,
  check: ReceiptCheck,
  file: BookingFile,
  { receipt, isCompleted, amountKes, payer, paidAtMs }: Transaction,
  account: MpesaAccount | null,
): Promise<Mismatch | null> {
  const { booking, attempts } = file;
  const not = (note: string, isOurs = false): Mismatch => ({ note, isOurs });
  if (receipt !== check.receipt) return not("Safaricom answered about another code");
  if (!isCompleted) return not("the transaction is not completed");
  if (account === null) return not("the money went to another account");
  const isFromHere = attempts.some(({ phone }) => comparePayer(phone, payer) === "same");
  const expectedKes = [booking.amountKes, amountDueKes(file), ...attempts.map((attempt) => attempt.amountKes)];
  if (amountKes === null || (!isFromHere && !expectedKes.includes(amountKes)))
    return not(`it is KES ${amountKes ?? "?"} and the booking is KES ${booking.amountKes}`, true);
  if (isOlder(booking, paidAtMs)) return not("it was paid before the booking was made", true);
  const money = { siteId: booking.siteId, bookingId: booking.id, payer, amountKes, paidAtMs: paidAtMs ?? check.requestedAtMs };
  if (!isFromHere && (await store.isAwaitedElsewhere(money))) return not("another booking waits for this payer's money", true);
  return null;
}

/** The booking's account that has the money. */
async function receivingAccount(
  { accounts }: PaymentsDependencies,
  file: BookingFile,
  { paidTo }: Transaction,
): Promise<MpesaAccount | null> {
  if (paidTo === "") return null;
  const own = await accountsOfBooking(accounts, file);
  return own.find(({ credentials }) => paidTo === credentials.shortcode || paidTo === credentials.till) ?? null;
}

function isOlder({ createdAtMs }: Booking, paidAtMs: number | null): boolean {
  return paidAtMs !== null && paidAtMs < createdAtMs - OLDER_THAN_BOOKING_MS;
}

export async function endCheck(deps: PaymentsDependencies, check: ReceiptCheck, ending: Ending): Promise<void> {
  const { receiptChecks, hub, now, metrics, logger } = deps;
  if (!(await receiptChecks.end(check, { ...ending, atMs: now() }))) return;
  await publishBookingChanged(hub, check.bookingId);
  metrics.codeChecked(ending.status);
  logger.info({ checkId: check.id, ...ending }, "receipt check ended");
}

export function reportMisconfigured({ logger }: PaymentsDependencies, check: ReceiptCheck, problem: string): void {
  logger.error({ checkId: check.id, siteId: check.siteId, problem }, "Safaricom refuses to look receipts up: the initiator is not set up");
}

/** Ends checks without an answer, so that the parent may try again. */
export async function endOverdueChecks(deps: PaymentsDependencies): Promise<boolean> {
  const overdue = await deps.receiptChecks.overdue(deps.now() - ANSWER_AWAITED_MS, MOST_AT_ONCE);
  for (const check of overdue) await endCheck(deps, check, { status: "unanswered", note: "no answer came" });
  return overdue.length >= MOST_AT_ONCE;
}
