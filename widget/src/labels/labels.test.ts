import { describe, expect, it } from "vitest";
import { failureReasons } from "../api/contract.ts";
import type { FailureReason } from "../api/contract.ts";
import { en } from "./en.ts";
import { fill, labelsIn } from "./labels.ts";
import { sw } from "./sw.ts";

const placeholders = (sentence: string) => [...sentence.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
const swahiliOf: Readonly<Record<string, string>> = sw;
const pairs = Object.entries(en).map(([key, english]) => [key, english, swahiliOf[key] ?? ""] as const);

describe("the two languages", () => {
  for (const [key, english, swahili] of pairs) {
    it(`${key} has the same placeholders in both, and words`, () => {
      expect(placeholders(swahili)).toEqual(placeholders(english));
      expect(swahili.trim()).not.toBe("");
      expect(english.trim()).not.toBe("");
    });
  }

  it("differ", () => {
    expect(pairs.filter(([, english, swahili]) => english === swahili).map(([key]) => key)).toEqual([]);
  });

  it("have the same keys, in the same order", () => {
    expect(Object.keys(sw)).toEqual(Object.keys(en));
  });
});

/** Where nobody knows, nothing is promised about the money: the sentence says what to wait for instead. */
const moneyMayHaveMoved: Partial<Record<FailureReason, RegExp>> = {
  unknown: /do not pay again|usilipe tena/,
  no_answer: /If you entered your PIN, do not pay again: wait for|Ikiwa uliweka PIN, usilipe tena: subiri/,
};

describe("every reason", () => {
  for (const reason of failureReasons) {
    it(`${reason} says what happened, without jargon, and promises nothing where nobody knows`, () => {
      for (const sentence of [en[reason], sw[reason]]) {
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
    expect(labelsIn("fr", { fr: { copy: "Copier" } })).toMatchObject({ copy: "Copier", amount: "Amount" });
  });
});

describe("fill", () => {
  it("puts values in, and nothing for a missing one", () => {
    expect(fill("Pay {amount} to {who}", { amount: "KES 5" })).toBe("Pay KES 5 to ");
  });
});
