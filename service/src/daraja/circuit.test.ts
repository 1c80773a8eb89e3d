import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createCircuit } from "./circuit.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

function circuit() {
  const events: string[] = [];
  const made = createCircuit({ troublesToOpen: 3, openMs: 10_000, onOpen: () => events.push("open"), onClose: () => events.push("close") });
  const call = (troubled: boolean) =>
    made.run(
      async () => "ran",
      () => troubled,
    );
  return { made, call, events };
}

test("opens after consecutive failures, allows one trial call after openMs, and closes if it succeeds", async () => {
  const { made, call, events } = circuit();
  for (const troubled of [true, true, false, true, true]) expect(await call(troubled)).toEqual({ result: "ran" });
  expect(made.state()).toBe("closed");
  await call(true);
  expect(made.state()).toBe("open");
  expect(await call(false)).toEqual({ refusedForMs: 10_000 });
  vi.setSystemTime(1_009_000);
  expect(made.refusesForMs()).toBe(1_000);
  vi.setSystemTime(1_010_000);
  expect(made.refusesForMs()).toBeNull();
  expect(await call(false)).toEqual({ result: "ran" });
  expect(made.state()).toBe("closed");
  expect(events).toEqual(["open", "close"]);
});

test("refuses other calls at once during a trial call", async () => {
  const { made, call } = circuit();
  for (let round = 0; round < 3; round += 1) await call(true);
  vi.setSystemTime(1_010_000);
  let finish = (_troubled: boolean): void => undefined;
  const trial = made.run(
    () => new Promise<boolean>((resolve) => (finish = resolve)),
    (troubled) => troubled,
  );
  expect(made.state()).toBe("half-open");
  expect(await call(false)).toEqual({ refusedForMs: 1_000 });
  finish(true);
  await trial;
  expect(made.state()).toBe("open");
  expect(made.refusesForMs()).toBe(10_000);
});

test("allows one of two concurrent calls as the trial", async () => {
  const { call } = circuit();
  for (let round = 0; round < 3; round += 1) await call(true);
  vi.setSystemTime(1_010_000);
  expect(await Promise.all([call(false), call(false)])).toEqual([{ result: "ran" }, { refusedForMs: 1_000 }]);
});
