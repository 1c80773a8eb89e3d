/** A list in pages. Loop over it with `for await`: the next page is read when it is needed. */
export type List<Item> = AsyncIterable<Item> & {
  /** One page: its items, and `next` for `after` of the next; null: it is the last. */
  page(after?: string): Promise<{ data: Item[]; next: string | null }>;
};

/** @param read one page, from its beginning if `after` is undefined */
export function createList<Item>(read: (after: string | undefined) => Promise<{ data: Item[]; next: string | null }>): List<Item> {
  return {
    page: read,
    async *[Symbol.asyncIterator]() {
      for (let after: string | undefined; ;) {
        const { data, next } = await read(after);
        yield* data;
        if (next === null) return;
        after = next;
      }
    },
  };
}
