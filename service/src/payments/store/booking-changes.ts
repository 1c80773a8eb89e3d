import type { Knex } from "knex";
import type { Booking } from "../../bookings/booking.ts";
import type { BookingStatus } from "../../contract.ts";
import type { Database } from "../../platform/database.ts";
import { noteClaim, type IdempotencyClaim } from "../../platform/idempotency.ts";
import type { Attempt } from "../payment.ts";
import { historyRow, sessionRow } from "./change-rows.ts";
import type { BookedSession, HistoryEntry, WebhookMessage } from "./change.ts";
import { writeWebhooks } from "./webhook-rows.ts";

/** What a person decides about a booking, without new money. */
export type BookingDecision = {
  /** As it was read: if its `version` has changed meanwhile, nothing is written. */
  booking: Booking;
  after: Pick<Booking, "date" | "time" | "expiresAtMs"> & { status: BookingStatus };
  /** Given if it books the session. */
  session: (BookedSession & { attempt: Attempt }) | null;
  /** Beside the payment that it is about. null: nothing was ever tried, and there is no history to write it into. */
  about: { attempt: Attempt; history: HistoryEntry } | null;
  /** For the owner's server. */
  webhooks: readonly WebhookMessage[];
  atMs: number;
  claim: IdempotencyClaim | null;
};

export type BookingChanges = {
  /** One transaction. Returns whether it was written; if not, read the booking again. */
  decide(decision: BookingDecision): Promise<boolean>;
};

export function createBookingChanges({ knex }: Database): BookingChanges {
  return { decide: (decision) => knex.transaction((trx) => write(trx, decision)) };
}

async function write(trx: Knex.Transaction, { booking, after, session, about, webhooks, atMs, claim }: BookingDecision): Promise<boolean> {
  const { date, time, expiresAtMs, status } = after;
  const guarded = await trx("pending_sessions")
    .where({ id: booking.id, version: booking.version })
    .update({
      version: booking.version + 1,
      updated_at: atMs,
      status,
      processed: status === "booked" ? 1 : 0,
      date,
      time,
      expires_at: expiresAtMs,
    });
  if (guarded !== 1) return false;
  const isCancelled = status === "cancelled" && booking.status !== "cancelled";
  await trx("sessions")
    .where({ pending_session_id: booking.id })
    .update({ date, time, ...(isCancelled && { cancelled_at: atMs }) });
  // What was agreed about its money was agreed while the session was to take place.
  if (isCancelled) await trx("payments").where({ pending_session_id: booking.id }).update({ kept_at: null });
  if (session) {
    await trx("sessions").insert(sessionRow({ ...booking, date, time }, session.attempt, session));
    await trx("payments").where({ id: session.attempt.id }).update({ session_id: session.id, updated_at: atMs });
  }
  if (about) await trx("payment_history").insert(historyRow({ booking, ...about }));
  await writeWebhooks(trx, [{ booking, webhooks }]);
  await noteClaim(trx, claim, booking.id);
  return true;
}
