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

test("opens after troubles in a row, lets one call try after its time, and closes when that one works", async () => {
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

test("while one call tries, the others are refused at once instead of waiting for it", async () => {
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

test("of two calls that come when its time is over, one tries", async () => {
  const { call } = circuit();
  for (let round = 0; round < 3; round += 1) await call(true);
  vi.setSystemTime(1_010_000);
  expect(await Promise.all([call(false), call(false)])).toEqual([{ result: "ran" }, { refusedForMs: 1_000 }]);
});
