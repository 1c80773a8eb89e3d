/** What each phone has paid according to its SMS, and whether the service has received a report of it. */
import type { Control } from "../daraja-simulator/control.ts";
import type { DeliveryKind } from "../daraja-simulator/delivery.ts";

export interface Wallet {
  /** Oldest first. */
  readonly receipts: readonly string[];
  /** Whether the service accepted a callback, a notice or a result with this receipt. */
  isReported(receipt: string): boolean;
}

export interface Wallets {
  of(phone: string): Wallet;
  stop(): void;
}

const reportsMoney: ReadonlySet<DeliveryKind> = new Set<DeliveryKind>(["stk_callback", "c2b_confirmation", "status_result"]);

export function watchWallets(control: Control): Wallets {
  const receiptsOf = new Map<string, string[]>();
  const reported = new Set<string>();
  const stop = control.listen((event) => {
    if (event.type === "money_moved") receiptsOf.set(event.phone, [...(receiptsOf.get(event.phone) ?? []), event.entry.receipt]);
    if (event.type !== "delivery" || event.delivery.status !== 200 || !reportsMoney.has(event.delivery.kind)) return;
    if (event.delivery.receipt !== undefined) reported.add(event.delivery.receipt);
  });
  const isReported = (receipt: string): boolean => reported.has(receipt);
  return { of: (phone) => ({ receipts: receiptsOf.get(phone) ?? [], isReported }), stop };
}
