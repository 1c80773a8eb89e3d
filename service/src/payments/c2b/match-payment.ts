/** Which booking a payment without a prompt is for, and which prompt it may have answered. */
import type { C2bNotice } from "../../daraja/c2b.ts";
import { accountsOfBooking, accountThatReceived } from "../accounts-of-booking.ts";
import { CLOCKS_APART_MS, isOpen, mayStillBePaid, type Attempt, type BookingFile } from "../payment.ts";
import type { PaymentsDependencies } from "../payments-dependencies.ts";
import { comparePayer } from "../phone-number.ts";

export type MoneyNotice = Extract<C2bNotice, { kind: "money" }>;

/** Money that surely came: M-Pesa's receipt says so. `payer` is masked by M-Pesa, or empty. */
export type Money = {
  receipt: string;
  amountKes: number;
  payer: string;
  paidAtMs: number | null;
  /** The account that it came to; null: not known, taken for the site's. */
  mpesaAccountId: string | null;
};

/**
 * The booking whose reference the payer gave as the account number, if the money went to an account of that booking; otherwise why not.
 * @throws if it cannot be told, because the site's account cannot be read: a callback is tried again until it can
 */
export async function matchBooking(
  { store, accounts }: Pick<PaymentsDependencies, "store" | "accounts">,
  shortcode: string,
  { accountNumber, paidTo }: MoneyNotice,
): Promise<{ file: BookingFile; mpesaAccountId: string } | { file: null; why: string }> {
  const reference = normaliseReference(accountNumber);
  const bookingId = reference === "" ? null : await store.bookingIdByReference(reference);
  const file = bookingId === null ? null : await store.load(bookingId);
  if (!file) return { file: null, why: "no booking has this reference" };
  const { siteId } = file.booking;
  const account = accountThatReceived(await accountsOfBooking(accounts, file), shortcode, paidTo);
  if (account) return { file, mpesaAccountId: account.id };
  if (await accounts.isUnreadable(siteId)) throw new Error(`the M-Pesa account of site ${siteId} cannot be read`);
  return { file: null, why: "it went to another account than the booking's site has" };
}

/**
 * As a payer may type it: in small letters, with blanks or dashes. References have no 0 or O, no 1, I or L, so neither can stand for the other: if
 * one was typed, it was misread, and the money waits for its code or the owner.
 */
export function normaliseReference(accountNumber: string): string {
  return accountNumber.toUpperCase().replace(/[^0-9A-Z]/g, "");
}

/**
 * The prompt that this money most likely answered: one that is paid without a receipt yet (only a query told us), one that is open, or one whose
 * outcome is unknown. Safaricom reports the money of a prompt twice, by its callback and as a payment to the paybill, and it must count once.
 */
export function matchAttempt({ attempts }: BookingFile, money: Money): Attempt | null {
  const candidates = attempts.filter(
    (attempt) => attempt.receipt === null && attempt.amountKes === money.amountKes && mayAnswer(attempt, money),
  );
  return candidates.find(({ status }) => status === "paid") ?? candidates.find(isOpen) ?? candidates.findLast(mayStillBePaid) ?? null;
}

/** A prompt is paid from its own phone, after it was requested, and before Safaricom reports it as paid. */
function mayAnswer({ phone, status, requestedAtMs, endedAtMs }: Attempt, { payer, paidAtMs }: Money): boolean {
  if (comparePayer(phone, payer) === "other") return false;
  if (paidAtMs === null) return true;
  const isTooLate = status === "paid" && endedAtMs !== null && paidAtMs > endedAtMs + CLOCKS_APART_MS;
  return paidAtMs >= requestedAtMs - CLOCKS_APART_MS && !isTooLate;
}
