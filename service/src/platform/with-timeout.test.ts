import { expect, it } from "vitest";
import { withTimeout } from "./with-timeout.ts";

const never = new Promise<string>(() => undefined);

it("returns the result or the error of work that finishes in time", async () => {
  expect(await withTimeout(Promise.resolve("done"), 60_000, () => "late")).toBe("done");
  await expect(withTimeout(Promise.reject(new Error("refused")), 60_000, () => "late")).rejects.toThrow("refused");
});

it("returns what onTimeout gives if the work takes too long", async () => {
  expect(await withTimeout(never, 1, () => "late")).toBe("late");
  const refuse = (): string => {
    throw new Error("took too long");
  };
  await expect(withTimeout(never, 1, refuse)).rejects.toThrow("took too long");
});

it("a late failure is not an unhandled rejection", async () => {
  const { promise, reject } = Promise.withResolvers<string>();
  expect(await withTimeout(promise, 1, () => "late")).toBe("late");
  const unhandled: unknown[] = [];
  process.once("unhandledRejection", (reason) => unhandled.push(reason));
  reject(new Error("too late"));
  await new Promise((resolve) => setImmediate(resolve));
  expect(unhandled).toEqual([]);
});
