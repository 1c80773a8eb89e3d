/**
 * The payment store in memory. It passes the same tests as the one in SQL, and runs the same statements one by one: the caller's `run` decides when each
 * of them happens, and what happens in between.
 */
import { PAID_CODE } from "../../daraja/result-codes.ts";
import { comparePayer } from "../phone-number.ts";
import type { ProcessingResult, StoredCallback } from "./callback-inbox.ts";
import type { BookedSession, Change, HistoryEntry, WebhookMessage } from "./change.ts";
import { HINT_QUERIES_MAX, UNVERIFIED_QUERIED_AGAIN_AFTER_MS, type CommitResult, type PaymentStore } from "./payment-store.ts";
import type { Booking } from "../../bookings/booking.ts";
import { isOpen, mayHoldUnknownMoney, type Attempt } from "../payment.ts";

export type FakeKey = {
  requestHash: string;
  resourceId: string | null;
  /** Of the finished request, as JSON. */
  answer: string | null;
  lockedUntilMs: number;
  createdAtMs: number;
};

export type FakeHistory = HistoryEntry & { paymentId: string; bookingVersion: number };

export type FakeHint = { dueAtMs: number | null; queries: number };

/** The tables: what is committed. Rows are replaced, never changed, so that what was read stays as it was read. */
export class FakeTables {
  readonly bookings = new Map<string, Booking>();
  readonly attempts = new Map<string, Attempt>();
  readonly attemptsOfBooking = new Map<string, string[]>();
  readonly attemptBySecretHash = new Map<string, string>();
  readonly references = new Set<string>();
  /** Booking to its open attempt. */
  readonly openKeys = new Map<string, string>();
  /** Attempt to when its last unverified callback came. */
  readonly unverifiedAtMs = new Map<string, number>();
  /** Attempt to its hint: when it is queried for it, and how often it was. */
  readonly hints = new Map<string, FakeHint>();
  /** Receipt to the attempt that it paid. */
  readonly receipts = new Map<string, string>();
  readonly history = new Map<string, FakeHistory>();
  readonly sessions = new Map<string, BookedSession & { bookingId: string; paymentId: string; cancelledAtMs: number | null }>();
  /** Booking to what has arrived for it. */
  readonly amountsPaidKes = new Map<string, number>();
  /** In the order in which they were written. */
  readonly webhooks = new Map<string, WebhookMessage & { bookingId: string; bookingVersion: number }>();
  readonly callbacks = new Map<
    string,
    { callback: StoredCallback; reading: ProcessingResult | null; tries?: number; nextTryAtMs?: number }
  >();
  readonly keys = new Map<string, FakeKey>();
  /** Called after each transaction, with what it was about. */
  onCommitted: (bookingId: string, history: FakeHistory | null) => void = () => undefined;
}

/** Does one statement, or one transaction, at a moment that it chooses. Rejects when the database does. */
export type RunStatement = <Result>(name: string, about: string | null, work: () => Result) => Promise<Result>;

/** What the database itself forbids. Taking one out shows whether a test notices. */
export type FakeGuards = { compareAndSet: boolean; compareAndSetTogether: boolean; oneOpenAttempt: boolean; uniqueReceipts: boolean };

const ALL_GUARDS: FakeGuards = { compareAndSet: true, compareAndSetTogether: true, oneOpenAttempt: true, uniqueReceipts: true };
const AT_ONCE: RunStatement = async (_name, _about, work) => work();
/** As long as the columns. */
const RESULT_CODE_MAX = 32;
const NOTE_MAX = 500;
/** As in the store in SQL. */
const DUE_MAX = 50;
const DAY_MS = 24 * 60 * 60_000;
const SERVED_WITHIN_MS = 60 * 60_000;

