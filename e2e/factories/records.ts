/** What stands in the database, read past the service. */
import { z } from "zod";
import { parseAttempt, parseBooking } from "../../service/src/payments/store/payment-rows.ts";
import type { Booking } from "../../service/src/bookings/booking.ts";
import type { Attempt } from "../../service/src/payments/payment.ts";
import type { RunningService } from "../../service/src/main.ts";
import { until } from "./until.ts";

type Place = { service: RunningService };

const sessionSchema = z.object({ id: z.string(), pending_session_id: z.string(), payment_id: z.string(), amount: z.number() });
const historySchema = z.object({
  payment_id: z.string(),
  from_status: z.string().nullable(),
  to_status: z.string(),
  event: z.string(),
  source: z.string(),
  note: z.string().nullable(),
  actor: z.string().nullable(),
});
const callbackSchema = z.object({
  id: z.string(),
  secret_hash: z.string().nullable(),
  body: z.string(),
  body_encoding: z.string(),
  truncated: z.number(),
  payment_id: z.string().nullable(),
  verdict: z.string().nullable(),
  note: z.string().nullable(),
});

export type HistoryRow = z.infer<typeof historySchema>;
export type CallbackRow = z.infer<typeof callbackSchema>;

const rowsOf = async (place: Place, table: string, order: string[]): Promise<unknown> =>
  place.service.service.database.knex(table).select("*").orderBy(order);

/** Every attempt, oldest first; of one booking when it is named. */
export async function attemptsIn(place: Place, bookingId?: string): Promise<Attempt[]> {
  const rows = z.array(z.unknown()).parse(await rowsOf(place, "payments", ["requested_at", "id"]));
  return rows.map(parseAttempt).filter((attempt) => bookingId === undefined || attempt.bookingId === bookingId);
}

/** @throws when the booking has another number of attempts than one */
export async function theAttempt(place: Place, bookingId: string): Promise<Attempt> {
  const [attempt, ...others] = await attemptsIn(place, bookingId);
  if (!attempt || others.length > 0) throw new Error(`the booking has ${others.length + (attempt ? 1 : 0)} attempts, not one`);
  return attempt;
}

export async function bookingsIn(place: Place): Promise<Booking[]> {
  const rows = z.array(z.unknown()).parse(await rowsOf(place, "pending_sessions", ["created_at", "id"]));
  return rows.map(parseBooking);
}

export async function sessionsIn(place: Place): Promise<z.infer<typeof sessionSchema>[]> {
  return z.array(sessionSchema).parse(await rowsOf(place, "sessions", ["booked_at", "id"]));
}

/** An attempt's steps in the order in which they were committed. */
export async function historyIn(place: Place, attemptId?: string): Promise<HistoryRow[]> {
  const rows = z.array(historySchema).parse(await rowsOf(place, "payment_history", ["booking_version", "id"]));
  return rows.filter(({ payment_id }) => attemptId === undefined || payment_id === attemptId);
}

export async function callbacksIn(place: Place): Promise<CallbackRow[]> {
  return z.array(callbackSchema).parse(await rowsOf(place, "callbacks", ["received_at", "id"]));
}

/** Resolves once `count` callbacks are stored and every one was read, with all of them, oldest first. */
export function callbacksRead(place: Place, count: number): Promise<CallbackRow[]> {
  return until(`${count} callbacks stored and read`, async () => {
    const rows = await callbacksIn(place);
    return rows.length >= count && rows.every(({ verdict }) => verdict !== null) && rows;
  });
}

/** Resolves with the booking's one attempt once Safaricom has been asked about it so often, and the answer acted on. */
export function asked(place: Place, bookingId: string, times: number): Promise<Attempt> {
  return until(`question ${times} to Safaricom`, async () => {
    const attempt = await theAttempt(place, bookingId);
    return attempt.queries >= times && attempt;
  });
}

/** How often each value occurs. */
export function tally(values: readonly (string | number | null)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[String(value)] = (counts[String(value)] ?? 0) + 1;
  return counts;
}
