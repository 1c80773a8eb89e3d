import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { privateName, privateNames } from "../scripts/private-names.ts";

const source = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
const folder = (path: string) =>
  readdirSync(new URL(path, import.meta.url))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => source(path + file));
const { resolve } = createRequire(import.meta.url);

const own = [
  ...folder("../src/"),
  ...folder("../src/views/"),
  ...folder("../src/labels/"),
  ...folder("../src/more/"),
  ...folder("../src/ways-in/"),
].join("\n");

/** The same files that the tests in a browser drive: build them first. */
const built = readdirSync(new URL("../dist", import.meta.url))
  .filter((file) => file.endsWith(".js") && file.startsWith("somo-pay"))
  .map((file) => source(`../dist/${file}`))
  .join("\n");

const wordsOf = (text: string) => new Set(text.match(/[\w$]+/g));
/** The analyzer that writes the manifest brings the declarations of everything that browsers know. */
const typescript = createRequire(resolve("@custom-elements-manifest/analyzer/package.json")).resolve("typescript");
const declarations = [
  "lib.dom.d.ts",
  "lib.dom.iterable.d.ts",
  "lib.es5.d.ts",
  "lib.es2015.core.d.ts",
  "lib.es2022.array.d.ts",
  "lib.es2020.intl.d.ts",
]
  .map((file) => readFileSync(`${typescript.slice(0, -"typescript.js".length)}${file}`, "utf8"))
  .join("\n")
  .replace(/\/\*[^]*?\*\//g, "");
/** What browsers have and the declarations leave out. */
const undeclared = "trustedTypes createPolicy createHTML adoptedStyleSheets replaceSync";

const known = {
  "browsers and the language": wordsOf(declarations + undeclared),
  "the service": wordsOf(source("../src/contract.ts")),
  "the events": wordsOf(source("../src/events.ts")),
  "the reasons": wordsOf(source("../src/problem.ts")),
  "owners with words of their own": wordsOf(
    ["labels/labels", "more/words", "ways-in/words"].map((file) => source(`../src/${file}.ts`).replace(/"[^"\n]*"/g, "")).join("\n"),
  ),
  "the owner's handbook": wordsOf(Array.from(source("../README.md").matchAll(/`[^`\n]+`/g), ([code]) => code).join(" ")),
};

/** `sending` is the key of a sentence here, and elsewhere, as a string, the name of a state. */
describe("the names that the single file shortens", () => {
  for (const [who, words] of Object.entries(known)) {
    it(`are none that are known to ${who}`, () => {
      expect(words.size).toBeGreaterThan(20);
      expect(privateNames.filter((name) => words.has(name))).toEqual([]);
    });
  }

  it("are all in use", () => {
    const used = wordsOf(own);
    expect(privateNames.filter((name) => !used.has(name))).toEqual([]);
  });

  it("stand nowhere in it any more, neither as a name nor in a string that means the name", () => {
    const members = Array.from(built.matchAll(/(?:\.|[{,;])([\w$]+)(?=[:=(])/g), ([, name]) => name ?? "");
    const strings = Array.from(built.matchAll(/(["'`])([\w$]+)\1/g), ([, , text]) => text ?? "");
    expect(members.length).toBeGreaterThan(500);
    expect(members.filter((name) => privateName.test(name))).toEqual([]);
    expect(strings.filter((text) => privateName.test(text) && text !== "sending")).toEqual([]);
  });
});
