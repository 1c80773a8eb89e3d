import { expect, it } from "vitest";
import { quotable, withoutDirections } from "./plain-text.ts";

it("takes away what turns the direction of text, and nothing else", () => {
  expect(withoutDirections("invoice\u202egnp.exe \u2066a\u2069 \u200f\u061c")).toBe("invoicegnp.exe a ");
  expect(withoutDirections("أماني ن\u200dس 👩‍👧")).toBe("أماني ن\u200dس 👩‍👧");
});

it("makes one line of strangers' text, cut between characters", () => {
  expect(quotable("a\r\nb\u2028c\u0000d")).toBe("a b c d");
  expect(quotable("x".repeat(10_000))).toBe(`${"x".repeat(119)}…`);
  expect(quotable("👩".repeat(5), 4)).toBe("👩👩👩…");
  expect(quotable("👩👩👩👩", 4)).toBe("👩👩👩👩");
});
