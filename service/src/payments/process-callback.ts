import { readCallback } from "./receive-callback.ts";
import type { CallbackReading, StoredCallback } from "./store/callback-inbox.ts";
import { readMoney, type MoneyReceiver } from "./c2b/process-confirmation.ts";
import { readPushReply } from "./process-push-reply.ts";
import { readResult, type ResultReceiver } from "./process-result.ts";

export type Receiver = MoneyReceiver & ResultReceiver;

/** Acts on whatever Safaricom sent, by what it is about, and notes what it was taken for. Safe to repeat: everything that it leads to is guarded. */
export async function readStored(receiver: Receiver, stored: StoredCallback): Promise<CallbackReading> {
  const reading = await read(receiver, stored);
  await receiver.inbox.markRead(stored.id, reading);
  receiver.metrics.callbackRead(reading.verdict, reading.atMs - stored.receivedAtMs);
  log(receiver, stored, reading);
  return reading;
}

function read(receiver: Receiver, stored: StoredCallback): Promise<CallbackReading> {
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

function log({ logger }: Receiver, { id, kind }: StoredCallback, { verdict, paymentId, note }: CallbackReading): void {
  const facts = { callbackId: id, kind, verdict, paymentId, note };
  if (verdict === "doubted") logger.warn(facts, "callback kept but not believed");
  else if (verdict === "unmatched") logger.warn(facts, "callback kept: it is about nothing that we know");
  // What is noted of an answer to a question of ours is in the question's own row.
  else if (note !== null && (kind === "stk" || kind === "c2b"))
    logger.warn(facts, "callback believed, with something for the owner to look at");
  else logger.info(facts, "callback read");
}
