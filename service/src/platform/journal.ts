import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readFile, readdir, rename, rm, stat, writeFile, type FileHandle } from "node:fs/promises";
import { join } from "node:path";

/**
 * A folder that keeps what the database could not take. Each process appends to a file of its own, one record a line: a checksum, then JSON. An append
 * resolves only once the record is on the disk (fsync). Any process that shares the folder may drain any file, also one whose process is dead or still
 * writes: a file is taken by renaming it, and whoever appends makes sure afterwards that its file was still in place.
 */
export type Journal = {
  append(record: object): Promise<void>;
  /**
   * Hands each record, oldest file first, to `take`, and removes a file once all of it was taken. Stops at the first record that `take` rejects; that
   * file comes again whole, so `take` must not mind a record twice. `corrupt` counts unreadable lines, which are kept beside as `.corrupt`.
   */
  drain(take: (record: unknown) => Promise<void>): Promise<{ taken: number; corrupt: number }>;
  /** Records that wait in the folder, as far as this process has looked. */
  depth(): number;
  close(): Promise<void>;
};

const WRITTEN = ".journal";
const TAKEN = ".taken";
/** A file that is taken away again and again while it is written means that something else is wrong. */
const MAX_TRIES = 5;

type Segment = { path: string; handle: FileHandle };

export async function openJournal(folder: string): Promise<Journal> {
  await mkdir(folder, { recursive: true });
  let depth = await countRecords(folder);
  let segment: Segment | null = null;
  // One writer at a time: appends keep their order and never mix.
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
      // Taken away before this line was in it, perhaps: then nobody may have read the line, and it is written once more.
      if (await isInPlace(segment)) return;
      await letGo();
    }
    throw new Error("the journal's file was taken away again and again");
  };

  return {
    async append(record) {
      const line = toLine(record);
      await inTurn(() => append(line));
      depth += 1;
    },
    async drain(take) {
      // Appends go on meanwhile, into a new file: nobody who waits for a 200 waits for the database here.
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
  // The time comes first, so that names sort by age.
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
    // A full disk may take half a line: what comes next must start on a line of its own.
    await handle.truncate(size).catch(() => undefined);
    throw error;
  }
}

async function isInPlace({ path, handle }: Segment): Promise<boolean> {
  const [named, held] = await Promise.all([stat(path).catch(() => null), handle.stat()]);
  return named?.ino === held.ino;
}

/** Takes every file there is: from now on no process counts on appending to it. Files that somebody took and did not finish are among them. */
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

/** Unreadable lines are kept for a person to look at, once; the journal goes on without them. */
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

/** A file's name is only on the disk once its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  await handle.sync().catch(() => undefined);
  await handle.close();
}
