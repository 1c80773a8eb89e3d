import { expect, test } from "vitest";
import { isAtLeast } from "./node-runtime.mjs";

test.each([
  ["v24.11.0", true],
  ["v24.21.0", true],
  ["v26.0.0", true],
  ["v100.0.0", true],
  ["v24.10.9", false],
  ["v24.9.0", false],
  ["v20.20.2", false],
  ["v9.99.99", false],
  ["v24.11.0-nightly", false],
  ["v25.0.0-rc.1", true],
])("%s is at least 24.11.0: %s", (version, expected) => {
  expect(isAtLeast(version, "24.11.0")).toBe(expected);
});
