import { randomBytes } from "node:crypto";
import type { DisabledReason, EndpointView, WebhookType } from "../webhook-contract.ts";

/** Where an owner's server is told what happened. Its secrets stay in the store. */
export type Endpoint = {
  id: string;
  siteId: string;
  url: string;
  /** null: all. */
  events: readonly WebhookType[] | null;
  status: "enabled" | "disabled";
  disabledWhy: DisabledReason | null;
  isFromSiteFile: boolean;
  /** The first failure since the last success; null: it works, or has never been tried. */
  failingSinceMs: number | null;
  lastFailure: string | null;
  /** When the owner was told that it has failed for a day. */
  toldFailingAtMs: number | null;
  previousSecretUntilMs: number | null;
  createdAtMs: number;
  updatedAtMs: number;
};

/** After a rotation, receivers have this long to take the new secret. */
export const BOTH_SECRETS_MS = 24 * 60 * 60_000;
/** A site needs one or two; more would multiply what each payment writes. */
export const ENDPOINTS_OF_A_SITE_MAX = 10;

/** 256 bits, in the form of Standard Webhooks. */
export function newWebhookSecret(): string {
  return `whsec_${randomBytes(32).toString("base64")}`;
}

/** Its host, for people: a path may hold a secret of the owner's. */
export function hostOf({ url }: Pick<Endpoint, "url">): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

export function toEndpointView(endpoint: Endpoint, nowMs: number): EndpointView {
  const { id, url, events, status, disabledWhy, isFromSiteFile, failingSinceMs, lastFailure, previousSecretUntilMs, createdAtMs } =
    endpoint;
  return {
    id,
    url,
    events: events && [...events],
    status,
    ...(disabledWhy !== null && { disabledWhy }),
    isFromSiteFile,
    ...(failingSinceMs !== null && { failingSince: failingSinceMs }),
    ...(failingSinceMs !== null && lastFailure !== null && { lastFailure }),
    ...(previousSecretUntilMs !== null && previousSecretUntilMs > nowMs && { previousSecretUntil: previousSecretUntilMs }),
    createdAt: createdAtMs,
  };
}

/** An endpoint as it is made: enabled, and nothing sent to it yet. */
export function newEndpoint({
  atMs,
  ...given
}: Pick<Endpoint, "id" | "siteId" | "url" | "events" | "isFromSiteFile"> & { atMs: number }): Endpoint {
  return {
    ...given,
    status: "enabled",
    disabledWhy: null,
    failingSinceMs: null,
    lastFailure: null,
    toldFailingAtMs: null,
    previousSecretUntilMs: null,
    createdAtMs: atMs,
    updatedAtMs: atMs,
  };
}
