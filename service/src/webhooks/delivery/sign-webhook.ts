import { Webhook } from "standardwebhooks";

/**
 * The headers of Standard Webhooks 1.0.
 * @param secrets with two, after a rotation, the receiver may verify with either
 */
export function signWebhook(secrets: readonly string[], message: { id: string; body: string; atMs: number }): Record<string, string> {
  const at = new Date(message.atMs);
  return {
    "webhook-id": message.id,
    "webhook-timestamp": String(Math.floor(message.atMs / 1_000)),
    "webhook-signature": secrets.map((secret) => new Webhook(secret).sign(message.id, at, message.body)).join(" "),
  };
}
