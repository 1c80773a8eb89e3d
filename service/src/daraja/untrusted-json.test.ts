import { expect, test } from "vitest";
import { own, parseObject, readCode, readId, safeText } from "./untrusted-json.ts";

test("ignores inherited members", () => {
  for (const name of ["constructor", "toString", "__proto__", "hasOwnProperty"]) expect(own({}, name)).toBeUndefined();
  expect(own(parseObject('{"__proto__":{"Body":1}}'), "Body")).toBeUndefined();
});

test.each(["", "null", "1", "[]", "{", '"x"', `{"a":"${"x".repeat(70_000)}"}`])("%.20s is not accepted as an object", (text) => {
  expect(parseObject(text)).toBeNull();
});

test("accepts a leading byte order mark", () => expect(parseObject('\uFEFF{"a":1}')).toEqual({ a: 1 }));

test("normalises codes", () => {
  expect([1032, "1032", " 1032\n", "sfc_ic0003", 0, "0"].map(readCode)).toEqual(["1032", "1032", "1032", "SFC_IC0003", "0", "0"]);
  for (const value of ["01", "1.0", "-1", -1, 1.5, Number.NaN, "", null, undefined, true, {}, ["0"], "a b"])
    expect(readCode(value)).toBeNull();
});

test("ids are trimmed, printable and short", () => {
  expect(readId(" 1466 - 405147 - 1 ")).toBe("1466 - 405147 - 1");
  for (const value of ["", " ", "a\u0000b", "é", "x".repeat(101), 7, null]) expect(readId(value)).toBeNull();
});

test("removes numbers, ids, tokens and line breaks from untrusted text", () => {
  expect(safeText("a\r\nb 254700000123 ws_CO_170820261404032708374149 c9SQxWWhmdVRlyh0zh8gZDTkubVF 500")).toBe("a b ••• ••• ••• 500");
  expect(safeText(7)).toBe("");
});
