/** What each phone has paid according to its SMS, and whether the service has received a report of it. */
import type { Control } from "../daraja-simulator/control.ts";
import type { DeliveryKind } from "../daraja-simulator/delivery.ts";

export interface Wallet {
  /** Oldest first. */
  readonly receipts: readonly string[];
  readonly paidKes: number;
  /** Whether the service accepted a callback, a notice or a result with this receipt. */
  isReported(receipt: string): boolean;
}

export interface Wallets {
  of(phone: string): Wallet;
  stop(): void;
}

const reportsMoney: ReadonlySet<DeliveryKind> = new Set<DeliveryKind>(["stk_callback", "c2b_confirmation", "status_result"]);

export function watchWallets(control: Control): Wallets {
  const paidBy = new Map<string, { receipt: string; amountKes: number }[]>();
  const reported = new Set<string>();
  const stop = control.listen((event) => {
    if (event.type === "money_moved") paidBy.set(event.phone, [...(paidBy.get(event.phone) ?? []), event.entry]);
    if (event.type !== "delivery" || event.delivery.status !== 200 || !reportsMoney.has(event.delivery.kind)) return;
    if (event.delivery.receipt !== undefined) reported.add(event.delivery.receipt);
  });
  const isReported = (receipt: string): boolean => reported.has(receipt);
  const of = (phone: string): Wallet => {
    const entries = paidBy.get(phone) ?? [];
    const paidKes = entries.reduce((sumKes, { amountKes }) => sumKes + amountKes, 0);
    return { receipts: entries.map(({ receipt }) => receipt), paidKes, isReported };
  };
  return { of, stop };
}
