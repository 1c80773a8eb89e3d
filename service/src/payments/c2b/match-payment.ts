/** Money that came by itself, as pure functions: which prompt it answers, or that it is a payment of its own. */
import { CLOCKS_APART_MS, comparePayer } from "../payer.ts";
import { beginAttempt, isOpen, mayStillBePaid, type Attempt, type BookingFile, type Step } from "../payment.ts";

/** Money that surely came: M-Pesa's receipt says so. `payer` is masked by M-Pesa, or empty. */
export type Money = { receipt: string; amountKes: number; payer: string; paidAtMs: number | null };

/**
 * The prompt that this money most likely answered: one that is paid without a receipt yet (only a query told), one that is open, or one that we
 * lost sight of. Money for a prompt is reported twice, by its callback and as money to the paybill, and must count once.
 */
export function matchAttempt({ booking, attempts }: BookingFile, money: Money): Attempt | null {
  if (money.amountKes !== booking.amountKes) return null;
  const candidates = attempts.filter((attempt) => attempt.receipt === null && mayAnswer(attempt, money));
  return candidates.find(({ status }) => status === "paid") ?? candidates.find(isOpen) ?? candidates.findLast(mayStillBePaid) ?? null;
}

/** A prompt is paid from its own phone, after it was asked for, and before Safaricom says that it is paid. */
function mayAnswer({ phone, status, requestedAtMs, endedAtMs }: Attempt, { payer, paidAtMs }: Money): boolean {
  if (comparePayer(phone, payer) === "other") return false;
  if (paidAtMs === null) return true;
  const isTooLate = status === "paid" && endedAtMs !== null && paidAtMs > endedAtMs + CLOCKS_APART_MS;
  return paidAtMs >= requestedAtMs - CLOCKS_APART_MS && !isTooLate;
}

/** A payment that nobody was prompted for, as an attempt that begins paid. Part of the price, or more than it, books nothing: the owner decides. */
export function manualPaymentStep({ booking }: BookingFile, money: Money, id: string, nowMs: number): Step {
  const surplus = booking.status !== "pending" || money.amountKes !== booking.amountKes;
  const begun = beginAttempt(booking, {
    id,
    // A hash, as older notices have it, says nothing to anybody.
    phone: money.payer.length <= PHONE_LENGTH ? money.payer : "",
    // No callback can come for it: no secret hashes to this.
    callbackSecretHash: `receipt:${money.receipt}`,
    nowMs,
  });
  const attempt: Attempt = {
    ...begun,
    status: "paid",
    surplus,
    amountKes: money.amountKes,
    receipt: money.receipt,
    paidAtMs: money.paidAtMs ?? nowMs,
    endedAtMs: nowMs,
  };
  return { attempt, booked: !surplus };
}

/** `254` and nine digits. */
const PHONE_LENGTH = 12;
