import { describe, expect, it, test } from "vitest";
import { guardNames } from "./guards.ts";
import { simulate, tellStory } from "./run.ts";

/** The simulation must notice a missing guard within this number of payments. */
const ENOUGH_TO_NOTICE = 3_000;

describe("payments with every kind of fault", () => {
  test.each([101, 202, 303])("seed %i: the ledger equals the database after 500 payments", async (seed) => {
    const report = await simulate({ seed, payments: 500, without: null });
    expect(report.failure).toBeNull();
    expect(report.payments).toBeGreaterThanOrEqual(500);
    expect(report.paid).toBeGreaterThan(report.payments / 3);
    expect(report.movements).toBe(report.paid + report.refunded + report.listed);
  });

  it("meet every kind of fault", async () => {
    const { counts, surplus, refunded, listed } = await simulate({ seed: 404, payments: 1_000, without: null });
    expect(Object.entries({ ...counts, surplus, refunded, listed }).filter(([, count]) => count === 0)).toEqual([]);
  });
});

describe("without a guard", () => {
  test.each(guardNames)("%s: a rule is broken within 3,000 payments, and the story of it can be told", async (without) => {
    const { failure, payments } = await simulate({ seed: 1, payments: ENOUGH_TO_NOTICE, without });
    expect(payments).toBeLessThan(ENOUGH_TO_NOTICE);
    if (!failure) throw new Error("nothing was noticed");
    const { world, ...first } = failure;
    const again = await tellStory({ seed: 1, without }, world);
    expect(again.failure).toEqual(first);
    expect(again.story.split("\n").length).toBeGreaterThan(10);
  });
});
