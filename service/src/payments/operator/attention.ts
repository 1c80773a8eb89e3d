/** What waits for a person, in words, each with the command that settles it. */
import { z } from "zod";
import { attentionKinds, type AttentionItem } from "../../contract.ts";
import { maskPhone } from "../../platform/masking.ts";
import { PAGE_LIMIT_MAX, pageShape, parseCursor, toCursor, type Page, type PageWish, type Position } from "../../platform/page.ts";
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
export type FailingEndpoints = (siteId: string | null) => Promise<PlacedItem[]>;

type Parts = { attention: AttentionStore; unassignedMoney: Pick<UnassignedMoneyStore, "list">; failingEndpoints: FailingEndpoints };

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
  <Found extends { id: string; atMs: number }>(toItem: (found: Found) => AttentionItem) =>
  (found: Found): PlacedItem => ({ at: { atMs: found.atMs, id: found.id }, item: toItem(found) });

const lists: Record<Kind, (parts: Parts, scope: SiteScope | null, wish: PageWish) => Promise<PlacedItem[]>> = {
  payment: async ({ attention }, scope, wish) => (await attention.undecidedPayments(scope, wish)).map(placedAs(undecidedPayment)),
  async unassigned_money({ unassignedMoney }, scope, wish) {
    if (scope?.shortcode === null) return [];
    const money = await unassignedMoney.list({ shortcode: scope?.shortcode }, wish);
    return money.map((one) => ({ at: { atMs: one.receivedAtMs, id: one.receipt }, item: moneyWithoutBooking(one) }));
  },
  booking: async ({ attention }, scope, wish) => (await attention.unevenBookings(scope, wish)).map(placedAs(unevenBooking)),
  surplus: async ({ attention }, scope, wish) => (await attention.surplus(scope, wish)).map(placedAs(surplusPayment)),
  refund: async ({ attention }, scope, wish) => (await attention.unfinishedRefunds(scope, wish)).map(placedAs(unfinishedRefund)),
  callback: async ({ attention }, scope, wish) => (await attention.callbacks(scope, wish)).map(placedAs(listedCallback)),
  async webhook({ failingEndpoints }, scope, { after, limit }) {
    const all = await failingEndpoints(scope?.siteId ?? null);
    const isAfter = ({ at }: PlacedItem): boolean =>
      after === undefined || at.atMs < after.atMs || (at.atMs === after.atMs && at.id < after.id);
    return all.filter(isAfter).slice(0, limit + 1);
  },
};

function moneyWithoutBooking({ receipt, amountKes, accountNumber, payer, why }: UnassignedMoney): AttentionItem {
  return {
    kind: "unassigned_money",
    what: `${receipt}: KES ${amountKes} from ${maskPhone(payer)}, account "${accountNumber}", belongs to no booking: ${why}`,
    receipt,
    commands: [`somopay money assign ${receipt} REFERENCE`, keep(receipt)],
  };
}

function surplusPayment({ id, bookingId, receipt, amountKes, paymentKes, reference, payer }: SurplusPayment): AttentionItem {
  const name = receipt ?? "no receipt yet";
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
  if (amountKes === paymentKes)
    return item(`${name}: KES ${amountKes} from ${maskPhone(payer)} is more than booking ${reference} needed`, [...refunds, keeps]);
  // A reversal gives back the whole payment, and the booking needs the rest of it.
  const part = `${name}: KES ${amountKes} of KES ${paymentKes} from ${maskPhone(payer)} is more than booking ${reference} needed`;
  const what = `${part}: agree to keep it, or send KES ${amountKes} back by M-Pesa yourself (a refund gives back all of KES ${paymentKes})`;
  return item(what, [keeps, ...refunds]);
}

/** For money that a person has dealt with: kept by agreement, or given back by hand. */
function keep(receipt: string): string {
  return `somopay money keep ${receipt} --reason WHY`;
}

function undecidedPayment({ id: paymentId, bookingId, reference, amountKes, payer, attention }: UndecidedPayment): AttentionItem {
  const why = attention ?? "Safaricom did not say whether it was paid";
  return {
    kind: "payment",
    what: `booking ${reference}: KES ${amountKes} from ${maskPhone(payer)}: ${why}. Look for it on the M-Pesa statement`,
    paymentId,
    bookingId,
    commands: [
      `somopay payments settle ${paymentId} --paid RECEIPT --reason WHY`,
      `somopay payments settle ${paymentId} --not-paid --reason WHY`,
    ],
  };
}

function unevenBooking(booking: UnevenBooking): AttentionItem {
  const { id: bookingId, reference, status, amountKes, amountPaidKes, sessionName, date, time, receipts } = booking;
  const session = `booking ${reference} (${sessionName}, ${date} ${time})`;
  const paid = `KES ${amountPaidKes} of ${amountKes} paid`;
  const refunds = receipts.flatMap((receipt) => [`somopay money refund ${receipt}`, keep(receipt)]);
  const move = `somopay bookings move ${reference} DATE TIME --reason WHY`;
  const item = (what: string, commands: string[]): AttentionItem => ({ kind: "booking", what, bookingId, commands });
  if (status === "cancelled") return item(`${session}: ${paid}, but it is cancelled: give it back`, refunds);
  if (status === "booked") return item(`${session}: booked, and only ${paid}`, receipts.map(keep));
  if (status === "pending") return item(`${session}: ${paid}, and the parent may pay the rest`, refunds);
  const what =
    amountPaidKes < amountKes
      ? `${session}: ${paid} before it lapsed: agree on another time, or give it back`
      : `${session}: ${paid}, but it had lapsed and is not booked: agree on another time, or give it back`;
  return item(what, [move, ...refunds]);
}

function unfinishedRefund({ paymentId, receipt, amountKes, status, note }: UnfinishedRefund): AttentionItem {
  const what = `refund of ${receipt}, KES ${amountKes}, is ${status}${note === null ? "" : `: ${note}`}`;
  const commands = status === "requested" || status === "sent" ? [] : [`somopay money refund ${receipt}`];
  return { kind: "refund", what, paymentId, receipt, commands };
}

function listedCallback({ id: callbackId, atMs, paymentId, verdict, receipt, note, tries }: ListedCallback): AttentionItem {
  const came = `callback of ${new Date(atMs).toISOString()}`;
  const about = receipt === null ? "" : ` reports receipt ${receipt}`;
  const state = verdict === null ? `could not be processed ${tries} times` : `is ${verdict}`;
  return {
    kind: "callback",
    what: `${came}${about} and ${state}${note === null ? "" : `: ${note}`}`,
    callbackId,
    ...(paymentId !== null && { paymentId }),
    ...(receipt !== null && { receipt }),
    commands: [`somopay callbacks replay ${callbackId}`, `somopay callbacks dismiss ${callbackId} --reason WHY`],
  };
}
