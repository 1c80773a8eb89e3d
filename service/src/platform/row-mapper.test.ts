import { expect, it } from "vitest";
import { z } from "zod";
import { column, flag, optionalNumber, optionalText, rowMapper, text, wholeNumber } from "./row-mapper.ts";

type Thing = { id: string; kind: "a" | "b"; isLate: boolean; note: string | null; endedAtMs: number | null; amountKes: number };

const things = rowMapper<Thing>({
  id: text("id"),
  kind: column("kind", z.enum(["a", "b"])),
  isLate: flag("late"),
  note: optionalText("note", 5),
  endedAtMs: optionalNumber("ended_at"),
  amountKes: wholeNumber("amount"),
});

const thing: Thing = { id: "th_1", kind: "b", isLate: true, note: null, endedAtMs: 5, amountKes: 1_500 };
const row = { id: "th_1", kind: "b", late: 1, note: null, ended_at: 5, amount: 1_500 };

it("converts in both directions, and ignores other columns", () => {
  expect(things.toRow(thing)).toEqual(row);
  expect(things.parse({ ...row, updated_at: 7 })).toEqual(thing);
  expect(things.parse(things.toRow({ ...thing, isLate: false }))).toEqual({ ...thing, isLate: false });
});

it("truncates text that is longer than its column", () => {
  expect(things.toRow({ ...thing, note: "too long" })).toMatchObject({ note: "too l" });
});

it.each([
  ["a missing column", { ...row, amount: undefined }],
  ["a value of another type", { ...row, amount: "1500" }],
  ["a value that no member may have", { ...row, kind: "c" }],
  ["a truth value that is neither 0 nor 1", { ...row, late: 2 }],
])("a row with %s is refused", (_what, wrong) => {
  expect(() => things.parse(wrong)).toThrow(z.ZodError);
});
