import { describe, expect, it } from "vitest";
import { breakdownKinds } from "./breakdowns.ts";
import { failuresOf, formatReport } from "./report.ts";
import { runStorm, stormDefaults } from "./storm.ts";

const PAYMENTS = 200;
/** Fixed, so that a failure can be repeated. `npm run faults` draws a new seed. */
const SEED = 20_261;

describe("200 payments while processes are killed, connections cut and callbacks lost", () => {
  it("end with 0 lost, 0 doubled, 0 booked wrongly and 0 unsettled", { timeout: 600_000 }, async () => {
    const report = await runStorm({ ...stormDefaults, isPatient: false, payments: PAYMENTS, seed: SEED, say: () => undefined });
    const zeros = Object.fromEntries(Object.keys(failuresOf(report)).map((name) => [name, 0]));
    expect(failuresOf(report), formatReport(report)).toEqual(zeros);
    // Otherwise the test would pass without having tested anything.
    for (const kind of breakdownKinds) expect(report.injected.get(kind), kind).toBeGreaterThan(0);
    for (const fault of [
      "callback lost",
      "callback 2 to 4 times at once",
      "callback before the push's reply",
      "push's reply lost (connection cut)",
      "by hand",
      "by hand, part of the price",
      "by hand, the reference misread",
      "by hand, once more after it was paid",
      "a code typed",
      "money given back",
      "the owner's server died",
      "the owner's server answered 500",
      "the owner's server redirected",
    ])
      expect(report.injected.get(fault), fault).toBeGreaterThan(0);
    expect(report.audit.inLedger).toBeGreaterThan(PAYMENTS / 2);
  });
});
