import { readCallback } from "./accept-callback.ts";
import type { CallbackReading, StoredCallback } from "./callback-inbox.ts";
import { readMoney, type MoneyReceiver } from "./manual-payments.ts";
import { readPushReply } from "./read-push-reply.ts";
import { readResult, type ResultReceiver } from "./read-result.ts";

export type Receiver = MoneyReceiver & ResultReceiver;

/** Acts on whatever Safaricom sent, by what it is about. */
export function readStored(receiver: Receiver, stored: StoredCallback): Promise<CallbackReading> {
  switch (stored.kind) {
    case "stk":
      return readCallback(receiver, stored);
    case "c2b":
      return readMoney(receiver, stored);
    case "result":
    case "timeout":
      return readResult(receiver, stored);
    case "push":
      return readPushReply(receiver, stored);
  }
}
