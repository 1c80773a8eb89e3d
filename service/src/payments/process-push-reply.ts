import { z } from "zod";
import { failureReasons } from "../contract.ts";
import type { PushReply } from "../daraja/daraja-types.ts";
import { decodeBody, type ProcessingResult, type StoredCallback } from "./store/callback-inbox.ts";
import type { Recorder } from "./record-outcome.ts";
import { recordReply } from "./start-payment.ts";

const replySchema = z.union([
  z.object({ kind: z.literal("accepted"), checkoutRequestId: z.string(), merchantRequestId: z.string().nullable() }),
  z
    .object({
      kind: z.literal("refused"),
      reason: z.enum(failureReasons),
      code: z.string().nullable(),
      message: z.string(),
      retryAfterMs: z.number().optional(),
    })
    .transform(({ retryAfterMs, ...reply }) => (retryAfterMs === undefined ? reply : { ...reply, retryAfterMs })),
  z.object({ kind: z.literal("unclear"), message: z.string() }),
]);

/** Acts on a push's reply that came while the database was away. We wrote it ourselves: no address leads here. Safe to repeat. */
export async function processPushReply(receiver: Recorder, stored: StoredCallback): Promise<ProcessingResult> {
  const reply: PushReply = replySchema.parse(JSON.parse(decodeBody(stored)));
  const attempt = stored.secretHash === null ? null : await receiver.store.findAttemptBySecretHash(stored.secretHash);
  if (attempt) await recordReply(receiver, attempt, reply);
  return {
    verdict: attempt ? "verified" : "unmatched",
    paymentId: attempt?.id ?? null,
    receipt: null,
    note: null,
    atMs: receiver.now(),
  };
}
