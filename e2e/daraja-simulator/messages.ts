/** What the payer reads, worded as on a real phone: the prompt on the screen and the SMS after it. */
import { nairobiSmsTime } from "./nairobi-time.ts";

/** A longer prompt is not sent to the phone (1025). */
export const PROMPT_TEXT_MAX = 182;

const whole = (amountKes: number) => amountKes.toLocaleString("en-KE");
const cents = (amountKes: number) => `Ksh${amountKes.toLocaleString("en-KE", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;

export interface Payee {
  businessName: string;
  /** Absent for a till, which has no account numbers. */
  accountReference?: string | undefined;
}

export function promptText(amountKes: number, payee: Payee): string {
  const account = payee.accountReference === undefined ? "" : ` Account ${payee.accountReference}`;
  return `Do you want to pay KES ${whole(amountKes)} to ${payee.businessName}${account}? Enter M-PESA PIN`;
}

export function paidMessage(receipt: string, amountKes: number, payee: Payee, atMs: number, balanceKes: number): string {
  const target =
    payee.accountReference === undefined
      ? `paid to ${payee.businessName}.`
      : `sent to ${payee.businessName} for account ${payee.accountReference}`;
  return (
    `${receipt} Confirmed. ${cents(amountKes)} ${target} on ${nairobiSmsTime(atMs)}. ` +
    `New M-PESA balance is ${cents(balanceKes)}. Transaction cost, ${cents(0)}.`
  );
}

export function reversedMessage(receipt: string, reversed: string, amountKes: number, businessName: string, balanceKes: number): string {
  return (
    `${receipt} Confirmed. Your payment ${reversed} of ${cents(amountKes)} to ${businessName} was reversed and the money is back in your ` +
    `M-PESA account. New M-PESA balance is ${cents(balanceKes)}.`
  );
}

/** The SMS for a failed payment; null if M-Pesa sends none. */
export function failedMessage(code: string, amountKes: number, payee: Payee, balanceKes: number): string | null {
  switch (code) {
    case "1":
      return (
        `Failed. You do not have enough money in your M-PESA account to pay ${cents(amountKes)} to ${payee.businessName}. ` +
        `Your M-PESA balance is ${cents(balanceKes)}.`
      );
    case "4":
      return `Failed. Paying ${cents(amountKes)} to ${payee.businessName} would exceed your daily limit.`;
    case "17":
      return `Failed. You have just paid ${cents(amountKes)} to ${payee.businessName}. Wait 2 minutes before paying the same amount again.`;
    case "2001":
      return `Failed. You have entered the wrong PIN. ${cents(amountKes)} was not sent to ${payee.businessName}.`;
    case "8006":
      return "Your M-PESA PIN is locked. Call 100 or 200 for help.";
    default:
      return null;
  }
}