export function createFakePaymentStore(
  tables: FakeTables,
  { run = AT_ONCE, guards = ALL_GUARDS }: { run?: RunStatement; guards?: FakeGuards } = {},
): PaymentStore {
  const attempt = (id: string | undefined): Attempt | null => (id === undefined ? null : (tables.attempts.get(id) ?? null));
  const attemptsOf = (bookingId: string): Attempt[] =>
    (tables.attemptsOfBooking.get(bookingId) ?? [])
      .flatMap((id) => attempt(id) ?? [])
      .toSorted((left, right) => left.requestedAtMs - right.requestedAtMs || compare(left.id, right.id));
  const all = (): Attempt[] => [...tables.attempts.values()];

  const loadMany: PaymentStore["loadMany"] = async (bookingIds) => {
    const about = bookingIds.length === 1 ? (bookingIds[0] ?? null) : null;
    const bookings = await run("read bookings", about, () => bookingIds.flatMap((id) => tables.bookings.get(id) ?? []));
    if (bookings.length === 0) return [];
    const files = await run("read their attempts", about, () => bookings.map((booking) => ({ booking, attempts: attemptsOf(booking.id) })));
    return Promise.all(
      files.map(async (file) => {
        if (file.booking.status !== "lapsed") return file;
        const { booking } = file;
        return { ...file, isPlaceTaken: await run("is its place taken", booking.id, () => isPlaceTaken(tables, booking)) };
      }),
    );
  };
  const load: PaymentStore["load"] = async (bookingId) => (await loadMany([bookingId]))[0] ?? null;

  return {
    load,
    loadMany,
    async loadByAttempt(attemptId) {
      const found = await run("read the attempt", attemptId, () => attempt(attemptId));
      return found && load(found.bookingId);
    },
    insertBooking: (booking, claim) =>
      run("insert the booking", booking.id, () => {
        if (tables.references.has(booking.reference)) return "reference_taken";
        tables.references.add(booking.reference);
        tables.bookings.set(booking.id, Object.freeze({ ...booking }));
        noteClaim(tables, claim, booking.id);
        tables.onCommitted(booking.id, null);
        return "inserted";
      }),
    commit: (change) => run(`commit ${describe(change)}`, change.attempt.id, () => commit(tables, guards, change)),

    commitTogether: (changes) => run(`commit ${changes.length} together`, null, () => commitTogether(tables, guards, changes)),
    async loadBySecretHashes(secretHashes) {
      const ids = secretHashes.flatMap((hash) => tables.attemptBySecretHash.get(hash) ?? []);
      const bookingIds = new Set(ids.flatMap((id) => attempt(id)?.bookingId ?? []));
      const bookings = await run("read bookings", null, () => [...bookingIds].flatMap((id) => tables.bookings.get(id) ?? []));
      const files = await run("read their attempts", null, () =>
        bookings.map((booking) => ({ booking, attempts: attemptsOf(booking.id) })),
      );
      const found = files.flatMap((file) => file.attempts.map((one) => [one.callbackSecretHash, { file, attempt: one }] as const));
      return new Map(found.filter(([hash]) => secretHashes.includes(hash)));
    },

    findAttemptBySecretHash: (secretHash) =>
      run("find the attempt by its secret", secretHash, () => attempt(tables.attemptBySecretHash.get(secretHash))),
    findAttemptByCheckoutRequestId: (checkoutRequestId) =>
      run("find the attempt by Safaricom's id", checkoutRequestId, () => {
        const named = all().filter((candidate) => candidate.checkoutRequestId === checkoutRequestId);
        return named.toSorted((left, right) => right.requestedAtMs - left.requestedAtMs)[0] ?? null;
      }),
    versions: (bookingIds) =>
      run("read versions", null, () => {
        const found = bookingIds.flatMap((id) => tables.bookings.get(id) ?? []);
        return new Map(found.map(({ id, version }) => [id, version]));
      }),
    bookingIdByReference: (reference) =>
      run("find the booking by its reference", null, () => {
        const found = [...tables.bookings.values()].find((booking) => booking.reference === reference);
        return found?.id ?? null;
      }),
    isReceiptUsed: (receipt) => run("is the receipt used", null, () => tables.receipts.has(receipt)),
    isAwaitedElsewhere: ({ siteId, bookingId, payer, amountKes, paidAtMs }) =>
      run("is it awaited elsewhere", bookingId, () =>
        all().some(
          (candidate) =>
            comparePayer(candidate.phone, payer) === "same" &&
            Math.abs(candidate.requestedAtMs - paidAtMs) <= DAY_MS &&
            candidate.amountKes === amountKes &&
            candidate.siteId === siteId &&
            candidate.bookingId !== bookingId &&
            mayHoldUnknownMoney(candidate),
        ),
      ),

    overdue: (limits, most) =>
      run("read what is overdue", null, () => {
        const late = [...tables.openKeys.values()].flatMap((id) => attempt(id) ?? []).filter((open) => isOverdue(open, limits));
        return late.toSorted((left, right) => left.requestedAtMs - right.requestedAtMs).slice(0, most);
      }),
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
        const present = attempt(attemptId);
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
    async lapseBookings(nowMs, most, compose) {
      const old = await run("read bookings to lapse", null, () =>
        [...tables.bookings.values()]
          .filter(({ id, status, expiresAtMs }) => status === "pending" && expiresAtMs <= nowMs && !isAwaited(tables, id))
          .toSorted((left, right) => left.expiresAtMs - right.expiresAtMs)
          .slice(0, most),
      );
      const lapsed: string[] = [];
      for (const booking of old) {
        const { id, version } = booking;
        const after = { booking: { ...booking, status: "lapsed" as const, version: version + 1 }, attempts: attemptsOf(id) };
        const webhooks = await compose(after);
        const updated = await run("lapse the booking", id, () => {
          const present = tables.bookings.get(id);
          if (present?.version !== version || present.status !== "pending") return false;
          tables.bookings.set(id, Object.freeze({ ...present, status: "lapsed", version: version + 1 }));
          writeWebhooks(tables, { booking, webhooks });
          tables.onCommitted(id, null);
          return true;
        });
        if (updated) lapsed.push(id);
      }
      return lapsed;
    },
  };
}

