import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseKenyanPhone } from "../../../service/src/payments/phone-number.ts";
import { parsePhone, shownPhone } from "./phone-number.ts";

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
