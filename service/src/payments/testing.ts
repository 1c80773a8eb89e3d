/** For tests: bookings, attempts and changes with every member set; a case names only what matters to it. */
import type { Database } from "../platform/database.ts";
import type { Change, HistoryEntry } from "./store/change.ts";
import type { PaymentStore } from "./store/payment-store.ts";
import type { Booking } from "../bookings/booking.ts";
import type { Money } from "./c2b/match-payment.ts";
import { amountPaidKes, beginAttempt, type Attempt } from "./payment.ts";

export const SITE_ID = "site_test";
export const START_MS = Date.UTC(2026, 10, 23, 7);

let count = 0;
/** Sorts by age, like the service's own. */
export function newId(prefix: string): string {
  count += 1;
  return `${prefix}_${String(count).padStart(8, "0")}`;
}

export function newBooking(facts: Partial<Booking> = {}): Booking {
  const id = newId("bk");
  return {
    id,
    siteId: SITE_ID,
    reference: id.slice(-8),
    status: "pending",
    version: 1,
    parentName: "Wanjiru Kamau",
    childName: "Amani Kamau",
    email: "wanjiru@example.com",
    sessionType: "maths-1h",
    sessionName: "Maths, one hour",
    date: "2026-12-08",
    time: "10:00",
    amountKes: 1_500,
    createdAtMs: START_MS,
    expiresAtMs: START_MS + 7 * 24 * 60 * 60_000,
    ...facts,
  };
}

export function newAttempt(booking: Booking, facts: Partial<Attempt> = {}): Attempt {
  const id = newId("pay");
  const own = {
    id,
    phone: "254711000001",
    callbackSecretHash: `hash-of-${id}`,
    amountKes: booking.amountKes,
    mpesaAccountId: null,
    nowMs: START_MS,
  };
  return { ...beginAttempt(booking, own), ...facts };
}

/** The booking's whole price without a prompt, half a minute after `START_MS`, from the phone of `newAttempt`. */
export function newMoney(booking: Booking): Money {
  return {
    receipt: "UKN1A2B3C4",
    amountKes: booking.amountKes,
    payer: "2547*****001",
    paidAtMs: START_MS + 30_000,
    mpesaAccountId: "env:174379",
  };
}

export function newHistory(facts: Partial<HistoryEntry> = {}): HistoryEntry {
  return {
    id: newId("ph"),
    fromStatus: null,
    toStatus: "requested",
    event: "started",
    source: "start",
    note: null,
    actor: null,
    atMs: START_MS,
    ...facts,
  };
}

export function newChange(booking: Booking, attempt: Attempt, facts: Partial<Change> = {}): Change {
  return {
    booking,
    bookingStatus: facts.session ? "booked" : booking.status,
    amountPaidKes: amountPaidKes([attempt]),
    attempt,
    before: null,
    history: newHistory({ toStatus: attempt.status }),
    session: null,
    webhooks: [],
    claim: null,
    ...facts,
  };
}

/** The site's row, which every booking refers to. */
export async function insertTestSite({ knex }: Database, id = SITE_ID): Promise<void> {
  await knex("sites").insert({
    id,
    name: id,
    allowed_origins: '["https://amani.example"]',
    publishable_key: `pk_${id}`,
    secret_key_hash: `hash-of-${id}`,
    created_at: START_MS,
    updated_at: START_MS,
  });
}

/** Puts bookings and first attempts into a store, and reads them back. */
export function bookingsIn(store: () => PaymentStore) {
  const inserted = async (facts: Partial<Booking> = {}): Promise<Booking> => {
    const booking = newBooking(facts);
    const result = await store().insertBooking(booking, null);
    if (result !== "inserted") throw new Error(`the booking is ${result}`);
    return booking;
  };
  return {
    inserted,
    /** Commits a first attempt, whatever its status, and returns the booking as it is then. */
    async begun(facts: Partial<Attempt> = {}, bookingFacts: Partial<Booking> = {}): Promise<{ booking: Booking; attempt: Attempt }> {
      const booking = await inserted(bookingFacts);
      const attempt = newAttempt(booking, facts);
      const result = await store().commit(newChange(booking, attempt));
      if (result !== "committed") throw new Error(`the attempt is ${result}`);
      return { booking: { ...booking, version: 2 }, attempt };
    },
    async reload({ id }: { id: string }): Promise<Attempt> {
      const attempt = (await store().loadByAttempt(id))?.attempts.find((candidate) => candidate.id === id);
      if (!attempt) throw new Error(`no attempt ${id}`);
      return attempt;
    },
  };
}
