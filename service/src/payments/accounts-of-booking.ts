/** The M-Pesa accounts that a booking's money can come to: its site may have changed its account since a prompt was sent. */
import type { MpesaAccount, SiteAccounts } from "../sites/mpesa-account.ts";
import { mayHoldUnknownMoney, type Attempt, type BookingFile } from "./payment.ts";

/** The site's present account first, then those of the booking's attempts, each once. */
export async function accountsOfBooking(accounts: SiteAccounts, { booking, attempts }: BookingFile): Promise<MpesaAccount[]> {
  const found = new Map<string, MpesaAccount>();
  const present = await accounts.ofSite(booking.siteId);
  if (present) found.set(present.id, present);
  for (const attempt of attempts) {
    const account = await accounts.ofPayment(attempt);
    if (account && !found.has(account.id)) found.set(account.id, account);
  }
  return [...found.values()];
}

/** The attempts whose prompts this money can have answered: those of the account that has it. An account that is not known could be any. */
export async function attemptsOfAccount(
  accounts: SiteAccounts,
  { booking, attempts }: BookingFile,
  { mpesaAccountId }: { mpesaAccountId: string | null },
): Promise<Attempt[]> {
  if (mpesaAccountId === null) return [...attempts];
  const found: Attempt[] = [];
  for (const attempt of attempts) {
    // Another row may be the same account with newer credentials.
    const isSame =
      attempt.mpesaAccountId === mpesaAccountId ||
      isSameShortcode(await accounts.ofPayment(attempt), await accounts.ofPayment({ siteId: booking.siteId, mpesaAccountId }));
    if (isSame) found.push(attempt);
  }
  return found;
}

function isSameShortcode(left: MpesaAccount | null, right: MpesaAccount | null): boolean {
  return left === null || right === null || left.credentials.shortcode === right.credentials.shortcode;
}

/** Where a code from the payer's SMS is looked up: at the account of the newest prompt whose money may have come, or else at the site's. */
export async function accountForCode(accounts: SiteAccounts, { booking, attempts }: BookingFile): Promise<MpesaAccount | null> {
  // Also one whose push's reply was lost: its code is then the only way to its money.
  const prompt = attempts.findLast(mayHoldUnknownMoney);
  return prompt ? accounts.ofPayment(prompt) : accounts.ofSite(booking.siteId);
}

/** The account with this shortcode, if money reported there went to its paybill or till. */
export function accountThatReceived(accounts: readonly MpesaAccount[], shortcode: string, paidTo: string): MpesaAccount | null {
  return (
    accounts.find(({ credentials }) => credentials.shortcode === shortcode && (paidTo === shortcode || paidTo === credentials.till)) ?? null
  );
}
