import { expect, it } from "vitest";
import { nextTryAt } from "./retry-plan.ts";

const NOW_MS = 1_000_000_000_000;

it("retries nine times over three days, then no more", () => {
  const afterS = Array.from({ length: 10 }, (_, index) => {
    const atMs = nextTryAt(index + 1, NOW_MS, 0);
    return atMs === null ? null : (atMs - NOW_MS) / 1_000;
  });
  const hour = 3_600;
  expect(afterS).toEqual([5, 300, 1_800, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour, null]);
});

it("what failed together comes back at different times, up to a tenth later", () => {
  expect(nextTryAt(2, NOW_MS, 0.5)).toBe(NOW_MS + 315_000);
  expect(nextTryAt(2, NOW_MS, 1)).toBe(NOW_MS + 330_000);
});
