import { Cluster } from "ioredis";
import type { RedisConnections } from "./redis.ts";

/** Channels as one server has them, or sharded, as a Redis Cluster has them: there a message goes to one primary, not to every node. */
export type RedisChannels = {
  publish(channel: string): Promise<unknown>;
  /** What one command may subscribe. */
  groups(channels: readonly string[]): string[][];
  /** @param channels one of `groups` */
  subscribe(channels: readonly string[]): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
  onMessage(listener: (channel: string) => void): void;
  /** Called when nothing is subscribed on a new connection, so messages may have been lost. */
  onConnected(listener: () => void): void;
};

const PREFIX = "somopay:channel:";
/** Thousands of channels in one command would hold up Redis and the reading of its reply. */
const CHANNELS_PER_COMMAND = 500;
/**
 * A cluster's commands may name channels of one slot only. The slot is made of what stands in braces, so the channels share this many slots: few enough
 * to subscribe thousands with few commands, and enough to spread over any number of primaries that pub/sub needs.
 */
const SLOTS = 256;

export function redisChannels({ commands, subscriber }: RedisConnections): RedisChannels {
  return commands instanceof Cluster && subscriber instanceof Cluster
    ? shardedChannels(commands, subscriber)
    : plainChannels({ commands, subscriber });
}

function plainChannels({ commands, subscriber }: RedisConnections): RedisChannels {
  return {
    publish: (channel) => commands.publish(PREFIX + channel, ""),
    groups: inParts,
    subscribe: (channels) => subscriber.subscribe(...channels.map((channel) => PREFIX + channel)),
    unsubscribe: (channel) => subscriber.unsubscribe(PREFIX + channel),
    onMessage: (listener) => void subscriber.on("message", (name: string) => listener(name.slice(PREFIX.length))),
    onConnected: (listener) => void subscriber.on("ready", listener),
  };
}

function shardedChannels(commands: Cluster, subscriber: Cluster): RedisChannels {
  return {
    publish: (channel) => commands.spublish(shardedName(channel), ""),
    groups: (channels) => [...Map.groupBy(channels, slotOf).values()].flatMap(inParts),
    subscribe: (channels) => subscriber.ssubscribe(...channels.map(shardedName)),
    unsubscribe: (channel) => subscriber.sunsubscribe(shardedName(channel)),
    onMessage: (listener) => void subscriber.on("smessage", (name: string) => listener(name.slice(name.indexOf("}") + 1))),
    // After a start too: the connections to the primaries come after "ready".
    onConnected: (listener) => void subscriber.on("subscribersReady", listener),
  };
}

function shardedName(channel: string): string {
  return `${PREFIX}{${slotOf(channel)}}${channel}`;
}

/** FNV-1a: the same on every copy. */
function slotOf(channel: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < channel.length; index++) hash = Math.imul(hash ^ channel.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % SLOTS;
}

function inParts(channels: readonly string[]): string[][] {
  const parts: string[][] = [];
  for (let start = 0; start < channels.length; start += CHANNELS_PER_COMMAND)
    parts.push(channels.slice(start, start + CHANNELS_PER_COMMAND));
  return parts;
}
