import { mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Logger } from "./logger.ts";
import { readWidgetRelease, type WidgetRelease } from "./widget-release.ts";

/** What npm lets a version be, and no path: begins with a digit, no separators. */
const VERSION = /^\d+\.\d+\.\d+[\w.+-]*$/;

export type WidgetArchive = {
  /** Stores a version's files. What was stored under it before is replaced: a version is worked on until it is released. */
  keep(version: string, release: WidgetRelease): Promise<void>;
  /** Undefined when this version was never kept here. */
  find(version: string): Promise<WidgetRelease | undefined>;
};

/**
 * Versions that this service served before it was upgraded: pages pin them, and an open page still loads its later parts from them.
 * Copies of the service that share the folder share the versions.
 */
export function createWidgetArchive(folder: string, logger: Logger): WidgetArchive {
  const read = new Map<string, Promise<WidgetRelease>>();
  return {
    async keep(version, release) {
      try {
        for (const [name, { body }] of release) await writeWhole(join(folder, version, name), body.identity);
      } catch (error) {
        logger.warn({ err: error }, "this version of the widget cannot be kept: after an upgrade, pages that pin it will not find it");
      }
    },
    async find(version) {
      // Only what is there is read and remembered: a stranger cannot fill the memory with versions.
      if (!VERSION.test(version) || !(await versionsIn(folder)).includes(version)) return undefined;
      const release = read.get(version) ?? readWidgetRelease(join(folder, version));
      read.set(version, release);
      return release;
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

/** Another copy may read it at the same time. */
async function writeWhole(file: string, body: Buffer): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const aside = `${file}.${process.pid}`;
  await writeFile(aside, body);
  await rename(aside, file);
}
