/** One parent in a storm: books, pays, taps twice, tries again and watches until the outcome is known. */
import type { BookingView } from "../../service/src/contract.ts";
import type { AttemptPlan, PayerPlan } from "./payer-plan.ts";
import { handAfterLapse, type HandPlan } from "./hand-plan.ts";
import { payByHand } from "./hand-payer.ts";
import { rest, untilAnswered, type PayerParts } from "./payer-parts.ts";
import { between } from "./random-choice.ts";
import { typeCode } from "./type-code.ts";
import type { SiteAnswer } from "./site-client.ts";

export interface PayerEnd {
  readonly plan: PayerPlan;
  readonly bookingId: string | null;
  /** The last view that the parent saw; null: none. */
  readonly seen: BookingView | null;
  /** `decided`: paid, or failed without another try. `waiting`: still open when the storm ended. */
  readonly how: "decided" | "waiting" | "gave_up";
}

/** Somewhat faster than a browser's polling. */
const LOOK_MIN_MS = 500;
const LOOK_MAX_MS = 1_500;
/** Refusals ("busy") in a row after which a parent gives up. */
const REFUSALS_MAX = 25;

/** Longer than a late notice and its processing. */
const HAND_PAID_SHOWN_WITHIN_MS = 10_000;
/** By then a lost callback was queried twice, so a parent who still waits types the code. */
const CODE_TYPED_AFTER_MS = { patient: 45_000, hasty: 25_000 } as const;
/** The service's own query after a failure by timeout comes before that. */
const PAID_TWICE_TYPED_AFTER_MS = 130_000;
/** The shortest life that a booking may have, and some time for the request. */
const LAPSES_AFTER_MS = 75_000;
/** Later than the difference between two companies' clocks, so that the payment is not taken for the prompt's. */
const AGAIN_AFTER_MS = 11_000;

export async function bookAndPay(parts: PayerParts, plan: PayerPlan): Promise<{ bookingId: string | null; watching: Promise<PayerEnd> }> {
  const booking = await book(parts, plan);
  if (!booking) return { bookingId: null, watching: Promise.resolve({ plan, bookingId: null, seen: null, how: "gave_up" }) };
  parts.bookings.set(plan.phone, booking.bookingId);
  const payer = new Payer(parts, plan, booking);
  parts.waiting.set(plan.phone, () => payer.doing);
  const { byHand } = plan;
  const end = (watched: Promise<PayerEnd>) => ({
    bookingId: booking.bookingId,
    watching: watched.finally(() => void parts.waiting.delete(plan.phone)),
  });
  if (plan.lapses) return end(payer.payAfterLapse());
  if (byHand?.when !== "first") await payer.pay(0);
  return end(byHand?.when === "first" ? payer.payByHand(byHand).then(() => payer.watchToTheEnd()) : payer.watchToTheEnd());
}

async function book(parts: PayerParts, plan: PayerPlan): Promise<BookingView | null> {
  const body = {
    sessionType: plan.sessionType,
    date: "2036-12-09",
    time: "10:00",
    parentName: "Wanjiru Kamau",
    childName: `Amani ${plan.number}`,
    email: "wanjiru@example.com",
  };
  // Only the owner's server may say when a booking lapses.
  const asServer = plan.lapses ? { asServer: true, body: { ...body, expiresAt: Date.now() + LAPSES_AFTER_MS } } : { body };
  const answer = await untilAnswered(parts, plan, "/api/bookings", { key: `book-${plan.number}`, ...asServer });
  if (answer?.kind === "view") return answer.view;
  if (answer?.kind === "problem") parts.happened(`booking answered ${answer.status} ${answer.code}`);
  return null;
}

class Payer {
  readonly #parts: PayerParts;
  readonly #plan: PayerPlan;
  #seen: BookingView;
  #attempt = -1;
  #clicks = 0;
  #codes = 0;
  #byHand = false;
  #gaveUp = false;
  #doing = "books";
  #pendingSinceMs: number | null = null;

  constructor(parts: PayerParts, plan: PayerPlan, booking: BookingView) {
    this.#parts = parts;
    this.#plan = plan;
    this.#seen = booking;
  }

  /** For whoever reads the storm's output while this parent is the last one. */
  get doing(): string {
    const { bookingId, payment_status: status, booking_status: booked } = this.#seen;
    return `${bookingId} (${status}, ${booked}), try ${this.#attempt + 1} of ${this.#plan.attempts.length}: ${this.#doing}`;
  }

