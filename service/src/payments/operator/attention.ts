/** What waits for a person, in words, each with the command that settles it. */
import { z } from "zod";
import { attentionKinds, type AttentionItem } from "../../contract.ts";
import { PAGE_LIMIT_MAX, pageShape, parseCursor, toCursor, type Page, type PageWish, type Position } from "../../platform/page.ts";
import { quotable } from "../../platform/plain-text.ts";
import type { Words } from "../../words/english.ts";
import { because, kes, momentOf, phoneOf, sessionTime, storedNote } from "../../words/words.ts";
import type { UnassignedMoney, UnassignedMoneyStore } from "../c2b/unassigned-money-store.ts";
import type { SiteScope } from "./site-scope.ts";
import type {
  AttentionStore,
  ListedCallback,
  SurplusPayment,
  UndecidedPayment,
  UnevenBooking,
  UnfinishedRefund,
} from "./attention-store.ts";

type Kind = AttentionItem["kind"];

/** An item and where it stands in the list of its kind. */
export type PlacedItem = { at: Position; item: AttentionItem };

/** Webhook endpoints that need their owner, newest first. `siteId` null: of all sites. The webhooks feature owns it. */
export type FailingEndpoints = (words: Words, siteId: string | null) => Promise<PlacedItem[]>;

/** `words`: of the language of whoever reads the list. */
type Parts = {
  words: Words;
  attention: AttentionStore;
  unassignedMoney: Pick<UnassignedMoneyStore, "list">;
  failingEndpoints: FailingEndpoints;
};

export const attentionQuerySchema = z.strictObject({ kind: z.enum(attentionKinds).optional(), ...pageShape });

/**
 * One page: kind by kind, and the newest first within each.
 * @param scope null: of all sites. A site sees money that matches no booking only if it came to a paybill of its own
 */
export async function listAttention(
  parts: Parts,
  scope: SiteScope | null,
  { kind: only, after, limit }: PageWish & { kind?: Kind | undefined },
): Promise<Page<AttentionItem>> {
  const start = after && placeOf(after);
  const kinds = only === undefined ? attentionKinds.slice(start ? attentionKinds.indexOf(start.kind) : 0) : [only];
  const found: (PlacedItem & { kind: Kind })[] = [];
  for (const kind of kinds) {
    // One more than fits, to know whether there is a next page.
    const wish = { after: start?.kind === kind ? start.position : undefined, limit: limit - found.length };
    found.push(...(await lists[kind](parts, scope, wish)).map((placed) => ({ ...placed, kind })));
    if (found.length > limit) break;
  }
  const last = found[limit - 1];
  return {
    data: found.slice(0, limit).map(({ item }) => item),
    next: found.length > limit && last ? toCursor({ atMs: last.at.atMs, id: `${last.kind}:${last.at.id}` }) : null,
  };
}

/** Everything, for the operator's terminal. */
export async function listAllAttention(parts: Parts): Promise<AttentionItem[]> {
  const items: AttentionItem[] = [];
  for (let after: Position | undefined; ;) {
    const { data, next } = await listAttention(parts, null, { after, limit: PAGE_LIMIT_MAX });
    items.push(...data);
    if (next === null) return items;
    after = parseCursor(next) ?? undefined;
  }
}

/** A cursor of this list says in which kind it stands; another list's stands nowhere. */
function placeOf({ atMs, id }: Position): { kind: Kind; position: Position } | undefined {
  const kind = attentionKinds.find((candidate) => id.startsWith(`${candidate}:`));
  return kind && { kind, position: { atMs, id: id.slice(kind.length + 1) } };
}

const placedAs =
  <Found extends { id: string; atMs: number }>(toItem: (words: Words, found: Found) => AttentionItem, words: Words) =>
  (found: Found): PlacedItem => ({ at: { atMs: found.atMs, id: found.id }, item: toItem(words, found) });

const lists: Record<Kind, (parts: Parts, scope: SiteScope | null, wish: PageWish) => Promise<PlacedItem[]>> = {
  payment: async ({ words, attention }, scope, wish) =>
    (await attention.undecidedPayments(scope, wish)).map(placedAs(undecidedPayment, words)),
  async unassigned_money({ words, unassignedMoney }, scope, wish) {
    if (scope?.shortcode === null) return [];
    const money = await unassignedMoney.list({ shortcode: scope?.shortcode }, wish);
    return money.map((one) => ({ at: { atMs: one.receivedAtMs, id: one.receipt }, item: moneyWithoutBooking(words, one) }));
  },
  booking: async ({ words, attention }, scope, wish) => (await attention.unevenBookings(scope, wish)).map(placedAs(unevenBooking, words)),
  surplus: async ({ words, attention }, scope, wish) => (await attention.surplus(scope, wish)).map(placedAs(surplusPayment, words)),
  refund: async ({ words, attention }, scope, wish) =>
    (await attention.unfinishedRefunds(scope, wish)).map(placedAs(unfinishedRefund, words)),
  callback: async ({ words, attention }, scope, wish) => (await attention.callbacks(scope, wish)).map(placedAs(listedCallback, words)),
  async webhook({ words, failingEndpoints }, scope, { after, limit }) {
    const all = await failingEndpoints(words, scope?.siteId ?? null);
    const isAfter = ({ at }: PlacedItem): boolean =>
      after === undefined || at.atMs < after.atMs || (at.atMs === after.atMs && at.id < after.id);
    return all.filter(isAfter).slice(0, limit + 1);
  },
};