/** As the database: all of them, or none. */
function commitTogether(tables: FakeTables, guards: FakeGuards, changes: readonly Change[]): boolean {
  const own = guards.compareAndSetTogether ? guards : { ...guards, compareAndSet: false };
  const receipts = changes.flatMap(({ attempt }) => attempt.receipt ?? []);
  const isTwice = new Set(receipts).size < receipts.length;
  if (isTwice || changes.some((change) => refusalOf(tables, own, change) !== null)) return false;
  for (const change of changes) {
    commit(tables, own, change);
    const { processed } = change;
    const stored = processed && tables.callbacks.get(processed.callbackId);
    if (stored) tables.callbacks.set(processed.callbackId, { ...stored, reading: processed.result });
  }
  return true;
}

/** Why the database would not write this change; null: it would. */
function refusalOf(tables: FakeTables, guards: FakeGuards, { booking, attempt }: Change): Exclude<CommitResult, "committed"> | null {
  const present = tables.bookings.get(booking.id);
  if (!present || (guards.compareAndSet && present.version !== booking.version)) return "conflict";
  const holder = tables.openKeys.get(booking.id);
  if (guards.oneOpenAttempt && isOpen(attempt) && holder !== undefined && holder !== attempt.id) return "open_attempt";
  const payer = attempt.receipt === null ? undefined : tables.receipts.get(attempt.receipt);
  return guards.uniqueReceipts && payer !== undefined && payer !== attempt.id ? "receipt_taken" : null;
}

function commit(tables: FakeTables, guards: FakeGuards, change: Change): CommitResult {
  const refusal = refusalOf(tables, guards, change);
  if (refusal) return refusal;
  const { booking, bookingStatus, amountPaidKes, attempt, before, history, session } = change;
  const present = tables.bookings.get(booking.id) ?? booking;
  const open = isOpen(attempt);
  const holder = tables.openKeys.get(booking.id);
  if (tables.history.has(history.id)) throw new Error(`history ${history.id} is there already`);
  if (session && [...tables.sessions.values()].some(({ bookingId }) => bookingId === booking.id))
    throw new Error(`booking ${booking.id} has a session already`);

  const version = booking.version + 1;
  tables.bookings.set(booking.id, Object.freeze({ ...present, version, status: bookingStatus }));
  tables.amountsPaidKes.set(booking.id, amountPaidKes);
  writeAttempt(tables, change);
  if (open) tables.openKeys.set(booking.id, attempt.id);
  else if (holder === attempt.id) tables.openKeys.delete(booking.id);
  if (attempt.receipt !== null) tables.receipts.set(attempt.receipt, attempt.id);
  if (before === null) {
    tables.attemptsOfBooking.set(booking.id, [...(tables.attemptsOfBooking.get(booking.id) ?? []), attempt.id]);
    tables.attemptBySecretHash.set(attempt.callbackSecretHash, attempt.id);
  }
  const entry = { ...history, note: history.note?.slice(0, NOTE_MAX) ?? null, paymentId: attempt.id, bookingVersion: version };
  tables.history.set(history.id, entry);
  if (session) tables.sessions.set(session.id, { ...session, bookingId: booking.id, paymentId: attempt.id, cancelledAtMs: null });
  if (bookingStatus === "cancelled" && booking.status !== "cancelled") cancelSession(tables, booking.id, history.atMs);
  writeWebhooks(tables, change);
  noteClaim(tables, change.claim, attempt.id);
  tables.onCommitted(booking.id, entry);
  return "committed";
}

