/** The rows in the database, read past the service. */
import { z } from "zod";
import { parseAttempt, parseBooking } from "../../service/src/payments/store/payment-rows.ts";
import type { Booking } from "../../service/src/bookings/booking.ts";
import type { Attempt } from "../../service/src/payments/payment.ts";
import type { RunningService } from "../../service/src/main.ts";
import type { Database } from "../../service/src/platform/database.ts";
import { refundStatuses } from "../../service/src/contract.ts";
import type { Snapshot } from "../ledger-audit/snapshot.ts";
import { until } from "./until.ts";

type Place = { service: RunningService };

const sessionSchema = z.object({
  id: z.string(),
  pending_session_id: z.string(),
  payment_id: z.string(),
  amount: z.number(),
  cancelled_at: z.number().nullable(),
});
const historySchema = z.object({
  payment_id: z.string(),
  from_status: z.string().nullable(),
  to_status: z.string(),
  event: z.string(),
  source: z.string(),
  note: z.string().nullable(),
  actor: z.string().nullable(),
  at: z.number(),
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
const unassignedSchema = z.object({ receipt: z.string(), amount: z.number(), payment_id: z.string().nullable() });
const checkSchema = z.object({
  pending_session_id: z.string(),
  receipt: z.string(),
  status: z.string(),
  note: z.string().nullable(),
  requested_at: z.number(),
  ended_at: z.number().nullable(),
});
const refundSchema = z.object({ payment_id: z.string(), status: z.enum(refundStatuses) });

const hintsSchema = z.object({ hint_queries: z.number() });

export type HistoryRow = z.infer<typeof historySchema>;
export type CallbackRow = z.infer<typeof callbackSchema>;
type SessionRow = z.infer<typeof sessionSchema>;

/** What the audits read; every list is in the order in which it was written. */
export type Rows = {
  attempts: readonly Attempt[];
  bookings: readonly Booking[];
  sessions: readonly SessionRow[];
  history: readonly HistoryRow[];
  callbacks: readonly CallbackRow[];
  unassigned: readonly z.infer<typeof unassignedSchema>[];
  refunds: readonly z.infer<typeof refundSchema>[];
  checks: readonly z.infer<typeof checkSchema>[];
};

const readers = {
  attempts: async (database: Database): Promise<Attempt[]> => (await read(database, "payments", ["requested_at", "id"])).map(parseAttempt),
  bookings: async (database: Database): Promise<Booking[]> =>
    (await read(database, "pending_sessions", ["created_at", "id"])).map(parseBooking),
  sessions: async (database: Database) => z.array(sessionSchema).parse(await read(database, "sessions", ["booked_at", "id"])),
  history: async (database: Database) => z.array(historySchema).parse(await read(database, "payment_history", ["booking_version", "id"])),
  callbacks: async (database: Database) => z.array(callbackSchema).parse(await read(database, "callbacks", ["received_at", "id"])),
  unassigned: async (database: Database) => z.array(unassignedSchema).parse(await read(database, "unassigned_money", ["receipt"])),
  refunds: async (database: Database) => z.array(refundSchema).parse(await read(database, "refunds", ["requested_at", "id"])),
  checks: async (database: Database) => z.array(checkSchema).parse(await read(database, "receipt_checks", ["requested_at", "id"])),
};

async function read({ knex }: Database, table: string, order: string[]): Promise<unknown[]> {
  return z.array(z.unknown()).parse(await knex(table).select("*").orderBy(order));
}

export async function readRows(database: Database): Promise<Rows> {
  return {
    attempts: await readers.attempts(database),
    bookings: await readers.bookings(database),
    sessions: await readers.sessions(database),
    history: await readers.history(database),
    callbacks: await readers.callbacks(database),
    unassigned: await readers.unassigned(database),
    refunds: await readers.refunds(database),
    checks: await readers.checks(database),
  };
}

/** The rows as the ledger audit compares them. */
export function toSnapshot({ attempts, bookings, sessions, history, unassigned, refunds }: Omit<Rows, "callbacks" | "checks">): Snapshot {
  return {
    bookings,
    payments: attempts,
    sessions: sessions
      .filter(({ cancelled_at }) => cancelled_at === null)
      .map(({ id, pending_session_id, payment_id, amount }) => ({
        id,
        bookingId: pending_session_id,
        paymentId: payment_id,
        amountKes: amount,
      })),
    history: history.map(({ payment_id, from_status, to_status, source }) => ({
      paymentId: payment_id,
      fromStatus: from_status,
      toStatus: to_status,
      source,
    })),
    unassigned: unassigned.map(({ receipt, amount, payment_id }) => ({ receipt, amountKes: amount, paymentId: payment_id })),
    refunds: refunds.map(({ payment_id, status }) => ({ paymentId: payment_id, status })),
  };
}

export function databaseOf({ service }: Place): Database {
  return service.service.database;
}

/** All attempts, or those of one booking, oldest first. */
export async function attemptsIn(place: Place, bookingId?: string): Promise<Attempt[]> {
  const attempts = await readers.attempts(databaseOf(place));
  return attempts.filter((attempt) => bookingId === undefined || attempt.bookingId === bookingId);
}

/** @throws if the booking does not have exactly one attempt */
export async function theAttempt(place: Place, bookingId: string): Promise<Attempt> {
  const [attempt, ...others] = await attemptsIn(place, bookingId);
  if (!attempt || others.length > 0) throw new Error(`the booking has ${others.length + (attempt ? 1 : 0)} attempts, not one`);
  return attempt;
}

export function bookingsIn(place: Place): Promise<Booking[]> {
  return readers.bookings(databaseOf(place));
}

export function sessionsIn(place: Place): Promise<SessionRow[]> {
  return readers.sessions(databaseOf(place));
}

/** An attempt's steps in the order in which they were committed. */
export async function historyIn(place: Place, attemptId?: string): Promise<HistoryRow[]> {
  const rows = await readers.history(databaseOf(place));
  return rows.filter(({ payment_id }) => attemptId === undefined || payment_id === attemptId);
}

export function callbacksIn(place: Place): Promise<CallbackRow[]> {
  return readers.callbacks(databaseOf(place));
}

/** Resolves with all callbacks, oldest first, once `count` are stored and all are processed. */
export function callbacksRead(place: Place, count: number): Promise<CallbackRow[]> {
  return until(`${count} callbacks stored and read`, async () => {
    const rows = await callbacksIn(place);
    return rows.length >= count && rows.every(({ verdict }) => verdict !== null) && rows;
  });
}

/** An attempt, and how often it was queried, also because of callbacks that anybody can have sent. */
export type AskedAttempt = Attempt & { asked: number };

/** Resolves with the booking's only attempt once it was queried this many times and the last answer was processed. */
export function asked(place: Place, bookingId: string, times: number): Promise<AskedAttempt> {
  return until(`question ${times} to Safaricom`, async () => {
    const attempt = await theAskedAttempt(place, bookingId);
    return attempt.asked >= times && attempt;
  });
}

export async function theAskedAttempt(place: Place, bookingId: string): Promise<AskedAttempt> {
  const attempt = await theAttempt(place, bookingId);
  const row = hintsSchema.parse(await databaseOf(place).knex("payments").where({ id: attempt.id }).first("hint_queries"));
  return { ...attempt, asked: attempt.queries + row.hint_queries };
}

/** How often each value occurs. */
export function tally(values: readonly (string | number | null)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[String(value)] = (counts[String(value)] ?? 0) + 1;
  return counts;
}
