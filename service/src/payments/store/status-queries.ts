/** Which attempts Safaricom is queried about, and when. */
import type { Knex } from "knex";
import { PAID_CODE } from "../../daraja/result-codes.ts";
import type { Database } from "../../platform/database.ts";
import { accountRowsSchema, parseAttempt, receiptRowSchema, servedRowsSchema } from "./payment-rows.ts";
import type { Attempt } from "../payment.ts";

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

/** The only code that plans status queries. A query that is under way owns these columns, without the booking's version. */
export type StatusQueries = {
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
};

/** A callback that came during a query needs another one, but not sooner than this: the query budget is small. */
export const UNVERIFIED_QUERIED_AGAIN_AFTER_MS = 60_000;
/** Anybody can make hints up. More undecided answers in a row were never seen. */
export const HINT_QUERIES_MAX = 20;

export function createStatusQueries({ knex }: Database): StatusQueries {
  const attempts = () => knex("payments");
  return {
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
  };
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