  /** Taps "Pay", once or twice at once, until an attempt is open or the booking is paid. */
  async pay(attempt: number): Promise<void> {
    const plan = this.#plan.attempts[attempt];
    if (!plan) throw new Error("no further attempt was planned");
    const { over, happened, injected } = this.#parts;
    this.#attempt = attempt;
    this.#prepare(plan);
    for (let refusals = 0; !over.aborted; refusals++) {
      this.#doing = `taps "Pay", after ${refusals} refusals`;
      const answers = await Promise.all(this.#keys().map((key) => this.#click(key)));
      const refusal = answers.find((answer) => answer?.kind === "problem" && isRefusal(answer.code));
      const started = answers.find(
        (answer) => answer?.kind === "view" || (answer?.kind === "problem" && answer.view && !isRefusal(answer.code)),
      );
      for (const answer of answers) if (answer && answer.kind !== "nothing") this.#see(answer.view);
      const tooSoon = answers.find((answer) => answer?.kind === "problem" && answer.code === "prompt_too_soon");
      if (tooSoon?.kind === "problem") {
        // As the widget, which counts down before it lets anybody tap again.
        refusals -= 1;
        const lockedMs = tooSoon.view?.retryAfterMs ?? tooSoon.retryAfterMs;
        this.#doing = `waits ${lockedMs} ms until another prompt may be sent`;
        await rest(lockedMs, over);
        continue;
      }
      if (started || !refusal || refusal.kind !== "problem") return;
      happened(`push refused, paid again: ${refusal.status} ${refusal.code}`);
      if (refusals === REFUSALS_MAX) {
        this.#gaveUp = true;
        return;
      }
      // The plan has one refusal; after it the parent taps again.
      if (plan.refused && refusals === 0) {
        if (plan.fault !== null) injected(plan.fault);
        this.#prepare({ ...plan, fault: null, faults: { ...plan.faults, pushAnswer: null } });
      }
      await rest(between(this.#plan.random, 300, 1_500), over);
    }
  }

  /** Pays from the M-Pesa menu, and types the code from the SMS if the page does not show the payment. */
  async payByHand(hand: HandPlan): Promise<void> {
    const receipt = await payByHand(this.#parts, this.#plan, hand, this.#seen);
    if (receipt === null) return;
    const { over, walletOf } = this.#parts;
    const { phone, random } = this.#plan;
    // A part of the price, or more than it, books nothing; the prompt does.
    this.#byHand = hand.overKes === 0;
    await rest(HAND_PAID_SHOWN_WITHIN_MS, over);
    await this.#look();
    // With a wrong account number, the owner must find the payment or the parent must type the code.
    const minds = hand.overKes === 0 && (hand.isFound || random() < 0.5);
    if (!walletOf(phone).isReported(receipt) || (minds && this.#seen.payment_status !== "paid")) await this.#typeCode(receipt);
  }

  /** Comes back when the booking has lapsed, and pays from the M-Pesa menu all the same. */
  async payAfterLapse(): Promise<PayerEnd> {
    const { over, injected } = this.#parts;
    while (!over.aborted && this.#seen.booking_status === "pending") {
      await rest(LOOK_MAX_MS, over);
      await this.#look();
    }
    if (!over.aborted) {
      injected("paid after the booking had lapsed");
      await this.payByHand(handAfterLapse);
    }
    return this.watchToTheEnd();
  }

  async watchToTheEnd(): Promise<PayerEnd> {
    const { over, walletOf } = this.#parts;
    const { byHand, phone } = this.#plan;
    while (!over.aborted && !this.#gaveUp) {
      const status = this.#seen.payment_status;
      if (status === "paid") break;
      if (status === "pending") {
        this.#doing = "watches the page";
        this.#pendingSinceMs ??= performance.now();
        await this.#look();
        const hasWaited = performance.now() - this.#pendingSinceMs > this.#typesAfterMs;
        const receipt = walletOf(phone).receipts.at(-1);
        if (this.#seen.payment_status === "pending" && hasWaited && receipt !== undefined) {
          await this.#typeCode(receipt);
          this.#pendingSinceMs = performance.now();
        }
        continue;
      }
      this.#pendingSinceMs = null;
      if (this.#byHand || this.#attempt + 1 >= this.#plan.attempts.length) break;
      await this.pay(this.#attempt + 1);
    }
    await this.#payByHandAfterwards(byHand);
    await this.#typeWhatWasPaidTwice();
    // Parents who left look once more at the end, because money may have moved late.
    const isDecided = this.#seen.payment_status !== "pending";
    const how = this.#gaveUp ? "gave_up" : isDecided ? "decided" : "waiting";
    return { plan: this.#plan, bookingId: this.#seen.bookingId, seen: this.#seen, how };
  }

  async #payByHandAfterwards(byHand: HandPlan | null): Promise<void> {
    const { over } = this.#parts;
    const status = this.#seen.payment_status;
    if (over.aborted || this.#gaveUp) return;
    if (byHand?.when === "instead" && status === "failed") await this.payByHand(byHand);
    if (byHand?.when !== "again" || status !== "paid") return;
    await rest(AGAIN_AFTER_MS, over);
    if (!over.aborted) await this.payByHand(byHand);
  }

  /** A parent with several SMS who sees one payment types the other codes: a query about a prompt cannot tell its money from a payment by menu. */
  async #typeWhatWasPaidTwice(): Promise<void> {
    const { over, walletOf, isPatient } = this.#parts;
    if (!isPatient || walletOf(this.#plan.phone).receipts.length < 2) return;
    this.#doing = "looks for payments that the page does not show";
    await rest(PAID_TWICE_TYPED_AFTER_MS, over);
    const { receipts, isReported } = walletOf(this.#plan.phone);
    for (const receipt of receipts) if (!over.aborted && !isReported(receipt)) await this.#typeCode(receipt);
  }

  async #typeCode(receipt: string): Promise<void> {
    const key = `code-${this.#plan.number}-${(this.#codes += 1)}`;
    this.#doing = `types the code ${receipt}`;
    const view = await typeCode(this.#parts, this.#plan, { bookingId: this.#seen.bookingId, receipt, key });
    this.#see(view ?? undefined);
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

  get #typesAfterMs(): number {
    return CODE_TYPED_AFTER_MS[this.#parts.isPatient ? "patient" : "hasty"];
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
      // After a long wait the parent types the code.
      await client.stream(random, this.#seen.bookingId, onView, AbortSignal.any([over, AbortSignal.timeout(this.#typesAfterMs)]));
    } else {
      const answer = await client.call(random, `/api/booking/${this.#seen.bookingId}`);
      if (answer.kind === "view") this.#see(answer.view);
    }
    if (this.#seen.payment_status === "pending") await rest(between(random, LOOK_MIN_MS, LOOK_MAX_MS), over);
  }
}

/** Whether the service answered that Safaricom refused the push. */
function isRefusal(code: string): boolean {
  return code === "payment_unavailable" || code === "payment_refused";
}
