import { expect, test } from "vitest";
import { failureCodes, reasonForCallback, reasonForQuery } from "./result-codes.ts";

const reasons = {
  insufficient_funds: ["1"],
  limit: ["2", "3", "4"],
  misconfigured: ["8", "2028", "SFC_IC0003"],
  busy: ["17", "26", "1001", "1025", "9999"],
  expired: ["1019"],
  cancelled: ["1031", "1032"],
  unreachable: ["1036"],
  no_answer: ["1037"],
  wrong_pin: ["2001"],
  pin_locked: ["8006"],
};

test.each(Object.entries(reasons))("%s", (reason, codes) => {
  for (const code of codes) expect(reasonForCallback(code)).toMatchObject({ reason, known: true });
});

test("the table has these codes and no others", () => {
  expect(failureCodes.toSorted()).toEqual(Object.values(reasons).flat().toSorted());
});

test("an unknown code is `rejected` from a callback, and decides nothing from a query", () => {
  expect(reasonForCallback("E3008")).toEqual({ reason: "rejected", known: false });
  expect(reasonForQuery("E3008")).toBeNull();
});

test("26, 1001 and 9999 count only from a callback; every other code means the same from both", () => {
  for (const code of failureCodes) {
    const { known: _known, ...meaning } = reasonForCallback(code);
    expect(reasonForQuery(code)).toEqual(["26", "1001", "9999"].includes(code) ? null : meaning);
  }
});

test("0 and 4999 are not failures", () => {
  expect(reasonForQuery("0")).toBeNull();
  expect(reasonForQuery("4999")).toBeNull();
});

test("when to retry", () => {
  const waits = failureCodes.map((code) => [code, reasonForCallback(code).retryAfterMs]).filter(([, wait]) => wait !== undefined);
  expect(Object.fromEntries(waits)).toEqual({ 17: 120_000, 26: 60_000, 1001: 60_000, 9999: 60_000 });
});
