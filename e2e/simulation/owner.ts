import { isDatabaseDown } from "../../service/src/platform/database.ts";
import { ServiceError } from "../../service/src/platform/errors.ts";
import type { Attempt } from "../../service/src/payments/payment.ts";
import type { Random } from "./random.ts";
import type { World } from "./world.ts";

const MINUTE_MS = 60_000;

/** Refunds every other surplus payment, and repeats the request until it is done. */
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
    this.#world.scheduler.after(this.#random.between(5 * MINUTE_MS, (this.#world.isHealed ? 20 : 90) * MINUTE_MS), () => {
      for (const { id } of this.#waiting()) if (this.#random.chance(0.7)) this.#refund(id);
      this.begin();
    });
  }

  get isDone(): boolean {
    return this.#waiting().length === 0;
  }

  #waiting(): Attempt[] {
    return [...this.#world.tables.attempts.values()].filter(({ id, status, surplus, receipt }) => {
      if (!surplus || status !== "paid" || receipt === null) return false;
      if (!this.#isChosen.has(id)) this.#isChosen.set(id, this.#random.chance(0.5));
      return this.#isChosen.get(id);
    });
  }

  #refund(paymentId: string): void {
    const copy = this.#world.pickCopy();
    if (!copy) return;
    this.#asked += 1;
    this.#world.counts.refundsAsked += 1;
    copy.refund({ paymentId, key: `refund-${this.#asked}` }).catch((error: unknown) => {
      const isExpected =
        isDatabaseDown(error) ||
        (error instanceof ServiceError && ["refund_open", "refund_refused", "not_refundable"].includes(error.code));
      if (!isExpected) this.#world.fail(`a refund is never answered "${String(error)}"`, paymentId);
    });
  }
}
