import type { Knex } from "knex";
import { z } from "zod";
import { isRetryable, uniqueViolation, type Database } from "../../platform/database.ts";
import { firstOrNull } from "../../platform/row-mapper.ts";
import { noteClaim, type IdempotencyClaim } from "../../platform/idempotency.ts";
import { attemptToRow, bookingToRow, parseAttempt, parseBooking, idRowSchema, versionRowsSchema } from "./payment-rows.ts";
import type { Booking } from "../../bookings/booking.ts";
import type { Change, WebhookMessage } from "./change.ts";
import { historyRow, sessionRow, VersionMovedOn } from "./change-rows.ts";
import { createStatusQueries, type StatusQueries } from "./status-queries.ts";
import { commitTogether } from "./commit-together.ts";
import { writeWebhooks } from "./webhook-rows.ts";
import { writeWords } from "./word-rows.ts";
import { isOpen, mayHoldUnknownMoney, type Attempt, type BookingFile } from "../payment.ts";

/**
 * `conflict`: the booking was changed meanwhile; read it again. `open_attempt`: the database's unique key holds another open attempt.
 * `receipt_taken`: this receipt has paid for something else.
 */
export type CommitResult = "committed" | "conflict" | "open_attempt" | "receipt_taken";

/** `bookingId`: the booking that it was named for, which is left out. */
export type AwaitedMoney = { siteId: string; bookingId: string; payer: string; amountKes: number; paidAtMs: number };

/** The only code that reads and writes bookings and payments. Every writing method is one transaction. */
export type PaymentStore = StatusQueries & {
  load(bookingId: string): Promise<BookingFile | null>;
  /** Those of the bookings that exist, in any order: two statements, however many they are. */
  loadMany(bookingIds: readonly string[]): Promise<BookingFile[]>;
  loadByAttempt(attemptId: string): Promise<BookingFile | null>;
  insertBooking(booking: Booking, claim: IdempotencyClaim | null): Promise<"inserted" | "reference_taken">;
  commit(change: Change): Promise<CommitResult>;
  /**
   * Writes changes that each end an attempt, of different bookings, in one transaction; or nothing, if one of them cannot be written. Returns whether it
   * wrote them.
   */
  commitTogether(changes: readonly Change[]): Promise<boolean>;
  /** The attempts with these callback secrets, each with its booking. */
  loadBySecretHashes(secretHashes: readonly string[]): Promise<Map<string, { file: BookingFile; attempt: Attempt }>>;

  findAttemptBySecretHash(secretHash: string): Promise<Attempt | null>;
  /** Safaricom's id is guessable: an attempt found by it is a hint, never a proof. */
  findAttemptByCheckoutRequestId(checkoutRequestId: string): Promise<Attempt | null>;
  versions(bookingIds: readonly string[]): Promise<Map<string, number>>;
  bookingIdByReference(reference: string): Promise<string | null>;
  isReceiptUsed(receipt: string): Promise<boolean>;
  /** Whether another booking of the site sent this payer a prompt for this amount within a day, and it may have been paid without our knowing. */
  isAwaitedElsewhere(money: AwaitedMoney): Promise<boolean>;

  /** Open attempts that time alone moves on: requests without an answer, expired prompts, outcomes that nobody decides. */
  overdue(limits: { requestedBeforeMs: number; promptedBeforeMs: number; undecidedBeforeMs: number }, most: number): Promise<Attempt[]>;
  /**
   * Lapses bookings that nobody paid, unless an attempt is open or to be queried; returns their ids.
   * @param compose the messages for the owner's server, written in the same transaction
   */
  lapseBookings(nowMs: number, most: number, compose: ComposeLapse): Promise<string[]>;
};

/** `lapsed`: the booking as it will be. */
export type ComposeLapse = (lapsed: BookingFile) => Promise<readonly WebhookMessage[]>;

/** A transaction that lost a deadlock is repeated; if it loses again and again, something else is wrong. */
const MAX_TRIES = 4;

