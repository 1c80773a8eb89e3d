import { describe, expect, it } from "vitest";
import { readSearch } from "./read-search.ts";

describe("what was typed", () => {
  it.each<[string, ReturnType<typeof readSearch>]>([
    ["UKN7RT61SV", { kind: "code", codes: ["UKN7RT61SV"] }],
    [" ukn7rt61sv\n", { kind: "code", codes: ["UKN7RT61SV"] }],
    ["h7he-dx8m", { kind: "code", codes: ["H7HEDX8M"] }],
    ["H7HE DX8M", { kind: "code", codes: ["H7HEDX8M"] }],
    [
      "UKN7RT61SV Confirmed. Ksh1,500.00 sent to AMANI TUTORS for account H7HEDX8M on 23/11/26 at 10:15 AM. New M-PESA balance is Ksh2.",
      { kind: "sms", codes: ["UKN7RT61SV", "H7HEDX8M"] },
    ],
    ["Umethibitisha UKN7RT61SV. Ksh1,500.00 imetumwa kwa AMANI", { kind: "sms", codes: ["UKN7RT61SV"] }],
    ["UKSBBRXTIP Confirmed. Ksh700.00 paid to AMANI", { kind: "sms", codes: ["UKSBBRXTIP"] }],
    ["UKSBBRXTIP", { kind: "name", words: ["uksbbrxtip"], codes: ["UKSBBRXTIP"] }],
    ["WANJIRUKAMAU MWANGI", { kind: "name", words: ["wanjirukamau", "mwangi"], codes: [] }],
    ["0711 000 001", { kind: "phone", full: "254711000001", ending: "001" }],
    ["+254 (0)711-000-001", { kind: "phone", full: "254711000001", ending: "001" }],
    ["001", { kind: "phone", full: null, ending: "001" }],
    ["2547•••••001", { kind: "phone", full: null, ending: "001" }],
    ["12345678901234567890", { kind: "phone", full: null, ending: "234567890" }],
    ["01", null],
    ["+", null],
    ["", null],
    ["\u200b\u202e", null],
    ["…!?", null],
    ["Mama Achieng", { kind: "name", words: ["achieng"], codes: ["MAMAACHIENG"] }],
    ["mama", { kind: "name", words: ["mama"], codes: [] }],
    ["Ng'ang'a w", { kind: "name", words: ["nganga", "w"], codes: [] }],
    ["HXEDGRTM", { kind: "name", words: ["hxedgrtm"], codes: ["HXEDGRTM"] }],
    ["a b c d e f g", { kind: "name", words: ["a", "b", "c", "d", "e"], codes: [] }],
  ])("%j", (typed, wish) => {
    expect(readSearch(typed)).toEqual(wish);
  });

  it("is read in a moment, whatever it is", () => {
    const hostile = [
      "A1B2C3D4 ".repeat(110),
      "0".repeat(1_000),
      "\u202e".repeat(1_000),
      "'; DROP TABLE payments; --",
      "%_%",
      "a".repeat(1_000),
    ];
    const startedAtMs = performance.now();
    for (const text of hostile) readSearch(text);
    expect(performance.now() - startedAtMs).toBeLessThan(1_000);
    expect(readSearch(hostile[0] ?? "")).toMatchObject({ codes: { length: 10 } });
  });
});
