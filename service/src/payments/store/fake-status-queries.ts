/** The plan of status queries in memory, as part of the fake payment store. */
import { PAID_CODE } from "../../daraja/result-codes.ts";
import type { FakeHint, FakeTables, RunStatement } from "./fake-tables.ts";
import { HINT_QUERIES_MAX, UNVERIFIED_QUERIED_AGAIN_AFTER_MS, type StatusQueries } from "./status-queries.ts";
import { isOpen, type Attempt } from "../payment.ts";

/** As in the store in SQL. */
const DUE_MAX = 50;
const SERVED_WITHIN_MS = 60 * 60_000;

export function createFakeStatusQueries(tables: FakeTables, run: RunStatement): StatusQueries {
  const all = (): Attempt[] => [...tables.attempts.values()];
  return {
    accountsToQuery: (nowMs, quietUntilMs) =>
      run("read which accounts have a query due", null, () => {
        const accounts = (attempts: Attempt[]) => [...new Set(attempts.map(({ mpesaAccountId }) => mpesaAccountId))];
        const due = accounts(all().filter((candidate) => isDue(candidate, nowMs)));
        const busy = accounts(all().filter((candidate) => isDue(candidate, quietUntilMs)));
        const hinted = accounts(all().filter(({ id }) => isHintDue(tables, id, nowMs)));
        return [
          ...due.map((accountId) => ({ accountId, cause: "query" as const })),
          ...hinted.filter((accountId) => !busy.includes(accountId)).map((accountId) => ({ accountId, cause: "hint" as const })),
        ];
      }),
    async takeDueQuery(accountId, nowMs, leaseMs) {
      const due = await run("read due queries", null, () => {
        const isUrgent = (candidate: Attempt) => isOpen(candidate) || tables.unverifiedAtMs.has(candidate.id);
        const dueAttempts = all().filter((candidate) => candidate.mpesaAccountId === accountId && isDue(candidate, nowMs));
        const urgent = dueAttempts.filter(isUrgent);
        return (urgent.length > 0 ? urgent : dueAttempts)
          .toSorted((left, right) => (left.nextQueryAtMs ?? 0) - (right.nextQueryAtMs ?? 0))
          .slice(0, DUE_MAX);
      });
      const served = await run("read when sites had their turn", null, () => {
        const served = new Map<string, number>();
        for (const { siteId, queriedAtMs } of all())
          if (queriedAtMs !== null && queriedAtMs > nowMs - SERVED_WITHIN_MS)
            served.set(siteId, Math.max(queriedAtMs, served.get(siteId) ?? 0));
        return served;
      });
      for (const candidate of due.toSorted((left, right) => (served.get(left.siteId) ?? 0) - (served.get(right.siteId) ?? 0))) {
        const taken = await run("take the query", candidate.id, () => {
          const isTaken = update(tables, candidate.id, (present) =>
            present.nextQueryAtMs === candidate.nextQueryAtMs ? { nextQueryAtMs: nowMs + leaseMs } : null,
          );
          if (isTaken) setHint(tables, candidate.id, null);
          return isTaken;
        });
        if (taken) return candidate;
      }
      return null;
    },
    async takeDueHint(accountId, nowMs) {
      const due = await run("read due hints", null, () =>
        all()
          .filter(({ id, mpesaAccountId }) => mpesaAccountId === accountId && isHintDue(tables, id, nowMs))
          .toSorted((left, right) => (tables.hints.get(left.id)?.dueAtMs ?? 0) - (tables.hints.get(right.id)?.dueAtMs ?? 0))
          .slice(0, DUE_MAX),
      );
      for (const candidate of due) {
        const taken = await run("take the hint", candidate.id, () => {
          const isTaken = isHintDue(tables, candidate.id, nowMs);
          if (isTaken) setHint(tables, candidate.id, null);
          return isTaken;
        });
        if (taken) return candidate;
      }
      return null;
    },
    scheduleHint: (attemptId, { queriedAtMs, nextQueryAtMs, asked }) =>
      run("note the query for a hint", attemptId, () => {
        update(tables, attemptId, () => ({ queriedAtMs }));
        keepNewerHint(tables, attemptId, queriedAtMs, nextQueryAtMs);
        const { dueAtMs, queries } = hintOf(tables, attemptId);
        const isEnough = queries + asked >= HINT_QUERIES_MAX;
        tables.hints.set(attemptId, { dueAtMs: isEnough ? null : dueAtMs, queries: queries + asked });
      }),
    requestHintQuery: (attemptId, nowMs, notSinceMs) =>
      run("request a query for a hint", attemptId, () => {
        const present = tables.attempts.get(attemptId);
        const { dueAtMs, queries } = hintOf(tables, attemptId);
        if (!present || present.checkoutRequestId === null || isSurelyPaid(present) || queries >= HINT_QUERIES_MAX) return;
        const wantedAtMs = dueAfterCallback(present, nowMs, notSinceMs);
        setHint(tables, attemptId, Math.min(dueAtMs ?? wantedAtMs, wantedAtMs));
      }),
    scheduleQuery: (attemptId, { askedAtMs, queriedAtMs, nextQueryAtMs, asked }) =>
      run("note the query", attemptId, () => {
        const wasUnverified = (tables.unverifiedAtMs.get(attemptId) ?? -1) >= askedAtMs;
        const againAtMs = wasUnverified ? (nextQueryAtMs ?? queriedAtMs + UNVERIFIED_QUERIED_AGAIN_AFTER_MS) : nextQueryAtMs;
        update(tables, attemptId, (present) => ({
          queriedAtMs,
          queries: present.queries + asked,
          nextQueryAtMs: isSurelyPaid(present) ? null : againAtMs,
        }));
        if (nextQueryAtMs === null && !wasUnverified) tables.unverifiedAtMs.delete(attemptId);
        keepNewerHint(tables, attemptId, queriedAtMs, null);
      }),
    requestQuery: (attemptId, nowMs, notSinceMs) =>
      run("request a query", attemptId, () => {
        update(tables, attemptId, (present) => {
          if (present.checkoutRequestId === null || isSurelyPaid(present)) return null;
          const { nextQueryAtMs } = present;
          const dueAtMs = dueAfterCallback(present, nowMs, notSinceMs);
          tables.unverifiedAtMs.set(attemptId, nowMs);
          return { nextQueryAtMs: Math.min(nextQueryAtMs ?? dueAtMs, dueAtMs) };
        });
      }),
    unverifiedReceipt: ({ id, callbackSecretHash }) =>
      run("find an unverified receipt", id, () => {
        const named = [...tables.callbacks.values()].filter(
          ({ callback, reading }) =>
            reading?.paymentId === id &&
            callback.secretHash === callbackSecretHash &&
            reading.verdict === "unverified" &&
            reading.receipt !== null,
        );
        const newest = named.toSorted((left, right) => right.callback.receivedAtMs - left.callback.receivedAtMs)[0];
        return newest?.reading?.receipt ?? null;
      }),
  };
}

