import { mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "../platform/logger.ts";
import { readWidgetRelease, type WidgetFile, type WidgetRelease } from "./widget-release.ts";

/** Versions that npm allows. Starts with a digit and has no separators, so that it cannot be a path. */
const VERSION = /^\d+\.\d+\.\d+[\w.+-]*$/;

export type WidgetArchive = {
  /** Stores a version's files and overwrites existing ones, because a version changes until it is released. */
  keep(version: string, release: WidgetRelease): Promise<void>;
  /** Undefined if this version was never stored here. */
  find(version: string): Promise<WidgetRelease | undefined>;
  /** A file of any version; its name must be unique to its content. */
  findPart(name: string): Promise<WidgetFile | undefined>;
};

/**
 * Versions that the service served before an upgrade. Pages pin them, and open pages of earlier ones still load their parts from them.
 * Copies of the service that share the folder share the versions.
 */
export function createWidgetArchive(folder: string, logger: Logger): WidgetArchive {
  const read = new Map<string, Promise<WidgetRelease>>();
  const find = async (version: string): Promise<WidgetRelease | undefined> => {
    // Only existing versions are cached, so that requests for invented ones cannot fill the memory.
    if (!VERSION.test(version) || !(await versionsIn(folder)).includes(version)) return undefined;
    const release = read.get(version) ?? readWidgetRelease(join(folder, version));
    read.set(version, release);
    return release;
  };
  return {
    async keep(version, release) {
      try {
        await mkdir(join(folder, version), { recursive: true });
        for (const [name, { body }] of release) await writeWhole(join(folder, version, name), body.identity);
      } catch (error) {
        logger.warn({ err: error }, "widget version not archived: after an upgrade, pages that pin it will get a 404");
      }
    },
    find,
    async findPart(name) {
      for (const version of await versionsIn(folder)) {
        const part = (await find(version))?.get(name);
        if (part) return part;
      }
      return undefined;
    },
  };
}

async function versionsIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    return [];
  }
}

/** Writes to a temporary file and renames it, because another copy may be reading. */
async function writeWhole(file: string, body: Buffer): Promise<void> {
  const aside = `${file}.${process.pid}`;
  await writeFile(aside, body);
  await rename(aside, file);
}
