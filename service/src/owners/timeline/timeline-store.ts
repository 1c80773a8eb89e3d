import { z } from "zod";
import { refundStatuses } from "../../contract.ts";
import type { BookingFile } from "../../payments/payment.ts";
import type { Database } from "../../platform/database.ts";
import { deliveryStatuses } from "../../webhooks/webhook-contract.ts";

const historySchema = z.object({
  payment_id: z.string(),
  event: z.string(),
  source: z.string(),
  note: z.string().nullable(),
  actor: z.string().nullable(),
  at: z.number(),
});
const callbackSchema = z.object({
  payment_id: z.string(),
  kind: z.string(),
  received_at: z.number(),
  body: z.string(),
  body_encoding: z.string(),
  truncated: z.number(),
  verdict: z.string().nullable(),
  note: z.string().nullable(),
  receipt: z.string().nullable(),
});
const refundSchema = z.object({
  payment_id: z.string(),
  receipt: z.string(),
  amount: z.number(),
  status: z.enum(refundStatuses),
  note: z.string().nullable(),
  actor: z.string().nullable(),
  reason: z.string().nullable(),
  requested_at: z.number(),
  ended_at: z.number().nullable(),
});
const checkSchema = z.object({
  receipt: z.string(),
  status: z.string(),
  note: z.string().nullable(),
  requested_at: z.number(),
  ended_at: z.number().nullable(),
});
const deliverySchema = z.object({
  payment_id: z.string().nullable(),
  type: z.string(),
  url: z.string().nullable(),
  status: z.enum(deliveryStatuses),
  attempts: z.number(),
  last_status: z.number().nullable(),
  last_problem: z.string().nullable(),
  last_answer: z.string().nullable(),
  last_attempt_at: z.number().nullable(),
  delivered_at: z.number().nullable(),
  created_at: z.number(),
});
const sessionSchema = z.object({ booked_at: z.number(), cancelled_at: z.number().nullable() });

export type HistoryRecord = z.infer<typeof historySchema>;
export type CallbackRecord = z.infer<typeof callbackSchema>;
export type RefundRecord = z.infer<typeof refundSchema>;
export type CheckRecord = z.infer<typeof checkSchema>;
export type DeliveryRecord = z.infer<typeof deliverySchema>;

/** Everything that is kept of what happened to a booking; each list oldest first. */
export type BookingRecords = {
  history: HistoryRecord[];
  callbacks: CallbackRecord[];
  refunds: RefundRecord[];
  checks: CheckRecord[];
  deliveries: DeliveryRecord[];
  session: z.infer<typeof sessionSchema> | null;
};

export type TimelineStore = { read(file: BookingFile): Promise<BookingRecords> };

/** A payment has a few callbacks. Whoever knows its address may send thousands; the first are enough to see that. */
const CALLBACKS_MAX = 100;
const DELIVERIES_MAX = 200;
const CHECKS_MAX = 100;

export function createTimelineStore({ knex }: Database): TimelineStore {
  return {
    async read({ booking, attempts }) {
      const ids = attempts.map(({ id }) => id);
      const rows: unknown[] = await Promise.all([
        knex("payment_history").whereIn("payment_id", ids).orderBy(["at", "booking_version", "id"]),
        knex("callbacks").whereIn("payment_id", ids).orderBy(["received_at", "id"]).limit(CALLBACKS_MAX),
        knex("refunds").whereIn("payment_id", ids).orderBy(["requested_at", "id"]),
        knex("receipt_checks").where({ pending_session_id: booking.id }).orderBy(["requested_at", "id"]).limit(CHECKS_MAX),
        knex("webhook_messages as message")
          .join("webhook_deliveries as delivery", "delivery.message_id", "message.id")
          .leftJoin("webhook_endpoints as endpoint", "endpoint.id", "delivery.endpoint_id")
          .where({ "message.booking_id": booking.id })
          .whereNotNull("delivery.status")
          .orderBy(["message.sequence", "delivery.id"])
          .limit(DELIVERIES_MAX)
          .select("delivery.*", "message.payment_id as payment_id", "message.type as type", "endpoint.url as url"),
        knex("sessions").where({ pending_session_id: booking.id }).first("booked_at", "cancelled_at"),
      ]);
      const [history, callbacks, refunds, checks, deliveries, session] = rows;
      return {
        history: z.array(historySchema).parse(history),
        callbacks: z.array(callbackSchema).parse(callbacks),
        refunds: z.array(refundSchema).parse(refunds),
        checks: z.array(checkSchema).parse(checks),
        deliveries: z.array(deliverySchema).parse(deliveries),
        session: sessionSchema.optional().parse(session) ?? null,
      };
    },
  };
}
