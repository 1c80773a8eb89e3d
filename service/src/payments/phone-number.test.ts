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
    "0712\u2212345\u2212678",
    "0712/345678",
    "0712·345·678",
    "+254[0]712 345 678",
    "00254712345678",
    "00 254 712 345 678",
    "000254712345678",
    "002540712345678",
    "+254 (0)712 345678",
    "+254 0712 345 678",
    "2540712345678",
    "tel:+254712345678",
    "tel:+254-712-345-678",
    "tel:0712345678",
    "TEL:00254712345678",
    "tel://0712345678",
    "Tel. 0712 345 678",
    "Tel: 0712 345 678",
    "\ufeff0712345678",
    "\u202a+254712345678\u202c",
    "\u20680712345678\u2069",
    "0712\u00ad345\u200b678\u200d",
    "\u200e0712\u2060345678\u061c",
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
    ["both country and two zeros", "25400712345678"],
    ["two zeros and no country", "00712345678"],
    ["four zeros for the plus", "0000254712345678"],
    ["two zeros and a plus", "00+254712345678"],
    ["the zero of the city after a landline's country", "+254 (0)20 2345678"],
    ["tel: alone", "tel:"],
    ["tel: with an extension", "tel:+254712345678;ext=1"],
    ["another scheme", "sip:0712345678"],
    ["a visible character of no number", "0712*345678"],
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
const separator = fc.constantFrom("", " ", "-", ".", "/", "\u00a0", "(", ")", "\u2013", "\u200b", "\u2066", "\ufeff");

describe("properties", () => {
  it("one number, however it is prefixed and spaced, is one answer", () => {
    fc.assert(
      fc.property(
        subscriber,
        fc.constantFrom("", "0", "254", "2540", "+254", "+2540", "00254", "002540", "000254", "tel:", "tel:0", "tel:+254"),
        fc.array(separator, { minLength: 20, maxLength: 20 }),
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
      fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(..."+0123457 -.tel:".split("")) })), (text) => {
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
