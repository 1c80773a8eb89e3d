import type { ChannelHub } from "../../service/src/platform/channel-hub.ts";
import { createLogger } from "../../service/src/platform/logger.ts";
import { createIds, type Ids } from "../../service/src/platform/ids.ts";
import { createFakePaymentStore } from "../../service/src/payments/store/fake-payment-store.ts";
import { FakeTables } from "../../service/src/payments/store/fake-tables.ts";
import type { Booking } from "../../service/src/bookings/booking.ts";
import { missingMoney } from "./audit-world.ts";
import { firstAccount, type SimulatedAccount } from "./accounts.ts";
import { Bus } from "./bus.ts";
import { startCopy } from "./copy.ts";
import { newCounts, type Counts } from "./counts.ts";
import { addressOf, type Delivery } from "./delivery.ts";
import { checkEnd, checkWithoutHelp, isSettled } from "./end.ts";
import { FakeMoney } from "./fake-money.ts";
import type { FakeLeases } from "./fake-services.ts";
import { drawFaults, NO_FAULTS, type Faults } from "./faults.ts";
import { watchFreshness } from "./freshness.ts";
import type { Without } from "./guards.ts";
import { Invariants, type Failure } from "./invariants.ts";
import { Owner } from "./owner.ts";
import type { Life } from "./life.ts";
import { Parent } from "./parent.ts";
import type { Copy, Place } from "./place.ts";
import { Random } from "./random.ts";
import type { Prompt, Safaricom } from "./safaricom.ts";
import { Scheduler } from "./scheduler.ts";
import { SimulatedSafaricom } from "./simulated-safaricom.ts";
import { EVERYBODY, Story } from "./story.ts";
import { Tab } from "./tab.ts";
import type { OpenTab, World } from "./world.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const START_MS = Date.UTC(2026, 10, 23, 7);
/** Enough for conflicts between parents; many more would make every scan of a table slow. */
const BOOKINGS = 80;
const ARRIVE_WITHIN_MS = 4 * MINUTE_MS;
/** Most payments are settled by then. */
const OUTAGES_UNTIL_MS = 2 * HOUR_MS;
/** Late money and late callbacks have arrived by then. From then on there are no faults, and everything must come right. */
const HEALED_AFTER_MS = 26 * HOUR_MS + 30 * MINUTE_MS;
/** The rarest query is made once a day. */
const SETTLED_AFTER_MS = HEALED_AFTER_MS + 50 * HOUR_MS;
/** The end of the time in which parents type the codes of missing money. */
const ACCOUNTED_FOR_AFTER_MS = SETTLED_AFTER_MS + 24 * HOUR_MS;
const TYPED_AGAIN_AFTER_MS = 30 * MINUTE_MS;
/** Then it is sure that the codes are looked up at another account. */
const TYPED_AT_MOST = 6;
const LAST_LOOK_MS = 12 * SECOND_MS;

/** Builds the parts of one world and runs it. Everything that happens comes from its seed. */
export class SimulatedWorld implements World {
  readonly scheduler = new Scheduler(START_MS);
  readonly random: Random;
  readonly tables = new FakeTables();
  readonly money = new FakeMoney();
  readonly leases: FakeLeases = new Map();
  readonly counts: Counts = newCounts();
  readonly database = { isDown: false };
  readonly silentLogger = createLogger("silent");
  readonly story: Story | null;
  readonly without: Without;
  readonly tabs = new Set<OpenTab>();
  readonly places: Place[] = [];
  readonly answeredDeliveries = new Map<number, Delivery>();
  readonly genuineAddresses = new Set<string>();
  readonly site: { account: SimulatedAccount } = { account: firstAccount };
  readonly safaricom: Safaricom;
  faults: Faults;
  isHealed = false;
  readonly #invariants: Invariants;
  readonly #bus: Bus;
  readonly #ids: Ids;
  readonly #parents = new Map<string, Parent>();
  readonly #owner: Owner;

