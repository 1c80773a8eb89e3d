import { appendFile, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { openJournal, type Journal } from "./journal.ts";
import { folderForTest } from "./testing.ts";

async function opened(file: string): Promise<Journal> {
  const journal = await openJournal(file);
  onTestFinished(() => journal.close());
  return journal;
}

/** Everything that a journal holds, oldest first; it is empty after. */
async function drained(journal: Journal): Promise<{ records: unknown[]; corrupt: number }> {
  const records: unknown[] = [];
  const { corrupt } = await journal.drain(async (record) => void records.push(record));
  return { records, corrupt };
}

const newFile = () => join(folderForTest(), "deep/callbacks.journal");

describe("the journal", () => {
  it("gives back what it took, oldest first, once", async () => {
    const journal = await opened(newFile());
    const records = [{ body: "one\ntwo" }, { body: "😀 \u2028 \u0000" }, { n: 3, nested: { list: [1, null] } }];
    for (const record of records) await journal.append(record);
    expect(journal.depth()).toBe(3);
    expect(await drained(journal)).toEqual({ records, corrupt: 0 });
    expect(journal.depth()).toBe(0);
    expect((await drained(journal)).records).toEqual([]);
  });

  it("is there again after the process died", async () => {
    const file = newFile();
    const first = await openJournal(file);
    await first.append({ n: 1 });
    await first.append({ n: 2 });
    const second = await opened(file);
    expect(second.depth()).toBe(2);
    expect((await drained(second)).records).toEqual([{ n: 1 }, { n: 2 }]);
    await first.close();
  });

  it("has each record on the disk when its append resolves", async () => {
    const file = newFile();
    const journal = await opened(file);
    for (let n = 1; n <= 3; n++) {
      await journal.append({ n });
      expect((await readFile(file, "utf8")).trimEnd().split("\n")).toHaveLength(n);
    }
  });

  it("keeps appends that come at once in their order, each whole", async () => {
    const file = newFile();
    const journal = await opened(file);
    const records = Array.from({ length: 50 }, (_, n) => ({ n, body: "x".repeat(n * 100) }));
    await Promise.all(records.map((record) => journal.append(record)));
    await journal.close();
    expect((await drained(await opened(file))).records).toEqual(records);
  });

  it("takes appends while it is drained, and keeps them for the next time", async () => {
    const journal = await opened(newFile());
    await journal.append({ n: 1 });
    const taken: unknown[] = [];
    const late: Promise<void>[] = [];
    await journal.drain(async (record) => {
      taken.push(record);
      late.push(journal.append({ n: 2 }));
    });
    await Promise.all(late);
    expect(taken).toEqual([{ n: 1 }]);
    expect((await drained(journal)).records).toEqual([{ n: 2 }]);
  });

  it("keeps the rest when taking fails half way, and the one that failed", async () => {
    const file = newFile();
    const journal = await opened(file);
    for (let n = 1; n <= 5; n++) await journal.append({ n });
    let taken = 0;
    const failing = journal.drain(async () => {
      if (taken === 2) throw new Error("the database went away");
      taken += 1;
    });
    await expect(failing).rejects.toThrow("the database went away");
    expect(journal.depth()).toBe(3);
    await journal.append({ n: 6 });
    await journal.close();
    expect((await drained(await opened(file))).records).toEqual([{ n: 3 }, { n: 4 }, { n: 5 }, { n: 6 }]);
  });

  it("keeps all when the very first cannot be taken", async () => {
    const journal = await opened(newFile());
    await journal.append({ n: 1 });
    await expect(journal.drain(() => Promise.reject(new Error("not now")))).rejects.toThrow("not now");
    expect((await drained(journal)).records).toEqual([{ n: 1 }]);
  });

  it("leaves no file behind once it is empty", async () => {
    const file = newFile();
    const journal = await opened(file);
    await journal.append({ n: 1 });
    await drained(journal);
    await expect(stat(file)).rejects.toThrow("ENOENT");
  });

  it("refuses an append that the disk does not take, and goes on", async () => {
    const folder = folderForTest();
    const journal = await opened(join(folder, "a.journal"));
    const endless: { self?: object } = {};
    endless.self = endless;
    await expect(journal.append(endless)).rejects.toThrow(/circular/i);
    await journal.append({ n: 1 });
    expect((await drained(journal)).records).toEqual([{ n: 1 }]);
  });

  it("cannot be opened where no folder can be made", async () => {
    await expect(openJournal("/dev/null/a.journal")).rejects.toThrow();
  });
});

describe("a journal that a crash has damaged", () => {
  const written = async (count: number): Promise<string> => {
    const file = newFile();
    const journal = await openJournal(file);
    for (let n = 1; n <= count; n++) await journal.append({ n });
    await journal.close();
    return file;
  };

  it("loses a half written tail, keeps it beside, and says so once", async () => {
    const file = await written(2);
    await appendFile(file, '0123456789abcdef {"n":3,"bo');
    const journal = await opened(file);
    expect(journal.depth()).toBe(2);
    await journal.append({ n: 4 });
    expect(await drained(journal)).toEqual({ records: [{ n: 1 }, { n: 2 }, { n: 4 }], corrupt: 1 });
    expect((await drained(journal)).corrupt).toBe(0);
    expect(await readFile(`${file}.corrupt`, "utf8")).toContain('{"n":3,"bo');
  });

  it("keeps what stands around a damaged line in the middle", async () => {
    const file = await written(3);
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace('{"n":2}', '{"n":9}'));
    const journal = await opened(file);
    expect(await drained(journal)).toEqual({ records: [{ n: 1 }, { n: 3 }], corrupt: 1 });
    expect(await readFile(`${file}.corrupt`, "utf8")).toContain('{"n":9}');
  });

  it("keeps a line beside that was damaged while it was open, and reports it", async () => {
    const file = await written(1);
    const journal = await opened(file);
    await appendFile(file, "damaged\n");
    await journal.append({ n: 2 });
    expect(await drained(journal)).toEqual({ records: [{ n: 1 }, { n: 2 }], corrupt: 1 });
    expect(await readFile(`${file}.corrupt`, "utf8")).toContain("damaged");
    await journal.append({ n: 3 });
    expect((await drained(journal)).records).toEqual([{ n: 3 }]);
  });

  it("survives a cut at any byte: what was whole comes back, nothing else", async () => {
    const file = await written(3);
    const bytes = await readFile(file);
    const lineLength = bytes.length / 3;
    const folder = folderForTest();
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: bytes.length }), async (cut) => {
        const cutFile = join(folder, `${cut}.journal`);
        await writeFile(cutFile, bytes.subarray(0, cut));
        const journal = await openJournal(cutFile);
        const { records } = await drained(journal);
        await journal.close();
        // A line that lacks only its line feed is whole.
        expect(records).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }].slice(0, Math.floor((cut + 1) / lineLength)));
      }),
      { numRuns: 30 },
    );
  });
});
