import type { Router } from "express";
import type { Config } from "../config.ts";
import type { FailingEndpoints } from "../payments/operator/attention.ts";
import type { ComposeWebhooks } from "../payments/payments-dependencies.ts";
import { every, type BackgroundTask } from "../platform/background.ts";
import type { Platform } from "../platform/open-platform.ts";
import { systemTimers } from "../platform/timers.ts";
import type { SiteDirectory } from "../sites/site-directory.ts";
import type { SiteFileWebhook } from "../sites/site-store.ts";
import { createWebhookComposer } from "./compose-webhook.ts";
import { createDeliverer } from "./delivery/deliver-webhooks.ts";
import { createDeliveryList } from "./delivery/delivery-list.ts";
import { createDeliveryStore } from "./delivery/delivery-store.ts";
import { pruneWebhooks } from "./delivery/prune-webhooks.ts";
import { createWebhookMetrics, registerWebhookGauges } from "./delivery/webhook-metrics.ts";
import { checkEndpoints } from "./endpoints/endpoint-health.ts";
import { createEndpointStore } from "./endpoints/endpoint-store.ts";
import { listFailingEndpoints } from "./endpoints/failing-endpoints.ts";
import { createSiteFileWebhook } from "./endpoints/site-file-endpoint.ts";
import { createSitesWithEndpoints } from "./endpoints/sites-with-endpoints.ts";
import { createWebhookClient } from "./sending/post-webhook.ts";
import { createWebhooksRouter } from "./webhooks-router.ts";

export type WebhooksParts = { config: Pick<Config, "secretsKey" | "webhookAllowHosts">; platform: Platform };

export type Webhooks = {
  composeWebhooks: ComposeWebhooks;
  siteFileWebhook: SiteFileWebhook;
  /** Endpoints that need their owner. `siteId` null: of all sites. */
  failingEndpoints: FailingEndpoints;
  createRouter(sites: SiteDirectory): Router;
  /** Sends what waits, until it is stopped. */
  start(): BackgroundTask;
};

/** How soon a message is sent after its transaction, at most. */
const LOOK_EVERY_MS = 250;
const HOUSEKEEPING_PAUSE_MS = 60_000;

export function createWebhooks({ config, platform }: WebhooksParts): Webhooks {
  const { database, registry, keys, leases, ids, now, logger } = platform;
  const { secretsKey, webhookAllowHosts: allowedHosts } = config;
  const endpoints = createEndpointStore(database, secretsKey);
  const deliveries = createDeliveryStore(database);
  const list = createDeliveryList(database);
  const sitesWithEndpoints = createSitesWithEndpoints(endpoints, now);
  const hasSecretsKey = secretsKey !== null;
  const metrics = createWebhookMetrics(registry);
  registerWebhookGauges(registry, { database, now });
  const health = { endpoints, now, logger };

  return {
    composeWebhooks: createWebhookComposer({ hasEndpoint: sitesWithEndpoints.has, ids }),
    siteFileWebhook: createSiteFileWebhook({ endpoints, ids, now, hasSecretsKey, allowedHosts }),
    failingEndpoints: (words, siteId) => listFailingEndpoints({ endpoints, deliveries: list }, words, siteId),
    createRouter: (sites) =>
      createWebhooksRouter({
        endpoints,
        deliveries,
        list,
        sites,
        keys,
        ids,
        now,
        allowedHosts,
        hasSecretsKey,
        onAdded: sitesWithEndpoints.expire,
      }),
    start() {
      const client = createWebhookClient({ allowedHosts });
      const deliverer = createDeliverer({ deliveries, endpoints, client, ids, now, timers: systemTimers, logger, metrics });
      const tasks = [
        every(LOOK_EVERY_MS, "deliver webhooks", () => deliverer.round().then(() => false), logger),
        every(
          HOUSEKEEPING_PAUSE_MS,
          "check webhook endpoints, delete old messages",
          async () => {
            await checkEndpoints(health);
            return pruneWebhooks({ deliveries, leases, now });
          },
          logger,
        ),
      ];
      return {
        async stop() {
          await Promise.all(tasks.map((task) => task.stop()));
          await deliverer.stop();
        },
      };
    },
  };
}
