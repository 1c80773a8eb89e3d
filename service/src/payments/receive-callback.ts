import { hashSecret } from "../platform/ids.ts";
import type { PaymentsDependencies } from "./payments-dependencies.ts";
import { encodeBody, type CallbackKind, type StoredCallback } from "./store/callback-inbox.ts";

export type IncomingCallback = { kind: CallbackKind; secret: string | null; remoteAddress: string; body: Buffer; truncated: boolean };

/**
 * Stores a callback as it came, whatever it is. Once this resolves it is on disk and can be answered 200; process-callback.ts interprets it later.
 * Resolves to null when the journal took it: it is processed after it was replayed into the database.
 * @throws only when neither the database nor the journal could store it
 */
export async function receiveCallback(
  { inbox, ids, now }: Pick<PaymentsDependencies, "inbox" | "ids" | "now">,
  { kind, secret, remoteAddress, body, truncated }: IncomingCallback,
): Promise<StoredCallback | null> {
  const callback: StoredCallback = {
    id: ids.next("cb"),
    receivedAtMs: now(),
    kind,
    secretHash: secret === null ? null : hashSecret(secret),
    remoteAddress,
    ...encodeBody(body),
    truncated,
  };
  return (await inbox.store(callback)) === "database" ? callback : null;
}
