import { processStkCallback } from "./receive-callback.ts";
import type { ProcessingResult, StoredCallback } from "./store/callback-inbox.ts";
import { processConfirmation, type MoneyReceiver } from "./c2b/process-confirmation.ts";
import { processPushReply } from "./process-push-reply.ts";
import { processResult, type ResultReceiver } from "./process-result.ts";

export type Receiver = MoneyReceiver & ResultReceiver;

/** Acts on whatever Safaricom sent, by what it is about, and notes what it was taken for. Safe to repeat: everything that it leads to is guarded. */
export async function processCallback(receiver: Receiver, stored: StoredCallback): Promise<ProcessingResult> {
  const reading = await read(receiver, stored);
  await receiver.inbox.markProcessed(stored.id, reading);
  receiver.metrics.callbackProcessed(reading.verdict, reading.atMs - stored.receivedAtMs);
  log(receiver, stored, reading);
  return reading;
}

function read(receiver: Receiver, stored: StoredCallback): Promise<ProcessingResult> {
  switch (stored.kind) {
    case "stk":
      return processStkCallback(receiver, stored);
    case "c2b":
      return processConfirmation(receiver, stored);
    case "result":
    case "timeout":
      return processResult(receiver, stored);
    case "push":
      return processPushReply(receiver, stored);
  }
}

function log({ logger }: Receiver, { id, kind }: StoredCallback, { verdict, paymentId, note }: ProcessingResult): void {
  const facts = { callbackId: id, kind, verdict, paymentId, note };
  if (verdict === "unverified") logger.warn(facts, "callback kept but not verified");
  else if (verdict === "unmatched") logger.warn(facts, "callback kept: it is about nothing that we know");
  // What is noted of an answer to a question of ours is in the question's own row.
  else if (note !== null && (kind === "stk" || kind === "c2b"))
    logger.warn(facts, "callback verified, with something for the owner to look at");
  else logger.info(facts, "callback read");
}
