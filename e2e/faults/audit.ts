/** Safaricom's ledger against the database, payment by payment: what a storm is judged by. */
import { z } from "zod";
import { hashSecret } from "../../service/src/platform/ids.ts";
import type { Database } from "../../service/src/platform/database.ts";
import { parseAttempt, parseBooking } from "../../service/src/payments/store/payment-rows.ts";
import type { Booking } from "../../service/src/bookings/booking.ts";
import { isOpen, type Attempt } from "../../service/src/payments/payment.ts";
import type { Delivery } from "../daraja-simulator/delivery.ts";
import type { LedgerEntry } from "../daraja-simulator/ledger.ts";
import type { PromptView } from "../daraja-simulator/prompt.ts";
import { placeMoney, type Places } from "./place-money.ts";

const sessionSchema = z.object({ id: z.string(), pending_session_id: z.string(), payment_id: z.string(), amount: z.number() });
const historySchema = z.object({
  payment_id: z.string(),
  from_status: z.string().nullable(),
  to_status: z.string(),
  source: z.string(),
  at: z.number(),
});
const callbackSchema = z.object({
  id: z.string(),
  secret_hash: z.string().nullable(),
  verdict: z.string().nullable(),
  note: z.string().nullable(),
});

const unassignedSchema = z.object({ receipt: z.string(), amount: z.number(), payment_id: z.string().nullable() });

export interface Books {
  readonly attempts: readonly Attempt[];
  readonly bookings: readonly Booking[];
  readonly sessions: readonly z.infer<typeof sessionSchema>[];
  /** In the order in which it was committed. */
  readonly history: readonly z.infer<typeof historySchema>[];
  readonly callbacks: readonly z.infer<typeof callbackSchema>[];
  /** Receipts of money by hand that the owner is to give to a booking. */
  readonly unassigned: readonly z.infer<typeof unassignedSchema>[];
}

/** What Safaricom knows. */
export interface Truth {
  readonly ledger: readonly LedgerEntry[];
  readonly prompts: readonly PromptView[];
  readonly deliveries: readonly Delivery[];
  /** Phone to booking: what money is for. */
  readonly bookingOfPayer: ReadonlyMap<string, string>;
}

export interface Unheard {
  readonly attempt: Attempt;
  readonly promptWentOut: boolean;
  /** What became of its callback: Safaricom lost it, or nobody took it. */
  readonly callback: "none" | "lost" | "not taken";
}

export interface Audit {
  readonly inLedger: number;
  readonly paidInDatabase: number;
  /** Each a sentence that names the attempt or booking. */
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly bookedWrongly: readonly string[];
  readonly unsettled: readonly string[];
  /** Callbacks that were answered 200 and are not in the database. */
  readonly callbacksForgotten: readonly string[];
  /** Attempts without money of which nothing was heard, neither the push's reply nor any callback: open, or given up after 10 minutes. */
  readonly unheard: readonly Unheard[];
  /** Where the ledger's money is. */
  readonly places: Places;
  /** From the outcome on the phone to the step in the database, by who told. */
  readonly settledAfterMs: { readonly callback: readonly number[]; readonly other: readonly number[] };
  readonly callbacksAnswered: number;
  readonly callbacksStored: number;
}

export async function readBooks({ knex }: Database): Promise<Books> {
  const rows = async (table: string, order: string[]) => z.array(z.unknown()).parse(await knex(table).select("*").orderBy(order));
  return {
    attempts: (await rows("payments", ["requested_at", "id"])).map(parseAttempt),
    bookings: (await rows("pending_sessions", ["created_at", "id"])).map(parseBooking),
    sessions: z.array(sessionSchema).parse(await rows("sessions", ["id"])),
    history: z.array(historySchema).parse(await rows("payment_history", ["booking_version", "id"])),
    callbacks: z.array(callbackSchema).parse(await rows("callbacks", ["received_at", "id"])),
    unassigned: z.array(unassignedSchema).parse(await rows("unassigned_money", ["receipt"])),
  };
}

