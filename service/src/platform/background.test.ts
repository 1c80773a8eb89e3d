import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { every } from "./background.ts";
import { testLogger } from "./testing.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Work that counts its runs and does what the test tells it next. */
function newWork() {
  const calls: number[] = [];
  let next = async (): Promise<boolean> => false;
  return {
    calls,
    work: () => {
      calls.push(Date.now());
      return next();
    },
    answerWith: (what: () => Promise<boolean>) => void (next = what),
  };
}

describe("background work", () => {
  it("runs at once, and again a pause after it ended", async () => {
    const { calls, work } = newWork();
    const task = every(1_000, "work", work, testLogger().logger);
    await vi.advanceTimersByTimeAsync(999);
    expect(calls).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(calls).toHaveLength(2);
    await task.stop();
  });

  it("runs again without a pause while there is more to do", async () => {
    const { calls, work, answerWith } = newWork();
    answerWith(async () => calls.length < 5);
    const task = every(1_000, "work", work, testLogger().logger);
    await vi.advanceTimersByTimeAsync(10);
    expect(calls).toHaveLength(5);
    await task.stop();
  });

  it("never runs twice at once, however long it takes", async () => {
    const { calls, work, answerWith } = newWork();
    const { promise, resolve } = Promise.withResolvers<boolean>();
    answerWith(() => promise);
    const task = every(1_000, "work", work, testLogger().logger);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls).toHaveLength(1);
    resolve(false);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(calls).toHaveLength(2);
    await task.stop();
  });

  it("retries after a failure with a growing delay, at most half a minute", async () => {
    const { calls, work, answerWith } = newWork();
    answerWith(() => Promise.reject(new Error("the database is away")));
    const { logger, lines } = testLogger();
    const task = every(1_000, "read callbacks", work, logger);
    await vi.advanceTimersByTimeAsync(300_000);
    const pauses = calls.slice(1).map((at, index) => at - (calls[index] ?? 0));
    expect(pauses.slice(0, 6)).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    expect(Math.max(...pauses)).toBe(30_000);
    expect(lines[0]).toContain('"level":"warn"');
    expect(lines[0]).toContain("read callbacks");
    answerWith(async () => false);
    await vi.advanceTimersByTimeAsync(30_000);
    const before = calls.length;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(calls).toHaveLength(before + 1);
    await task.stop();
  });

  it("stops when told, after the current run", async () => {
    const { calls, work, answerWith } = newWork();
    const { promise, resolve } = Promise.withResolvers<boolean>();
    answerWith(() => promise);
    const task = every(1_000, "work", work, testLogger().logger);
    let stopped = false;
    const stopping = task.stop().then(() => (stopped = true));
    await vi.advanceTimersByTimeAsync(10);
    expect(stopped).toBe(false);
    resolve(true);
    await stopping;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls).toHaveLength(1);
  });

  it("stops between two runs", async () => {
    const { calls, work } = newWork();
    const task = every(1_000, "work", work, testLogger().logger);
    await vi.advanceTimersByTimeAsync(500);
    await task.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls).toHaveLength(1);
  });
});
