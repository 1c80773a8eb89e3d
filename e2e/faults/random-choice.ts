/** Random choices from a seeded source. */
import type { Random } from "../daraja-simulator/ids.ts";

/** Shares in percent; null for the rest. */
export function draw<Result>(
  random: Random,
  draws: readonly (readonly [share: number, make: (random: Random) => Result])[],
): Result | null {
  let left = random() * 100;
  for (const [share, make] of draws) {
    left -= share;
    if (left < 0) return make(random);
  }
  return null;
}

export function between(random: Random, min: number, max: number): number {
  return min + Math.floor(random() * (max - min + 1));
}

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}