export function audit(truth: Truth, books: Books): Audit {
  const promptsOf = groupBy(truth.prompts, ({ callbackUrl }) => hashSecret(callbackUrl.slice(callbackUrl.lastIndexOf("/") + 1)));
  const answeredOf = groupBy(
    truth.deliveries.filter(({ status }) => status === 200),
    ({ url }) => hashSecret(url.slice(url.lastIndexOf("/") + 1)),
  );
  const promptIds = new Set(truth.prompts.map(({ checkoutRequestId }) => checkoutRequestId));
  const moneyOf = groupBy(truth.ledger, ({ checkoutRequestId }) => checkoutRequestId ?? "by hand");
  const placed = placeMoney(truth, books);
  const stepsOf = groupBy(books.history, ({ payment_id }) => payment_id);
  const storedOf = groupBy(books.callbacks, ({ secret_hash }) => secret_hash ?? "none");
  const attemptsOf = groupBy(books.attempts, ({ bookingId }) => bookingId);
  const sessionsOf = groupBy(books.sessions, ({ pending_session_id }) => pending_session_id);

  const lost: string[] = [...placed.lost];
  const doubled: string[] = [...placed.doubled];
  const bookedWrongly: string[] = [...placed.wrong];
  const unsettled: string[] = [];
  const callbacksForgotten: string[] = [];
  const unheard: Unheard[] = [];
  const settledAfterMs = { callback: [] as number[], other: [] as number[] };

  const moneyFor = (attempt: Attempt): LedgerEntry[] =>
    (promptsOf.get(attempt.callbackSecretHash) ?? []).flatMap(({ checkoutRequestId }) => moneyOf.get(checkoutRequestId) ?? []);

  for (const attempt of books.attempts) {
    const prompts = promptsOf.get(attempt.callbackSecretHash) ?? [];
    const answered = answeredOf.get(attempt.callbackSecretHash) ?? [];
    const money = moneyFor(attempt);
    const steps = stepsOf.get(attempt.id) ?? [];
    const toPaid = steps.filter(({ from_status, to_status }) => to_status === "paid" && from_status !== "paid");
    const name = `attempt ${attempt.id} (${attempt.status}${attempt.reason === null ? "" : `, ${attempt.reason}`})`;

    const gaveUp = attempt.status === "failed" && attempt.reason === "unknown";
    const isUnheard = (isOpen(attempt) || gaveUp) && attempt.checkoutRequestId === null && answered.length === 0 && money.length === 0;
    if (isUnheard) unheard.push({ attempt, promptWentOut: prompts.length > 0, callback: callbackOf(prompts, truth) });
    else if (isOpen(attempt))
      unsettled.push(`${name} is still open${prompts[0]?.outcome ? `, and ended with ${prompts[0].outcome.code}` : ""}`);

    if (prompts.length > 1) doubled.push(`${name} was sent to the phone ${prompts.length} times`);
    if (money.length > 1) doubled.push(`${name} was paid ${money.length} times`);
    if (toPaid.length > 1) doubled.push(`${name} became paid ${toPaid.length} times`);
    // Only a query knows no receipt.
    const toldBy = toPaid[0]?.source ?? "nobody";
    if (attempt.status === "paid" && attempt.receipt === null && toldBy !== "query")
      bookedWrongly.push(`${name}: it has no receipt, and ${toldBy} told`);
    // An id that nobody knows may come with a callback (a fault of Safaricom's); somebody else's may not.
    if (
      attempt.checkoutRequestId !== null &&
      prompts[0]?.checkoutRequestId !== attempt.checkoutRequestId &&
      promptIds.has(attempt.checkoutRequestId)
    )
      bookedWrongly.push(`${name}: it names another attempt's prompt`);
    if (steps.at(-1)?.to_status !== attempt.status) bookedWrongly.push(`${name}: its history ends otherwise`);

    const outcome = prompts[0]?.outcome;
    const settled = steps.find(({ to_status }) => to_status === (outcome?.code === "0" ? "paid" : "failed"));
    if (outcome && settled) settledAfterMs[settled.source === "callback" ? "callback" : "other"].push(Math.max(0, settled.at - outcome.at));
  }

  const known = new Set(books.attempts.map(({ callbackSecretHash }) => callbackSecretHash));
  for (const [secretHash, prompts] of promptsOf)
    if (!known.has(secretHash)) lost.push(`a prompt to ${prompts[0]?.phone ?? "nobody"} belongs to no attempt`);
  for (const callback of books.callbacks) {
    if (callback.verdict === null) unsettled.push(`callback ${callback.id} was never read`);
    if (callback.note?.startsWith("could not be processed")) unsettled.push(`callback ${callback.id} ${callback.note}`);
  }

  for (const [secretHash, answered] of answeredOf) {
    const stored = storedOf.get(secretHash) ?? [];
    if (stored.length < answered.length)
      callbacksForgotten.push(
        `${answered[0]?.kind ?? "?"} on ${secretHash}: ${answered.length} were answered 200, ${stored.length} are stored`,
      );
  }

  for (const booking of books.bookings) {
    const paid = (attemptsOf.get(booking.id) ?? []).filter(({ status }) => status === "paid" || status === "refunded");
    const sessions = sessionsOf.get(booking.id) ?? [];
    const bookedBy = paid.filter((attempt) => !attempt.surplus);
    const name = `booking ${booking.id} (${booking.status})`;
    if (sessions.length > 1) doubled.push(`${name} has ${sessions.length} sessions`);
    if (bookedBy.length > 1) doubled.push(`${name} was booked by ${bookedBy.length} payments`);
    if ((booking.status === "booked") !== (sessions.length === 1)) bookedWrongly.push(`${name} has ${sessions.length} sessions`);
    // Part of the price, or more than it, books nothing.
    const isPaidFor = paid.some(({ amountKes }) => amountKes === booking.amountKes);
    if (isPaidFor && sessions.length === 0) bookedWrongly.push(`${name} was paid and has no session`);
    for (const session of sessions) {
      const by = paid.find(({ id }) => id === session.payment_id);
      if (by?.sessionId !== session.id || by.surplus || session.amount !== booking.amountKes)
        bookedWrongly.push(`${name}: session ${session.id} is not its payment's`);
    }
  }

  return {
    inLedger: truth.ledger.length,
    paidInDatabase: books.attempts.filter(({ status }) => status === "paid" || status === "refunded").length,
    lost,
    doubled,
    bookedWrongly,
    unsettled,
    callbacksForgotten,
    unheard,
    places: placed.places,
    settledAfterMs,
    callbacksAnswered: truth.deliveries.filter(({ status }) => status === 200).length,
    callbacksStored: books.callbacks.length,
  };
}

function callbackOf(prompts: readonly PromptView[], { deliveries }: Truth): Unheard["callback"] {
  const tried = deliveries.filter((delivery) => prompts.some(({ callbackUrl }) => callbackUrl === delivery.url));
  if (tried.length === 0) return "none";
  return tried.every(({ outcome }) => outcome === "lost") ? "lost" : "not taken";
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  return Map.groupBy(items, keyOf);
}
