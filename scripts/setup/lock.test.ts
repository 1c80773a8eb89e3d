import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { withLock } from "./lock.mjs";

let lock: string;

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), "somopay-lock-"));
  lock = join(folder, "cache", "lock");
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

test("one works at a time, and the lock is gone afterwards", async () => {
  let atWork = 0;
  let most = 0;
  const work = async () => {
    atWork += 1;
    most = Math.max(most, atWork);
    await new Promise((resolve) => setImmediate(resolve));
    atWork -= 1;
  };
  await Promise.all([withLock(lock, work), withLock(lock, work), withLock(lock, work)]);
  expect(most).toBe(1);
  expect(existsSync(lock)).toBe(false);
});

test("the one that waits is told for whom", async () => {
  const waitedFor: unknown[] = [];
  let finish = () => {};
  const first = withLock(lock, () => new Promise<void>((resolve) => (finish = resolve)));
  const second = withLock(
    lock,
    () => Promise.resolve("second"),
    (pid) => {
      waitedFor.push(pid);
      finish();
    },
  );
  await first;
  expect(await second).toBe("second");
  expect(waitedFor).toEqual([process.pid]);
});

test("failed work lets go of the lock", async () => {
  await expect(withLock(lock, () => Promise.reject(new Error("no space")))).rejects.toThrow("no space");
  expect(existsSync(lock)).toBe(false);
});

test("the lock of a process that is gone is taken over", async () => {
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  mkdirSync(lock, { recursive: true });
  writeFileSync(join(lock, "pid"), String(child.pid));
  expect(await withLock(lock, () => Promise.resolve("done"))).toBe("done");
});

test("a lock without an owner is taken over once it is old", async () => {
  mkdirSync(lock, { recursive: true });
  const longAgo = new Date(Date.now() - 60_000);
  utimesSync(lock, longAgo, longAgo);
  expect(await withLock(lock, () => Promise.resolve("done"))).toBe("done");
});
