import type { Timers } from "./timers.ts";

/**
 * Does together what arrives together. The first item is worked on at once; what arrives meanwhile is the next batch. So a lonely item waits for
 * nothing, and the busier it gets, the larger the batches are.
 */
export type Batcher<Item, Result> = {
  /** Resolves to what became of this item. Rejects with its own error, or with the batch's. */
  add(item: Item): Promise<Result>;
  /** Resolves once nothing is waiting or under way. */
  idle(): Promise<void>;
};

type Waiting<Item, Result> = { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void };

export type BatcherOptions = {
  /** The largest batch. */
  most: number;
  /** A batch that takes longer, as on a connection that has died unnoticed, does not hold the next one up. */
  patienceMs: number;
  timers: Pick<Timers, "after">;
  /** How many batches may be under way at once; beside the first only full ones. Default: 1. */
  abreast?: number;
};

/** Works on one batch after the other. */
type Lane = { ended: Promise<void> };

/** @param run works on a batch; its results are in the order of the items */
export function createBatcher<Item, Result>(
  run: (items: Item[]) => Promise<PromiseSettledResult<Result>[]>,
  { most, patienceMs, timers, abreast = 1 }: BatcherOptions,
): Batcher<Item, Result> {
  const waiting: Waiting<Item, Result>[] = [];
  const underWay = new Set<Promise<void>>();
  const lanes = new Set<Lane>();

  const runBatch = async (batch: readonly Waiting<Item, Result>[]): Promise<void> => {
    const settled = await run(batch.map(({ item }) => item)).catch((error: unknown) => allRejected(batch, error));
    for (const [index, { resolve, reject }] of batch.entries()) {
      const result = settled[index];
      if (result?.status === "fulfilled") resolve(result.value);
      else reject(result ? result.reason : new Error("the batch has no result for it"));
    }
  };
  const work = async (lane: Lane): Promise<void> => {
    while (waiting.length > 0) {
      const batch = runBatch(waiting.splice(0, most));
      underWay.add(batch);
      void batch.finally(() => underWay.delete(batch));
      await new Promise<void>((resolve) => {
        const callOff = timers.after(patienceMs, resolve);
        void batch.then(() => {
          callOff();
          resolve();
        });
      });
    }
    // At once: what is added from now on needs a lane of its own.
    lanes.delete(lane);
  };
  const begin = (): void => {
    const lane: Lane = { ended: Promise.resolve() };
    lanes.add(lane);
    // After what arrives in the same turn.
    lane.ended = lane.ended.then(() => work(lane));
  };
  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        if (lanes.size === 0 || (waiting.length >= most && lanes.size < abreast)) begin();
      }),
    idle: async () => {
      // What is added while it waits is waited for too.
      while (lanes.size > 0) await Promise.all([...lanes].map(({ ended }) => ended));
      await Promise.all(underWay);
    },
  };
}

function allRejected(batch: readonly unknown[], reason: unknown): PromiseRejectedResult[] {
  return batch.map(() => ({ status: "rejected", reason }));
}
