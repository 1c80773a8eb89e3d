import type { Knex } from "knex";
import { z } from "zod";
import { PAID_CODE } from "../../daraja/result-codes.ts";
import { isRetryable, uniqueViolation, type Database } from "../../platform/database.ts";
import { firstOrNull } from "../../platform/row-mapper.ts";
import { noteClaim, type IdempotencyClaim } from "../../platform/idempotency.ts";
import {
  attemptToRow,
  bookingToRow,
  parseAttempt,
  parseBooking,
  idRowSchema,
  versionRowsSchema,
  receiptRowSchema,
  servedRowsSchema,
  accountRowsSchema,
} from "./payment-rows.ts";
import type { Booking } from "../../bookings/booking.ts";
import type { Change, WebhookMessage } from "./change.ts";
import { historyRow, sessionRow, VersionMovedOn } from "./change-rows.ts";
import { commitTogether } from "./commit-together.ts";
import { writeWebhooks } from "./webhook-rows.ts";
import { isOpen, mayHoldUnknownMoney, type Attempt, type BookingFile } from "../payment.ts";

/**
 * `conflict`: the booking was changed meanwhile; read it again. `open_attempt`: the database's unique key holds another open attempt.
 * `receipt_taken`: this receipt has paid for something else.
 */
export type CommitResult = "committed" | "conflict" | "open_attempt" | "receipt_taken";

/**
 * The query was sent at `askedAtMs` and answered at `queriedAtMs`; a callback that came in between is not covered by it. `asked` is 0 if Safaricom
 * refused the query. `attention` is an unknown answer, shown to the owner; null clears it.
 */
export type QueryNote = { askedAtMs: number; queriedAtMs: number; nextQueryAtMs: number | null; asked: 0 | 1; attention?: string | null };

/**
 * Why Safaricom is queried: `query` is the attempt's own plan, or a callback on its secret address. `hint` is a callback that anybody can have sent,
 * because it names only the prompt.
 */
export type QueryCause = "query" | "hint";

/** `bookingId`: the booking that it was named for, which is left out. */
export type AwaitedMoney = { siteId: string; bookingId: string; payer: string; amountKes: number; paidAtMs: number };

/** The only code that reads and writes bookings and payments. Every writing method is one transaction. */
export type PaymentStore = {
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
  /** The M-Pesa accounts with something to query; with hints alone only if nothing else of theirs is due before `quietUntilMs`. */
  accountsToQuery(nowMs: number, quietUntilMs: number): Promise<{ accountId: string | null; cause: QueryCause }[]>;
  /**
   * Takes an attempt of this account that is due for a query; for `leaseMs` no other copy gets it. Open attempts and those with an unverified callback come before
   * ended ones. The sites take turns, so that one with many open payments does not use up the queries of all; within a site, the longest waiting
   * attempt is first.
   */
  takeDueQuery(accountId: string | null, nowMs: number, leaseMs: number): Promise<Attempt | null>;
  /** Takes an attempt of this account with a hint, the longest waiting first. If this copy dies now, the hint is lost, and the attempt's plan is not. */
  takeDueHint(accountId: string | null, nowMs: number): Promise<Attempt | null>;
  /** Records that Safaricom was queried because of a hint, and when to query for it again (null: it is settled). The attempt's plan stays. */
  scheduleHint(attemptId: string, next: QueryNote): Promise<void>;
  /** After a hint, as `requestQuery`, but at most `HINT_QUERIES_MAX` times an attempt. */
  requestHintQuery(attemptId: string, nowMs: number, notSinceMs: number): Promise<void>;
  /** Records that Safaricom was queried, and when to query next (null: no more). */
  scheduleQuery(attemptId: string, next: QueryNote): Promise<void>;
  /** After an unverified callback: query now or, if it was queried after `notSinceMs`, once that is as long ago. */
  requestQuery(attemptId: string, nowMs: number, notSinceMs: number): Promise<void>;
  /** The receipt in the newest unverified callback on the attempt's own address. */
  unverifiedReceipt(attempt: Attempt): Promise<string | null>;
  /**
   * Lapses bookings that nobody paid, unless an attempt is open or to be queried; returns their ids.
   * @param compose the messages for the owner's server, written in the same transaction
   */
  lapseBookings(nowMs: number, most: number, compose: ComposeLapse): Promise<string[]>;
};