  constructor(seed: number, { without, hasStory }: { without: Without; hasStory: boolean }) {
    this.random = new Random(seed);
    this.without = without;
    this.story = hasStory ? new Story(START_MS) : null;
    this.faults = drawFaults(this.random);
    this.#invariants = new Invariants(this);
    this.#bus = new Bus(this);
    this.safaricom = new SimulatedSafaricom(this);
    this.#owner = new Owner(this);
    const random = this.random.fork();
    this.#ids = createIds(
      () => this.scheduler.nowMs,
      (count) => random.bytes(count),
    );
    watchFreshness(this, this.#bus);
  }

  /** Runs the world to its end. Resolves to the first broken rule, or null. */
  async run(): Promise<Failure | null> {
    for (let index = 0; index < this.faults.copies; index++) {
      const place: Place = { name: `copy ${index + 1}`, journal: [], copy: null };
      this.places.push(place);
      this.#start(place);
    }
    this.#planOutage();
    this.#owner.begin();
    for (let index = 0; index < BOOKINGS; index++) this.#planParent(index);
    this.scheduler.after(HEALED_AFTER_MS, () => this.#heal());
    await this.#until(() => this.isHealed && this.scheduler.nowMs - START_MS >= HEALED_AFTER_MS);
    await this.#until(() => isSettled(this) || this.scheduler.nowMs - START_MS > SETTLED_AFTER_MS);
    if (!this.#invariants.failure) checkWithoutHelp(this);
    this.#typeWhatIsMissing();
    await this.#until(() => this.#isAllAccountedFor() || this.scheduler.nowMs - START_MS > ACCOUNTED_FOR_AFTER_MS);
    await this.#lookOnceMore();
    if (!this.#invariants.failure) checkEnd(this);
    return this.#invariants.failure;
  }

  pickCopy(): Copy | null {
    return this.random.pick(this.places).copy;
  }

  deliver(delivery: Delivery): void {
    const place = this.random.pick(this.places);
    if (delivery.isGenuine) this.genuineAddresses.add(addressOf(delivery.number));
    const what = `callback ${delivery.number}${delivery.isGenuine ? "" : " (forged)"} ${delivery.body}`;
    this.story?.say(this.scheduler.nowMs, "wire", `${place.copy ? place.name : "nobody"} gets ${what}`, delivery.about);
    if (!place.copy) {
      this.counts.callbacksRefused += 1;
      return;
    }
    void place.copy.takeCallback(delivery).then((isAnswered) => {
      if (!isAnswered) this.counts.callbacksRefused += 1;
      else this.#noteAnswered(delivery);
    });
  }

  pace(askedMs: number): number {
    if (askedMs === 0) return 0;
    const sinceMs = this.scheduler.nowMs - START_MS;
    const jitter = 0.8 + 0.4 * this.random.next();
    if (this.isHealed) return jitter * Math.max(askedMs, sinceMs < HEALED_AFTER_MS + MINUTE_MS ? 5 * SECOND_MS : 10 * MINUTE_MS);
    if (sinceMs < ARRIVE_WITHIN_MS + 3 * MINUTE_MS) return jitter * Math.max(askedMs, 2 * SECOND_MS);
    if (sinceMs < 30 * MINUTE_MS) return jitter * Math.max(askedMs, 15 * SECOND_MS);
    return jitter * Math.max(askedMs, sinceMs < 3 * HOUR_MS ? 2 * MINUTE_MS : 20 * MINUTE_MS);
  }

  hubOf(life: Life): ChannelHub {
    return this.#bus.hubOf(life);
  }

  fail(rule: string, about: string | null): void {
    this.#invariants.fail(rule, about);
  }

  checkPrompt(prompt: Prompt): void {
    this.#invariants.checkPrompt(prompt);
  }

  #until(isOver: () => boolean): Promise<void> {
    return this.scheduler.run(() => this.#invariants.failure !== null || isOver());
  }

  #start(place: Place): void {
    const copy = startCopy(this, place);
    place.copy = copy;
    this.story?.say(this.scheduler.nowMs, place.name, "starts", EVERYBODY);
    copy.life.onDeath(() => {
      place.copy = null;
      this.scheduler.after(this.random.between(1 * SECOND_MS, 30 * SECOND_MS), () => this.#start(place));
    });
  }

  #planParent(index: number): void {
    this.scheduler.after(this.random.between(0, ARRIVE_WITHIN_MS), () => {
      const booking = this.#newBooking();
      // The booking exists before the payment begins; the service's own booking code is not part of the simulation.
      void createFakePaymentStore(this.tables).insertBooking(booking, null);
      const parent = new Parent(this, booking, `254700000${String(index).padStart(3, "0")}`);
      this.#parents.set(booking.id, parent);
      parent.begin();
    });
  }

  #newBooking(): Booking {
    const { nowMs } = this.scheduler;
    const startsAtMs = nowMs + this.random.pick([40 * MINUTE_MS, 5 * HOUR_MS, 15 * 24 * HOUR_MS]);
    const [date = "", time = ""] = new Date(startsAtMs + 3 * HOUR_MS).toISOString().split("T");
    return {
      id: this.#ids.next("bk"),
      siteId: "site_simulated",
      reference: this.#ids.reference(),
      status: "pending",
      version: 1,
      parentName: "Wanjiru Kamau",
      childName: "Amani Kamau",
      email: "wanjiru@example.com",
      sessionType: "maths-1h",
      sessionName: "Maths, one hour",
      date,
      time: time.slice(0, 5),
      // Few prices: receipts and callbacks could be taken for each other's.
      amountKes: this.random.pick([1_000, 1_500]),
      createdAtMs: nowMs,
      expiresAtMs: nowMs + this.random.pick([10 * MINUTE_MS, 2 * HOUR_MS, 24 * HOUR_MS]),
    };
  }

  #planOutage(): void {
    const { outageEveryMs } = this.faults;
    if (outageEveryMs === 0) return;
    this.scheduler.after(this.random.between(1, 2 * outageEveryMs), () => {
      if (this.scheduler.nowMs - START_MS > OUTAGES_UNTIL_MS) return;
      this.#setDatabase(true);
      this.scheduler.after(this.random.between(200, 20 * SECOND_MS), () => {
        this.#setDatabase(false);
        this.#planOutage();
      });
    });
  }

