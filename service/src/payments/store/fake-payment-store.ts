/**
 * The payment store in memory. It passes the same tests as the one in SQL, and runs the same statements one by one: the caller's `run` decides when each
 * of them happens, and what happens in between.
 */
import { comparePayer } from "../phone-number.ts";
import type { Change } from "./change.ts";
import type { FakeTables, RunStatement } from "./fake-tables.ts";
import { type CommitResult, type PaymentStore } from "./payment-store.ts";
import { createFakeStatusQueries } from "./fake-status-queries.ts";
import type { Booking } from "../../bookings/booking.ts";
import { isOpen, mayHoldUnknownMoney, type Attempt } from "../payment.ts";

/** What the database itself forbids. Taking one out shows whether a test notices. */
export type FakeGuards = { compareAndSet: boolean; compareAndSetTogether: boolean; oneOpenAttempt: boolean; uniqueReceipts: boolean };

const ALL_GUARDS: FakeGuards = { compareAndSet: true, compareAndSetTogether: true, oneOpenAttempt: true, uniqueReceipts: true };
const AT_ONCE: RunStatement = async (_name, _about, work) => work();
/** As long as the columns. */
const RESULT_CODE_MAX = 32;
const NOTE_MAX = 500;
/** As in the store in SQL. */
const DAY_MS = 24 * 60 * 60_000;

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
    ...createFakeStatusQueries(tables, run),
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

function noteClaim(tables: FakeTables, claim: Change["claim"], resourceId: string): void {
  const key = claim && fakeKeyOf(claim);
  const present = key === null ? undefined : tables.keys.get(key);
  if (key !== null && present) tables.keys.set(key, { ...present, resourceId });
}

export function fakeKeyOf({ scope, key }: { scope: string; key: string }): string {
  return `${scope} ${key}`;
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
