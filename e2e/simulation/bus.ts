import { LocalListeners, type ChannelHub } from "../../service/src/platform/channel-hub.ts";
import type { Life } from "./life.ts";
import type { World } from "./world.ts";

const SLOWEST_WAKE_MS = 150;
const SLOWEST_SUBSCRIPTION_MS = 400;

/** Notifications between the copies, which arrive late, in any order, or not at all. */
export class Bus {
  readonly #world: World;
  readonly #copies = new Map<Life, LocalListeners>();
  /** Called when a notification is published. */
  onPublished: (channel: string) => void = () => undefined;

  constructor(world: World) {
    this.#world = world;
  }

  /** The bus as one copy uses it. */
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
      subscribe: (channel, listener) =>
        life.send(`subscribe to ${channel}`, aboutOf(channel), random.between(0, SLOWEST_SUBSCRIPTION_MS), () => {
          listeners.add(channel, listener);
          return () => void listeners.remove(channel, listener);
        }),
      onRecovered: () => undefined,
      close: async () => undefined,
    };
  }

  #deliver(copy: Life, listeners: LocalListeners, channel: string): void {
    const { random, scheduler, faults } = this.#world;
    if (random.chance(faults.notificationLost)) return copy.say("misses a notification", aboutOf(channel));
    scheduler.after(random.between(1, SLOWEST_WAKE_MS), () => {
      if (copy.alive) listeners.notify(channel);
    });
  }
}

/** `booking:bk_…` */
function aboutOf(channel: string): string {
  return channel.slice(channel.indexOf(":") + 1);
}
