import { describe, expect, it } from "vitest";
import { failureReasons } from "../contract.ts";
import type { FailureReason } from "../contract.ts";
import { en } from "./en.ts";
import { fill } from "./labels.ts";
import { sw } from "./sw.ts";

function sentences(value: unknown, path = ""): [string, string][] {
  if (typeof value === "string") return [[path, value]];
  return Object.entries(value as object).flatMap(([key, inner]) => sentences(inner, `${path}.${key}`));
}
const placeholders = (sentence: string) => [...sentence.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

describe("the two languages", () => {
  const swahili = new Map(sentences(sw));

  it("say the same things", () => {
    expect([...swahili.keys()]).toEqual(sentences(en).map(([key]) => key));
  });

  for (const [key, english] of sentences(en)) {
    it(`${key} has the same placeholders in both, and words`, () => {
      const translated = swahili.get(key) ?? "";
      expect(placeholders(translated)).toEqual(placeholders(english));
      expect(translated.trim()).not.toBe("");
      expect(english.trim()).not.toBe("");
    });
  }

  it("differ, except where a word is the same in both", () => {
    const same = sentences(en).filter(([key, sentence]) => swahili.get(key) === sentence);
    expect(same.map(([key]) => key)).toEqual([".paybill"]);
  });
});

/** Where nobody knows, nothing is promised about the money: the sentence says what to wait for instead. */
const moneyMayHaveMoved: Partial<Record<FailureReason, RegExp>> = {
  unknown: /do not pay again|usilipe tena/,
  no_answer: /If you entered your PIN, wait for|Ikiwa uliweka PIN, subiri kwanza/,
};

describe("every reason", () => {
  for (const reason of failureReasons) {
    it(`${reason} says what happened, whether money moved and what to do, without jargon`, () => {
      for (const { problems } of [en, sw]) {
        const { title, text } = problems[reason];
        expect(title).not.toMatch(/[.!]$/);
        expect(text).toMatch(moneyMayHaveMoved[reason] ?? /No money was taken|Hakuna pesa zilizokatwa/);
        expect(`${title} ${text}`).not.toMatch(/\b(STK|callback|transaction|error|failed|code \d)/i);
      }
    });
  }
});

describe("fill", () => {
  it("puts values in, and nothing for a missing one", () => {
    expect(fill("Pay {amount} to {who}", { amount: "KES 5" })).toBe("Pay KES 5 to ");
  });
});
