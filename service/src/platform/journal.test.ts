import { appendFile, open, readFile, readdir, rename, writeFile, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { openJournal, type Journal } from "./journal.ts";
import { folderForTest } from "./testing.ts";

async function opened(folder: string): Promise<Journal> {
  const journal = await openJournal(folder);
  onTestFinished(() => journal.close());
  return journal;
}

/** Drains the journal and returns its records, oldest first. */
async function drained(journal: Journal): Promise<{ records: unknown[]; corrupt: number }> {
  const records: unknown[] = [];
  const { corrupt } = await journal.drain(async (record) => void records.push(record));
  return { records, corrupt };
}

const newFolder = () => join(folderForTest(), "deep/journal");

/** The only file in a folder. */
async function theFile(folder: string): Promise<string> {
  const [name, ...others] = await readdir(folder);
  if (name === undefined || others.length > 0) throw new Error(`not one file: ${[name, ...others].join(", ")}`);
  return join(folder, name);
}

/** The prototype of file handles, so that a test can make the disk fail. Spies on it end with the test. */
async function fileHandles(): Promise<FileHandle> {
  onTestFinished(() => void vi.restoreAllMocks());
  const handle = await open("/dev/null");
  await handle.close();
  const shared: FileHandle = Object.getPrototypeOf(handle);
  return shared;
}

describe("the journal", () => {
  it("returns each record once, oldest first", async () => {
    const journal = await opened(newFolder());
    const records = [{ body: "one\ntwo" }, { body: "😀 \u2028 \u0000" }, { n: 3, nested: { list: [1, null] } }];
    for (const record of records) await journal.append(record);
    expect(journal.depth()).toBe(3);
    expect(await drained(journal)).toEqual({ records, corrupt: 0 });
    expect(journal.depth()).toBe(0);
    expect((await drained(journal)).records).toEqual([]);
  });

  it("survives the death of its process", async () => {
    const folder = newFolder();
    const first = await openJournal(folder);
    await first.append({ n: 1 });
    await first.append({ n: 2 });
    const second = await opened(folder);
    expect(second.depth()).toBe(2);
    expect((await drained(second)).records).toEqual([{ n: 1 }, { n: 2 }]);
    await first.close();
  });

  it("has each record in its file when its append resolves", async () => {
    const folder = newFolder();
    const journal = await opened(folder);
    for (let n = 1; n <= 3; n++) {
      await journal.append({ n });
      expect((await readFile(await theFile(folder), "utf8")).trimEnd().split("\n")).toHaveLength(n);
    }
  });

  it("has synced each record, and a new file's folder, when its append resolves", async () => {
    const handles = await fileHandles();
    const synced: string[] = [];
    const original = handles.sync;
    vi.spyOn(handles, "sync").mockImplementation(async function (this: FileHandle) {
      const stats = await this.stat();
      synced.push(stats.isDirectory() ? "the folder" : `${stats.size} bytes`);
      return original.call(this);
    });
    const folder = newFolder();
    const journal = await opened(folder);
    await journal.append({ n: 1 });
    const { length } = await readFile(await theFile(folder));
    expect(synced).toEqual(["the folder", `${length} bytes`]);
    await journal.append({ n: 2 });
    expect(synced.slice(2)).toEqual([`${2 * length} bytes`]);
  });

  it("rejects a record that could not be synced", async () => {
    const journal = await opened(newFolder());
    await journal.append({ n: 1 });
    vi.spyOn(await fileHandles(), "sync").mockRejectedValueOnce(new Error("EIO: i/o error, fsync"));
    await expect(journal.append({ n: 2 })).rejects.toThrow("EIO");
    expect(journal.depth()).toBe(1);
    expect(await drained(journal)).toEqual({ records: [{ n: 1 }], corrupt: 0 });
  });

  it("starts a new line after a full disk took half a record", async () => {
    const handles = await fileHandles();
    const original = handles.appendFile;
    vi.spyOn(handles, "appendFile").mockImplementationOnce(async function (this: FileHandle, line) {
      await original.call(this, String(line).slice(0, 20));
      throw new Error("ENOSPC: no space left on device, write");
    });
    const journal = await opened(newFolder());
    await expect(journal.append({ n: 1 })).rejects.toThrow("ENOSPC");
    await journal.append({ n: 2 });
    expect(await drained(journal)).toEqual({ records: [{ n: 2 }], corrupt: 0 });
  });

  it("keeps concurrent appends in order and intact", async () => {
    const folder = newFolder();
    const journal = await opened(folder);
    const records = Array.from({ length: 50 }, (_, n) => ({ n, body: "x".repeat(n * 100) }));
    await Promise.all(records.map((record) => journal.append(record)));
    await journal.close();
    expect((await drained(await opened(folder))).records).toEqual(records);
  });

  it("accepts appends during a drain at once, and keeps them for the next one", async () => {
    const journal = await opened(newFolder());
    await journal.append({ n: 1 });
    const taken: unknown[] = [];
    await journal.drain(async (record) => {
      taken.push(record);
      await journal.append({ n: 2 });
    });
    expect(taken).toEqual([{ n: 1 }]);
    expect(journal.depth()).toBe(1);
    expect((await drained(journal)).records).toEqual([{ n: 2 }]);
  });

  it("keeps the failed record and the rest if a drain fails half way", async () => {
    const folder = newFolder();
    const journal = await opened(folder);
    for (let n = 1; n <= 5; n++) await journal.append({ n });
    let taken = 0;
    const failing = journal.drain(async () => {
      if (taken === 2) throw new Error("the database went away");
      taken += 1;
    });
    await expect(failing).rejects.toThrow("the database went away");
    await journal.append({ n: 6 });
    await journal.close();
    // An unfinished file is read again as a whole: `take` recognises repetitions.
    expect((await drained(await opened(folder))).records).toEqual([1, 2, 3, 4, 5, 6].map((n) => ({ n })));
  });

  it("leaves no file behind once it is empty", async () => {
    const folder = newFolder();
    const journal = await opened(folder);
    await journal.append({ n: 1 });
    await drained(journal);
    expect(await readdir(folder)).toEqual([]);
  });

  it("rejects a record that cannot be written, and continues", async () => {
    const journal = await opened(newFolder());
    const endless: { self?: object } = {};
    endless.self = endless;
    await expect(journal.append(endless)).rejects.toThrow(/circular/i);
    await journal.append({ n: 1 });
    expect((await drained(journal)).records).toEqual([{ n: 1 }]);
  });

  it("cannot be opened if its folder cannot be created", async () => {
    await expect(openJournal("/dev/null/journal")).rejects.toThrow();
  });
});

describe("a journal folder shared by several processes", () => {
  it("delivers each record at least once while some drain and others append", async () => {
    const folder = newFolder();
    const journals = await Promise.all([opened(folder), opened(folder), opened(folder)]);
    const seen = new Set<unknown>();
    const take = async (record: unknown): Promise<void> => void seen.add(JSON.stringify(record));
    const expected: string[] = [];
    const writing = journals.map(async (journal, writer) => {
      for (let n = 0; n < 60; n++) {
        expected.push(JSON.stringify({ writer, n }));
        await journal.append({ writer, n });
        if (n % 7 === writer) await journal.drain(take);
      }
    });
    await Promise.all(writing);
    for (const journal of journals) await journal.drain(take);
    expect(seen).toEqual(new Set(expected));
    expect(await readdir(folder)).toEqual([]);
  });

  it("loses nothing that is appended to a file just renamed", async () => {
    const folder = newFolder();
    const journal = await opened(folder);
    await journal.append({ n: 1 });
    const file = await theFile(folder);
    await rename(file, `${file}.taken`);
    await journal.append({ n: 2 });
    const { records } = await drained(await opened(folder));
    expect(records).toContainEqual({ n: 1 });
    expect(records).toContainEqual({ n: 2 });
  });

  it("finishes a file whose reader died", async () => {
    const folder = newFolder();
    const first = await opened(folder);
    await first.append({ n: 1 });
    const file = await theFile(folder);
    await rename(file, `${file}.taken`);
    expect((await drained(await opened(folder))).records).toEqual([{ n: 1 }]);
  });
});

describe("a journal damaged by a crash", () => {
  const written = async (count: number): Promise<{ folder: string; file: string }> => {
    const folder = newFolder();
    const journal = await openJournal(folder);
    for (let n = 1; n <= count; n++) await journal.append({ n });
    await journal.close();
    return { folder, file: await theFile(folder) };
  };
  const keptBeside = async (folder: string): Promise<string> => {
    const name = (await readdir(folder)).find((candidate) => candidate.endsWith(".corrupt"));
    return readFile(join(folder, name ?? "none"), "utf8");
  };

  it("saves a half-written last line as .corrupt, and reports it once", async () => {
    const { folder, file } = await written(2);
    await appendFile(file, '0123456789abcdef {"n":3,"bo');
    const journal = await opened(folder);
    expect(journal.depth()).toBe(2);
    await journal.append({ n: 4 });
    expect(await drained(journal)).toEqual({ records: [{ n: 1 }, { n: 2 }, { n: 4 }], corrupt: 1 });
    expect((await drained(journal)).corrupt).toBe(0);
    expect(await keptBeside(folder)).toContain('{"n":3,"bo');
  });

  it("keeps the records around a damaged line", async () => {
    const { folder, file } = await written(3);
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace('{"n":2}', '{"n":9}'));
    expect(await drained(await opened(folder))).toEqual({ records: [{ n: 1 }, { n: 3 }], corrupt: 1 });
    expect(await keptBeside(folder)).toContain('{"n":9}');
  });

  it("reports a damaged line once, even if its file is read again", async () => {
    const { folder, file } = await written(1);
    await appendFile(file, "damaged\n");
    const journal = await opened(folder);
    await expect(journal.drain(() => Promise.reject(new Error("not now")))).rejects.toThrow("not now");
    expect(await drained(journal)).toEqual({ records: [{ n: 1 }], corrupt: 0 });
    expect(await keptBeside(folder)).toBe("damaged\n");
  });

  it("survives truncation at any byte: returns complete records and nothing else", async () => {
    const { file } = await written(3);
    const bytes = await readFile(file);
    const lineLength = bytes.length / 3;
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: bytes.length }), async (cut) => {
        const folder = folderForTest();
        await writeFile(join(folder, "1.journal"), bytes.subarray(0, cut));
        const journal = await openJournal(folder);
        const { records } = await drained(journal);
        await journal.close();
        // A line that lacks only its line feed is complete.
        expect(records).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }].slice(0, Math.floor((cut + 1) / lineLength)));
      }),
      { numRuns: 30 },
    );
  });
});