export function createPaymentStore(database: Database): PaymentStore {
  const { knex } = database;
  const attempts = () => knex("payments");
  const withAttempts = async (bookings: readonly Booking[]): Promise<BookingFile[]> => {
    const ids = bookings.map(({ id }) => id);
    const rows = await attempts().whereIn("pending_session_id", ids).orderBy(["requested_at", "id"]);
    const attemptsOf = Map.groupBy(rows.map(parseAttempt), ({ bookingId }) => bookingId);
    return bookings.map((booking) => ({ booking, attempts: attemptsOf.get(booking.id) ?? [] }));
  };
  const loadMany = async (bookingIds: readonly string[]): Promise<BookingFile[]> => {
    // The bookings first: if the attempts are newer, the commit's guard refuses what was decided on the mixture.
    const rows = await knex("pending_sessions").whereIn("id", [...bookingIds]);
    // MySQL ignores blanks at the end when it compares.
    const wanted = new Set(bookingIds);
    const bookings = rows.map(parseBooking).filter(({ id }) => wanted.has(id));
    if (bookings.length === 0) return [];
    const files = await withAttempts(bookings);
    return Promise.all(
      files.map(async (file) =>
        file.booking.status === "lapsed" ? { ...file, isPlaceTaken: await isPlaceTaken(knex, file.booking) } : file,
      ),
    );
  };
  const load = async (bookingId: string): Promise<BookingFile | null> => (await loadMany([bookingId]))[0] ?? null;
  const oneAttempt = (query: Knex.QueryBuilder): Promise<Attempt | null> => firstOrNull(query, parseAttempt);

  return {
    ...createStatusQueries(database),
    load,
    loadMany,
    async loadByAttempt(attemptId) {
      const attempt = await oneAttempt(attempts().where({ id: attemptId }));
      return attempt && load(attempt.bookingId);
    },
    insertBooking: (booking, claim) => insertBooking(knex, booking, claim),
    commit: (change) => commit(knex, change),
    commitTogether: (changes) => commitTogether(database, changes),
    async loadBySecretHashes(secretHashes) {
      const ofThese = attempts()
        .whereIn("callback_secret_hash", [...secretHashes])
        .select("pending_session_id");
      const bookings = (await knex("pending_sessions").whereIn("id", ofThese)).map(parseBooking);
      const wanted = new Set(secretHashes);
      const found = (await withAttempts(bookings)).flatMap((file) => file.attempts.map((attempt) => ({ file, attempt })));
      return new Map(
        found.flatMap((each) => (wanted.has(each.attempt.callbackSecretHash) ? [[each.attempt.callbackSecretHash, each]] : [])),
      );
    },

    findAttemptBySecretHash: (secretHash) => oneAttempt(attempts().where({ callback_secret_hash: secretHash })),
    findAttemptByCheckoutRequestId: (checkoutRequestId) =>
      oneAttempt(attempts().where({ checkout_request_id: checkoutRequestId }).orderBy("requested_at", "desc")),

    async versions(bookingIds) {
      const rows = versionRowsSchema.parse(
        await knex("pending_sessions")
          .whereIn("id", [...bookingIds])
          .select("id", "version"),
      );
      return new Map(rows.map(({ id, version }) => [id, version]));
    },
    async bookingIdByReference(reference) {
      const row: unknown = await knex("pending_sessions").where({ reference }).first("id");
      return idRowSchema.optional().parse(row)?.id ?? null;
    },
    isReceiptUsed: async (receipt) => (await attempts().where({ provider_ref: receipt }).first("id")) !== undefined,
    isAwaitedElsewhere: async (money) => isAwaitedElsewhere(knex, money),
    async overdue({ requestedBeforeMs, promptedBeforeMs, undecidedBeforeMs }, most) {
      const rows = await attempts()
        .whereNotNull("open_key")
        .andWhere((late) => {
          void late.orWhere((row) => void row.where("status", "requested").where("requested_at", "<=", requestedBeforeMs));
          void late.orWhere((row) => void row.where("status", "prompted").where("prompt_expires_at", "<=", promptedBeforeMs));
          void late.orWhere((row) => void row.where("status", "confirming").where("requested_at", "<=", undecidedBeforeMs));
        })
        .orderBy("requested_at")
        .limit(most);
      return rows.map(parseAttempt);
    },
    lapseBookings: (nowMs, most, compose) => lapseBookings(knex, { nowMs, most, load, compose }),
  };
}

/** It is open, or still to be queried. */
function isAwaited(attempt: Attempt): boolean {
  return isOpen(attempt) || attempt.nextQueryAtMs !== null;
}

/** Whether somebody else has booked the session of a booking that has lapsed. */
async function isPlaceTaken(knex: Knex, { id, siteId, sessionName, date, time }: Booking): Promise<boolean> {
  const row: unknown = await knex("sessions")
    .where({ site_id: siteId, date, time, session_name: sessionName })
    .whereNull("cancelled_at")
    .whereNot({ pending_session_id: id })
    .first("id");
  return row !== undefined;
}

const DAY_MS = 24 * 60 * 60_000;

async function isAwaitedElsewhere(knex: Knex, { siteId, bookingId, payer, amountKes, paidAtMs }: AwaitedMoney): Promise<boolean> {
  // M-Pesa may mask the middle of a number.
  const pattern = /^\d{3,}[*•xX]*\d*$/.test(payer) ? payer.replace(/[*•xX]+/, "%") : null;
  if (pattern === null) return false;
  const rows: unknown[] = await knex("payments")
    // Not knex's whereLike: on MySQL it names a collation that our tables do not have.
    .whereRaw("phone LIKE ?", [pattern])
    .whereBetween("requested_at", [paidAtMs - DAY_MS, paidAtMs + DAY_MS])
    .where({ amount: amountKes, site_id: siteId })
    .whereNull("provider_ref")
    .whereNot({ pending_session_id: bookingId });
  return rows.map(parseAttempt).some(mayHoldUnknownMoney);
}

