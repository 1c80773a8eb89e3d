import { readCallback } from "./accept-callback.ts";
import type { CallbackReading, StoredCallback } from "./callback-inbox.ts";
import { readMoney, type MoneyReceiver } from "./manual-payments.ts";

/** Acts on whatever Safaricom sent, by what it is about. */
export function readStored(receiver: MoneyReceiver, stored: StoredCallback): Promise<CallbackReading> {
  switch (stored.kind) {
    case "stk":
      return readCallback(receiver, stored);
    case "c2b":
      return readMoney(receiver, stored);
  }
}
