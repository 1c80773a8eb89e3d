/** What a parent books, and its life. Pure, and without knowledge of payments, which work with these types. */
import type { BookingStatus } from "../contract.ts";

export type Booking = {
  id: string;
  siteId: string;
  /** Up to 12 characters: the account number for paying by hand, and what the payer's SMS names. */
  reference: string;
  status: BookingStatus;
  /** Grows by one with every change of the booking or its payments; every write is guarded by it. */
  version: number;
  parentName: string;
  childName: string;
  email: string;
  /** Code in the site's price list; null: the owner's server named the amount itself. */
  sessionType: string | null;
  sessionName: string;
  /** YYYY-MM-DD, Africa/Nairobi. */
  date: string;
  /** HH:MM, Africa/Nairobi. */
  time: string;
  amountKes: number;
  createdAtMs: number;
  /** An unpaid booking lapses then, unless a payment is under way. */
  expiresAtMs: number;
};

const HOUR_MS = 60 * 60_000;
/** Also for a session that begins at once or has begun: a parent needs the time to pay. */
const SHORTEST_LIFE_MS = HOUR_MS;

/** When the session starts: Kenya is three hours ahead of UTC, all year. */
export function sessionStartMs({ date, time }: Pick<Booking, "date" | "time">): number {
  return Date.parse(`${date}T${time}:00+03:00`);
}

/** Until the session starts, at most `longestLifeMs` and at least an hour from now. */
export function defaultExpiryMs(session: Pick<Booking, "date" | "time">, nowMs: number, longestLifeMs: number): number {
  return Math.max(nowMs + SHORTEST_LIFE_MS, Math.min(sessionStartMs(session), nowMs + longestLifeMs));
}
