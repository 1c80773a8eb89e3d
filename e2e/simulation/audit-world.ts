/** Hands the ledger and the tables of a world to the ledger audit. */
import type { Attempt } from "../../service/src/payments/payment.ts";
import { auditLedger, holdsAlways, type Difference } from "../ledger-audit/ledger-audit.ts";
import { placeMoney } from "../ledger-audit/place-money.ts";
import type { LedgerEntry as AuditedEntry, Session } from "../ledger-audit/snapshot.ts";
import type { LedgerEntry } from "./safaricom.ts";
import { attemptsOfBooking } from "./table-lookups.ts";
import type { World } from "./world.ts";

/** What is wrong with one booking after a transaction, though money and callbacks may still be on their way. */
export function auditBooking(world: World, bookingId: string): Difference[] {
  const booking = world.tables.bookings.get(bookingId);
  const ledger = world.safaricom.ledgerOf(bookingId);
  const { differences } = auditLedger(ledger.map(toAudited), {
    bookings: booking ? [booking] : [],
    payments: attemptsOfBooking(world.tables, bookingId),
    sessions: sessionsIn(world).filter((session) => session.bookingId === bookingId),
    unassigned: ledger.flatMap(({ receipt }) => world.money.unassigned.get(receipt) ?? []),
    refunds: [],
    history: null,
  });
  return differences.filter(({ rule }) => holdsAlways(rule));
}

/** What is wrong with the whole world when nothing is on its way any more. */
export function auditWorld(world: World): Difference[] {
  const { tables, safaricom, money } = world;
  const { differences } = auditLedger(safaricom.ledger.map(toAudited), {
    bookings: [...tables.bookings.values()],
    payments: [...tables.attempts.values()],
    sessions: sessionsIn(world),
    unassigned: [...money.unassigned.values()],
    refunds: [...money.refunds.values()],
    history: [...tables.history.values()],
  });
  // Callbacks lose items here, so that one with the right amount may confirm a payment without naming the receipt.
  return differences.filter(({ rule }) => rule !== "no-receipt");
}

/** Money that neither counts for its booking nor is on the owner's list. */
export function missingMoney(world: World): LedgerEntry[] {
  return [...world.tables.bookings.keys()].flatMap((bookingId) => lostOf(world, bookingId));
}

function lostOf({ tables, safaricom, money }: World, bookingId: string): readonly LedgerEntry[] {
  const ledger = safaricom.ledgerOf(bookingId);
  const listed = ledger.filter(({ receipt }) => money.unassigned.get(receipt)?.paymentId === null);
  return placeMoney<LedgerEntry, Attempt>(ledger, attemptsOfBooking(tables, bookingId), new Set(listed.map(({ receipt }) => receipt))).lost;
}

/** The fake table keeps no amount; a session is sold at its booking's. */
function sessionsIn({ tables }: World): Session[] {
  return [...tables.sessions.values()]
    .filter(({ cancelledAtMs }) => cancelledAtMs === null)
    .map(({ id, bookingId, paymentId }) => ({ id, bookingId, paymentId, amountKes: tables.bookings.get(bookingId)?.amountKes ?? 0 }));
}

function toAudited({ receipt, amountKes, phone, bookingId, reversedAtMs }: LedgerEntry): AuditedEntry {
  return { receipt, amountKes, payerPhone: phone, bookingId, isReversed: reversedAtMs !== null };
}
