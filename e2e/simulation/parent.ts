import { isDatabaseDown } from "../../service/src/platform/database.ts";
import { ServiceError } from "../../service/src/platform/errors.ts";
import type { Booking } from "../../service/src/bookings/booking.ts";
import { bookingPaymentStatus } from "../../service/src/payments/payment.ts";
import { simulatedAccounts } from "./accounts.ts";
import type { Random } from "./random.ts";
import { Tab } from "./tab.ts";
import type { World } from "./world.ts";

/** As in the widget: without an answer by then, the request is repeated. */
const ANSWER_TIMEOUT_MS = 15_000;
const MOST_REQUESTS = 14;
const MINUTE_MS = 60_000;

/** Answers to a typed code that decide nothing. */
const PASSING: ReadonlySet<string> = new Set(["code_check_open", "too_many_requests", "idempotency_in_progress"]);

/** There is nothing to pay any more, or somebody is paying. */
const ENDED: ReadonlySet<string> = new Set(["attempt_open", "already_paid", "booking_lapsed", "booking_cancelled"]);

/** A parent with a booking to pay: impatient, clumsy, with a bad connection. */
export class Parent {
  readonly #world: World;
  readonly #random: Random;
  readonly #booking: Booking;
  readonly #phone: string;
  #keys = 0;
  #codes = 0;
  #requests = 0;

  constructor(world: World, booking: Booking, phone: string) {
    this.#world = world;
    this.#random = world.random.fork();
    this.#booking = booking;
    this.#phone = phone;
  }

