/** The comparison at the end of most tests: who paid what, according to Safaricom, against the database. */
import { expect } from "vitest";
import type { RunningService } from "../../service/src/main.ts";
import type { LedgerEntry as Movement } from "../daraja-simulator/ledger.ts";
import type { DarajaSimulator } from "../daraja-simulator/server.ts";
import { auditLedger } from "../ledger-audit/ledger-audit.ts";
import { isCounted } from "../ledger-audit/snapshot.ts";
import { databaseOf, readRows, toSnapshot } from "./records.ts";
import { readLedger } from "./simulator-ledger.ts";

type Ends = { simulator: DarajaSimulator; service: RunningService };

/** Expects that the ledger audit finds no difference: all money is in the database, once, also where it was a part, too late or given back. */
export async function expectNoDifference({ simulator, service }: Ends): Promise<void> {
  const rows = await readRows(databaseOf({ service }));
  // Without a prompt, only the payer knows which booking was meant.
  const { differences } = auditLedger(
    readLedger(simulator.control, rows.attempts, () => null),
    toSnapshot(rows),
  );
  expect(differences.map(({ text }) => text)).toEqual([]);
}

/**
 * Expects that the ledger audit finds no difference. These tests are stricter than the audit: all money is with a booking, at its full price; a payment
 * that answered a prompt has this prompt's money; and the payer is stored as Safaricom named him.
 */
export async function expectLedgerIsDatabase({ simulator, service }: Ends): Promise<void> {
  const rows = await readRows(databaseOf({ service }));
  // Without a prompt, only the payer knows which booking was meant.
  const ledger = readLedger(simulator.control, rows.attempts, () => null);
  const { differences, places } = auditLedger(ledger, toSnapshot(rows));
  expect(differences.map(({ text }) => text)).toEqual([]);
  expect(places.listed.payments, "payments on the owner's list").toBe(0);

  const priceOf = new Map(rows.bookings.map(({ id, amountKes }) => [id, amountKes]));
  const ofPrompt = new Map(simulator.ledger.map((movement) => [movement.checkoutRequestId, movement]));
  const ofReceipt = new Map(simulator.ledger.map((movement) => [movement.receipt, movement]));
  for (const { id, bookingId, amountKes, checkoutRequestId, receipt, phone } of rows.attempts.filter(isCounted)) {
    expect(amountKes, `amount of ${id}`).toBe(priceOf.get(bookingId));
    const movement = checkoutRequestId === null ? ofReceipt.get(receipt ?? "") : ofPrompt.get(checkoutRequestId);
    expect(receipt ?? movement?.receipt, `receipt of ${id}`).toBe(movement?.receipt ?? "none: its prompt was not paid");
    expect(phone, `payer of ${id}`).toBe(movement && payerOf(movement));
  }
}

/** M-Pesa masks the number of a payer without a prompt. */
function payerOf({ kind, payerPhone }: Movement): string {
  return kind === "c2b" ? `${payerPhone.slice(0, 4)}*****${payerPhone.slice(-3)}` : payerPhone;
}
