/** One parent in a storm: books, pays, taps twice, tries again, watches, until it is known how it went. */
import { setTimeout as pause } from "node:timers/promises";
import type { BookingView } from "../../service/src/contract.ts";
import type { Control } from "../daraja-simulator/control.ts";
import { between, type AttemptPlan, type PayerPlan } from "./payer-plan.ts";
import type { SiteAnswer, SiteClient } from "./site-client.ts";

export interface PayerParts {
  readonly client: SiteClient;
  readonly control: Control;
  /** Ended when nothing more will change. */
  readonly over: AbortSignal;
  /** What each phone is in for at the moment. */
  readonly current: Map<string, AttemptPlan>;
  /** Counts what a parent met. */
  readonly happened: (what: string) => void;
  /** Counts what was done to one. */
  readonly injected: (fault: string) => void;
}

export interface PayerEnd {
  readonly plan: PayerPlan;
  readonly bookingId: string | null;
  /** The last that the parent saw; null when nothing was ever shown. */
  readonly seen: BookingView | null;
  /** `decided`: paid, or failed and left at that. `waiting`: still open when the storm was over. */
  readonly how: "decided" | "waiting" | "gave_up";
}

/** Retries of one click: from a tenth of a second, so that some fall into every phase of a restart. */
const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 900;
/** A browser's polling, somewhat quicker. */
const LOOK_MIN_MS = 500;
const LOOK_MAX_MS = 1_500;
/** Refusals ("busy") in a row after which a parent gives up. */
const REFUSALS_MAX = 25;

export async function bookAndPay(parts: PayerParts, plan: PayerPlan): Promise<{ bookingId: string | null; watching: Promise<PayerEnd> }> {
  const booking = await book(parts, plan);
  if (!booking) return { bookingId: null, watching: Promise.resolve({ plan, bookingId: null, seen: null, how: "gave_up" }) };
  const payer = new Payer(parts, plan, booking);
  await payer.pay(0);
  return { bookingId: booking.bookingId, watching: payer.watchToTheEnd() };
}

async function book(parts: PayerParts, plan: PayerPlan): Promise<BookingView | null> {
  const body = {
    sessionType: plan.sessionType,
    date: "2026-12-08",
    time: "10:00",
    parentName: "Wanjiru Kamau",
    childName: `Amani ${plan.number}`,
    email: "wanjiru@example.com",
  };
  const answer = await untilAnswered(parts, plan, "/api/bookings", { body, key: `book-${plan.number}` });
  if (answer?.kind === "view") return answer.view;
  if (answer?.kind === "problem") parts.happened(`booking answered ${answer.status} ${answer.code}`);
  return null;
}

/** Answers that say nothing about the payment: the same request, with the same key, is sent again. */
const passing = new Set(["unavailable", "internal", "idempotency_in_progress"]);

async function untilAnswered(
  { client, over, happened }: PayerParts,
  { random }: PayerPlan,
  path: string,
  options: { body: object; key: string },
): Promise<Exclude<SiteAnswer, { kind: "nothing" }> | null> {
  while (!over.aborted) {
    const answer = await client.call(random, path, options);
    if (answer.kind === "view" || (answer.kind === "problem" && !passing.has(answer.code))) return answer;
    happened(answer.kind === "nothing" ? "retried: no answer" : `retried: ${answer.status} ${answer.code}`);
    await rest(between(random, RETRY_MIN_MS, RETRY_MAX_MS), over);
  }
  return null;
}

async function rest(ms: number, over: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal: over }).catch(() => undefined);
}

class Payer {
  readonly #parts: PayerParts;
  readonly #plan: PayerPlan;
  #seen: BookingView;
  #attempt = 0;
  #clicks = 0;
  #gaveUp = false;

  constructor(parts: PayerParts, plan: PayerPlan, booking: BookingView) {
    this.#parts = parts;
    this.#plan = plan;
    this.#seen = booking;
  }

