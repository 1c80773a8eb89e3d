import { z } from "zod";
import type { Database } from "../../platform/database.ts";
import { noteClaim, type IdempotencyClaim } from "../../platform/idempotency.ts";
import { updateMany } from "../../platform/update-many.ts";
import { TEST_TYPE } from "../webhook-contract.ts";

/** A message that is this copy's to send, until its lease is over. */
export type ClaimedDelivery = { id: string; messageId: string; payload: string; tries: number };

export type Claim = { endpointId: string; most: number; nowMs: number; leaseId: string; leaseMs: number };

/** How a try ended. `nextTryAtMs`: null if it was delivered, or if no further try is planned. */
export type TryOutcome = {
  id: string;
  leaseId: string;
  isDelivered: boolean;
  tries: number;
  nextTryAtMs: number | null;
  atMs: number;
  status: number | null;
  problem: string | null;
  answer: string | null;
};

/** What waits to be sent, and what became of it. */
export type DeliveryStore = {
  /**
   * Takes what is due for an endpoint, the longest waiting first. A message is due only if no earlier one of its booking waits, so that one booking's
   * messages go out one after the other, whichever copy sends them.
   */
  claim(claim: Claim): Promise<ClaimedDelivery[]>;
  record(outcomes: readonly TryOutcome[]): Promise<void>;
  /** Gives back what was claimed and not tried. */
  release(id: string, leaseId: string, nowMs: number): Promise<void>;
  /** A test message, to one endpoint alone. Returns the delivery's id. */
  insertTest(
    endpoint: { id: string; siteId: string },
    message: { id: string; payload: string; atMs: number; claim: IdempotencyClaim | null },
  ): Promise<string>;
  /** Deletes messages and deliveries that are older, delivered or not. Returns how many messages and old rows were deleted. */
  deleteBefore(beforeMs: number, most: number): Promise<number>;
};

const idsSchema = z.array(z.object({ id: z.string() }));
const claimedSchema = z.array(z.object({ id: z.string(), messageId: z.string(), payload: z.string(), tries: z.number() }));

export function createDeliveryStore({ knex, kind }: Database): DeliveryStore {
  return {
    async claim({ endpointId, most, nowMs, leaseId, leaseMs }) {
      const earlier = knex("webhook_deliveries as earlier")
        .where("earlier.endpoint_id", endpointId)
        .whereRaw("earlier.booking_id = delivery.booking_id AND earlier.sequence < delivery.sequence")
        .where("earlier.status", "waiting")
        .select(knex.raw("1"));
      const due: unknown = await knex("webhook_deliveries as delivery")
        .where({ "delivery.endpoint_id": endpointId, "delivery.status": "waiting" })
        .where("delivery.next_attempt_at", "<=", nowMs)
        .whereNotExists(earlier)
        .orderBy("delivery.next_attempt_at")
        .limit(most)
        .select("delivery.id as id");
      const ids = idsSchema.parse(due).map(({ id }) => id);
      if (ids.length === 0) return [];
      // Another copy may have taken one since: then it is due no longer.
      const taken = await knex("webhook_deliveries")
        .whereIn("id", ids)
        .where({ status: "waiting" })
        .where("next_attempt_at", "<=", nowMs)
        .update({ lease_id: leaseId, next_attempt_at: nowMs + leaseMs });
      if (taken === 0) return [];
      const rows: unknown = await knex("webhook_deliveries as delivery")
        .join("webhook_messages as message", "message.id", "delivery.message_id")
        .whereIn("delivery.id", ids)
        .where({ "delivery.lease_id": leaseId })
        .select("delivery.id as id", "message.id as messageId", "message.payload as payload", "delivery.attempts as tries");
      return claimedSchema.parse(rows);
    },
    record: (outcomes) =>
      knex.transaction(async (trx) => {
        const rows = outcomes
          .toSorted((left, right) => (left.id < right.id ? -1 : 1))
          .map((outcome) => ({
            row: {
              id: outcome.id,
              lease: outcome.leaseId,
              tries: outcome.tries,
              next_at: outcome.nextTryAtMs,
              at: outcome.atMs,
              answered: outcome.status,
              problem: outcome.problem?.slice(0, PROBLEM_MAX) ?? null,
              answer: outcome.answer,
            },
            isDelivered: outcome.isDelivered,
          }));
        const same = {
          attempts: "v.tries",
          next_attempt_at: "v.next_at",
          last_attempt_at: "v.at",
          last_status: "v.answered",
          last_problem: "v.problem",
          last_answer: "v.answer",
        };
        // Delivered is delivered, also if the lease was over and somebody else has it now.
        const delivered = rows.filter(({ isDelivered }) => isDelivered).map(({ row }) => row);
        const set = { ...same, status: "'delivered'", delivered_at: "v.at" };
        await updateMany(trx, kind, { table: "webhook_deliveries", on: ["id"], set, rows: delivered });
        // Only its own: what was redelivered meanwhile, or taken by another copy, has a plan of its own.
        const failed = rows.filter(({ isDelivered }) => !isDelivered).map(({ row: { lease, ...row } }) => ({ ...row, lease_id: lease }));
        const status = "CASE WHEN v.next_at IS NULL THEN 'failed' ELSE 'waiting' END";
        await updateMany(trx, kind, { table: "webhook_deliveries", on: ["id", "lease_id"], set: { ...same, status }, rows: failed });
      }),
    release: async (id, leaseId, nowMs) =>
      void (await knex("webhook_deliveries").where({ id, lease_id: leaseId, status: "waiting" }).update({ next_attempt_at: nowMs })),
    async insertTest(endpoint, { id: messageId, payload, atMs, claim }) {
      const id = `wd_${messageId.slice("msg_".length)}`;
      const same = { site_id: endpoint.siteId, sequence: 0, created_at: atMs };
      await knex.transaction(async (trx) => {
        await trx("webhook_messages").insert({ ...same, id: messageId, type: TEST_TYPE, payload });
        await trx("webhook_deliveries").insert({
          ...same,
          id,
          endpoint_id: endpoint.id,
          message_id: messageId,
          status: "waiting",
          attempts: 0,
          next_attempt_at: atMs,
        });
        await noteClaim(trx, claim, id);
      });
      return id;
    },
    async deleteBefore(beforeMs, most) {
      const old = async (table: string): Promise<string[]> =>
        idsSchema.parse(await knex(table).where("created_at", "<", beforeMs).limit(most).select("id")).map(({ id }) => id);
      // The deliveries first: one without its message could not be sent.
      const deliveries = await old("webhook_deliveries");
      if (deliveries.length > 0) {
        await knex("webhook_deliveries").whereIn("id", deliveries).delete();
        return deliveries.length;
      }
      const messages = await old("webhook_messages");
      if (messages.length > 0) await knex("webhook_messages").whereIn("id", messages).delete();
      return messages.length;
    },
  };
}

/** As long as its column. */
const PROBLEM_MAX = 200;
