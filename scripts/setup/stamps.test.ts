import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { hashOf, hashOfFiles, isStamped, writeStamp } from "./stamps.mjs";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "somopay-stamps-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

test("a step is due until it is stamped, and again if its sources differ", () => {
  const stamp = join(folder, "deep", "stamp");
  expect(isStamped(stamp, "a")).toBe(false);
  writeStamp(stamp, "a");
  expect(isStamped(stamp, "a")).toBe(true);
  expect(isStamped(stamp, "b")).toBe(false);
});

test("text that moves from one part to the next changes the hash", () => {
  expect(hashOf("ab", "c")).not.toBe(hashOf("a", "bc"));
});

test("a changed, added or renamed file changes the hash; tests and built files do not", () => {
  const source = join(folder, "src");
  mkdirSync(join(source, "views"), { recursive: true });
  const write = (file: string, text: string) => writeFileSync(join(source, file), text);
  write("a.ts", "1");
  const seen = [hashOfFiles([source])];
  write("a.ts", "2");
  seen.push(hashOfFiles([source]));
  write("views/b.ts", "3");
  seen.push(hashOfFiles([source]));
  rmSync(join(source, "views/b.ts"));
  write("views/c.ts", "3");
  seen.push(hashOfFiles([source]));
  expect(new Set(seen).size).toBe(4);

  mkdirSync(join(source, "dist"));
  write("dist/a.js", "built");
  write("a.test.ts", "test");
  expect(hashOfFiles([source])).toBe(seen.at(-1));
});

test("a missing path counts as an empty one", () => {
  expect(hashOfFiles([join(folder, "nothing")])).toBe(hashOfFiles([]));
});
