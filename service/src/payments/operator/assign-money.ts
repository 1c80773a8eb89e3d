import { readReceipt } from "../../daraja/untrusted-json.ts";
import { accountsOfBooking } from "../accounts-of-booking.ts";
import { normaliseReference } from "../c2b/match-payment.ts";
import { recordMoney } from "../c2b/record-money.ts";
import type { UnassignedMoney } from "../c2b/unassigned-money-store.ts";
import { amountDueKes, type BookingFile } from "../payment.ts";
import type { PaymentsDependencies } from "../payments-dependencies.ts";
import type { Decision } from "../decision.ts";
import type { Recorder } from "../record-outcome.ts";
import type { IdempotencyClaim } from "../../platform/idempotency.ts";
import type { SiteScope } from "./site-scope.ts";

/** `booked`: the session is booked. `part`: it is a part of the price. `kept`: the booking cannot take place by itself any more; the owner decides. */
export type Assignment = "booked" | "part" | "surplus" | "kept" | "no_such_money" | "no_such_booking";

export type AssignmentRequest = {
  receipt: string;
  reference: string;
  /** For money that Safaricom never reported: what the M-Pesa statement shows. */
  enter?: EnteredMoney | null;
  decision: Decision;
  /** Only money on this site's own paybill, and only for its bookings; null: the operator assigns, for any site. */
  scope?: SiteScope | null;
  /** The key of the request: what was done is noted under it. */
  claim?: IdempotencyClaim | null;
  /** The payment that a first caller had recorded under the key before it died. */
  committed?: string | null;
};

/** `shortcode`: the paybill whose statement shows it. */
export type EnteredMoney = { amountKes: number; shortcode: string; payer: string; paidAtMs: number };

/** The owner says which booking money was for. It counts for the booking like every payment without a prompt. */
export async function assignMoney(
  deps: Recorder & Pick<PaymentsDependencies, "unassignedMoney" | "accounts">,
  { receipt, reference, enter = null, decision, scope = null, claim = null, committed = null }: AssignmentRequest,
): Promise<Assignment> {
  const { store, unassignedMoney } = deps;
  const bookingId = await store.bookingIdByReference(normaliseReference(reference));
  const before = bookingId === null ? null : await store.load(bookingId);
  if (!before || (scope && before.booking.siteId !== scope.siteId)) return "no_such_booking";
  const entered = enter && (!scope || enter.shortcode === scope.shortcode) ? enter : null;
  // A first caller that died may have marked it already, or only recorded the payment: then the rest is done now.
  const listed = committed === null ? await unassignedMoney.find(receipt.toUpperCase()) : await unassignedMoney.read(receipt.toUpperCase());
  const found = listed ?? (await enterMoney(deps, receipt, entered));
  if (!found || (scope && found.shortcode !== scope.shortcode)) return "no_such_money";
  const { receipt: code, amountKes, payer, paidAtMs, shortcode } = found;
  const money = { receipt: code, amountKes, payer, paidAtMs, mpesaAccountId: await accountWith(deps, before, shortcode) };
  const { attempt } = await recordMoney(deps, before.booking.id, money, { source: scope ? "owner" : "operator", claim, ...decision });
  if (attempt) await unassignedMoney.markAssigned(code, attempt.id, claim);
  const file = (await store.load(before.booking.id)) ?? before;
  if (attempt && attempt.surplusKes >= amountKes) return "surplus";
  if (file.booking.status === "booked") return "booked";
  return amountDueKes(file) > 0 ? "part" : "kept";
}

/** The account of the paybill that has the money, so that it can be given back from there; null: not known here. */
async function accountWith(
  { accounts }: Pick<PaymentsDependencies, "accounts">,
  file: BookingFile,
  shortcode: string,
): Promise<string | null> {
  const own = await accountsOfBooking(accounts, file);
  const expected = own.find(({ credentials }) => credentials.shortcode === shortcode || credentials.till === shortcode);
  return (expected ?? (await accounts.ofShortcode(shortcode)))?.id ?? null;
}

/** Writes down money from the statement, as if it had been reported. Null: there is nothing to enter, or its receipt has counted before. */
async function enterMoney(
  { store, unassignedMoney, now }: Pick<PaymentsDependencies, "store" | "unassignedMoney" | "now">,
  typed: string,
  entered: EnteredMoney | null,
): Promise<UnassignedMoney | null> {
  const receipt = readReceipt(typed);
  if (entered === null || receipt === null || (await store.isReceiptUsed(receipt))) return null;
  await unassignedMoney.keep({ ...entered, receipt, accountNumber: "", why: "entered from the M-Pesa statement", receivedAtMs: now() });
  return unassignedMoney.find(receipt);
}
