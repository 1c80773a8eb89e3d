import { describe, expect, it } from "vitest";
import { createBatcher } from "./batcher.ts";

/** Batches as they were begun; each ends when the test says so. */
function heldBatches(most: number, abreast?: number) {
  const begun: { items: number[]; end(results?: PromiseSettledResult<string>[]): void; fail(error: Error): void }[] = [];
  const patience: (() => void)[] = [];
  const after = (_delayMs: number, work: () => void): (() => void) => {
    patience.push(work);
    return () => undefined;
  };
  const batcher = createBatcher<number, string>(
    (items) =>
      new Promise((resolve, reject) => {
        const asUsual = items.map((item) => ({ status: "fulfilled" as const, value: `done ${item}` }));
        begun.push({ items, end: (results = asUsual) => resolve(results), fail: reject });
      }),
    { most, patienceMs: 50, timers: { after }, ...(abreast !== undefined && { abreast }) },
  );
  const loseTheirPatience = (): void => {
    for (const work of patience.splice(0)) work();
  };
  return { begun, batcher, loseTheirPatience };
}

describe("a batcher", () => {
  it("works on the first at once, and on what arrives meanwhile together", async () => {
    const { begun, batcher } = heldBatches(10);
    const first = batcher.add(1);
    await expect.poll(() => begun.length).toBe(1);
    const others = [batcher.add(2), batcher.add(3)];
    begun[0]?.end();
    expect(await first).toBe("done 1");
    await expect.poll(() => begun.length).toBe(2);
    begun[1]?.end();
    expect(await Promise.all(others)).toEqual(["done 2", "done 3"]);
    expect(begun.map(({ items }) => items)).toEqual([[1], [2, 3]]);
  });

  it("takes what arrives in one turn together, and no more than its most at once", async () => {
    const { begun, batcher } = heldBatches(2);
    const all = [1, 2, 3].map((item) => batcher.add(item));
    await expect.poll(() => begun.length).toBe(1);
    begun[0]?.end();
    await expect.poll(() => begun.length).toBe(2);
    begun[1]?.end();
    await Promise.all(all);
    expect(begun.map(({ items }) => items)).toEqual([[1, 2], [3]]);
  });

  it("begins a full batch beside the one that is under way, if it may, and no batch that is not full", async () => {
    const { begun, batcher } = heldBatches(2, 2);
    const all = [batcher.add(1)];
    await expect.poll(() => begun.length).toBe(1);
    all.push(batcher.add(2));
    await Promise.resolve();
    expect(begun.length).toBe(1);
    all.push(batcher.add(3));
    await expect.poll(() => begun.length).toBe(2);
    all.push(batcher.add(4), batcher.add(5));
    begun[1]?.end();
    await expect.poll(() => begun.length).toBe(3);
    begun[0]?.end();
    begun[2]?.end();
    await Promise.all([...all, batcher.idle()]);
    expect(begun.map(({ items }) => items)).toEqual([[1], [2, 3], [4, 5]]);
  });

  it("gives each its own result", async () => {
    const { begun, batcher } = heldBatches(10);
    const [good, bad] = [batcher.add(1), batcher.add(2)];
    bad.catch(() => undefined);
    await expect.poll(() => begun.length).toBe(1);
    begun[0]?.end([
      { status: "fulfilled", value: "done" },
      { status: "rejected", reason: new Error("poisoned") },
    ]);
    expect(await good).toBe("done");
    await expect(bad).rejects.toThrow("poisoned");
  });

  it("rejects all of a batch that fails as a whole, and goes on", async () => {
    const { begun, batcher } = heldBatches(10);
    const failing = [batcher.add(1), batcher.add(2)];
    for (const one of failing) one.catch(() => undefined);
    await expect.poll(() => begun.length).toBe(1);
    const next = batcher.add(3);
    begun[0]?.fail(new Error("the database is away"));
    for (const one of failing) await expect(one).rejects.toThrow("the database is away");
    await expect.poll(() => begun.length).toBe(2);
    begun[1]?.end();
    expect(await next).toBe("done 3");
  });

  it("does not let a batch that never ends hold up the next one", async () => {
    const { begun, batcher, loseTheirPatience } = heldBatches(10);
    void batcher.add(1);
    await expect.poll(() => begun.length).toBe(1);
    const next = batcher.add(2);
    loseTheirPatience();
    await expect.poll(() => begun.length).toBe(2);
    begun[1]?.end();
    expect(await next).toBe("done 2");
  });

  it("is idle once nothing waits", async () => {
    const { begun, batcher } = heldBatches(1);
    await batcher.idle();
    let isIdle = false;
    const all = [batcher.add(1), batcher.add(2)];
    const idle = batcher.idle().then(() => (isIdle = true));
    await expect.poll(() => begun.length).toBe(1);
    begun[0]?.end();
    await expect.poll(() => begun.length).toBe(2);
    expect(isIdle).toBe(false);
    begun[1]?.end();
    await Promise.all([idle, ...all]);
    expect(isIdle).toBe(true);
  });
});
