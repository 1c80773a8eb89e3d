import { createHash } from "node:crypto";
import { mkdir, open, readFile, rename, rm, writeFile, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * A file that keeps what the database could not take. One record a line: a checksum, then JSON. An append resolves only once the record is on
 * the disk (fsync); a tail that a crash left half written fails its checksum and is cut off and reported.
 */
export type Journal = {
  append(record: object): Promise<void>;
  /** Hands each record, oldest first, to `take`, and removes what was taken. Stops at the first that `take` rejects; the rest stays. */
  drain(take: (record: unknown) => Promise<void>): Promise<{ taken: number; corrupt: number }>;
  depth(): number;
  close(): Promise<void>;
};

export async function openJournal(file: string): Promise<Journal> {
  await mkdir(dirname(file), { recursive: true });
  const found = await readRecords(file);
  if (found.corrupt > 0) await keepCorrupt(file, found);
  let depth = found.records.length;
  let corruptToReport = found.corrupt;
  let handle: FileHandle | null = null;
  // One writer at a time: appends keep their order, and a drain never meets a half written line.
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  };

  const append = async (record: object): Promise<void> => {
    handle ??= await openDurably(file);
    const { size } = await handle.stat();
    try {
      await handle.appendFile(toLine(record));
      await handle.sync();
    } catch (error) {
      // A full disk may take half a line: what comes next must start on a line of its own.
      await handle.truncate(size).catch(() => undefined);
      throw error;
    }
    depth += 1;
  };

  const drain: Journal["drain"] = async (take) => {
    const found = await readRecords(file);
    if (found.corrupt > 0) {
      await handle?.close();
      handle = null;
      await keepCorrupt(file, found);
      corruptToReport += found.corrupt;
    }
    const { records } = found;
    let taken = 0;
    try {
      for (const record of records) {
        await take(record);
        taken += 1;
      }
    } finally {
      if (taken > 0) {
        await handle?.close();
        handle = null;
        await replaceRecords(file, records.slice(taken));
        depth = records.length - taken;
      }
    }
    const corrupt = corruptToReport;
    corruptToReport = 0;
    return { taken, corrupt };
  };

  return {
    append: (record) => inTurn(() => append(record)),
    drain: (take) => inTurn(() => drain(take)),
    depth: () => depth,
    close: () =>
      inTurn(async () => {
        await handle?.close();
        handle = null;
      }),
  };
}

function toLine(record: object): string {
  const json = JSON.stringify(record);
  return `${checksum(json)} ${json}\n`;
}

function checksum(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

type Records = { records: unknown[]; corrupt: number; text: string };

async function readRecords(file: string): Promise<Records> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const records: unknown[] = [];
  let corrupt = 0;
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const json = line.slice(17);
    if (line.slice(0, 16) === checksum(json)) records.push(JSON.parse(json));
    else corrupt += 1;
  }
  return { records, corrupt, text };
}

/** The unreadable lines are kept beside the journal for a person to look at; the journal goes on without them. */
async function keepCorrupt(file: string, found: Records): Promise<void> {
  await writeFile(`${file}.corrupt`, found.text, { flag: "a" });
  await replaceRecords(file, found.records);
}

async function replaceRecords(file: string, records: unknown[]): Promise<void> {
  if (records.length === 0) {
    await rm(file, { force: true });
    await syncFolder(file);
    return;
  }
  const next = `${file}.next`;
  const handle = await open(next, "w");
  await handle.writeFile(records.map((record) => toLine(record instanceof Object ? record : {})).join(""));
  await handle.sync();
  await handle.close();
  await rename(next, file);
  await syncFolder(file);
}

async function openDurably(file: string): Promise<FileHandle> {
  const handle = await open(file, "a");
  await syncFolder(file);
  return handle;
}

/** A file's name is only on the disk once its folder is. */
async function syncFolder(file: string): Promise<void> {
  const folder = await open(dirname(file), "r");
  await folder.sync().catch(() => undefined);
  await folder.close();
}
