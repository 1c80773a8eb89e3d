import { describe, expect, it } from "vitest";
import { failureReasons } from "../contract.ts";
import type { FailureReason } from "../contract.ts";
import { labelsIn, wordsIn } from "../language.ts";
import { moreWords } from "../more/words.ts";
import { waysInWords } from "../ways-in/words.ts";
import { coreWords, fill } from "./labels.ts";

const placeholders = (sentence: string) => [...sentence.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
const pairs = Object.entries({ ...coreWords, ...moreWords, ...waysInWords });

describe("the two languages", () => {
  for (const [key, [english, swahili]] of pairs) {
    it(`${key} has the same placeholders in both, and words`, () => {
      expect(placeholders(swahili)).toEqual(placeholders(english));
      expect(swahili.trim()).not.toBe("");
      expect(english.trim()).not.toBe("");
    });
  }

  it("differ, except where a word is the same in both", () => {
    expect(pairs.filter(([, [english, swahili]]) => english === swahili).map(([key]) => key)).toEqual(["paybill"]);
  });

  it("have no key twice, so that an owner's own word means one sentence", () => {
    const keys = [coreWords, moreWords, waysInWords].flatMap((words) => Object.keys(words));
    expect(new Set(keys).size).toBe(keys.length);
  });
});

/** Where nobody knows, nothing is promised about the money: the sentence says what to wait for instead. */
const moneyMayHaveMoved: Partial<Record<FailureReason, RegExp>> = {
  unknown: /do not pay again|usilipe tena/,
  no_answer: /If you entered your PIN, wait for|Ikiwa uliweka PIN, subiri/,
};

describe("every reason", () => {
  for (const reason of failureReasons) {
    it(`${reason} says what happened, without jargon, and promises nothing where nobody knows`, () => {
      for (const sentence of moreWords[reason]) {
        expect(sentence).toMatch(/^[^.]+\.( |$)/);
        expect(sentence).toMatch(moneyMayHaveMoved[reason] ?? /./);
        expect(sentence).not.toMatch(/\b(STK|callback|transaction|error|failed|code \d)/i);
      }
    });
  }
});

describe("an owner's own words", () => {
  it("take the place of ours in every language, or in one, and leave the others", () => {
    expect(labelsIn("sw", { pay: "Changia {amount}" })).toMatchObject({ pay: "Changia {amount}", paid: "Malipo yamepokelewa" });
    const own = { sw: { pay: "Changia {amount}" } };
    expect(labelsIn("sw", own).pay).toBe("Changia {amount}");
    expect(labelsIn("en", own).pay).toBe("Pay {amount} with M-Pesa");
  });

  it("bring another language along, with English for what it leaves out", () => {
    const french = labelsIn("fr", { fr: { name: "Français", pay: "Payer {amount}" } });
    expect(french).toMatchObject({ name: "Français", pay: "Payer {amount}", paid: "Payment received" });
    expect(wordsIn(moreWords, "fr", { fr: { copy: "Copier" } })).toMatchObject({ copy: "Copier", amount: "Amount" });
  });
});

describe("fill", () => {
  it("puts values in, and nothing for a missing one", () => {
    expect(fill("Pay {amount} to {who}", { amount: "KES 5" })).toBe("Pay KES 5 to ");
  });
});
