import { expect, it } from "vitest";
import { createLeases } from "./leases.ts";
import { describeOnEachDatabase, testClock } from "./testing.ts";

describeOnEachDatabase("leases", (database) => {
  const clock = testClock();
  const leasesOf = (holder: string) => createLeases(database(), holder, clock.now);
  let count = 0;
  const newName = () => `work-${++count}`;

  it("belong to one holder until they expire", async () => {
    const [one, two, name] = [leasesOf("one"), leasesOf("two"), newName()];
    expect(await one.acquire(name, 1_000)).toBe(true);
    expect(await two.acquire(name, 1_000)).toBe(false);
    clock.advance(999);
    expect(await two.acquire(name, 1_000)).toBe(false);
    clock.advance(1);
    expect(await two.acquire(name, 1_000)).toBe(true);
    expect(await one.acquire(name, 1_000)).toBe(false);
  });

  it("are renewed by their holder", async () => {
    const [one, two, name] = [leasesOf("one"), leasesOf("two"), newName()];
    await one.acquire(name, 1_000);
    clock.advance(900);
    expect(await one.acquire(name, 1_000)).toBe(true);
    clock.advance(900);
    expect(await two.acquire(name, 1_000)).toBe(false);
  });

  it("are free once their holder releases them; nobody can release another's", async () => {
    const [one, two, name] = [leasesOf("one"), leasesOf("two"), newName()];
    await one.acquire(name, 1_000);
    await two.release(name);
    expect(await two.acquire(name, 1_000)).toBe(false);
    await one.release(name);
    expect(await two.acquire(name, 1_000)).toBe(true);
  });

  it("that nobody holds are named, the longest free one first", async () => {
    const [one, two] = [leasesOf("one"), leasesOf("two")];
    const [fresh, early, late, held] = [newName(), newName(), newName(), newName()];
    await one.takeTurn(late, 2_000);
    await two.takeTurn(early, 1_000);
    clock.advance(2_000);
    await one.takeTurn(held, 1_000);
    for (const leases of [one, two]) expect(await leases.free([held, late, early, fresh])).toEqual([fresh, early, late]);
    clock.advance(1_000);
    expect(await two.free([held, fresh])).toEqual([fresh, held]);
    expect(await two.free([])).toEqual([]);
  });

  it("of different names are independent", async () => {
    const one = leasesOf("one");
    expect(await one.acquire(newName(), 1_000)).toBe(true);
    expect(await leasesOf("two").acquire(newName(), 1_000)).toBe(true);
  });

  it("a turn comes once per period, also for its last holder", async () => {
    const [one, two, name] = [leasesOf("one"), leasesOf("two"), newName()];
    expect(await one.takeTurn(name, 12_000)).toBe(true);
    expect(await one.takeTurn(name, 12_000)).toBe(false);
    expect(await two.takeTurn(name, 12_000)).toBe(false);
    clock.advance(12_000);
    expect(await two.takeTurn(name, 12_000)).toBe(true);
    expect(await one.takeTurn(name, 12_000)).toBe(false);
  });

  it("of many concurrent callers, one gets the lease, the first time and every later time", async () => {
    const name = newName();
    for (let round = 0; round < 3; round++) {
      const results = await Promise.all(Array.from({ length: 16 }, (_, index) => leasesOf(`copy-${index}`).takeTurn(name, 1_000)));
      expect(results.filter((taken) => taken)).toHaveLength(1);
      clock.advance(1_000);
    }
  });
});
