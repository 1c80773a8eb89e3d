import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseKenyanPhone } from "../../../service/src/payments/phone-number.ts";
import { groupPhone, parsePhone, shownPhone } from "./phone-number.ts";

const subscriber = fc.tuple(fc.constantFrom("7", "1"), fc.stringMatching(/^\d{8}$/)).map(([first, rest]) => first + rest);
const prefix = fc.constantFrom("", "0", "254", "2540", "+254", "+2540", "00254", "000254", "tel:", "tel:+254", "Tel. 0");
const separator = fc.constantFrom("", " ", "-", "  ", "(", ")", ".", "/", "\u00a0", "\u2011", "\u202a", "\u2069", "\ufeff", "\u00ad");

describe("a Kenyan number", () => {
  it("reads the same in every form and with any separators", () => {
    fc.assert(
      fc.property(prefix, subscriber, fc.array(separator, { minLength: 18, maxLength: 18 }), (start, digits, gaps) => {
        const typed = (start + digits)
          .split("")
          .map((character, at) => character + (gaps[at] ?? ""))
          .join("");
        expect(parsePhone(typed)).toBe(`254${digits}`);
      }),
    );
  });

  it("is nothing else", () => {
    fc.assert(
      fc.property(fc.string(), (typed) => {
        const phone = parsePhone(typed);
        return phone === undefined || /^254[17]\d{8}$/.test(phone);
      }),
    );
    for (const typed of ["", "0712", "0812345678", "+255712345678", "07123456789", "0712 345 67a", "0000254712345678", "712 345 678 9"]) {
      expect(parsePhone(typed), typed).toBeUndefined();
    }
  });
});

describe("the service", () => {
  /** Near numbers, so that both answers occur. */
  const typed = fc.oneof(
    fc.string(),
    fc
      .tuple(prefix, subscriber, separator, fc.constantFrom("", "0", "+", "x", "\u2212", "*"))
      .map(([start, digits, gap, end]) => start + gap + digits + end),
    fc.string({ unit: fc.constantFrom(..."+0124578 -./()[]tel:\u200b\u202a".split("")), maxLength: 18 }),
  );

  it("reads every text as the widget does", () => {
    fc.assert(
      fc.property(typed, (text) => {
        expect(parseKenyanPhone(text) ?? undefined).toBe(parsePhone(text));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("a shown number", () => {
  it("hides its middle, the service's mask included", () => {
    expect(shownPhone("254712345678")).toBe("0712\u00a0•••\u00a0678");
    expect(shownPhone("2547•••••678")).toBe("07••\u00a0•••\u00a0678");
  });
});

describe("a number that is being typed", () => {
  it.each([
    ["0", "0"],
    ["0712", "0712"],
    ["07123", "0712 3"],
    ["0712345678", "0712 345 678"],
    ["+254712345678", "+254 712 345 678"],
    ["254712", "254 712"],
    ["712345678", "712345678"],
    ["07123456789", "07123456789"],
    ["(0712) 345-678", "(0712) 345-678"],
    ["", ""],
  ])("%j is grouped as %j, with the caret at its end", (typed, text) => {
    expect(groupPhone(typed, typed.length)).toEqual({ text, caret: text.length });
  });

  it.each([
    ["a digit put in", "07912 345 678", 3, "07912 345 678", 3],
    ["a digit taken out", "012 345 678", 1, "0123 456 78", 1],
    ["the blank taken out", "0712345 678", 4, "0712 345 678", 4],
    ["a digit behind a group", "07123", 5, "0712 3", 6],
  ])("%s in between leaves the caret behind its digit", (_, typed, caret, text, wanted) => {
    expect(groupPhone(typed, caret)).toEqual({ text, caret: wanted });
  });

  it("is the same number, however it is grouped", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^(0|\+?254)[0-9 ]{0,14}$/), (typed) => {
        expect(groupPhone(typed, 0).text.replaceAll(" ", "")).toBe(typed.replaceAll(" ", ""));
      }),
    );
  });
});
