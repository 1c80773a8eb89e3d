import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readFile, readdir, rename, rm, stat, writeFile, type FileHandle } from "node:fs/promises";
import { join } from "node:path";

/**
 * A folder that stores what the database could not. Each process appends to its own file, one record per line: a checksum, then JSON. An append
 * resolves only once the record is on disk (fsync). Any process that shares the folder may drain any file, even one whose process is dead or still
 * writing: it takes the file by renaming it, and the writer checks after each append that its file was still in place.
 */
export type Journal = {
  append(record: object): Promise<void>;
  /**
   * Passes each record to `take`, oldest file first, and deletes a file once all of it was taken. Stops at the first record that `take` rejects; the
   * whole file is read again later, so `take` must be idempotent. `corrupt` counts unreadable lines, which are saved as `.corrupt`.
   */
  drain(take: (record: unknown) => Promise<void>): Promise<{ taken: number; corrupt: number }>;
  /** Records waiting in the folder, as of this process's last read. */
  depth(): number;
  close(): Promise<void>;
};

const WRITTEN = ".journal";
const TAKEN = ".taken";
/** If a file is renamed during each of this many writes, something else is wrong. */
const MAX_TRIES = 5;

type Segment = { path: string; handle: FileHandle };

export async function openJournal(folder: string): Promise<Journal> {
  await mkdir(folder, { recursive: true });
  let depth = await countRecords(folder);
  let segment: Segment | null = null;
  // One writer at a time, so that appends stay in order and never interleave.
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  };

  const letGo = async (): Promise<void> => {
    const handle = segment?.handle;
    segment = null;
    await handle?.close();
  };
  const append = async (line: string): Promise<void> => {
    for (let tries = 1; tries <= MAX_TRIES; tries++) {
      segment ??= await beginSegment(folder);
      await appendDurably(segment.handle, line);
      // The file may have been renamed and read before this line was in it, so the line is written again.
      if (await isInPlace(segment)) return;
      await letGo();
    }
    throw new Error(`the journal file was renamed during each of ${MAX_TRIES} writes`);
  };

  return {
    async append(record) {
      const line = toLine(record);
      await inTurn(() => append(line));
      depth += 1;
    },
    async drain(take) {
      // Appends continue meanwhile in a new file, so no callback waits for the database to be answered.
      await inTurn(letGo);
      const drained = { taken: 0, corrupt: 0 };
      try {
        for (const path of await takeFiles(folder)) {
          const { records, corruptLines } = await readRecords(path);
          if (corruptLines.length > 0 && (await keepBeside(path, corruptLines))) drained.corrupt += corruptLines.length;
          for (const record of records) {
            await take(record);
            drained.taken += 1;
          }
          await rm(path, { force: true });
        }
      } finally {
        if (drained.taken > 0 || depth > 0) depth = await countRecords(folder);
      }
      return drained;
    },
    depth: () => depth,
    close: () => inTurn(letGo),
  };
}

async function beginSegment(folder: string): Promise<Segment> {
  // The time comes first, so that file names sort by age.
  const path = join(folder, `${String(Date.now()).padStart(15, "0")}-${randomUUID()}${WRITTEN}`);
  const handle = await open(path, "ax");
  await syncFolder(folder);
  return { path, handle };
}

async function appendDurably(handle: FileHandle, line: string): Promise<void> {
  const { size } = await handle.stat();
  try {
    await handle.appendFile(line);
    await handle.sync();
  } catch (error) {
    // A full disk may have written half a line; the next record must start on a new line.
    await handle.truncate(size).catch(() => undefined);
    throw error;
  }
}

async function isInPlace({ path, handle }: Segment): Promise<boolean> {
  const [named, held] = await Promise.all([stat(path).catch(() => null), handle.stat()]);
  return named?.ino === held.ino;
}

/** Takes every file, so that no process appends to it any more. Includes files that another process took and did not finish. */
async function takeFiles(folder: string): Promise<string[]> {
  for (const name of await journalFiles(folder)) {
    if (!name.endsWith(WRITTEN)) continue;
    const path = join(folder, name);
    await rename(path, path + TAKEN).catch(ignoreMissing);
  }
  return (await journalFiles(folder)).filter((name) => name.endsWith(TAKEN)).map((name) => join(folder, name));
}

async function journalFiles(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith(WRITTEN) || name.endsWith(WRITTEN + TAKEN)).toSorted();
}

async function countRecords(folder: string): Promise<number> {
  let count = 0;
  for (const name of await journalFiles(folder)) count += (await readRecords(join(folder, name))).records.length;
  return count;
}

function toLine(record: object): string {
  const json = JSON.stringify(record);
  return `${checksum(json)} ${json}\n`;
}

function checksum(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

async function readRecords(path: string): Promise<{ records: unknown[]; corruptLines: string[] }> {
  const text = (await readFile(path, "utf8").catch(ignoreMissing)) ?? "";
  const records: unknown[] = [];
  const corruptLines: string[] = [];
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const json = line.slice(17);
    if (line.slice(0, 16) === checksum(json)) records.push(JSON.parse(json));
    else corruptLines.push(line);
  }
  return { records, corruptLines };
}

/** Saves unreadable lines once, for a person to look at; the journal continues without them. */
async function keepBeside(path: string, lines: string[]): Promise<boolean> {
  try {
    await writeFile(`${path.slice(0, -TAKEN.length)}.corrupt`, `${lines.join("\n")}\n`, { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}

/** A new file's name is durable only once its folder is synced. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  await handle.sync().catch(() => undefined);
  await handle.close();
}
