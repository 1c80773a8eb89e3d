import { wordsOf } from "../../platform/search-words.ts";
import { normaliseReference } from "../../payments/c2b/match-payment.ts";
import type { UnassignedMoney } from "../../payments/c2b/unassigned-money-store.ts";
import { scopeOf } from "../../payments/operator/site-scope.ts";
import type { BookingFile } from "../../payments/payment.ts";
import { comparePayer } from "../../payments/phone-number.ts";
import { maskPhone } from "../../platform/masking.ts";
import type { Site } from "../../sites/site.ts";
import { toBookingLine } from "../booking-line.ts";
import type { SearchAnswer, SearchKind } from "../owners-contract.ts";
import type { OwnersDependencies } from "../owners-dependencies.ts";
import type { SearchWish } from "./read-search.ts";
import type { SearchStore } from "./search-store.ts";

type Parts = Pick<OwnersDependencies, "sites" | "payments"> & { search: SearchStore };
type Found = { kind: SearchKind; bookingIds: string[]; matched: SearchAnswer["data"][number]["matched"] };

const RESULTS_MAX = 20;
/** Money without a booking is settled within days; of more than this, the newest is looked through. */
const UNASSIGNED_MAX = 200;

/** Looks a site's bookings and money up by what somebody typed. Reads nothing of another site. */
export async function searchSite(parts: Parts, site: Site, wish: SearchWish): Promise<SearchAnswer> {
  const unassigned = await findUnassigned(parts, site.id, wish);
  const { kind, bookingIds, matched } = await findBookings(parts.search, site.id, wish);
  const files = await parts.search.load(site.id, bookingIds.slice(0, RESULTS_MAX));
  // A receipt of letters alone was taken for a name, and is the receipt of money without a booking.
  const isReceipt = kind === "name" && "codes" in wish && unassigned.some(({ receipt }) => wish.codes.includes(receipt));
  return { kind: isReceipt ? "receipt" : kind, data: files.map((file) => toResult(file, site, matched)), unassigned };
}

async function findBookings(search: SearchStore, siteId: string, wish: SearchWish): Promise<Found> {
  if (wish.kind === "phone") return { kind: "phone", bookingIds: await search.byPhone(siteId, wish, RESULTS_MAX), matched: "phone" };
  const kind = (own: SearchKind): SearchKind => (wish.kind === "sms" ? "sms" : own);
  if (wish.codes.length > 0) {
    const byReceipt = await search.byReceipt(siteId, wish.codes);
    if (byReceipt.length > 0) return { kind: kind("receipt"), bookingIds: byReceipt, matched: "receipt" };
    const byReference = await search.byReference(siteId, wish.codes);
    if (byReference.length > 0 || wish.kind === "sms") return { kind: kind("reference"), bookingIds: byReference, matched: "reference" };
  }
  if (wish.kind !== "name") return { kind: "receipt", bookingIds: [], matched: "receipt" };
  return { kind: "name", bookingIds: await search.byWords(siteId, wish.words, RESULTS_MAX), matched: "name" };
}

function toResult(file: BookingFile, { sessionTypes }: Site, matched: Found["matched"]): SearchAnswer["data"][number] {
  const { durationMinutes: _duration, ...line } = toBookingLine(file, sessionTypes);
  const newest = file.attempts.at(-1);
  return {
    ...line,
    receipts: file.attempts.flatMap(({ receipt }) => receipt ?? []),
    phone: newest ? maskPhone(newest.phone) : null,
    matched,
  };
}

async function findUnassigned({ sites, payments }: Parts, siteId: string, wish: SearchWish): Promise<SearchAnswer["unassigned"]> {
  const { shortcode } = await scopeOf(sites, siteId);
  if (shortcode === null) return [];
  const waiting = await payments.unassignedMoney.list({ shortcode }, { limit: UNASSIGNED_MAX });
  // Also money that a person has put aside: it is not on the list any more.
  const byReceipt = "codes" in wish ? await Promise.all(wish.codes.map((code) => payments.unassignedMoney.find(code))) : [];
  const named = byReceipt.filter((money) => money !== null && money.shortcode === shortcode);
  const found = new Map(
    [...named, ...waiting.filter((money) => isLike(money, wish))].flatMap((money) => (money ? [[money.receipt, money]] : [])),
  );
  return [...found.values()].slice(0, RESULTS_MAX).map(({ receipt, amountKes, payer, paidAtMs, accountNumber }) => ({
    receipt,
    amount: amountKes,
    phone: maskPhone(payer),
    at: paidAtMs,
    account: accountNumber,
  }));
}

/** The payer typed the account number by hand: it may be a name. */
function isLike({ payer, accountNumber }: UnassignedMoney, wish: SearchWish): boolean {
  if (wish.kind === "phone") return wish.full === null ? payer.endsWith(wish.ending) : comparePayer(wish.full, payer) === "same";
  if (wish.kind !== "name") return wish.codes.includes(normaliseReference(accountNumber));
  const words = wordsOf(accountNumber);
  return wish.words.every((wanted) => words.some((word) => word.startsWith(wanted)));
}
