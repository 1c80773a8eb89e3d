import type { Clock } from "../../platform/clock.ts";
import type { Ids } from "../../platform/ids.ts";
import { SiteFileError } from "../../sites/site-file.ts";
import type { SiteFileWebhook } from "../../sites/site-store.ts";
import { problemWithUrl, type AllowedHosts } from "../sending/webhook-url.ts";
import type { EndpointStore } from "./endpoint-store.ts";
import { newEndpoint, newWebhookSecret } from "./endpoint.ts";

type Parts = { endpoints: EndpointStore; ids: Pick<Ids, "next">; now: Clock; hasSecretsKey: boolean; allowedHosts: AllowedHosts };

/** `webhookUrl` in a site file makes one endpoint. Another address changes it and keeps its secret; a file without one disables it. */
export function createSiteFileWebhook({ endpoints, ids, now, hasSecretsKey, allowedHosts }: Parts): SiteFileWebhook {
  return async (trx, siteId, url) => {
    const existing = await endpoints.fromSiteFile(trx, siteId);
    const atMs = now();
    if (url === null) {
      if (existing?.status === "enabled") await endpoints.change(existing.id, { status: "disabled", disabledWhy: "site_file" }, atMs, trx);
      return null;
    }
    const problem = problemWithUrl(url, allowedHosts);
    if (problem !== null) throw new SiteFileError([`webhookUrl: ${problem}`]);
    if (!hasSecretsKey)
      throw new SiteFileError([
        "webhookUrl: set SECRETS_KEY first, because the secret that signs is stored encrypted (create one with `openssl rand -hex 32`)",
      ]);
    if (existing) {
      // The same file again changes nothing: an endpoint that the owner has disabled stays so.
      const isNew = existing.url !== url || existing.disabledWhy === "site_file";
      if (isNew) await endpoints.change(existing.id, { url, status: "enabled" }, atMs, trx);
      return null;
    }
    const secret = newWebhookSecret();
    await endpoints.insertWith(trx, newEndpoint({ id: ids.next("we"), siteId, url, events: null, isFromSiteFile: true, atMs }), secret);
    return secret;
  };
}
