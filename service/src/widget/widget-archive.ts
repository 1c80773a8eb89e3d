import { mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "../platform/logger.ts";
import { readWidgetRelease, type WidgetFile, type WidgetRelease } from "./widget-release.ts";

/** What npm lets a version be, and no path: begins with a digit, no separators. */
const VERSION = /^\d+\.\d+\.\d+[\w.+-]*$/;

export type WidgetArchive = {
  /** Stores a version's files, over those of the same name: a version is worked on until it is released. */
  keep(version: string, release: WidgetRelease): Promise<void>;
  /** Undefined when this version was never kept here. */
  find(version: string): Promise<WidgetRelease | undefined>;
  /** A file that any version has; its name must be unique to its content. */
  findPart(name: string): Promise<WidgetFile | undefined>;
};

/**
 * Versions that this service served before it was upgraded: pages pin them, and an open page still loads its later parts from them.
 * Copies of the service that share the folder share the versions.
 */
export function createWidgetArchive(folder: string, logger: Logger): WidgetArchive {
  const read = new Map<string, Promise<WidgetRelease>>();
  const find = async (version: string): Promise<WidgetRelease | undefined> => {
    // Only what is there is read and remembered: a stranger cannot fill the memory with versions.
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
        logger.warn({ err: error }, "this version of the widget cannot be kept: after an upgrade, pages that pin it will not find it");
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

/** Another copy may read it at the same time. */
async function writeWhole(file: string, body: Buffer): Promise<void> {
  const aside = `${file}.${process.pid}`;
  await writeFile(aside, body);
  await rename(aside, file);
}