/** `lapsed`: the booking as it will be. */
export type ComposeLapse = (lapsed: BookingFile) => Promise<readonly WebhookMessage[]>;

/** A callback that came during a query needs another one, but not sooner than this: the query budget is small. */
export const UNVERIFIED_QUERIED_AGAIN_AFTER_MS = 60_000;
/** Anybody can make hints up. More undecided answers in a row were never seen. */
export const HINT_QUERIES_MAX = 20;

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
    async accountsToQuery(nowMs, quietUntilMs) {
      const accounts = async (query: Knex.QueryBuilder): Promise<(string | null)[]> =>
        accountRowsSchema.parse(await query.distinct("mpesa_account_id")).map((row) => row.mpesa_account_id);
      const due = await accounts(attempts().where("next_query_at", "<=", nowMs));
      const hinted = await accounts(attempts().where("hint_query_at", "<=", nowMs));
      // Most of the time there are no hints, and then nothing more is read.
      const busy = hinted.length === 0 ? [] : await accounts(attempts().where("next_query_at", "<=", quietUntilMs));
      return [
        ...due.map((accountId) => ({ accountId, cause: "query" as const })),
        ...hinted.filter((accountId) => !busy.includes(accountId)).map((accountId) => ({ accountId, cause: "hint" as const })),
      ];
    },
    async takeDueQuery(accountId, nowMs, leaseMs) {
      for (const attempt of await dueBySite(knex, accountId, nowMs)) {
        const taken = await attempts()
          .where({ id: attempt.id, next_query_at: attempt.nextQueryAtMs })
          // The answer settles the hints of before, too.
          .update({ next_query_at: nowMs + leaseMs, hint_query_at: null });
        if (taken > 0) return attempt;
      }
      return null;
    },
    async takeDueHint(accountId, nowMs) {
      const due = await attempts()
        .where({ mpesa_account_id: accountId })
        .where("hint_query_at", "<=", nowMs)
        .orderBy("hint_query_at")
        .limit(DUE_MAX);
      for (const attempt of due.map(parseAttempt)) {
        const taken = await attempts().where({ id: attempt.id }).where("hint_query_at", "<=", nowMs).update({ hint_query_at: null });
        if (taken > 0) return attempt;
      }
      return null;
    },
    scheduleHint: async (attemptId, { queriedAtMs, nextQueryAtMs, asked, attention = null }) =>
      void (await attempts()
        .where({ id: attemptId })
        .update({
          queried_at: queriedAtMs,
          // Before the column below, which it reads.
          hint_query_at: knex.raw("CASE WHEN hint_queries + ? >= ? THEN NULL ELSE ? END", [
            asked,
            HINT_QUERIES_MAX,
            hintAfterQuery(knex, queriedAtMs, nextQueryAtMs),
          ]),
          hint_queries: knex.raw("hint_queries + ?", [asked]),
          ...(attention !== null && { attention: attention.slice(0, ATTENTION_MAX) }),
        })),
    async requestHintQuery(attemptId, nowMs, notSinceMs) {
      const dueAt = dueAfterCallback(knex, nowMs, notSinceMs);
      await unsettled(attempts().where({ id: attemptId }).where("hint_queries", "<", HINT_QUERIES_MAX)).update({
        hint_query_at: knex.raw("CASE WHEN hint_query_at <= (?) THEN hint_query_at ELSE (?) END", [dueAt, dueAt]),
      });
    },
    scheduleQuery: async (attemptId, { askedAtMs, queriedAtMs, nextQueryAtMs, asked, attention = null }) =>
      void (await attempts()
        .where({ id: attemptId })
        .update({
          queried_at: queriedAtMs,
          queries: knex.raw("queries + ?", [asked]),
          attention: attention?.slice(0, ATTENTION_MAX) ?? null,
          hint_query_at: hintAfterQuery(knex, queriedAtMs, null),
          // Paid meanwhile by the prompt's own result: nothing is left to query. An unverified callback came meanwhile: the answer may be older than
          // the money.
          next_query_at: knex.raw(
            "CASE WHEN status IN ('paid', 'refunded') AND result_code = ? THEN NULL WHEN unverified_at >= ? THEN COALESCE(?, ?) ELSE ? END",
            [PAID_CODE, askedAtMs, nextQueryAtMs, queriedAtMs + UNVERIFIED_QUERIED_AGAIN_AFTER_MS, nextQueryAtMs],
          ),
          // After the column above, which reads this one. No more queries: the answer settled every unverified callback from before the query.
          ...(nextQueryAtMs === null && { unverified_at: knex.raw("CASE WHEN unverified_at >= ? THEN unverified_at END", [askedAtMs]) }),
        })),
    async requestQuery(attemptId, nowMs, notSinceMs) {
      const dueAt = dueAfterCallback(knex, nowMs, notSinceMs);
      await unsettled(attempts().where({ id: attemptId })).update({
        next_query_at: knex.raw("CASE WHEN next_query_at <= (?) THEN next_query_at ELSE (?) END", [dueAt, dueAt]),
        unverified_at: nowMs,
      });
    },
    async unverifiedReceipt(attempt) {
      const row: unknown = await knex("callbacks")
        .where({ payment_id: attempt.id, secret_hash: attempt.callbackSecretHash, verdict: "unverified" })
        .whereNotNull("receipt")
        .orderBy("received_at", "desc")
        .first("receipt");
      return receiptRowSchema.optional().parse(row)?.receipt ?? null;
    },
    lapseBookings: (nowMs, most, compose) => lapseBookings(knex, { nowMs, most, load, compose }),
  };
}

