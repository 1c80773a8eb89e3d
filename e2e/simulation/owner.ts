import { isDatabaseDown } from "../../service/src/platform/database.ts";
import { ServiceError } from "../../service/src/platform/errors.ts";
import { SETTLED_CODE, type Attempt } from "../../service/src/payments/payment.ts";
import { firstAccount, secondAccount } from "./accounts.ts";
import type { Copy } from "./place.ts";
import type { Random } from "./random.ts";
import type { LedgerEntry } from "./safaricom.ts";
import { EVERYBODY } from "./story.ts";
import type { World } from "./world.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Answers to a decision that somebody or something else has made meanwhile. */
const OVERTAKEN: ReadonlySet<string> = new Set(["refund_open", "refund_refused", "not_refundable", "not_settleable", "receipt_used"]);

/**
 * Works on the list of what waits for a person, with the M-Pesa statement beside it: gives back money that booked nothing, settles payments that nobody
 * decides, assigns money without a booking, has callbacks processed again. And moves the site to another M-Pesa account.
 */
export class Owner {
  readonly #world: World;
  readonly #random: Random;
  readonly #isChosen = new Map<string, boolean>();
  #asked = 0;

  constructor(world: World) {
    this.#world = world;
    this.#random = world.random.fork();
  }

  begin(): void {
    this.#work();
    for (let changes = this.#random.between(0, 2); changes > 0; changes--)
      this.#world.scheduler.after(this.#random.between(MINUTE_MS, this.#random.pick([8 * MINUTE_MS, 5 * HOUR_MS])), () =>
        this.#changeAccount(),
      );
  }

  get isDone(): boolean {
    return this.#waiting().length === 0;
  }

  /** Writes down money from the statement that Safaricom never reported. */
  enter({ receipt, bookingId, amountKes, phone, shortcode, atMs }: LedgerEntry): void {
    this.#assign(receipt, bookingId, { amountKes, payer: phone, shortcode, paidAtMs: atMs });
  }

  #work(): void {
    const random = this.#random;
    this.#world.scheduler.after(random.between(5 * MINUTE_MS, (this.#world.isHealed ? 20 : 90) * MINUTE_MS), () => {
      for (const { id } of this.#waiting()) if (random.chance(0.7)) this.#refund(id);
      for (const attempt of this.#undecided()) if (random.chance(0.3)) this.#settle(attempt);
      for (const { receipt, bookingId } of this.#withoutBooking()) if (random.chance(0.3)) this.#assign(receipt, bookingId, null);
      if (!this.#world.isHealed) this.#replaySome();
      this.#work();
    });
  }

  #waiting(): Attempt[] {
    return [...this.#world.tables.attempts.values()].filter(({ id, bookingId, status, amountKes, surplusKes, receipt }) => {
      if (status !== "paid" || receipt === null) return false;
      // All of it can go back: it is surplus, or nothing is booked for it.
      const isWithoutSession = surplusKes === amountKes || this.#world.tables.bookings.get(bookingId)?.status === "lapsed";
      if (!isWithoutSession) return false;
      return this.#isChosenOnce(id);
    });
  }

  #isChosenOnce(id: string): boolean {
    const isChosen = this.#isChosen.get(id) ?? this.#random.chance(0.5);
    this.#isChosen.set(id, isChosen);
    return isChosen;
  }

  #undecided(): Attempt[] {
    return [...this.#world.tables.attempts.values()].filter(
      ({ status, reason, resultCode }) => status === "failed" && reason === "unknown" && resultCode !== SETTLED_CODE,
    );
  }

  #withoutBooking(): LedgerEntry[] {
    const { tables, money, safaricom } = this.#world;
    const listed = [...money.unassigned.values()].filter(({ receipt, paymentId }) => paymentId === null && !tables.receipts.has(receipt));
    // Some are never looked at: the list must hold them to the end.
    const seen = listed.filter(({ receipt }) => this.#isChosenOnce(receipt));
    return seen.flatMap(({ receipt }) => safaricom.ledger.find((entry) => entry.receipt === receipt) ?? []);
  }

  #refund(paymentId: string): void {
    this.#world.counts.refundsAsked += 1;
    this.#asked += 1;
    const key = `refund-${this.#asked}`;
    this.#decide(paymentId, (copy) => copy.refund({ paymentId, key }));
  }

  /** As the statement has it at this moment. */
  #settle({ id: paymentId, callbackSecretHash }: Attempt): void {
    this.#world.counts.settled += 1;
    const receipt = this.#world.safaricom.promptOf({ callbackSecretHash })?.entry?.receipt ?? null;
    this.#say(receipt === null ? "settles it as not paid" : `settles it as paid with ${receipt}`, paymentId);
    this.#decide(paymentId, (copy) => copy.settle({ paymentId, receipt }));
  }

  #assign(receipt: string, bookingId: string, enter: Parameters<Copy["assign"]>[0]["enter"]): void {
    const reference = this.#world.tables.bookings.get(bookingId)?.reference;
    if (reference === undefined) return;
    this.#world.counts.assigned += 1;
    this.#say(`${enter ? "enters" : "assigns"} ${receipt}`, bookingId);
    this.#decide(bookingId, async (copy) => {
      const result = await copy.assign({ receipt, reference, enter });
      if (result === "no_such_booking") this.#world.fail("a booking that exists is found by its reference", bookingId);
    });
  }

  #replaySome(): void {
    for (const [callbackId, { reading }] of this.#world.tables.callbacks) {
      if (reading === null || !this.#random.chance(0.02)) continue;
      this.#world.counts.replayed += 1;
      this.#decide(reading.paymentId, (copy) => copy.replay(callbackId));
    }
  }

  #changeAccount(): void {
    const { site, counts } = this.#world;
    counts.accountChanges += 1;
    site.account = site.account === firstAccount ? secondAccount : firstAccount;
    this.#world.story?.say(this.#world.scheduler.nowMs, "owner", `moves the site to account ${site.account.shortcode}`, EVERYBODY);
  }

  #decide(about: string | null, decide: (copy: Copy) => Promise<unknown>): void {
    const copy = this.#world.pickCopy();
    if (!copy) return;
    decide(copy).catch((error: unknown) => {
      const isExpected = isDatabaseDown(error) || (error instanceof ServiceError && OVERTAKEN.has(error.code));
      if (!isExpected) this.#world.fail(`a decision is never answered "${String(error)}"`, about);
    });
  }

  #say(what: string, about: string): void {
    this.#world.story?.say(this.#world.scheduler.nowMs, "owner", what, about);
  }
}