function writeWebhooks(tables: FakeTables, { booking, webhooks }: Pick<Change, "webhooks"> & { booking: Booking }): void {
  for (const webhook of webhooks)
    tables.webhooks.set(webhook.id, { ...webhook, bookingId: booking.id, bookingVersion: booking.version + 1 });
}

/** A query that is under way owns the query members meanwhile: only a step that decides about them writes them. */
function writeAttempt(tables: FakeTables, { attempt, before, session }: Change): void {
  const present = before && tables.attempts.get(attempt.id);
  const questions = present && {
    queries: present.queries,
    queriedAtMs: present.queriedAtMs,
    nextQueryAtMs: isQuestionKept(tables, attempt, before) ? present.nextQueryAtMs : attempt.nextQueryAtMs,
  };
  const resultCode = attempt.resultCode?.slice(0, RESULT_CODE_MAX) ?? null;
  const row = { ...attempt, resultCode, sessionId: session?.id ?? attempt.sessionId, ...questions };
  tables.attempts.set(attempt.id, Object.freeze(row));
}

/** A failure decides when to query again, unless there is an unverified callback. */
function isQuestionKept(tables: FakeTables, attempt: Attempt, before: Attempt): boolean {
  return attempt.nextQueryAtMs === before.nextQueryAtMs || (attempt.status === "failed" && tables.unverifiedAtMs.has(attempt.id));
}

/** @returns whether there was something to change */
function update(tables: FakeTables, attemptId: string, change: (present: Attempt) => Partial<Attempt> | null): boolean {
  const present = tables.attempts.get(attemptId);
  const changes = present && change(present);
  if (!changes) return false;
  tables.attempts.set(attemptId, Object.freeze({ ...present, ...changes }));
  return true;
}

function noteClaim(tables: FakeTables, claim: Change["claim"], resourceId: string): void {
  const key = claim && fakeKeyOf(claim);
  const present = key === null ? undefined : tables.keys.get(key);
  if (key !== null && present) tables.keys.set(key, { ...present, resourceId });
}

export function fakeKeyOf({ scope, key }: { scope: string; key: string }): string {
  return `${scope} ${key}`;
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

function isOverdue({ status, requestedAtMs, promptExpiresAtMs }: Attempt, limits: Parameters<PaymentStore["overdue"]>[0]): boolean {
  if (status === "requested") return requestedAtMs <= limits.requestedBeforeMs;
  if (status === "prompted") return promptExpiresAtMs !== null && promptExpiresAtMs <= limits.promptedBeforeMs;
  return status === "confirming" && requestedAtMs <= limits.undecidedBeforeMs;
}

/** An attempt is open, or one is still to be queried. */
function isAwaited(tables: FakeTables, bookingId: string): boolean {
  const ids = tables.attemptsOfBooking.get(bookingId) ?? [];
  return tables.openKeys.has(bookingId) || ids.some((id) => (tables.attempts.get(id)?.nextQueryAtMs ?? null) !== null);
}

function describe({ booking, attempt, before, session }: Change): string {
  return `${before?.status ?? "nothing"} -> ${attempt.status}${session ? ", booked" : ""}, from version ${booking.version}`;
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function isPlaceTaken(tables: FakeTables, { id, siteId, sessionName, date, time }: Booking): boolean {
  return [...tables.sessions.values()].some(({ bookingId, cancelledAtMs }) => {
    const other = tables.bookings.get(bookingId);
    const isSame = other?.siteId === siteId && other.sessionName === sessionName && other.date === date && other.time === time;
    return isSame && bookingId !== id && cancelledAtMs === null;
  });
}

function cancelSession(tables: FakeTables, bookingId: string, atMs: number): void {
  for (const session of tables.sessions.values())
    if (session.bookingId === bookingId) tables.sessions.set(session.id, { ...session, cancelledAtMs: atMs });
}
