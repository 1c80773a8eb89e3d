/** The messages for owners' servers, written with the change that causes them: one for each event, and one delivery for each endpoint. */
import type { Knex } from "knex";
import type { Booking } from "../../bookings/booking.ts";
import type { WebhookMessage } from "./change.ts";

/** `booking`: as it was before the change. */
export type ToldChange = { booking: Pick<Booking, "id" | "siteId" | "version">; webhooks: readonly WebhookMessage[] };

/** More messages than one change has. A message's place among those of its booking is the booking's version times this, plus its place in the change. */
const MESSAGES_OF_A_CHANGE_MAX = 16;
/** With the message's id, enough of the endpoint's to be the only one: 80 random bits. */
const ENDPOINT_TAIL = 16;

/** As columns of a delivery. `m` is the message, `e` the endpoint. Also for messages that an endpoint has missed. */
export const DELIVERY_COLUMNS = "id, site_id, endpoint_id, message_id, booking_id, sequence, status, attempts, next_attempt_at, created_at";
export const DELIVERY_VALUES =
  `CONCAT('wd_', SUBSTR(m.id, 5), '_', SUBSTR(e.id, -${ENDPOINT_TAIL})), m.site_id, e.id, m.id, m.booking_id, m.sequence, 'waiting', 0, ` +
  "m.created_at, m.created_at";
/** Whether the endpoint wants messages of this type. */
export const IS_WANTED = "(e.events IS NULL OR INSTR(e.events, CONCAT(' ', m.type, ' ')) > 0)";

/**
 * Writes the messages of changes that are written in this transaction, and a delivery to each endpoint that wants them. Also to endpoints that are disabled:
 * their deliveries wait until they are enabled again.
 */
export async function writeWebhooks(trx: Knex.Transaction, changes: readonly ToldChange[]): Promise<void> {
  const rows = changes.flatMap(({ booking, webhooks }) =>
    webhooks.map(({ id, type, paymentId, payload, createdAtMs }, index) => ({
      id,
      site_id: booking.siteId,
      booking_id: booking.id,
      payment_id: paymentId,
      sequence: (booking.version + 1) * MESSAGES_OF_A_CHANGE_MAX + index,
      type,
      payload,
      created_at: createdAtMs,
    })),
  );
  if (rows.length === 0) return;
  await trx("webhook_messages").insert(rows);
  const ids = rows.map(({ id }) => id);
  await trx.raw(
    `INSERT INTO webhook_deliveries (${DELIVERY_COLUMNS}) SELECT ${DELIVERY_VALUES} FROM webhook_messages m ` +
      `JOIN webhook_endpoints e ON e.site_id = m.site_id WHERE m.id IN (${ids.map(() => "?").join(", ")}) AND ${IS_WANTED}`,
    ids,
  );
}
