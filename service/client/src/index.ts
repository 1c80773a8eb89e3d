export { createClient, type Client, type ClientOptions, type WriteOptions } from "./client.ts";
export { ApiError, ConnectionError, RateLimitError, SomoPayError, type ErrorCode } from "./errors.ts";
export type { List } from "./list.ts";
export {
  verifyWebhook,
  WebhookError,
  type BookingEvent,
  type TestEvent,
  type WebhookEvent,
  type WebhookHeaders,
  type WebhookType,
} from "./webhook.ts";
export type * from "./contract.generated.ts";
