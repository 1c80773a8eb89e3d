import type { Booking } from "../../service/src/bookings/booking.ts";
import type { BookingStatus } from "../../service/src/contract.ts";
import type { FakeHistory } from "../../service/src/payments/store/fake-tables.ts";
import { amountPaidKes, type Attempt } from "../../service/src/payments/payment.ts";
import { rules } from "../ledger-audit/ledger-audit.ts";
import { auditBooking } from "./audit-world.ts";
import type { Prompt } from "./safaricom.ts";
import { attemptOfSecret, attemptsOfBooking } from "./table-lookups.ts";
import type { World } from "./world.ts";

/** The broken rule, and the booking. */
export type Failure = { invariant: string; bookingId: string | null; atMs: number; step: number };

/** The allowed steps, written a second time, so that the service's own table is checked too. */
const LEGAL_STEPS: Readonly<Record<string, readonly string[]>> = {
  requested: ["prompted", "confirming", "paid", "failed"],
  prompted: ["confirming", "paid", "failed"],
  confirming: ["paid", "failed"],
  failed: ["paid"],
  paid: ["refunded"],
  refunded: [],
};
const OPEN = new Set(["requested", "prompted", "confirming"]);

/** Checks the rules after every transaction. The first broken one ends the world. */
export class Invariants {
  failure: Failure | null = null;
  readonly #world: World;
  /** As they were after the last transaction. */
  readonly #versions = new Map<string, number>();
  readonly #bookingStatuses = new Map<string, BookingStatus>();
  readonly #attempts = new Map<string, Attempt>();
  readonly #payers = new Map<string, string>();
  readonly #attemptOfKey = new Map<string, string>();

  constructor(world: World) {
    this.#world = world;
    world.tables.onCommitted = (bookingId, history) => this.#checkBooking(bookingId, history);
  }

