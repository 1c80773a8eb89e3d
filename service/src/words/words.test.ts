import express from "express";
import { once } from "node:events";
import { expect, it, onTestFinished } from "vitest";
import { english } from "./english.ts";
import { swahili } from "./swahili.ts";
import { because, momentOf, sessionTime, storedNote, wordsFor } from "./words.ts";

type Sentences = { readonly [name: string]: unknown };

/** Every sentence by its path, with a mark for each thing that is put into it. */
function sentencesOf(words: Sentences, path = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of Object.entries(words)) {
    if (value instanceof Map) continue;
    if (typeof value === "string") found.set(`${path}${name}`, value);
    else if (typeof value === "function") found.set(`${path}${name}`, String(value(...marks(value.length))));
    else for (const [key, text] of sentencesOf(Object(value), `${path}${name}.`)) found.set(key, text);
  }
  return found;
}

const marks = (count: number): string[] => Array.from({ length: count }, (_, index) => `{${index}}`);
const marksIn = (text: string): string[] => [...new Set(text.match(/\{\d\}/g))].toSorted();

it("says everything in both languages, with the same things in it", () => {
  const [inEnglish, inSwahili] = [sentencesOf(english), sentencesOf(swahili)];
  expect([...inSwahili.keys()]).toEqual([...inEnglish.keys()]);
  for (const [path, text] of inEnglish) {
    const other = inSwahili.get(path) ?? "";
    expect([path, marksIn(other)]).toEqual([path, marksIn(text)]);
    expect(other.trim(), path).not.toBe("");
    // The end of a sentence, so that those that follow one another read well.
    expect([path, other.endsWith(".")]).toEqual([path, text.endsWith(".")]);
  }
});

it("says a reason in words of the language if it knows it, and else as it was stored, as one line", () => {
  expect(storedNote(english, "no answer came")).toBe("no answer came");
  expect(storedNote(swahili, "no answer came")).toBe("hakuna jibu lililokuja");
  expect(because(swahili, "DS timeout\r\n\u202eevil.")).toBe(": DS timeout evil");
  expect(because(swahili, null)).toBe("");
});

it("writes days and times as people say them", () => {
  expect(sessionTime(english, { date: "2026-12-08", time: "10:00" })).toBe("Tuesday, 8 December 2026, 10:00");
  expect(sessionTime(swahili, { date: "2026-12-08", time: "10:00" })).toBe("Jumanne, 8 Desemba 2026, 10:00");
  expect(momentOf(english, Date.parse("2026-11-28T11:02:00Z"))).toBe("28 November 2026, 14:02");
  expect(momentOf(swahili, Date.parse("2026-11-28T21:02:00Z"))).toBe("29 Novemba 2026, 00:02");
});

it.each([
  ["sw", "sw"],
  ["sw-KE,en;q=0.5", "sw"],
  ["en-GB,sw;q=0.9", "en"],
  ["fr", "en"],
  ["*", "en"],
  ["", "en"],
])("speaks the language that a browser asks for: %s", async (accepted, language) => {
  const app = express().get("/", (request, response) => {
    response.send(wordsFor(request) === swahili ? "sw" : "en");
  });
  const server = app.listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { "Accept-Language": accepted } });
  expect(await answer.text()).toBe(language);
});