function moneyWithoutBooking(words: Words, { receipt, amountKes, accountNumber, payer, why }: UnassignedMoney): AttentionItem {
  const account = quotable(accountNumber);
  return {
    kind: "unassigned_money",
    what: words.attention.moneyWithoutBooking(receipt, kes(amountKes), phoneOf(words, payer), account, storedNote(words, why)),
    receipt,
    commands: [`somopay money assign ${receipt} REFERENCE`, keep(receipt)],
  };
}

function surplusPayment(words: Words, payment: SurplusPayment): AttentionItem {
  const { id, bookingId, receipt, amountKes, paymentKes, reference, payer } = payment;
  const name = receipt ?? words.attention.noReceipt;
  const keeps = receipt === null ? `somopay payments settle ${id} --kept --reason WHY` : keep(receipt);
  const refunds = receipt === null ? [] : [`somopay money refund ${receipt}`];
  const item = (what: string, commands: string[]): AttentionItem => ({
    kind: "surplus",
    what,
    paymentId: id,
    bookingId,
    ...(receipt !== null && { receipt }),
    commands,
  });
  const phone = phoneOf(words, payer);
  if (amountKes === paymentKes) return item(words.attention.surplus(name, kes(amountKes), phone, reference), [...refunds, keeps]);
  // A reversal gives back the whole payment, and the booking needs the rest of it.
  return item(words.attention.surplusPart(name, kes(amountKes), kes(paymentKes), phone, reference), [keeps, ...refunds]);
}

/** For money that a person has dealt with: kept by agreement, or given back by hand. */
function keep(receipt: string): string {
  return `somopay money keep ${receipt} --reason WHY`;
}

function undecidedPayment(
  words: Words,
  { id: paymentId, bookingId, reference, amountKes, payer, attention }: UndecidedPayment,
): AttentionItem {
  const why = attention === null ? words.attention.notSaid : storedNote(words, attention);
  return {
    kind: "payment",
    what: words.attention.undecided(reference, kes(amountKes), phoneOf(words, payer), why),
    paymentId,
    bookingId,
    commands: [
      `somopay payments settle ${paymentId} --paid RECEIPT --reason WHY`,
      `somopay payments settle ${paymentId} --not-paid --reason WHY`,
    ],
  };
}

function unevenBooking(words: Words, booking: UnevenBooking): AttentionItem {
  const { id: bookingId, reference, status, amountKes, amountPaidKes, sessionName, receipts } = booking;
  const say = words.attention;
  const session = say.booking(reference, quotable(sessionName), sessionTime(words, booking));
  const paid = say.paidOf(kes(amountPaidKes), kes(amountKes));
  const refunds = receipts.flatMap((receipt) => [`somopay money refund ${receipt}`, keep(receipt)]);
  const move = `somopay bookings move ${reference} DATE TIME --reason WHY`;
  const item = (what: string, commands: string[]): AttentionItem => ({ kind: "booking", what, bookingId, commands });
  if (status === "cancelled") return item(say.paidButCancelled(session, paid), refunds);
  if (status === "booked") return item(say.bookedOnPart(session, paid), receipts.map(keep));
  if (status === "pending") return item(say.partPaid(session, paid), refunds);
  const lapsed = amountPaidKes < amountKes ? say.partPaidLapsed : say.paidLapsed;
  return item(lapsed(session, paid), [move, ...refunds]);
}

function unfinishedRefund(words: Words, { paymentId, receipt, amountKes, status, note }: UnfinishedRefund): AttentionItem {
  const { refund, refundStates } = words.attention;
  const what = refund(receipt, kes(amountKes), refundStates[status], because(words, note));
  const commands = status === "requested" || status === "sent" ? [] : [`somopay money refund ${receipt}`];
  return { kind: "refund", what, paymentId, receipt, commands };
}

function listedCallback(words: Words, found: ListedCallback): AttentionItem {
  const { id: callbackId, atMs, paymentId, verdict, receipt, note, tries } = found;
  const { callback, aboutReceipt, callbackFailed } = words.attention;
  const states: Readonly<Record<string, string>> = words.attention.callbackStates;
  const about = receipt === null ? "" : aboutReceipt(receipt);
  const state = verdict === null ? callbackFailed(tries) : (states[verdict] ?? verdict);
  return {
    kind: "callback",
    what: callback(momentOf(words, atMs), about, state, because(words, note)),
    callbackId,
    ...(paymentId !== null && { paymentId }),
    ...(receipt !== null && { receipt }),
    commands: [`somopay callbacks replay ${callbackId}`, `somopay callbacks dismiss ${callbackId} --reason WHY`],
  };
}
