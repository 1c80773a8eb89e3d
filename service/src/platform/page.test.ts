import { describe, expect, it, test } from "vitest";
import { z } from "zod";
import { pageShape, parseCursor, slicePage, toCursor, type Position } from "./page.ts";

describe("a cursor", () => {
  it("says where a page begins", () => {
    const position = { atMs: 1_795_417_200_000, id: "pay_x" };
    expect(parseCursor(toCursor(position))).toEqual(position);
  });

  test.each(["", "x", "pay_01m83k", "bnVsbA", Buffer.from("[1]").toString("base64url"), Buffer.from('["1","x"]').toString("base64url")])(
    "that is not ours is refused: %j",
    (cursor) => {
      expect(parseCursor(cursor)).toBeNull();
      expect(z.object(pageShape).safeParse({ after: cursor }).error?.issues).toMatchObject([{ message: "must be the `next` of a page" }]);
    },
  );
});

test.each([["0"], ["101"], ["1.5"], ["many"]])("a limit of %s is refused", (limit) => {
  expect(z.object(pageShape).safeParse({ limit }).success).toBe(false);
});

test("a list in memory has pages too, also when an item between them is gone", () => {
  const all: Position[] = [3, 2, 2, 1].map((atMs, index) => ({ atMs, id: `id_${9 - index}` }));
  const page = (items: Position[], after?: Position) =>
    slicePage(
      items,
      { after, limit: 2 },
      (item) => item,
      ({ id }) => id,
    );
  const first = page(all);
  expect(first).toEqual({ data: ["id_9", "id_8"], next: expect.any(String) });
  const after = parseCursor(first.next ?? "") ?? undefined;
  expect(page(all, after)).toEqual({ data: ["id_7", "id_6"], next: null });
  expect(page(all.toSpliced(1, 1), after)).toEqual({ data: ["id_7", "id_6"], next: null });
});
