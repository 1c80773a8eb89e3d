/** What each phone has paid, as its SMS say; and whether anybody told the service of it. */
import type { Control } from "../daraja-simulator/control.ts";

export interface Wallet {
  /** Oldest first. */
  readonly receipts: readonly string[];
  /** Whether a callback or notice that names this receipt was taken. */
  isTold(receipt: string): boolean;
}

export interface Wallets {
  of(phone: string): Wallet;
  stop(): void;
}

export function watchWallets(control: Control): Wallets {
  const receiptsOf = new Map<string, string[]>();
  const told = new Set<string>();
  const stop = control.listen((event) => {
    if (event.type === "money_moved") receiptsOf.set(event.phone, [...(receiptsOf.get(event.phone) ?? []), event.entry.receipt]);
    if (event.type === "delivery" && event.delivery.status === 200 && event.delivery.receipt !== undefined)
      told.add(event.delivery.receipt);
  });
  const isTold = (receipt: string): boolean => told.has(receipt);
  return { of: (phone) => ({ receipts: receiptsOf.get(phone) ?? [], isTold }), stop };
}