  #setDatabase(isDown: boolean): void {
    this.database.isDown = isDown;
    this.story?.say(this.scheduler.nowMs, "database", isDown ? "goes away" : "is back", EVERYBODY);
  }

  #heal(): void {
    this.isHealed = true;
    this.faults = { ...this.faults, ...NO_FAULTS };
    this.story?.say(this.scheduler.nowMs, "world", "from now on nothing goes wrong any more", EVERYBODY);
    if (this.database.isDown) this.#setDatabase(false);
  }

  #isAllAccountedFor(): boolean {
    return isSettled(this) && this.#owner.isDone && missingMoney(this).length === 0;
  }

  /** Parents whose payment is missing type their codes until it is shown, or until the owner looks it up on the statement. */
  #typeWhatIsMissing(times = 1): void {
    for (const entry of missingMoney(this)) {
      if (times > TYPED_AT_MOST) this.#owner.enter(entry);
      else this.#parents.get(entry.bookingId)?.typeCode(entry.receipt);
    }
    this.scheduler.after(TYPED_AGAIN_AFTER_MS, () => this.#typeWhatIsMissing(times + 1));
  }

  /** Parents open the page again, and must see the present state. */
  async #lookOnceMore(): Promise<void> {
    for (const { id } of this.tables.bookings.values()) if (this.random.chance(0.5)) this.tabs.add(new Tab(this, id));
    const untilMs = this.scheduler.nowMs + LAST_LOOK_MS;
    await this.#until(() => this.scheduler.nowMs >= untilMs);
  }

  #noteAnswered(delivery: Delivery): void {
    this.answeredDeliveries.set(delivery.number, delivery);
    const address = addressOf(delivery.number);
    const isStored =
      [...this.tables.callbacks.values()].some(({ callback }) => callback.remoteAddress === address) ||
      this.places.some(({ journal }) => journal.some(({ remoteAddress }) => remoteAddress === address));
    if (!isStored) this.#invariants.fail("a callback is stored durably before it is answered 200", delivery.about);
  }
}
