import fc from "fast-check";
import { expect, it, test } from "vitest";
import { nextQueryAt } from "./reconcile-payments.ts";
import { START_MS } from "./testing.ts";

const SECOND_MS = 1_000;
const DAY_MS = 24 * 60 * 60 * SECOND_MS;

test.each([
  [1, 40],
  [2, 65],
  [3, 90],
  [4, 120],
  [5, 300],
  [8, 3_600],
  [12, 86_400],
])("after %i questions the next is %i s after the request", (queries, seconds) => {
  expect(nextQueryAt(START_MS, queries, START_MS + 1)).toBe(START_MS + seconds * SECOND_MS);
});

it("ends after a day; a query for a later unverified callback is repeated once a day, and not for long", () => {
  const now = START_MS + 3 * DAY_MS;
  expect(nextQueryAt(START_MS, 13, now)).toBeNull();
  expect(nextQueryAt(START_MS, 14, now)).toBe(now + DAY_MS);
  expect(nextQueryAt(START_MS, 20, now)).toBe(now + DAY_MS);
  expect(nextQueryAt(START_MS, 21, now)).toBeNull();
});

it("is never at once, however late it is", () => {
  fc.assert(
    fc.property(fc.nat({ max: 40 }), fc.nat({ max: 10 * DAY_MS }), (queries, lateMs) => {
      const nextMs = nextQueryAt(START_MS, queries, START_MS + lateMs) ?? Infinity;
      expect(nextMs).toBeGreaterThanOrEqual(START_MS + lateMs + 10 * SECOND_MS);
    }),
  );
});
