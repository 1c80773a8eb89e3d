import { expect, test } from "vitest";
import { createAddressList } from "./address-list.ts";

const isListed = createAddressList(["196.201.214.200", "10.0.0.0/8", "2001:db8::/32"]);

test.each([
  ["196.201.214.200", true],
  ["::ffff:196.201.214.200", true],
  ["::FFFF:10.1.2.3", true],
  ["10.255.255.255", true],
  ["2001:db8::1", true],
  ["196.201.214.201", false],
  ["11.0.0.1", false],
  ["2001:db9::1", false],
  ["", false],
  ["unknown", false],
  ["196.201.214.200, 1.2.3.4", false],
])("%j is on the list: %s", (address, expected) => {
  expect(isListed(address)).toBe(expected);
});

test("without a list, everything is allowed, even text that is not an address", () => {
  expect(createAddressList(null)("unknown")).toBe(true);
});
