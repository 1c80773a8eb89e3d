import { describe, expect, it, test } from "vitest";
import { parseEnvFile } from "./env-file.ts";

const names = ["PORT", "SECRET", "PEM"];

describe("an .env file", () => {
  it("has values with and without quotes, comments, and values of several lines", () => {
    const text = `# a comment\nPORT=3000 # another\n export SECRET = "a # b"\n\nPEM="one\ntwo=2#\nthree"\nOTHER='x'\n`;
    expect(parseEnvFile(text, names)).toEqual({
      values: { PORT: "3000", SECRET: "a # b", PEM: "one\ntwo=2#\nthree", OTHER: "x" },
      problems: [],
    });
  });

  test.each([
    ["SECRET=pa#ss", "SECRET in .env has a #, which begins a comment: put the value into quotes"],
    ["PORT=1\n export SECRET = pa#ss # comment", "SECRET in .env has a #, which begins a comment: put the value into quotes"],
    [`SECRET="pa"ss"`, "SECRET in .env goes on after its closing quote: use the other kind of quotes around the value"],
  ])("%j: the value that would be cut short is named", (text, problem) => {
    expect(parseEnvFile(text, names).problems).toEqual([problem]);
  });

  test.each([
    "SECRET='pa#ss'",
    `SECRET='pa"ss'`,
    "SECRET=pass #comment",
    "SECRET=#comment",
    "#SECRET=pa#ss",
    "OTHER=pa#ss",
    `SECRET="a" # "b"`,
  ])("%j has no problem", (text) => {
    expect(parseEnvFile(text, names).problems).toEqual([]);
  });
});
