import type { ComposeWebhooks } from "../payments/payments-dependencies.ts";
import type { Database } from "../platform/database.ts";
import { createIds } from "../platform/ids.ts";
import { createWebhookComposer } from "../webhooks/compose-webhook.ts";
import { createEndpointStore } from "../webhooks/endpoints/endpoint-store.ts";
import { createSitesWithEndpoints } from "../webhooks/endpoints/sites-with-endpoints.ts";

/** What a command decides is told to the owner's server too, by the running service. */
export function composeWebhooksBeside(database: Database): ComposeWebhooks {
  const sites = createSitesWithEndpoints(createEndpointStore(database, null), Date.now);
  return createWebhookComposer({ hasEndpoint: sites.has, ids: createIds(Date.now) });
}
