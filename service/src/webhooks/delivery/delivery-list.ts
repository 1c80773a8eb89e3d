import { z } from "zod";
import type { Knex } from "knex";
import { DELIVERY_COLUMNS, DELIVERY_VALUES, IS_WANTED } from "../../payments/store/webhook-rows.ts";
import type { Database } from "../../platform/database.ts";
import { noteClaim, type IdempotencyClaim } from "../../platform/idempotency.ts";
import { pageShape, readPage, toPage, type Page } from "../../platform/page.ts";
import { deliveryStatuses, TEST_TYPE, webhookTypes, type DeliveryView } from "../webhook-contract.ts";

export const deliveriesQuerySchema = z.strictObject({
  status: z.enum(deliveryStatuses).optional(),
  type: z.enum([...webhookTypes, TEST_TYPE]).optional(),
  bookingId: z.string().max(64).optional(),
  ...pageShape,
});
export type DeliveriesQuery = z.infer<typeof deliveriesQuerySchema>;

export type RedeliverWindow = { endpointId: string; sinceMs: number; untilMs: number; which: "undelivered" | "all" } & Now;
/** `claim`: the key of the request, noted in the same transaction with what it did. */
type Now = { atMs: number; claim?: IdempotencyClaim | null };

/** A site's deliveries for its owner. */
export type DeliveryList = {
  /** Newest first. `endpointId` null: of all its endpoints. */
  page(siteId: string, endpointId: string | null, query: DeliveriesQuery): Promise<Page<DeliveryView>>;
  one(siteId: string, deliveryId: string): Promise<(DeliveryView & { payload: string }) | null>;
  /** Sends it again, at once and with all of its tries, whatever became of it. Returns whether it exists. */
  redeliver(siteId: string, deliveryId: string, now: Now): Promise<boolean>;
  /** The same for every message of a time, also those that the endpoint never got. Returns how many, which is also what the key notes. */
  redeliverWindow(window: RedeliverWindow): Promise<number>;
  /** How many messages failed for good, and how many wait, for each endpoint that has such. */
  undelivered(endpointIds: readonly string[]): Promise<Map<string, { failed: number; waiting: number }>>;
};

const rowSchema = z.object({
  id: z.string(),
  endpoint_id: z.string(),
  message_id: z.string(),
  type: z.string(),
  booking_id: z.string().nullable(),
  status: z.enum(deliveryStatuses),
  attempts: z.number(),
  next_attempt_at: z.number().nullable(),
  last_attempt_at: z.number().nullable(),
  last_status: z.number().nullable(),
  last_problem: z.string().nullable(),
  last_answer: z.string().nullable(),
  delivered_at: z.number().nullable(),
  created_at: z.number(),
});
const countsSchema = z.array(z.object({ endpoint_id: z.string(), status: z.enum(deliveryStatuses), count: z.coerce.number() }));

export function createDeliveryList({ knex }: Database): DeliveryList {
  const ofSite = (siteId: string): Knex.QueryBuilder =>
    knex("webhook_deliveries as delivery")
      .join("webhook_messages as message", "message.id", "delivery.message_id")
      .where({ "delivery.site_id": siteId });
  const columns = ["delivery.*", "message.type as type"];
  return {
    async page(siteId, endpointId, { status, type, bookingId, after, limit }) {
      const query = ofSite(siteId).select(columns);
      if (endpointId !== null) void query.where({ "delivery.endpoint_id": endpointId });
      if (status !== undefined) void query.where({ "delivery.status": status });
      if (type !== undefined) void query.where({ "message.type": type });
      if (bookingId !== undefined) void query.where({ "delivery.booking_id": bookingId });
      const rows = await readPage(query, { at: "delivery.created_at", id: "delivery.id" }, { after, limit });
      const found = z.array(rowSchema).parse(rows);
      return toPage(found, limit, ({ created_at: atMs, id }) => ({ atMs, id }), toDeliveryView);
    },
    async one(siteId, deliveryId) {
      const row: unknown = await ofSite(siteId)
        .where({ "delivery.id": deliveryId })
        .first([...columns, "message.payload as message_payload"]);
      if (row === undefined) return null;
      return { ...toDeliveryView(rowSchema.parse(row)), payload: z.object({ message_payload: z.string() }).parse(row).message_payload };
    },
    redeliver: (siteId, id, { atMs, claim = null }) =>
      knex.transaction(async (trx) => {
        const found = await trx("webhook_deliveries").where({ id, site_id: siteId }).whereNotNull("status").update(again(atMs));
        if (found > 0) await noteClaim(trx, claim, id);
        return found > 0;
      }),
    redeliverWindow: ({ endpointId, sinceMs, untilMs, which, atMs, claim = null }) =>
      knex.transaction(async (trx) => {
        await trx.raw(
          `INSERT INTO webhook_deliveries (${DELIVERY_COLUMNS}) SELECT ${DELIVERY_VALUES} FROM webhook_messages m ` +
            `JOIN webhook_endpoints e ON e.site_id = m.site_id WHERE e.id = ? AND m.created_at >= ? AND m.created_at < ? ` +
            `AND m.type <> ? AND ${IS_WANTED} ` +
            "AND NOT EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.message_id = m.id AND d.endpoint_id = e.id)",
          [endpointId, sinceMs, untilMs, TEST_TYPE],
        );
        const chosen = trx("webhook_deliveries")
          .where({ endpoint_id: endpointId })
          .where("created_at", ">=", sinceMs)
          .where("created_at", "<", untilMs);
        const count: number = await chosen
          .whereIn("status", which === "all" ? deliveryStatuses : ["waiting", "failed"])
          .update(again(atMs));
        await noteClaim(trx, claim, String(count));
        return count;
      }),
    async undelivered(endpointIds) {
      const rows: unknown = await knex("webhook_deliveries")
        .whereIn("endpoint_id", [...endpointIds])
        .whereIn("status", ["waiting", "failed"])
        .groupBy("endpoint_id", "status")
        .select("endpoint_id", "status")
        .count({ count: "*" });
      const counts = new Map<string, { failed: number; waiting: number }>();
      for (const { endpoint_id: id, status, count } of countsSchema.parse(rows))
        counts.set(id, { failed: 0, waiting: 0, ...counts.get(id), [status]: count });
      return counts;
    },
  };
}

/** The lease goes too: a try that is under way and fails plans nothing. */
function again(atMs: number) {
  return { status: "waiting", attempts: 0, next_attempt_at: atMs, lease_id: null };
}

function toDeliveryView(row: z.infer<typeof rowSchema>): DeliveryView {
  return {
    id: row.id,
    endpointId: row.endpoint_id,
    webhookId: row.message_id,
    type: row.type,
    ...(row.booking_id !== null && { bookingId: row.booking_id }),
    status: row.status,
    tries: row.attempts,
    ...(row.next_attempt_at !== null && row.status === "waiting" && { nextTryAt: row.next_attempt_at }),
    ...(row.last_attempt_at !== null && { lastTryAt: row.last_attempt_at }),
    ...(row.last_status !== null && { lastStatus: row.last_status }),
    ...(row.last_problem !== null && { lastProblem: row.last_problem }),
    ...(row.last_answer !== null && { lastAnswer: row.last_answer }),
    ...(row.delivered_at !== null && { deliveredAt: row.delivered_at }),
    createdAt: row.created_at,
  };
}
