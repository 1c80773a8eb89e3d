import { z } from "zod";
import { failureReasons } from "../contract.ts";
import type { PushReply } from "../daraja/daraja-types.ts";
import type { PaymentsDependencies } from "./payments-dependencies.ts";
import { recordReply } from "./start-payment.ts";
import { decodeBody, UnprocessableCallbackError, type CallbackFinding, type StoredCallback } from "./store/callback-inbox.ts";

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

/** Records a push's reply that was stored because the database was away. We wrote it ourselves; no address leads here. Safe to repeat. */
export async function processPushReply(deps: PaymentsDependencies, stored: StoredCallback): Promise<CallbackFinding> {
  const reply = readReply(decodeBody(stored));
  const attempt = stored.secretHash === null ? null : await deps.store.findAttemptBySecretHash(stored.secretHash);
  if (!attempt) return { verdict: "unmatched" };
  await recordReply(deps, attempt, reply);
  return { verdict: "verified", paymentId: attempt.id };
}

function readReply(body: string): PushReply {
  try {
    return replySchema.parse(JSON.parse(body));
  } catch (error) {
    throw new UnprocessableCallbackError("it is not a push's reply", { cause: error });
  }
}
