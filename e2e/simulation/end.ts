/** The rules at the end of a world: nothing decided is open, no money is lost, every stream shows the final version. */
import { parseC2bNotice } from "../../service/src/daraja/c2b.ts";
import { bookingPaymentStatus, isOpen, mayStillBePaid, type Attempt } from "../../service/src/payments/payment.ts";
import { parseStkCallback } from "../../service/src/daraja/stk-callback.ts";
import { decodeBody } from "../../service/src/payments/store/callback-inbox.ts";
import { hashSecret } from "../../service/src/platform/ids.ts";
import { rules } from "../ledger-audit/ledger-audit.ts";
import { auditWorld, missingMoney } from "./audit-world.ts";
import { addressOf } from "./delivery.ts";
import type { LedgerEntry } from "./safaricom.ts";
import { attemptOfSecret, attemptsOfBooking } from "./table-lookups.ts";
import type { World } from "./world.ts";

/** Nothing more will happen by itself. */
export function isSettled(world: World): boolean {
  const { tables, places, money } = world;
  if (places.some(({ copy, journal }) => copy === null || journal.length > 0)) return false;
  if ([...tables.callbacks.values()].some(({ reading }) => reading === null)) return false;
  if ([...money.checks.values()].some(({ status }) => status === "checking")) return false;
  if ([...money.refunds.values()].some(({ endedAtMs }) => endedAtMs === null)) return false;
  return [...tables.attempts.values()].every((attempt) => !isOpen(attempt) && attempt.nextQueryAtMs === null);
}

export function checkEnd(world: World): void {
  const { tables, safaricom, tabs } = world;
  if (safaricom.ledger.length === 0) world.fail("some of the parents pay", null);
  for (const place of world.places) if (place.journal.length > 0) world.fail("journals are replayed", null);
  checkCallbacks(world);
  for (const attempt of tables.attempts.values()) {
    if (isOpen(attempt)) world.fail("every open state ends", attempt.id);
    checkPath(world, attempt);
  }
  for (const { rule, text, bookingId } of auditWorld(world)) world.fail(`${rules[rule].text}: ${text}`, bookingId);
  for (const tab of tabs) {
    const booking = tables.bookings.get(tab.bookingId);
    const attempts = attemptsOfBooking(tables, tab.bookingId);
    if (!booking) continue;
    const isFinal = tab.version === booking.version && tab.view?.payment_status === bookingPaymentStatus({ booking, attempts });
    if (!isFinal) world.fail("every open stream shows the final version", tab.bookingId);
  }
}

function checkCallbacks(world: World): void {
  const { tables, answeredDeliveries } = world;
  const stored = new Set<string>();
  for (const { callback, reading } of tables.callbacks.values()) {
    stored.add(callback.remoteAddress);
    if (reading === null) world.fail("no callback stays unread", callback.secretHash);
    if (reading?.note?.startsWith("could not be processed")) world.fail("every callback can be acted on", reading.paymentId);
  }
  for (const { number, about } of answeredDeliveries.values())
    if (!stored.has(addressOf(number))) world.fail("a callback that was answered 200 is kept", about);
}

/** Each step of the history begins where the one before it ended. */
function checkPath(world: World, { id }: Attempt): void {
  let at: string | null = null;
  let version = 0;
  for (const entry of world.tables.history.values()) {
    if (entry.paymentId !== id) continue;
    if (entry.fromStatus !== at || entry.bookingVersion <= version) world.fail("history is one path", id);
    at = entry.toStatus;
    version = entry.bookingVersion;
  }
}

/**
 * Before parents type codes: money that was reported to the service, or that it could have queried, has its place. A payment without a receipt may hold
 * any entry of its booking and amount, so missing entries are compared by number.
 */
export function checkWithoutHelp(world: World): void {
  const missing = missingMoney(world);
  world.counts.moneyUnreported += missing.length;
  for (const { bookingId, amountKes } of missing) {
    const isAlike = (entry: LedgerEntry): boolean => entry.bookingId === bookingId && entry.amountKes === amountKes;
    const alike = world.safaricom.ledgerOf(bookingId).filter(isAlike);
    const unreported = alike.filter((entry) => !wasReported(world, entry) && !couldBeQueried(world, entry));
    if (missing.filter(isAlike).length > unreported.length)
      world.fail("money that the service was told of, or can ask about, has its place", bookingId);
  }
}

/** The service queries until it has an answer; after a failure by timeout, it finds what had moved before its last query. */
function couldBeQueried({ tables }: World, { secret, atMs }: LedgerEntry): boolean {
  const attempt = secret === null ? undefined : attemptOfSecret(tables, secret);
  if (!attempt || attempt.checkoutRequestId === null) return false;
  if (isOpen(attempt)) return true;
  if (attempt.reason === "unknown") return atMs < attempt.requestedAtMs + QUERIED_FOR_AT_LEAST_MS;
  return mayStillBePaid(attempt) && attempt.endedAtMs !== null && atMs < attempt.endedAtMs + SURELY_ASKED_AFTER_MS;
}

/** The last query of an attempt that nobody decides comes a day after its request. */
const QUERIED_FOR_AT_LEAST_MS = 24 * 60 * 60_000 - 60_000;
/** The last question comes 10 minutes after the end, by the copy's own clock. */
const SURELY_ASKED_AFTER_MS = 10 * 60_000 - 1_000;

/** Whether a stored callback names its receipt, or names none and no other money can be meant. A callback counts if it was stored, even unanswered. */
function wasReported({ tables, genuineAddresses, safaricom }: World, entry: LedgerEntry): boolean {
  const isAlone = safaricom.ledgerOf(entry.bookingId).length === 1;
  return [...tables.callbacks.values()].some(({ callback }) => {
    if (!genuineAddresses.has(callback.remoteAddress)) return false;
    const body = decodeBody(callback);
    if (callback.kind === "c2b") {
      const notice = parseC2bNotice(body);
      return notice.kind === "money" && notice.receipt === entry.receipt;
    }
    const isOwn = callback.kind === "stk" && entry.secret !== null && callback.secretHash === hashSecret(entry.secret);
    const { outcome } = parseStkCallback(isOwn ? body : "");
    return outcome.kind === "paid" && (outcome.receipt === entry.receipt || (outcome.receipt === null && isAlone));
  });
}
