import { Readable } from "node:stream";
import { stringify } from "csv-stringify";
import type { Knex } from "knex";
import { readPage, type Position } from "../../platform/page.ts";
import { withoutDirections } from "../../platform/plain-text.ts";
import { whereBetween } from "../../payments/operator/list-filters.ts";
import type { Cell, ExportFile } from "./export-files.ts";

/** Rows that are read at once: a second's worth for a slow connection, and a megabyte at most. */
const BATCH = 1_000;

export type ExportWish = { siteId: string; shortcode: string | null; fromMs: number | undefined; toMs: number | undefined };

/**
 * The file as a stream of bytes, read from the database page by page, as fast as it is taken. Spreadsheets open it as UTF-8, and take no cell for a
 * formula: one that begins like one has an apostrophe before it.
 */
export function writeExport(knex: Knex, file: ExportFile, wish: ExportWish): Readable {
  const csv = stringify({ header: true, columns: [...file.columns], bom: true, escape_formulas: true, record_delimiter: "windows" });
  const rows = Readable.from(readRows(knex, file, wish));
  // A failed query ends the file in the middle: whoever saves it sees that it is not whole.
  rows.on("error", (error) => csv.destroy(error));
  csv.on("close", () => rows.destroy());
  return rows.pipe(csv);
}

async function* readRows(knex: Knex, file: ExportFile, { siteId, shortcode, fromMs, toMs }: ExportWish): AsyncGenerator<Cell[]> {
  for (let after: Position | undefined; ;) {
    const query = file.query(knex, siteId, shortcode);
    if (query === null) return;
    whereBetween(query, file.at, { from: fromMs, to: toMs });
    const found = (await readPage(query, { at: file.at, id: file.id }, { after, limit: BATCH })).map((row) => file.toRow(row));
    for (const { cells } of found.slice(0, BATCH)) yield cells.map(safe);
    if (found.length <= BATCH) return;
    after = found[BATCH - 1]?.position;
  }
}

function safe(cell: Cell): Cell {
  return typeof cell === "string" ? withoutDirections(cell) : cell;
}
