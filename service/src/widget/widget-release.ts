import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { compressFile, namesIn, type CompressedFile } from "../platform/compressed-file.ts";

export type WidgetFile = CompressedFile;

/** A version's scripts by name. Requests only look up keys here, never files on disk. */
export type WidgetRelease = ReadonlyMap<string, WidgetFile>;

/** The script that owners put into their page. */
export const CORE = "somo-pay.js";
/** The name of the script for pages that pin it by a hash, from when it had parts. */
const WHOLE = "somo-pay.all.js";
/** Earlier versions load parts on demand, named after their content. Other files in the folder are for bundlers. */
export const isPart = (name: string): boolean => /^somo-pay-[\w-]+\.js$/.test(name);

/** Reads a built widget from its folder; empty if nothing is built there. */
export async function readWidgetRelease(folder: string): Promise<WidgetRelease> {
  const names = (await namesIn(folder)).filter((name) => name === CORE || name === WHOLE || isPart(name));
  const files = new Map(
    await Promise.all(names.map(async (name) => [name, await compressFile(await readFile(join(folder, name)))] as const)),
  );
  const core = files.get(CORE);
  if (core && !files.has(WHOLE)) files.set(WHOLE, core);
  return files;
}
