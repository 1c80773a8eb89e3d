import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { comparePayer, parseKenyanPhone } from "./phone-number.ts";

describe("every form in which a Kenyan number is written", () => {
  test.each([
    "254712345678",
    "+254712345678",
    "0712345678",
    "712345678",
    "0712 345 678",
    "+254 712 345 678",
    "+254 712-345-678",
    "0712.345.678",
    "(0712) 345678",
    "  0712345678  ",
    "0712\u00a0345\u00a0678",
    "0712\u2011345\u2013678",
  ])("%j", (text) => {
    expect(parseKenyanPhone(text)).toBe("254712345678");
  });

  it("takes the newer numbers that begin with 01", () => {
    expect(["0110345678", "+254110345678", "110 345 678"].map(parseKenyanPhone)).toEqual(["254110345678", "254110345678", "254110345678"]);
  });
});

describe("everything else is refused", () => {
  test.each([
    ["nothing", ""],
    ["blanks", "   "],
    ["Uganda", "+256712345678"],
    ["Tanzania", "+255712345678"],
    ["the United Kingdom", "+447123456789"],
    ["the United States", "+12025550123"],
    ["a landline in Nairobi", "0202345678"],
    ["a landline with its country", "+254202345678"],
    ["too short", "071234567"],
    ["too long", "07123456789"],
    ["letters", "07I2345678"],
    ["letters after it", "0712345678x"],
    ["an extension", "0712345678#1"],
    ["two plus signs", "++254712345678"],
    ["a plus before the zero", "+0712345678"],
    ["the country twice", "254254712345678"],
    ["both country and zero", "2540712345678"],
    ["two zeros for the plus", "00254712345678"],
    ["Arabic digits", "٠٧١٢٣٤٥٦٧٨"],
    ["full-width digits", "０７１２３４５６７８"],
    ["two numbers", "0712345678 0712345679"],
    ["a second line", "0712345678\n<script>"],
    ["SQL", "0712345678' OR 1=1"],
  ])("%s", (_what, text) => {
    expect(parseKenyanPhone(text)).toBeNull();
  });
});

const digits = (length: number) => fc.string({ unit: fc.constantFrom(..."0123456789".split("")), minLength: length, maxLength: length });
const subscriber = fc.tuple(fc.constantFrom("7", "1"), digits(8)).map((parts) => parts.join(""));
const separator = fc.constantFrom("", " ", "-", ".", "\u00a0", "(", ")", "\u2013");

describe("properties", () => {
  it("one number, however it is prefixed and spaced, is one answer", () => {
    fc.assert(
      fc.property(
        subscriber,
        fc.constantFrom("", "0", "254", "+254"),
        fc.array(separator, { minLength: 16, maxLength: 16 }),
        (number, prefix, separators) => {
          const spaced = (prefix + number)
            .split("")
            .map((character, index) => character + (separators[index] ?? ""))
            .join("");
          expect(parseKenyanPhone(spaced)).toBe(`254${number}`);
        },
      ),
    );
  });

  it("an answer is always what Safaricom wants, and is its own answer", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(..."+0123457 -.".split("")) })), (text) => {
        const phone = parseKenyanPhone(text);
        if (phone === null) return;
        expect(phone).toMatch(/^254[17]\d{8}$/);
        expect(parseKenyanPhone(phone)).toBe(phone);
      }),
      { numRuns: 2_000 },
    );
  });

  it("takes a long hostile text in no time", () => {
    expect(parseKenyanPhone("- ".repeat(8_000))).toBeNull();
  });
});

const PHONE = "254711000001";

test.each([
  [PHONE, PHONE, "same"],
  [PHONE, "254711000002", "other"],
  [PHONE, "2547*****001", "same"],
  ["2547*****001", PHONE, "same"],
  [PHONE, "2547xxxxx002", "other"],
  ["2547*****001", "2547*****001", "same"],
  ["2547*****001", "254711***001", "unknown"],
  [PHONE, "", "unknown"],
  ["", "2547*****001", "unknown"],
  [PHONE, "ab12".repeat(16), "unknown"],
] as const)("phone %s and payer %s: %s", (phone, payer, result) => {
  expect(comparePayer(phone, payer)).toBe(result);
});