async function insertBooking(knex: Knex, booking: Booking, claim: IdempotencyClaim | null): Promise<"inserted" | "reference_taken"> {
  try {
    await knex.transaction(async (trx) => {
      await trx("pending_sessions").insert(bookingToRow(booking));
      await writeWords(trx, booking);
      await noteClaim(trx, claim, booking.id);
    });
    return "inserted";
  } catch (error) {
    if (uniqueViolation(error)?.includes("reference")) return "reference_taken";
    throw error;
  }
}

async function writeAttempt(trx: Knex.Transaction, { booking, attempt, before, session, history }: Change): Promise<void> {
  const { nextQueryAtMs, queriedAtMs, queries } = attempt;
  const row = {
    ...attemptToRow({ ...attempt, sessionId: session?.id ?? attempt.sessionId }),
    open_key: isOpen(attempt) ? booking.id : null,
    updated_at: history.atMs,
  };
  if (!before) {
    await trx("payments").insert({ ...row, next_query_at: nextQueryAtMs, queried_at: queriedAtMs, queries });
    return;
  }
  // A query that is under way owns the query columns, without the booking's version: only a step that decides about them writes them.
  // A failure decides when to query again, unless there is an unverified callback: the failure may be older than the money.
  const kept = trx.raw("CASE WHEN unverified_at IS NULL THEN ? ELSE next_query_at END", [nextQueryAtMs]);
  const query = nextQueryAtMs === before.nextQueryAtMs ? {} : { next_query_at: attempt.status === "failed" ? kept : nextQueryAtMs };
  await trx("payments")
    .where({ id: attempt.id })
    .update({ ...row, ...query });
}

async function commit(knex: Knex, change: Change): Promise<CommitResult> {
  for (let tries = 1; ; tries++) {
    try {
      await knex.transaction((trx) => writeChange(trx, change));
      return "committed";
    } catch (error) {
      if (error instanceof VersionMovedOn) return "conflict";
      const key = uniqueViolation(error);
      if (key?.includes("open_key")) return "open_attempt";
      // A payment without a prompt has a key that is made from its receipt (c2b/record-money.ts), and
      // SQLite names that key first.
      if (key?.includes("provider_ref") || (key?.includes("callback_secret_hash") && change.attempt.receipt !== null)) {
        return "receipt_taken";
      }
      if (!isRetryable(error) || tries >= MAX_TRIES) throw error;
    }
  }
}

async function writeChange(trx: Knex.Transaction, change: Change): Promise<void> {
  const { booking, bookingStatus, amountPaidKes, attempt, history, session } = change;
  // The guard comes first: it also locks the booking's row, so that two changes of one booking cannot deadlock.
  const guarded = await trx("pending_sessions")
    .where({ id: booking.id, version: booking.version })
    .update({
      version: booking.version + 1,
      updated_at: history.atMs,
      status: bookingStatus,
      processed: bookingStatus === "booked" ? 1 : 0,
      amount_paid: amountPaidKes,
    });
  if (guarded !== 1) throw new VersionMovedOn();

  await writeAttempt(trx, change);
  await trx("payment_history").insert(historyRow(change));
  if (session) await trx("sessions").insert(sessionRow(booking, attempt, session));
  if (bookingStatus === "cancelled" && booking.status !== "cancelled")
    await trx("sessions").where({ pending_session_id: booking.id }).update({ cancelled_at: history.atMs });
  await writeWebhooks(trx, [change]);
  await noteClaim(trx, change.claim, attempt.id);
}

type Lapse = { nowMs: number; most: number; load: PaymentStore["load"]; compose: ComposeLapse };

async function lapseBookings(knex: Knex, { nowMs, most, load, compose }: Lapse): Promise<string[]> {
  const rows: unknown = await knex("pending_sessions as booking")
    .where("booking.status", "pending")
    .where("booking.expires_at", "<=", nowMs)
    .whereNotExists(
      knex("payments")
        .whereRaw("payments.pending_session_id = booking.id")
        .andWhere((attempt) => void attempt.whereNotNull("open_key").orWhereNotNull("next_query_at"))
        .select(knex.raw("1")),
    )
    .orderBy("booking.expires_at")
    .limit(most)
    .select("booking.id as id");
  const lapsed: string[] = [];
  for (const { id } of z.array(idRowSchema).parse(rows)) {
    const file = await load(id);
    // A payment may have begun since.
    if (file?.booking.status !== "pending" || file.attempts.some(isAwaited)) continue;
    const { booking } = file;
    const webhooks = await compose({ ...file, booking: { ...booking, status: "lapsed", version: booking.version + 1 } });
    const isLapsed = await knex.transaction(async (trx) => {
      // Guarded by the version like every change: against a payment that starts at this moment, one of the two wins.
      const updated = await trx("pending_sessions")
        .where({ id, version: booking.version, status: "pending" })
        .update({ status: "lapsed", version: booking.version + 1, updated_at: nowMs });
      if (updated > 0) await writeWebhooks(trx, [{ booking, webhooks }]);
      return updated > 0;
    });
    if (isLapsed) lapsed.push(id);
  }
  return lapsed;
}
