/** The parts of sentences that timelines and consequences share. */
import type { FailureReason } from "../../contract.ts";
import type { Booking } from "../../bookings/booking.ts";
import { maskPhone } from "../../platform/masking.ts";
import { quotable } from "../../platform/plain-text.ts";

/** `KES 1,500` */
export function kes(amountKes: number): string {
  return `KES ${amountKes.toLocaleString("en-KE")}`;
}

/** A phone, masked. Older notices carry none that says anything. */
export function phoneOf(phone: string): string {
  return phone === "" ? "an unknown phone" : maskPhone(phone);
}

/** `Tuesday, 8 December 2026, 10:00` */
export function sessionTime({ date, time }: Pick<Booking, "date" | "time">): string {
  const day = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", weekday: "long", day: "numeric", month: "long", year: "numeric" });
  return `${day.format(Date.parse(`${date}T00:00:00Z`)).replace(/^(\w+) /, "$1, ")}, ${time}`;
}

/** `: it had lapsed`, or nothing. @param note Safaricom's or a stranger's text */
export function because(note: string | null): string {
  const text = note === null ? "" : quotable(note, NOTE_MAX).replace(/\.$/, "");
  return text === "" ? "" : `: ${text}`;
}

const NOTE_MAX = 300;

/** How a prompt ended, as the subject of a sentence's rest. */
export const failureWords: Record<FailureReason, string> = {
  insufficient_funds: "there was not enough money on the M-Pesa account",
  limit: "the payment was over one of M-Pesa's limits",
  misconfigured: "Safaricom refused: the M-Pesa account is not set up for this",
  busy: "Safaricom was busy or the phone had another prompt open",
  expired: "the prompt expired before the PIN was entered",
  cancelled: "the payer cancelled it",
  unreachable: "the phone could not be reached",
  no_answer: "nobody answered the prompt in time",
  wrong_pin: "the PIN was wrong",
  pin_locked: "the PIN is locked",
  rejected: "Safaricom or a person decided that it was not paid",
  unknown: "Safaricom did not say what became of it",
};
