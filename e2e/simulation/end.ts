/** When everything that can happen has happened: nothing is open that is decided, no money is lost, everybody sees how it stands. */
import { bookingPaymentStatus, isOpen, type Attempt } from "../../service/src/payments/payment.ts";
import { parseStkCallback } from "../../service/src/daraja/stk-callback.ts";
import { decodeBody } from "../../service/src/payments/callback-inbox.ts";
import { hashSecret } from "../../service/src/platform/ids.ts";
import { addressOf } from "./copy.ts";
import { UNDECIDABLE_CODES, type LedgerEntry } from "./safaricom.ts";
import type { World } from "./world.ts";

/** Nothing more will happen by itself. */
export function isSettled(world: World): boolean {
  const { tables, places } = world;
  if (places.some(({ copy, journal }) => copy === null || journal.length > 0)) return false;
  if ([...tables.callbacks.values()].some(({ reading }) => reading === null)) return false;
  return [...tables.attempts.values()].every(
    (attempt) => (!isOpen(attempt) && attempt.nextQueryAtMs === null) || staysUndecided(world, attempt),
  );
}

/** Safaricom said how it ended in a callback that nobody got, and answers the question with a code that decides nothing: the owner is told. */
function staysUndecided({ safaricom }: World, attempt: Attempt): boolean {
  return UNDECIDABLE_CODES.has(safaricom.promptOf(attempt)?.codes.at(-1) ?? "") && attempt.queries > 0;
}

export function checkEnd(world: World): void {
  const { tables, invariants, safaricom, tabs } = world;
  if (safaricom.ledger.length === 0) invariants.fail("some of the parents pay", null);
  for (const place of world.places) if (place.journal.length > 0) invariants.fail("journals are replayed", null);
  checkCallbacks(world);
  for (const attempt of tables.attempts.values()) {
    if (isOpen(attempt) && !staysUndecided(world, attempt)) invariants.fail("nothing stays open that Safaricom has decided", attempt.id);
    checkPath(world, attempt);
  }
  for (const entry of safaricom.ledger) checkMoney(world, entry);
  for (const tab of tabs) {
    const booking = tables.bookings.get(tab.bookingId);
    const attempts = (tables.attemptsOfBooking.get(tab.bookingId) ?? []).flatMap((id) => tables.attempts.get(id) ?? []);
    if (!booking) continue;
    const isFinal = tab.version === booking.version && tab.view?.payment_status === bookingPaymentStatus({ booking, attempts });
    if (!isFinal) invariants.fail("every open stream shows the final version", tab.bookingId);
  }
}

function checkCallbacks({ tables, invariants, answeredDeliveries }: World): void {
  const stored = new Set<string>();
  for (const { callback, reading } of tables.callbacks.values()) {
    stored.add(callback.remoteAddress);
    if (reading === null) invariants.fail("no callback stays unread", callback.secretHash);
    if (reading?.note?.startsWith("could not be acted on")) invariants.fail("every callback can be acted on", reading.paymentId);
  }
  for (const { number, about } of answeredDeliveries.values())
    if (!stored.has(addressOf(number))) invariants.fail("a callback that was answered 200 is kept", about);
}

/** The history leads, step by step, from the beginning to the present status. */
function checkPath({ tables, invariants }: World, { id, status }: Attempt): void {
  let at: string | null = null;
  let version = 0;
  for (const entry of tables.history.values()) {
    if (entry.paymentId !== id) continue;
    if (entry.fromStatus !== at || entry.bookingVersion <= version) invariants.fail("history is one path", id);
    at = entry.toStatus;
    version = entry.bookingVersion;
  }
  if (at !== status) invariants.fail("history ends at the present status", id);
}

/** All that moved is one paid attempt, as long as anybody told the service of it, or it could ask. */
function checkMoney(world: World, entry: LedgerEntry): void {
  const { counts, invariants } = world;
  const attempt = invariants.attemptOf(entry.secret);
  if (!attempt) return invariants.fail("money moves only for an attempt", null);
  if (attempt.status === "paid") return;
  const canAsk = attempt.checkoutRequestId !== null && (isOpen(attempt) || attempt.reason === "unknown");
  if (canAsk || wasTold(world, entry)) return invariants.fail("no money that moved is lost", attempt.id);
  counts.moneyUntold += 1;
  if (attempt.status !== "failed") invariants.fail("money that nobody told of leaves a failed attempt", attempt.id);
}

/** Also when the copy died before it answered: stored is stored. */
function wasTold({ tables, trueWords }: World, { secret }: LedgerEntry): boolean {
  const secretHash = hashSecret(secret);
  return [...tables.callbacks.values()].some(
    ({ callback }) =>
      callback.secretHash === secretHash &&
      trueWords.has(callback.remoteAddress) &&
      parseStkCallback(decodeBody(callback)).outcome.kind === "paid",
  );
}