/** It is open, or still to be queried. */
function isAwaited(attempt: Attempt): boolean {
  return isOpen(attempt) || attempt.nextQueryAtMs !== null;
}

/** As long as its column. */
const ATTENTION_MAX = 200;

/** At once or, if it was queried after `notSinceMs`, once that is as long ago. */
function dueAfterCallback(knex: Knex, nowMs: number, notSinceMs: number): Knex.Raw {
  return knex.raw("CASE WHEN queried_at >= ? THEN queried_at + ? ELSE ? END", [notSinceMs, nowMs - notSinceMs, nowMs]);
}

/** There is something to query by, and Safaricom has not said yet that this prompt was paid. */
function unsettled(query: Knex.QueryBuilder): Knex.QueryBuilder {
  return query
    .whereNotNull("checkout_request_id")
    .andWhere(
      (unsure) => void unsure.whereNotIn("status", ["paid", "refunded"]).orWhereNull("result_code").orWhereNot("result_code", PAID_CODE),
    );
}

/** The hint that is left after a query, which took those before it: one that came meanwhile is queried a minute later. */
function hintAfterQuery(knex: Knex, queriedAtMs: number, againAtMs: number | null): Knex.Raw {
  return knex.raw(
    "CASE WHEN status IN ('paid', 'refunded') AND result_code = ? THEN NULL WHEN hint_query_at IS NOT NULL THEN ? ELSE ? END",
    [PAID_CODE, queriedAtMs + UNVERIFIED_QUERIED_AGAIN_AFTER_MS, againAtMs],
  );
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

/** Due attempts to choose from: the queries of ten minutes. */
const DUE_MAX = 50;
/** A site whose last turn is longer ago than this counts as never served. */
const SERVED_WITHIN_MS = 60 * 60_000;

/** An account's attempts that are due, first those of the site whose turn was longest ago. Ended attempts wait, unless an unverified callback contradicts their end. */
async function dueBySite(knex: Knex, accountId: string | null, nowMs: number): Promise<Attempt[]> {
  const all = knex("payments")
    .where({ mpesa_account_id: accountId })
    .where("next_query_at", "<=", nowMs)
    .orderBy("next_query_at")
    .limit(DUE_MAX);
  const urgent = await all.clone().andWhere((row) => void row.whereNotNull("open_key").orWhereNotNull("unverified_at"));
  const due = (urgent.length > 0 ? urgent : await all).map(parseAttempt);
  const served = servedRowsSchema.parse(
    await knex("payments")
      .where("queried_at", ">", nowMs - SERVED_WITHIN_MS)
      .groupBy("site_id")
      .select("site_id")
      .max("queried_at as served_at"),
  );
  const servedAt = new Map(served.map(({ site_id, served_at }) => [site_id, served_at]));
  return due.toSorted((left, right) => (servedAt.get(left.siteId) ?? 0) - (servedAt.get(right.siteId) ?? 0));
}

async function insertBooking(knex: Knex, booking: Booking, claim: IdempotencyClaim | null): Promise<"inserted" | "reference_taken"> {
  try {
    await knex.transaction(async (trx) => {
      await trx("pending_sessions").insert(bookingToRow(booking));
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
