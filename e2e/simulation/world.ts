import type { BookingView } from "../../service/src/contract.ts";
import type { FakeTables } from "../../service/src/payments/store/fake-tables.ts";
import type { ChannelHub } from "../../service/src/platform/channel-hub.ts";
import type { Logger } from "../../service/src/platform/logger.ts";
import type { SimulatedAccount } from "./accounts.ts";
import type { Counts } from "./counts.ts";
import type { Delivery } from "./delivery.ts";
import type { FakeMoney } from "./fake-money.ts";
import type { FakeLeases } from "./fake-services.ts";
import type { Faults } from "./faults.ts";
import type { Without } from "./guards.ts";
import type { Life } from "./life.ts";
import type { Copy, Place } from "./place.ts";
import type { Random } from "./random.ts";
import type { Prompt, Safaricom } from "./safaricom.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Story } from "./story.ts";

/**
 * Some parents, a few copies of the service, one database and one Safaricom, for three days. Every part is given the world and finds the others in
 * it, so this type names interfaces only: simulated-world.ts builds the parts.
 */
export interface World {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly faults: Faults;
  /** From then on nothing goes wrong any more, and everything must come right. */
  readonly isHealed: boolean;
  /** The rules that are taken out of the service in this run. */
  readonly without: Without;

  /** The database, and whether it can be reached. */
  readonly tables: FakeTables;
  readonly money: FakeMoney;
  readonly leases: FakeLeases;
  readonly database: { isDown: boolean };

  /** The account that the site uses now. */
  readonly site: { account: SimulatedAccount };
  readonly safaricom: Safaricom;
  readonly places: readonly Place[];
  /** The tabs that are open in parents' browsers. */
  readonly tabs: Set<OpenTab>;
  /** By number: the callbacks that were answered 200. */
  readonly answeredDeliveries: ReadonlyMap<number, Delivery>;
  /** The addresses of deliveries that Safaricom sent; all others are forged. */
  readonly genuineAddresses: ReadonlySet<string>;

  readonly counts: Counts;
  /** Kept only when a failed world is run again to be told. */
  readonly story: Story | null;
  readonly silentLogger: Logger;

  /** The running copy of a random place; null if that copy is dead. */
  pickCopy(): Copy | null;
  /** A callback reaches a random place. Safaricom does not deliver it again. */
  deliver(delivery: Delivery): void;
  /** How long a wait of so many milliseconds takes at this moment: time passes faster when less happens. */
  pace(askedMs: number): number;
  /** One copy's connection to the other copies. */
  hubOf(life: Life): ChannelHub;
  /** Records that a rule was broken. The first failure ends the world. @param about any id of the booking's, or null */
  fail(rule: string, about: string | null): void;
  /** Checks a prompt that Safaricom is about to put on a phone. */
  checkPrompt(prompt: Prompt): void;
}

/** A parent's browser tab, as the rules see it. */
export interface OpenTab {
  readonly bookingId: string;
  /** What it shows; null: nothing yet. */
  readonly view: BookingView | null;
  /** The version that it shows; 0: none yet. */
  readonly version: number;
  /** Its present connection; null while it has none. */
  readonly connection: object | null;
}
