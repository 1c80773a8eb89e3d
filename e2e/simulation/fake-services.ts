/** In memory and one statement at a time, like the service's own in SQL: idempotency keys, leases, the inbox with its journal. */
import type { Clock } from "../../service/src/platform/clock.ts";
import { ServiceError } from "../../service/src/platform/errors.ts";
import { HOLDER_DEAD_AFTER_MS, type Answer, type IdempotencyKeys } from "../../service/src/platform/idempotency.ts";
import { freeFirst, type Leases } from "../../service/src/platform/leases.ts";
import type { CallbackInbox, StoredCallback } from "../../service/src/payments/store/callback-inbox.ts";
import { fakeKeyOf } from "../../service/src/payments/store/fake-payment-store.ts";
import { type FakeKey, type FakeTables } from "../../service/src/payments/store/fake-tables.ts";
import type { RateLimits } from "../../service/src/payments/rate-limits.ts";
import type { Life } from "./life.ts";
import type { Random } from "./random.ts";

export function createFakeKeys(keys: Map<string, FakeKey>, life: Life, now: Clock): IdempotencyKeys {
  const { run } = life;
  const inProgress = () => new ServiceError("idempotency_in_progress", { retryAfterMs: 1_000 });
  return {
    async claim(claim, requestHash) {
      const name = fakeKeyOf(claim);
      const about = bookingOf(claim.scope);
      const lockedUntilMs = now() + HOLDER_DEAD_AFTER_MS;
      const isFresh = await run(`claim key ${claim.key}`, about, () => {
        if (keys.has(name)) return false;
        keys.set(name, { requestHash, resourceId: null, answer: null, lockedUntilMs, createdAtMs: now() });
        return true;
      });
      if (isFresh) return { kind: "fresh" };
      const found = await run(`read key ${claim.key}`, about, () => keys.get(name));
      if (!found) throw inProgress();
      if (found.requestHash !== requestHash) throw new ServiceError("idempotency_conflict");
      if (found.answer !== null) return { kind: "replay", answer: readAnswer(found.answer) };
      if (found.lockedUntilMs > now()) throw inProgress();
      const isTaken = await run(`take key ${claim.key} over`, about, () => {
        const present = keys.get(name);
        if (present?.lockedUntilMs !== found.lockedUntilMs) return false;
        keys.set(name, { ...present, lockedUntilMs });
        return true;
      });
      if (!isTaken) throw inProgress();
      return { kind: "resume", resourceId: found.resourceId };
    },
    complete: (claim, answer) =>
      run(`key ${claim.key} answers ${answer.status}`, bookingOf(claim.scope), () => {
        const present = keys.get(fakeKeyOf(claim));
        if (present) keys.set(fakeKeyOf(claim), { ...present, answer: JSON.stringify(answer) });
      }),
    release: (claim) =>
      run(`release key ${claim.key}`, bookingOf(claim.scope), () => {
        const present = keys.get(fakeKeyOf(claim));
        if (present?.resourceId === null && present.answer === null) keys.delete(fakeKeyOf(claim));
      }),
    forget: (beforeMs) =>
      run("forget old keys", null, () => {
        const old = [...keys].filter(([, { createdAtMs }]) => createdAtMs < beforeMs);
        for (const [name] of old) keys.delete(name);
        return old.length;
      }),
  };
}

/** `pay:bk_…`: a key belongs to a booking. */
function bookingOf(scope: string): string {
  return scope.slice(scope.indexOf(":") + 1);
}

function readAnswer(text: string): Answer {
  const answer = JSON.parse(text) as Answer;
  return answer;
}

export type FakeLeases = Map<string, { holder: string; untilMs: number }>;

export function createFakeLeases(rows: FakeLeases, holder: string, life: Life, now: Clock): Leases {
  const take = (name: string, durationMs: number, alsoOwn: boolean): Promise<boolean> => {
    const atMs = now();
    return life.run(`take lease ${name}`, null, () => {
      const present = rows.get(name);
      if (present && present.untilMs > atMs && !(alsoOwn && present.holder === holder)) return false;
      rows.set(name, { holder, untilMs: atMs + durationMs });
      return true;
    });
  };
  return {
    acquire: (name, durationMs) => take(name, durationMs, true),
    takeTurn: (name, durationMs) => take(name, durationMs, false),
    free: (names) => life.run("read which leases are free", null, () => freeFirst(names, (name) => rows.get(name)?.untilMs ?? 0, now())),
    release: (name) =>
      life.run(`release lease ${name}`, null, () => {
        if (rows.get(name)?.holder === holder) rows.set(name, { holder, untilMs: 0 });
      }),
  };
}

/** @param journal the file on this copy's disk: it outlives the copy, and the next one on this disk finds it */
export function createFakeInbox(tables: FakeTables, journal: StoredCallback[], life: Life): CallbackInbox {
  const { run, runOnDisk } = life;
  const insert = (callback: StoredCallback): Promise<void> =>
    run(`store callback ${callback.id}`, callback.secretHash, () => {
      if (!tables.callbacks.has(callback.id)) tables.callbacks.set(callback.id, { callback, reading: null });
    });
  return {
    async store(callback) {
      try {
        await insert(callback);
        return "database";
      } catch {
        await runOnDisk(`write callback ${callback.id} to the journal`, callback.secretHash, () => journal.push(callback));
        return "journal";
      }
    },
    markProcessed: (id, reading) =>
      run(`mark callback ${id} ${reading.verdict}${reading.note === null ? "" : ` (${reading.note})`}`, reading.paymentId, () => {
        const present = tables.callbacks.get(id);
        if (present) tables.callbacks.set(id, { ...present, reading });
      }),
    unprocessed: (receivedBeforeMs, nowMs, most) =>
      run("read pending callbacks", null, () =>
        [...tables.callbacks.values()]
          .filter(({ reading, callback }) => reading === null && callback.receivedAtMs < receivedBeforeMs)
          .filter(({ nextTryAtMs }) => nextTryAtMs === undefined || nextTryAtMs <= nowMs)
          .map(({ callback, tries = 0 }) => ({ ...callback, tries }))
          .slice(0, most),
      ),
    retryLater: (id, { tries, nextTryAtMs, note }) =>
      run(`try callback ${id} again later (${note})`, null, () => {
        const present = tables.callbacks.get(id);
        if (present?.reading === null) tables.callbacks.set(id, { ...present, tries, nextTryAtMs });
      }),
    shorten: (id) => run(`shorten callback ${id}`, null, () => undefined),
    forget: (id) => run(`forget callback ${id}`, null, () => void tables.callbacks.delete(id)),
    async replayJournal() {
      const waiting = [...journal];
      let taken = 0;
      try {
        for (const callback of waiting) {
          await insert(callback);
          taken += 1;
        }
      } finally {
        if (taken > 0) await runOnDisk("shorten the journal", null, () => journal.splice(0, taken));
      }
      return taken;
    },
    journalDepth: () => journal.length,
  };
}

/** Now and then somebody has tried too often. */
export function createFakeLimits(random: Random, life: Life): RateLimits {
  const take = async (): Promise<void> => {
    await life.send("ask the limits", null, 1, () => undefined);
    if (random.chance(0.01)) throw new ServiceError("too_many_requests", { retryAfterMs: 5_000 });
  };
  return { consume: take, consumeBooking: take, consumeCode: take };
}
