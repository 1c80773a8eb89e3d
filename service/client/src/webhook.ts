import { Webhook, WebhookVerificationError } from "standardwebhooks";
import type { WebhookMessage, WebhookTestMessage } from "./contract.generated.ts";
import { SomoPayError } from "./errors.ts";

type Identified = {
  /** The same for every delivery of one message: remember it, and do the work once. */
  id: string;
};

/**
 * `data.booking.version` grows with every change: an older one than you know has been overtaken. A newer SomoPay may send types that this package does not
 * know: answer them with 2xx, and ignore them.
 */
export type BookingEvent = WebhookMessage & Identified;
/** What `webhookEndpoints.test` and `POST …/test` send. */
export type TestEvent = WebhookTestMessage & Identified;
/** `type` tells them apart. */
export type WebhookEvent = BookingEvent | TestEvent;
export type WebhookType = WebhookMessage["type"];

/** As Node, Express, Fastify or `fetch` give them. */
export type WebhookHeaders = { get(name: string): string | null } | { readonly [name: string]: string | string[] | undefined };

/** The message is not SomoPay's, or is too old: answer 400 and do nothing. */
export class WebhookError extends SomoPayError {
  override name = "WebhookError";
}

/**
 * Checks that a message is from SomoPay, that nobody changed it, and that it is at most five minutes old (Standard Webhooks).
 * @param rawBody the body as it came, before any parsing: JSON that was parsed and written again has another signature
 * @param secret `whsec_…`, as creating the endpoint answered
 * @throws WebhookError
 */
export function verifyWebhook(rawBody: string | Uint8Array, headers: WebhookHeaders, secret: string): WebhookEvent {
  const id = headerOf(headers, "webhook-id");
  const signed = {
    "webhook-id": id,
    "webhook-timestamp": headerOf(headers, "webhook-timestamp"),
    "webhook-signature": headerOf(headers, "webhook-signature"),
  };
  const body = typeof rawBody === "string" ? rawBody : new TextDecoder().decode(rawBody);
  const event = verify(body, signed, secret);
  if (!isEvent(event)) throw new WebhookError("the message is signed, but has no type and data");
  return { ...event, id };
}

function verify(body: string, signed: Record<string, string>, secret: string): unknown {
  try {
    return new Webhook(secret).verify(body, signed);
  } catch (error) {
    if (!(error instanceof WebhookVerificationError) && !(error instanceof SyntaxError)) throw error;
    throw new WebhookError(error.message, { cause: error });
  }
}

function headerOf(headers: WebhookHeaders, name: string): string {
  const value = isGetter(headers) ? headers.get(name) : headers[name];
  const first = Array.isArray(value) ? value[0] : value;
  if (first === undefined || first === null || first === "") throw new WebhookError(`the header ${name} is missing`);
  return first;
}

function isGetter(headers: WebhookHeaders): headers is { get(name: string): string | null } {
  return typeof headers.get === "function";
}

/** The signature says that SomoPay wrote it, so its shape is the contract's; an address with another sender's secret would not. */
function isEvent(event: unknown): event is WebhookMessage | WebhookTestMessage {
  if (typeof event !== "object" || event === null || !("type" in event) || !("data" in event)) return false;
  return typeof event.type === "string" && typeof event.data === "object" && event.data !== null;
}
