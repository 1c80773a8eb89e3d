import { LocalListeners, type ChannelHub } from "../../service/src/platform/channel-hub.ts";
import type { Life } from "./life.ts";
import type { World } from "./world.ts";

const SLOWEST_WAKE_MS = 150;
const SLOWEST_SUBSCRIPTION_MS = 400;

/** Between the copies: wakes that arrive late, in any order, or not at all. */
export class Bus {
  readonly #world: World;
  readonly #copies = new Map<Life, LocalListeners>();
  /** Called when a wake is on its way to everybody. */
  onPublished: (channel: string) => void = () => undefined;

  constructor(world: World) {
    this.#world = world;
  }

  /** One copy's end of the bus. */
  hubOf(life: Life): ChannelHub {
    const { random } = this.#world;
    const listeners = new LocalListeners();
    this.#copies.set(life, listeners);
    life.onDeath(() => void this.#copies.delete(life));
    return {
      publish: (channel) =>
        life.send(`publish ${channel}`, aboutOf(channel), random.between(0, 5), () => {
          this.onPublished(channel);
          for (const [copy, theirs] of this.#copies) this.#deliver(copy, theirs, channel);
        }),
      subscribe: (channel, wake) =>
        life.send(`subscribe to ${channel}`, aboutOf(channel), random.between(0, SLOWEST_SUBSCRIPTION_MS), () => {
          listeners.add(channel, wake);
          return () => void listeners.remove(channel, wake);
        }),
      state: () => "ready",
      close: async () => undefined,
    };
  }

  #deliver(copy: Life, listeners: LocalListeners, channel: string): void {
    const { random, scheduler, faults } = this.#world;
    if (random.chance(faults.wakeLost)) return copy.say("misses a wake", aboutOf(channel));
    scheduler.after(random.between(1, SLOWEST_WAKE_MS), () => {
      if (copy.alive) listeners.wake(channel);
    });
  }
}

/** `booking:bk_…` */
function aboutOf(channel: string): string {
  return channel.slice(channel.indexOf(":") + 1);
}
