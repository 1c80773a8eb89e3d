/** What waits for a person, in words, each with the command that settles it. */
import type { AttentionItem } from "../../contract.ts";
import { maskPhone } from "../../platform/masking.ts";
import type { UnassignedMoneyStore } from "../c2b/unassigned-money-store.ts";
import type { SiteScope } from "./site-scope.ts";
import type {
  AttentionStore,
  ListedCallback,
  SurplusPayment,
  UndecidedPayment,
  UnevenBooking,
  UnfinishedRefund,
} from "./attention-store.ts";

type Parts = { attention: AttentionStore; unassignedMoney: Pick<UnassignedMoneyStore, "list"> };

/** @param scope null: of all sites. A site sees money that matches no booking only if it came to a paybill of its own */
export async function listAttention({ attention, unassignedMoney }: Parts, scope: SiteScope | null): Promise<AttentionItem[]> {
  const [payments, bookings, surplus, refunds, callbacks, unassigned] = await Promise.all([
    attention.undecidedPayments(scope),
    attention.unevenBookings(scope),
    attention.surplus(scope),
    attention.unfinishedRefunds(scope),
    attention.callbacks(scope),
    scope === null ? unassignedMoney.list() : scope.shortcode === null ? [] : unassignedMoney.list(scope.shortcode),
  ]);
  return [
    ...payments.map(undecidedPayment),
    ...unassigned.map(({ receipt, amountKes, accountNumber, payer, why }) => ({
      kind: "unassigned_money" as const,
      what: `${receipt}: KES ${amountKes} from ${maskPhone(payer)}, account "${accountNumber}", belongs to no booking: ${why}`,
      commands: [`somopay money assign ${receipt} REFERENCE`, keep(receipt)],
    })),
    ...bookings.map(unevenBooking),
    ...surplus.map(surplusPayment),
    ...refunds.map(unfinishedRefund),
    ...callbacks.map(listedCallback),
  ];
}

function undecidedPayment({ paymentId, reference, amountKes, payer, attention }: UndecidedPayment): AttentionItem {
  const why = attention ?? "Safaricom did not say whether it was paid";
  return {
    kind: "payment",
    what: `booking ${reference}: KES ${amountKes} from ${maskPhone(payer)}: ${why}. Look for it on the M-Pesa statement`,
    commands: [
      `somopay payments settle ${paymentId} --paid RECEIPT --reason WHY`,
      `somopay payments settle ${paymentId} --not-paid --reason WHY`,
    ],
  };
}

function unevenBooking(booking: UnevenBooking): AttentionItem {
  const { reference, status, amountKes, amountPaidKes, sessionName, date, time, receipts } = booking;
  const session = `booking ${reference} (${sessionName}, ${date} ${time})`;
  const paid = `KES ${amountPaidKes} of ${amountKes} paid`;
  const refunds = receipts.flatMap((receipt) => [`somopay money refund ${receipt}`, keep(receipt)]);
  const move = `somopay bookings move ${reference} DATE TIME --reason WHY`;
  if (status === "cancelled") return { kind: "booking", what: `${session}: ${paid}, but it is cancelled: give it back`, commands: refunds };
  if (status === "booked") return { kind: "booking", what: `${session}: booked, and only ${paid}`, commands: receipts.map(keep) };
  if (status === "pending") return { kind: "booking", what: `${session}: ${paid}, and the parent may pay the rest`, commands: refunds };
  const what =
    amountPaidKes < amountKes
      ? `${session}: ${paid} before it lapsed: agree on another time, or give it back`
      : `${session}: ${paid}, but it had lapsed and is not booked: agree on another time, or give it back`;
  return { kind: "booking", what, commands: [move, ...refunds] };
}

function surplusPayment({ paymentId, receipt, amountKes, paymentKes, reference, payer }: SurplusPayment): AttentionItem {
  const name = receipt ?? "no receipt yet";
  const keeps = receipt === null ? `somopay payments settle ${paymentId} --kept --reason WHY` : keep(receipt);
  const refunds = receipt === null ? [] : [`somopay money refund ${receipt}`];
  if (amountKes === paymentKes) {
    const what = `${name}: KES ${amountKes} from ${maskPhone(payer)} is more than booking ${reference} needed`;
    return { kind: "surplus", what, commands: [...refunds, keeps] };
  }
  // A reversal gives back the whole payment, and the booking needs the rest of it.
  const part = `${name}: KES ${amountKes} of KES ${paymentKes} from ${maskPhone(payer)} is more than booking ${reference} needed`;
  const what = `${part}: agree to keep it, or send KES ${amountKes} back by M-Pesa yourself (a refund gives back all of KES ${paymentKes})`;
  return { kind: "surplus", what, commands: [keeps, ...refunds] };
}

/** For money that a person has dealt with: kept by agreement, or given back by hand. */
function keep(receipt: string): string {
  return `somopay money keep ${receipt} --reason WHY`;
}

function unfinishedRefund({ receipt, amountKes, status, note }: UnfinishedRefund): AttentionItem {
  const what = `refund of ${receipt}, KES ${amountKes}, is ${status}${note === null ? "" : `: ${note}`}`;
  return { kind: "refund", what, commands: status === "requested" || status === "sent" ? [] : [`somopay money refund ${receipt}`] };
}

function listedCallback({ callbackId, receivedAtMs, verdict, receipt, note, tries }: ListedCallback): AttentionItem {
  const came = `callback of ${new Date(receivedAtMs).toISOString()}`;
  const about = receipt === null ? "" : ` reports receipt ${receipt}`;
  const state = verdict === null ? `could not be processed ${tries} times` : `is ${verdict}`;
  return {
    kind: "callback",
    what: `${came}${about} and ${state}${note === null ? "" : `: ${note}`}`,
    commands: [`somopay callbacks replay ${callbackId}`, `somopay callbacks dismiss ${callbackId} --reason WHY`],
  };
}
