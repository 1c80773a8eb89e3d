/** The one comparison that every test ends with: who paid what, as Safaricom knows it, against the database. */
import { expect } from "vitest";
import type { DarajaSimulator } from "../daraja-simulator/server.ts";
import type { RunningService } from "../../service/src/main.ts";
import { attemptsIn, bookingsIn, historyIn, sessionsIn } from "./records.ts";

const byId = (left: { id: string }, right: { id: string }): number => (left.id < right.id ? -1 : 1);

/**
 * Every movement of money is exactly one paid attempt, with that receipt (none where only a query told), phone and amount; nothing else is paid;
 * a booking that money came for is booked once, by one of its payments, and what is beyond is marked as surplus. What went back is what is refunded.
 */
export async function expectLedgerIsDatabase({
  simulator,
  service,
}: {
  simulator: DarajaSimulator;
  service: RunningService;
}): Promise<void> {
  const place = { service };
  const [attempts, bookings, sessions, history] = await Promise.all([
    attemptsIn(place),
    bookingsIn(place),
    sessionsIn(place),
    historyIn(place),
  ]);
  const paid = attempts.filter(({ status }) => status === "paid" || status === "refunded");
  const stepsToPaid = (attemptId: string) =>
    history.filter(({ payment_id, from_status, to_status }) => payment_id === attemptId && to_status === "paid" && from_status !== "paid");

  const told = paid.map(({ checkoutRequestId, amountKes, phone }) => ({ id: checkoutRequestId ?? "none", amountKes, phone }));
  const isOfNamelessPrompt = (receipt: string) => paid.some((attempt) => attempt.receipt === receipt && attempt.checkoutRequestId === null);
  const moved = simulator.ledger.map(({ checkoutRequestId, amountKes, payerPhone, kind, receipt }) => ({
    id: isOfNamelessPrompt(receipt) ? "none" : (checkoutRequestId ?? "none"),
    amountKes,
    // Of money by hand M-Pesa tells a masked number only.
    phone: kind === "c2b" ? `${payerPhone.slice(0, 4)}*****${payerPhone.slice(-3)}` : payerPhone,
  }));
  expect(told.toSorted(byId)).toEqual(moved.toSorted(byId));

  for (const attempt of attempts) {
    expect(stepsToPaid(attempt.id), `steps to paid of ${attempt.id}`).toHaveLength(paid.includes(attempt) ? 1 : 0);
  }
  for (const attempt of paid) {
    const entry = simulator.ledger.find(({ checkoutRequestId, receipt }) =>
      attempt.checkoutRequestId === null ? receipt === attempt.receipt : checkoutRequestId === attempt.checkoutRequestId,
    );
    if (attempt.receipt === null) expect(stepsToPaid(attempt.id)[0]?.source, "who said so without a receipt").toBe("query");
    else expect(attempt.receipt).toBe(entry?.receipt);
  }
  const back = simulator.ledger.filter(({ reversedAt }) => reversedAt !== undefined).map(({ receipt }) => receipt);
  const refunded = attempts.filter(({ status }) => status === "refunded").map(({ receipt }) => receipt);
  expect(new Set(refunded)).toEqual(new Set(back));
  for (const booking of bookings) {
    const money = paid.filter(({ bookingId }) => bookingId === booking.id);
    const bookedBy = money.filter(({ surplus }) => !surplus);
    const booked = sessions.filter(({ pending_session_id }) => pending_session_id === booking.id);
    expect(bookedBy.map(({ id, amountKes, sessionId }) => ({ id: sessionId, payment_id: id, amount: amountKes }))).toEqual(
      booked.map(({ id, payment_id, amount }) => ({ id, payment_id, amount })),
    );
    expect(booked, `sessions of ${booking.id}`).toHaveLength(money.length > 0 && booking.status !== "lapsed" ? 1 : 0);
    expect(booking.status === "booked").toBe(booked.length === 1);
    for (const { amountKes } of money) expect(amountKes).toBe(booking.amountKes);
  }
}
