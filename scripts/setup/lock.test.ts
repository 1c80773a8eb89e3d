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

test("one process works at a time, and the lock is removed afterwards", async () => {
  let running = 0;
  let mostRunning = 0;
  const work = async () => {
    running += 1;
    mostRunning = Math.max(mostRunning, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
  };
  await Promise.all([withLock(lock, work), withLock(lock, work), withLock(lock, work)]);
  expect(mostRunning).toBe(1);
  expect(existsSync(lock)).toBe(false);
});

test("a process that waits learns which process holds the lock", async () => {
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

test("work that fails releases the lock", async () => {
  await expect(withLock(lock, () => Promise.reject(new Error("no space")))).rejects.toThrow("no space");
  expect(existsSync(lock)).toBe(false);
});

test("the lock of a process that has ended is taken over", async () => {
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