  /** @param about any id of the booking's, or null */
  fail(invariant: string, about: string | null): void {
    const { scheduler } = this.#world;
    this.failure ??= { invariant, bookingId: this.#bookingOf(about), atMs: scheduler.nowMs, step: scheduler.steps };
  }

  /** Checks a prompt that Safaricom is about to put on a phone. */
  checkPrompt({ secret, amountKes, phone }: Prompt): void {
    const attempt = attemptOfSecret(this.#world.tables, secret);
    if (!attempt) return this.fail("an attempt is committed before its push is sent", secret);
    if (attempt.amountKes !== amountKes || attempt.phone !== phone) this.fail("the prompt asks the payer for the attempt's amount", secret);
  }

  #checkBooking(bookingId: string, history: FakeHistory | null): void {
    const { tables } = this.#world;
    const booking = tables.bookings.get(bookingId);
    if (!booking) return this.fail("a booking is never lost", bookingId);
    if (booking.version <= (this.#versions.get(bookingId) ?? 0)) this.fail("versions strictly rise", bookingId);
    this.#versions.set(bookingId, booking.version);

    const attempts = attemptsOfBooking(tables, bookingId);
    if (attempts.filter(({ status }) => OPEN.has(status)).length > 1) this.fail("a booking has at most one open attempt", bookingId);
    if (history) this.#checkHistory(history, booking.version);
    this.#checkBookingMessages(booking);
    for (const attempt of attempts) this.#checkAttempt(attempt);
    if ((tables.amountsPaidKes.get(bookingId) ?? 0) !== amountPaidKes(attempts))
      this.fail("a booking knows what was paid for it", bookingId);

    for (const { rule, text } of auditBooking(this.#world, bookingId)) this.fail(`${rules[rule].text}: ${text}`, bookingId);
  }

  #checkHistory({ fromStatus, toStatus, paymentId, event, source, bookingVersion }: FakeHistory, version: number): void {
    const { tables, safaricom } = this.#world;
    const before = this.#attempts.get(paymentId);
    const attempt = tables.attempts.get(paymentId);
    if (!attempt || bookingVersion !== version) return this.fail("history names its attempt and version", paymentId);
    if ((before?.status ?? null) !== fromStatus || attempt.status !== toStatus) this.fail("history tells what happened", paymentId);
    const prompt = safaricom.promptOf(attempt);
    if (event === "push_refused" && prompt) this.fail("a push counts as refused only when nothing reached the phone", paymentId);
    if (event === "failed" && !prompt?.codes.includes(attempt.resultCode ?? ""))
      this.fail(`Safaricom itself gave the code by which a ${source} fails an attempt`, paymentId);
    const told = [...tables.webhooks.values()].filter((message) => message.paymentId === paymentId && message.bookingVersion === version);
    const expected = toStatus === fromStatus ? [] : this.#paymentEventsOf(attempt, fromStatus);
    if (told.flatMap(({ type }) => (type.startsWith("payment.") ? [type] : [])).join() !== expected.join())
      this.fail("every end is written down for the owner's server, with the step", paymentId);
    if (event === "started") {
      this.#checkKey(paymentId);
      if (attempt.amountKes !== this.#dueBefore(attempt)) this.fail("a prompt asks for what is still due", paymentId);
    }
  }

  #checkBookingMessages({ id, status, version }: Booking): void {
    const isNew = status !== "pending" && status !== this.#bookingStatuses.get(id);
    this.#bookingStatuses.set(id, status);
    const messages = [...this.#world.tables.webhooks.values()].filter(
      (message) => message.bookingId === id && message.bookingVersion === version,
    );
    const told = messages.flatMap(({ type }) => (type.startsWith("booking.") ? [type] : []));
    if (told.join() !== (isNew ? `booking.${status}` : ""))
      this.fail("what is booked is written down for the owner's server, with the change", id);
  }

  /** What its booking lacked without this attempt. */
  #dueBefore({ id, bookingId }: Attempt): number {
    const { tables } = this.#world;
    const others = attemptsOfBooking(tables, bookingId).filter((other) => other.id !== id);
    return Math.max(0, (tables.bookings.get(bookingId)?.amountKes ?? 0) - amountPaidKes(others));
  }

  #paymentEventsOf(attempt: Attempt, fromStatus: string | null): string[] {
    const { status, surplusKes, amountKes } = attempt;
    if (status === "failed" || status === "refunded") return [`payment.${status}`];
    if (status !== "paid") return [];
    const neededKes = amountKes - surplusKes;
    const isLate = fromStatus === "failed" || this.#bookingStatuses.get(attempt.bookingId) === "lapsed";
    const whole = isLate ? "payment.paid_late" : "payment.paid";
    const needed = neededKes < this.#dueBefore(attempt) ? "payment.partial" : whole;
    return [...(neededKes > 0 ? [needed] : []), ...(surplusKes > 0 ? ["payment.surplus"] : [])];
  }

  #checkAttempt(attempt: Attempt): void {
    const { id, status, receipt, amountKes } = attempt;
    const before = this.#attempts.get(id);
    if (before === attempt) return;
    this.#attempts.set(id, attempt);
    if (before && before.status !== status && !LEGAL_STEPS[before.status]?.includes(status))
      this.fail(`no step leads from ${before.status} to ${status}`, id);
    const isByHand = attempt.callbackSecretHash === `receipt:${receipt}`;
    if (!before && status !== (isByHand ? "paid" : "requested")) this.fail("an attempt begins as requested, money by hand as paid", id);
    if (before && before.amountKes !== amountKes) this.fail("an attempt's amount never changes", id);
    if (before?.receipt && before.receipt !== receipt) this.fail("a receipt is never taken away", id);
    if ((status !== "paid" && status !== "refunded") || receipt === null) return;
    if ((this.#payers.get(receipt) ?? id) !== id) this.fail("a receipt counts once", id);
    this.#payers.set(receipt, id);
  }

  #checkKey(attemptId: string): void {
    for (const [key, { resourceId }] of this.#world.tables.keys) {
      if (resourceId !== attemptId) continue;
      if ((this.#attemptOfKey.get(key) ?? attemptId) !== attemptId) this.fail("one Idempotency-Key begins one attempt", attemptId);
      this.#attemptOfKey.set(key, attemptId);
    }
  }

  #bookingOf(about: string | null): string | null {
    const { tables } = this.#world;
    if (about === null) return null;
    if (tables.bookings.has(about)) return about;
    const attempt = tables.attempts.get(about) ?? attemptOfSecret(tables, about);
    return attempt?.bookingId ?? null;
  }
}
