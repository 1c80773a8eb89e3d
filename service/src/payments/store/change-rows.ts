/** What a change writes beside the booking and the attempt, as rows of their tables. */
import type { Booking } from "../../bookings/booking.ts";
import type { Attempt } from "../payment.ts";
import type { BookedSession, Change } from "./change.ts";

/** Thrown inside a transaction to undo it: the booking was changed since it was read. */
export class VersionMovedOn extends Error {}

export function historyRow({ booking, attempt, history }: Pick<Change, "booking" | "attempt" | "history">): object {
  return {
    id: history.id,
    payment_id: attempt.id,
    from_status: history.fromStatus,
    to_status: history.toStatus,
    event: history.event,
    source: history.source,
    note: history.note?.slice(0, 500) ?? null,
    actor: history.actor?.slice(0, 120) ?? null,
    booking_version: booking.version + 1,
    at: history.atMs,
  };
}

export function sessionRow(booking: Booking, attempt: Attempt, session: BookedSession): object {
  return {
    id: session.id,
    site_id: booking.siteId,
    pending_session_id: booking.id,
    payment_id: attempt.id,
    parent_name: booking.parentName,
    child_name: booking.childName,
    email: booking.email,
    session_type: booking.sessionType,
    session_name: booking.sessionName,
    date: booking.date,
    time: booking.time,
    amount: booking.amountKes,
    booked_at: session.bookedAtMs,
  };
}
