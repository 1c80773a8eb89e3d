import { hashSecret } from "../../service/src/platform/ids.ts";
import type { FakeTables } from "../../service/src/payments/store/fake-tables.ts";

/** For what happens to everybody: a copy dies, the database goes away. */
export const EVERYBODY = "*";

/** The story contains what happened to everybody within this time of an event of the booking. */
const NEAR_MS = 5_000;

type Line = { atMs: number; who: string; what: string; about: string | null };

/** What happened, line by line. Kept only when a failed world is run again. */
export class Story {
  readonly #startMs: number;
  readonly #lines: Line[] = [];

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** @param about any id of a booking: its own, an attempt's, a prompt's, a secret or its hash; EVERYBODY; null: none */
  say(atMs: number, who: string, what: string, about: string | null): void {
    this.#lines.push({ atMs, who, what, about });
  }

  /** What concerns one booking, from its beginning to the failure. */
  tell(bookingId: string | null, tables: FakeTables): string {
    const ids = idsOf(bookingId, tables);
    const isOwn = ({ about }: Line): boolean => about !== null && about !== EVERYBODY && (ids.has(about) || ids.has(hashSecret(about)));
    const own = this.#lines.filter(isOwn);
    let index = 0;
    const isNear = ({ atMs }: Line): boolean => {
      while ((own[index]?.atMs ?? Infinity) < atMs - NEAR_MS) index += 1;
      return (own[index]?.atMs ?? Infinity) <= atMs + NEAR_MS;
    };
    return this.#lines
      .filter((line) => isOwn(line) || (line.about === EVERYBODY && isNear(line)))
      .map(({ atMs, who, what }) => `${clock(atMs - this.#startMs)}  ${who.padEnd(9)} ${what}`)
      .join("\n");
  }
}

function idsOf(bookingId: string | null, tables: FakeTables): Set<string> {
  const ids = new Set<string>();
  if (bookingId === null) return ids;
  ids.add(bookingId);
  for (const attemptId of tables.attemptsOfBooking.get(bookingId) ?? []) {
    const attempt = tables.attempts.get(attemptId);
    ids.add(attemptId);
    if (attempt) ids.add(attempt.callbackSecretHash);
    if (attempt?.checkoutRequestId) ids.add(attempt.checkoutRequestId);
  }
  return ids;
}

function clock(ms: number): string {
  const part = (value: number, digits: number): string => String(Math.floor(value)).padStart(digits, "0");
  return `${part(ms / 3_600_000, 2)}:${part((ms / 60_000) % 60, 2)}:${part((ms / 1_000) % 60, 2)}.${part(ms % 1_000, 3)}`;
}
