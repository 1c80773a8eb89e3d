import { expect, it } from "vitest";
import { testClock } from "../platform/testing.ts";
import { createKeyUses } from "./key-uses.ts";

it("writes the last use of each key once, and again what could not be written", async () => {
  const clock = testClock();
  const written: [string, number][][] = [];
  let fails = false;
  const keys = {
    async noteUses(uses: ReadonlyMap<string, number>) {
      if (fails) throw new Error("the database is away");
      written.push([...uses]);
    },
  };
  const uses = createKeyUses({ keys, now: clock.now });
  await uses.write();
  expect(written).toEqual([]);
  const startMs = clock.now();
  uses.note("key_a");
  clock.advance(10);
  uses.note("key_a");
  await uses.write();
  expect(written).toEqual([[["key_a", startMs + 10]]]);
  fails = true;
  uses.note("key_b");
  await expect(uses.write()).rejects.toThrow("the database is away");
  fails = false;
  clock.advance(10);
  uses.note("key_a");
  await uses.write();
  expect(written.at(-1)).toEqual([
    ["key_b", startMs + 10],
    ["key_a", startMs + 20],
  ]);
});
