import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, test } from "vitest";
import { folderForTest } from "./testing.ts";
import { decodeText, readTextFile, TextFileError, trimUnseen } from "./text-file.ts";

const text = 'NAME=Zoë\n{"a": 1}\n';

test.each([
  ["UTF-8", Buffer.from(text)],
  ["UTF-8 with a byte order mark, as Notepad saves it", Buffer.from(`\ufeff${text}`)],
  ["the line ends of Windows", Buffer.from(text.replaceAll("\n", "\r\n"))],
  ["the line ends of an old Mac", Buffer.from(text.replaceAll("\n", "\r"))],
])("%s is read", (_form, bytes) => {
  const file = join(folderForTest(), "file");
  writeFileSync(file, bytes);
  expect(readTextFile(file)).toBe(text);
});

test.each([
  ["little-endian UTF-16, as PowerShell writes it", Buffer.from(`\ufeff${text}`, "utf16le"), /is saved as UTF-16: save it again as UTF-8/],
  ["big-endian UTF-16", Buffer.from(`\ufeff${text}`, "utf16le").swap16(), /is saved as UTF-16/],
  ["UTF-16 without a byte order mark", Buffer.from(text, "utf16le"), /is saved as UTF-16/],
  ["Latin-1", Buffer.from(text, "latin1"), /is not UTF-8 text: save it again as UTF-8/],
])("%s is named as the fault", (_form, bytes, message) => {
  expect(() => decodeText(bytes)).toThrow(message);
});

it("names a file that cannot be read", () => {
  expect(() => readTextFile("/nowhere/site.json")).toThrow(TextFileError);
  expect(() => readTextFile("/nowhere/site.json")).toThrow(/^cannot be read: .*\/nowhere\/site\.json/);
});

test.each([
  ["abc \t", "abc"],
  ["abc\r", "abc"],
  ["\n abc\n\n", "abc"],
  ["\u00a0abc\u200b", "abc"],
  ["\ufeffabc\u0000", "abc"],
  [" a b ", "a b"],
  [" \n", ""],
])("%j is %j without what is not seen at its ends", (given, trimmed) => {
  expect(trimUnseen(given)).toBe(trimmed);
});