  begin(): void {
    const random = this.#random;
    const { scheduler } = this.#world;
    if (random.chance(0.8)) this.#openTab(random.between(0, 3_000));
    if (random.chance(0.15)) this.#openTab(random.between(0, 60_000));
    const firstMs = random.between(0, 4_000);
    const firstKey = this.#newKey();
    scheduler.after(firstMs, () => this.#post(firstKey));
    switch (random.weighted({ once: 60, doubleClick: 18, twoTabs: 16, hammering: 6 })) {
      case "once":
        break;
      case "doubleClick":
        scheduler.after(firstMs + random.between(0, 400), () => this.#post(firstKey));
        break;
      case "twoTabs":
        scheduler.after(firstMs + random.between(0, random.pick([20, 3_000])), () => this.#post(this.#newKey()));
        break;
      case "hammering":
        for (let count = 1; count <= 5; count++)
          scheduler.after(firstMs + count * random.between(5, 5_000), () => this.#post(this.#newKey()));
        break;
    }
    if (random.chance(0.12)) scheduler.after(random.between(5_000, 10 * MINUTE_MS), () => this.#payByHand());
    if (random.chance(0.25)) scheduler.after(random.between(20_000, 15 * MINUTE_MS), () => this.#typeAnyCode());
    // A parent who sees a failure tries again, soon or later.
    for (let count = random.between(0, 2); count > 0; count--) this.#tryAgainAt(random.between(10_000, random.pick([2, 12]) * MINUTE_MS));
  }

  /** Types the code of money that the booking does not show. */
  typeCode(code: string): void {
    const copy = this.#world.pickCopy();
    if (!copy) return;
    this.#codes += 1;
    this.#world.counts.codesTyped += 1;
    this.#say(`types ${code} at ${copy.life.name}`);
    copy.typeCode({ bookingId: this.#booking.id, code, key: `code-${this.#codes}` }).catch((error: unknown) => {
      const isExpected = isDatabaseDown(error) || (error instanceof ServiceError && PASSING.has(error.code));
      if (!isExpected) this.#world.fail(`a typed code is never answered "${String(error)}"`, this.#booking.id);
    });
  }

  #typeAnyCode(): void {
    const entries = this.#world.safaricom.ledgerOf(this.#booking.id);
    if (entries.length > 0) this.typeCode(this.#random.pick(entries).receipt.toLowerCase());
  }

  /** Pays from the M-Pesa menu, with typing errors. */
  #payByHand(): void {
    const random = this.#random;
    const { reference, amountKes, id: bookingId } = this.#booking;
    const typed = random.weighted({ right: 40, small: 15, dashed: 15, misread: 15, unknown: 15 });
    const accountNumber = {
      right: reference,
      small: reference.toLowerCase(),
      dashed: ` ${reference.slice(0, 4)}-${reference.slice(4)}`,
      // References never contain these characters, so that the error cannot be corrected.
      misread: `${reference.slice(0, 3)}${random.pick(["0", "O", "1", "I", "L"])}${reference.slice(4)}`,
      unknown: "LESSON",
    }[typed];
    const amount = random.weighted({ right: 80, part: 12, over: 8 });
    const paidKes = { right: amountKes, part: amountKes - 100, over: amountKes + 100 }[amount];
    // Some have the paybill from an old message.
    const { shortcode } = random.chance(0.1) ? random.pick(simulatedAccounts) : this.#world.site.account;
    this.#world.safaricom.payByHand({ phone: this.#phone, bookingId, accountNumber, amountKes: paidKes, shortcode });
  }

  #openTab(delayMs: number): void {
    const { scheduler, tabs } = this.#world;
    const lifeMs = this.#random.pick([20_000, 2 * MINUTE_MS, 8 * MINUTE_MS, 20 * MINUTE_MS]);
    scheduler.after(delayMs, () => {
      const tab = new Tab(this.#world, this.#booking.id);
      tabs.add(tab);
      scheduler.after(lifeMs, () => tab.close());
    });
  }

  #tryAgainAt(delayMs: number): void {
    const { scheduler, tables } = this.#world;
    scheduler.after(delayMs, () => {
      const booking = tables.bookings.get(this.#booking.id);
      const attempts = (tables.attemptsOfBooking.get(this.#booking.id) ?? []).flatMap((id) => tables.attempts.get(id) ?? []);
      if (booking && bookingPaymentStatus({ booking, attempts }) !== "paid") this.#post(this.#newKey());
    });
  }

  #newKey(): string {
    this.#keys += 1;
    return `key-${this.#keys}`;
  }

  #post(key: string): void {
    if (this.#requests >= MOST_REQUESTS) return;
    this.#requests += 1;
    const { scheduler } = this.#world;
    const copy = this.#world.pickCopy();
    this.#say(`pays with ${key}${copy ? ` at ${copy.life.name}` : ", but nobody answers"}`);
    if (!copy) return this.#lose(key);
    let isDone = false;
    const once = (react: () => void) => (): void => {
      if (isDone) return;
      isDone = true;
      forgetDeath();
      callOff();
      react();
    };
    const lose = once(() => this.#lose(key));
    const forgetDeath = copy.life.onDeath(lose);
    const callOff = scheduler.after(ANSWER_TIMEOUT_MS, lose);
    copy.pay({ bookingId: this.#booking.id, phone: this.#phone, key }).then(
      ({ status, retryAfterMs }) => once(() => this.#receiveAnswer(key, status, retryAfterMs))(),
      (error: unknown) => once(() => this.#receiveError(key, error))(),
    );
  }

  #lose(key: string): void {
    this.#say(`gets no answer to ${key}`);
    this.#again(this.#random.chance(0.75) ? key : this.#newKey(), this.#random.between(500, 15_000));
  }

  #receiveAnswer(key: string, status: number, retryAfterMs = 3_000): void {
    const random = this.#random;
    // The answer is lost on its way to the phone.
    if (random.chance(0.04)) return this.#lose(key);
    this.#say(`is answered ${status} to ${key}`);
    if (status >= 400 && random.chance(0.7)) this.#again(this.#newKey(), retryAfterMs + random.between(0, 5_000));
  }

  #receiveError(key: string, error: unknown): void {
    const random = this.#random;
    this.#say(`is told ${error instanceof Error ? error.message : String(error)} to ${key}`);
    if (!(error instanceof ServiceError)) {
      if (!isDatabaseDown(error)) this.#world.fail(`a start fails only when the database is away: ${String(error)}`, this.#booking.id);
      return this.#lose(key);
    }
    if (error.code === "idempotency_in_progress") return this.#again(key, random.between(1_000, 4_000));
    if (error.code === "too_many_requests") return this.#again(this.#newKey(), random.between(5_000, 20_000));
    if (error.code === "prompt_too_soon") return this.#again(this.#newKey(), error.extras.retryAfterMs ?? MINUTE_MS);
    // Money came between two readings of the booking.
    if (error.code === "amount_mismatch") return this.#again(this.#newKey(), random.between(500, 2_000));
    if (!ENDED.has(error.code)) this.#world.fail(`a parent is never told "${error.code}" here`, this.#booking.id);
  }

  #again(key: string, delayMs: number): void {
    this.#world.scheduler.after(delayMs, () => this.#post(key));
  }

  #say(what: string): void {
    this.#world.story?.say(this.#world.scheduler.nowMs, "parent", what, this.#booking.id);
  }
}
