import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { z } from "zod";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database.ts";
import type { PostResult } from "../sending/post-webhook.ts";

export type WebhookMetrics = {
  tried(endpointId: string, result: PostResult, tookMs: number): void;
};

/** The numbers that an operator watches; docs/operating.md explains them. */
export function createWebhookMetrics(registry: Registry): WebhookMetrics {
  const registers = [registry];
  const tries = new Counter({
    name: "somopay_webhook_tries_total",
    help: "Webhooks sent, by outcome: delivered, refused (another status than 2xx), unanswered.",
    labelNames: ["outcome"],
    registers,
  });
  const failures = new Counter({
    name: "somopay_webhook_failures_total",
    help: "Webhooks that were not delivered at a try, by endpoint.",
    labelNames: ["endpoint"],
    registers,
  });
  const seconds = new Histogram({
    name: "somopay_webhook_answer_seconds",
    help: "How long receivers of webhooks took to answer.",
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10],
    registers,
  });
  return {
    tried(endpoint, { status, problem }, tookMs) {
      tries.inc({ outcome: problem === null ? "delivered" : status === null ? "unanswered" : "refused" });
      if (problem !== null) failures.inc({ endpoint });
      seconds.observe(tookMs / 1_000);
    },
  };
}

const waitingSchema = z.object({ waiting: z.coerce.number(), oldest: z.number().nullable() });

/** Read from the database each time that the metrics are asked for; the same on every copy. */
export function registerWebhookGauges(registry: Registry, { database: { knex }, now }: { database: Database; now: Clock }): void {
  const registers = [registry];
  const read = async (): Promise<z.infer<typeof waitingSchema> | null> => {
    const enabled = knex("webhook_endpoints").where({ status: "enabled" }).select("id");
    const query = knex("webhook_deliveries").where({ status: "waiting" }).whereIn("endpoint_id", enabled);
    // With the database away the figures are unknown.
    return query
      .count({ waiting: "*" })
      .min({ oldest: "created_at" })
      .first()
      .then((row: unknown) => waitingSchema.parse(row))
      .catch(() => null);
  };
  const gauge = (name: string, help: string, value: () => Promise<number>) =>
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        this.set(await value());
      },
    });
  gauge(
    "somopay_webhooks_waiting",
    "Webhooks that wait to be delivered to enabled endpoints.",
    async () => (await read())?.waiting ?? Number.NaN,
  );
  gauge("somopay_oldest_webhook_seconds", "How long the oldest of them has waited; 0 when there is none.", async () => {
    const found = await read();
    if (found === null) return Number.NaN;
    return found.oldest === null ? 0 : Math.max(0, now() - found.oldest) / 1_000;
  });
  gauge("somopay_webhook_endpoints_failing", "Enabled endpoints whose last try failed.", async () => {
    const failing = knex("webhook_endpoints").where({ status: "enabled" }).whereNotNull("failing_since");
    const row: unknown = await failing
      .count({ count: "*" })
      .first()
      .catch(() => null);
    return row === null ? Number.NaN : z.object({ count: z.coerce.number() }).parse(row).count;
  });
}