  /** Taps "Pay", once or twice at once, until an attempt is under way or the booking turns out to be paid. */
  async pay(attempt: number): Promise<void> {
    const plan = this.#plan.attempts[attempt];
    if (!plan) throw new Error("no further attempt was planned");
    const { over, happened, injected } = this.#parts;
    this.#attempt = attempt;
    this.#prepare(plan);
    for (let refusals = 0; !over.aborted; refusals++) {
      const answers = await Promise.all(this.#keys().map((key) => this.#click(key)));
      const refusal = answers.find((answer) => answer?.kind === "problem" && isRefusal(answer.code));
      const started = answers.find(
        (answer) => answer?.kind === "view" || (answer?.kind === "problem" && answer.view && !isRefusal(answer.code)),
      );
      for (const answer of answers) if (answer && answer.kind !== "nothing") this.#see(answer.view);
      if (started || !refusal || refusal.kind !== "problem") return;
      happened(`push refused, paid again: ${refusal.status} ${refusal.code}`);
      if (refusals === REFUSALS_MAX) {
        this.#gaveUp = true;
        return;
      }
      // The refusal was the plan's: it comes once, and the parent taps again.
      if (plan.refused && refusals === 0) {
        if (plan.fault !== null) injected(plan.fault);
        this.#prepare({ ...plan, fault: null, faults: { ...plan.faults, pushAnswer: null } });
      }
      await rest(between(this.#plan.random, 300, 1_500), over);
    }
  }

  async watchToTheEnd(): Promise<PayerEnd> {
    const { over } = this.#parts;
    while (!over.aborted && !this.#gaveUp) {
      const status = this.#seen.payment_status;
      if (status === "paid") break;
      if (status === "failed" || status === "unpaid") {
        if (this.#attempt + 1 >= this.#plan.attempts.length) break;
        await this.pay(this.#attempt + 1);
      } else await this.#look();
    }
    // Whoever left is asked once more at the end: money may have come late.
    const isDecided = this.#seen.payment_status === "paid" || this.#seen.payment_status === "failed";
    const how = this.#gaveUp ? "gave_up" : isDecided ? "decided" : "waiting";
    return { plan: this.#plan, bookingId: this.#seen.bookingId, seen: this.#seen, how };
  }

  #prepare(plan: AttemptPlan): void {
    const { control, current } = this.#parts;
    const { phone } = this.#plan;
    const { faults, query, rule } = plan;
    current.set(phone, plan);
    control.setRule(phone, rule);
    control.setFaultsForPhone(phone, faults);
    if (query) control.nextFaults(query, { phone });
  }

  #keys(): string[] {
    const key = `pay-${this.#plan.number}-${(this.#clicks += 1)}`;
    if (this.#plan.click === "same_key_twice") return [key, key];
    return this.#plan.click === "two_keys" ? [key, `${key}-other-tab`] : [key];
  }

  async #click(key: string): Promise<SiteAnswer | null> {
    const { phone } = this.#plan;
    const answer = await untilAnswered(this.#parts, this.#plan, "/api/pay/mpesa", {
      body: { bookingId: this.#seen.bookingId, phone },
      key,
    });
    if (answer?.kind === "problem") this.#parts.happened(`paying answered ${answer.status} ${answer.code}`);
    return answer;
  }

  #see(view: BookingView | undefined): void {
    if (view && view.version >= this.#seen.version) this.#seen = view;
  }

  async #look(): Promise<void> {
    const { client, over } = this.#parts;
    const { random, watch } = this.#plan;
    if (watch === "stream") {
      const onView = (view: BookingView): boolean => {
        this.#see(view);
        return this.#seen.payment_status === "pending";
      };
      await client.stream(random, this.#seen.bookingId, onView, over);
    } else {
      const answer = await client.call(random, `/api/booking/${this.#seen.bookingId}`);
      if (answer.kind === "view") this.#see(answer.view);
    }
    if (this.#seen.payment_status === "pending") await rest(between(random, LOOK_MIN_MS, LOOK_MAX_MS), over);
  }
}

/** Safaricom's no to this attempt, as the service passes it on. */
function isRefusal(code: string): boolean {
  return code === "payment_unavailable" || code === "payment_refused";
}
