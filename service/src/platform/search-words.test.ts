import { expect, it } from "vitest";
import { wordsOf } from "./search-words.ts";

it.each([
  ["Wanjiru Kamau", ["wanjiru", "kamau"]],
  ["Ng'ang’a Wanjirũ", ["nganga", "wanjiru"]],
  ["  O-Otieno, Jr.  (Mama Otieno) ", ["o", "otieno", "jr", "mama"]],
  ["ﬁona ＡＭＡＮＩ", ["fiona", "amani"]],
  ["李小龍 أماني", ["李小龍", "اماني"]],
  ["\u202e<script>", ["script"]],
  ["!!! …", []],
])("of %j are %j", (names, words) => {
  expect(wordsOf(names)).toEqual(words);
});

it("are no longer than the column and no more than a name has", () => {
  expect(wordsOf("a".repeat(10_000))).toEqual(["a".repeat(40)]);
  expect(wordsOf("👩".repeat(100) + "é".repeat(100))).toEqual(["e".repeat(40)]);
  expect(wordsOf(Array.from({ length: 100 }, (_, index) => `w${index}`).join(" "))).toHaveLength(16);
});