/** @returns whether there was something to change */
function update(tables: FakeTables, attemptId: string, change: (present: Attempt) => Partial<Attempt> | null): boolean {
  const present = tables.attempts.get(attemptId);
  const changes = present && change(present);
  if (!changes) return false;
  tables.attempts.set(attemptId, Object.freeze({ ...present, ...changes }));
  return true;
}

function isDue({ nextQueryAtMs }: Attempt, nowMs: number): boolean {
  return nextQueryAtMs !== null && nextQueryAtMs <= nowMs;
}

function dueAfterCallback({ queriedAtMs }: Attempt, nowMs: number, notSinceMs: number): number {
  return queriedAtMs !== null && queriedAtMs >= notSinceMs ? queriedAtMs + nowMs - notSinceMs : nowMs;
}

function hintOf(tables: FakeTables, attemptId: string): FakeHint {
  return tables.hints.get(attemptId) ?? { dueAtMs: null, queries: 0 };
}

function setHint(tables: FakeTables, attemptId: string, dueAtMs: number | null): void {
  tables.hints.set(attemptId, { ...hintOf(tables, attemptId), dueAtMs });
}

/** A query took the hints of before; one that came meanwhile is queried a minute later. */
function keepNewerHint(tables: FakeTables, attemptId: string, queriedAtMs: number, againAtMs: number | null): void {
  const present = tables.attempts.get(attemptId);
  const isNewer = hintOf(tables, attemptId).dueAtMs !== null;
  const nextAtMs = isNewer ? queriedAtMs + UNVERIFIED_QUERIED_AGAIN_AFTER_MS : againAtMs;
  setHint(tables, attemptId, present && isSurelyPaid(present) ? null : nextAtMs);
}

function isHintDue(tables: FakeTables, attemptId: string, nowMs: number): boolean {
  const { dueAtMs } = hintOf(tables, attemptId);
  return dueAtMs !== null && dueAtMs <= nowMs;
}

/** By the prompt's own result; a payment without a prompt may belong to another one. */
function isSurelyPaid({ status, resultCode }: Attempt): boolean {
  return (status === "paid" || status === "refunded") && resultCode === PAID_CODE;
}
