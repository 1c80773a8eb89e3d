/** Lists in pages, newest first. A page begins after the last item of the one before, so that new items neither repeat nor hide others. */
import type { Knex } from "knex";
import { z } from "zod";

export type Page<Item> = {
  data: Item[];
  /** For `after` of the next page; null: this is the last. */
  next: string | null;
};

/** Where a page begins: after the item with this time and id. */
export type Position = { atMs: number; id: string };

export type PageWish = { after?: Position | undefined; limit: number };

const DEFAULT_LIMIT = 50;
export const PAGE_LIMIT_MAX = 100;
const CURSOR_MAX = 200;

const positionSchema = z.tuple([z.number().int(), z.string()]);

/** Opaque to callers. It holds nothing that the page did not show, and each list reads the caller's own items only, whatever it says. */
export function toCursor({ atMs, id }: Position): string {
  return Buffer.from(JSON.stringify([atMs, id])).toString("base64url");
}

/** null: it is not one of ours. */
export function parseCursor(cursor: string): Position | null {
  try {
    const [atMs, id] = positionSchema.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
    return { atMs, id };
  } catch {
    return null;
  }
}

/** The query parameters of every list. */
export const pageShape = {
  after: z
    .string()
    .max(CURSOR_MAX)
    .transform((cursor, context): Position => {
      const position = parseCursor(cursor);
      if (position) return position;
      context.addIssue("must be the `next` of a page");
      return z.NEVER;
    })
    .optional()
    .describe("The `next` of the page before."),
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT_MAX).default(DEFAULT_LIMIT).describe("How many at most."),
};

/**
 * Reads a page's rows, and one more: `toPage` then knows whether there is a next page.
 * @param columns the time and the unique id that items are ordered by; an index must begin with what is filtered, and go on with the time
 */
export async function readPage(
  query: Knex.QueryBuilder,
  columns: { at: string; id: string },
  { after, limit }: PageWish,
): Promise<unknown[]> {
  if (after) {
    // The first condition bounds the index range; databases do not see that by themselves in the second.
    void query.where(columns.at, "<=", after.atMs).andWhere((older) => {
      void older.where(columns.at, "<", after.atMs).orWhere(columns.id, "<", after.id);
    });
  }
  const order = [
    { column: columns.at, order: "desc" },
    { column: columns.id, order: "desc" },
  ];
  return z.array(z.unknown()).parse(await query.orderBy(order).limit(limit + 1));
}

/** @param found one more than `limit`, if there are as many */
export function toPage<Found, Item>(
  found: readonly Found[],
  limit: number,
  positionOf: (item: Found) => Position,
  toItem: (item: Found) => Item,
): Page<Item> {
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  return { data: shown.map(toItem), next: found.length > limit && last !== undefined ? toCursor(positionOf(last)) : null };
}

/** A page of a list that is in memory as a whole, in the order of its positions. */
export function slicePage<Found, Item>(
  all: readonly Found[],
  { after, limit }: PageWish,
  positionOf: (item: Found) => Position,
  toItem: (item: Found) => Item,
): Page<Item> {
  const isAfter = (item: Found): boolean => {
    const { atMs, id } = positionOf(item);
    return after === undefined || atMs < after.atMs || (atMs === after.atMs && id < after.id);
  };
  return toPage(all.filter(isAfter).slice(0, limit + 1), limit, positionOf, toItem);
}
