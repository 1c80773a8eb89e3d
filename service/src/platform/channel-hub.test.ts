import { describe, expect, it } from "vitest";
import { createInProcessHub } from "./channel-hub.ts";

describe("the hub of one process", () => {
  it("wakes every listener of a channel, and nobody else", async () => {
    const hub = createInProcessHub();
    const woken: string[] = [];
    await hub.subscribe("a", () => void woken.push("a1"));
    await hub.subscribe("a", () => void woken.push("a2"));
    await hub.subscribe("b", () => void woken.push("b"));
    await hub.publish("a");
    expect(woken).toEqual(["a1", "a2"]);
  });

  it("wakes nobody who has stopped; stopping twice stops nobody else", async () => {
    const hub = createInProcessHub();
    let woken = 0;
    const wake = () => void (woken += 1);
    const stop = await hub.subscribe("a", wake);
    await hub.subscribe("a", () => void (woken += 10));
    stop();
    stop();
    await hub.publish("a");
    expect(woken).toBe(10);
  });

  it("a listener may stop, and another begin, while they are woken", async () => {
    const hub = createInProcessHub();
    const woken: string[] = [];
    const stop = await hub.subscribe("a", () => {
      woken.push("first");
      stop();
    });
    await hub.subscribe("a", () => void woken.push("second"));
    await hub.publish("a");
    await hub.publish("a");
    expect(woken).toEqual(["first", "second", "second"]);
  });

  it("nobody there is no failure", async () => {
    const hub = createInProcessHub();
    await expect(hub.publish("nobody")).resolves.toBeUndefined();
    expect(hub.state()).toBe("ready");
    await hub.close();
  });

  it("a listener that throws harms neither the others nor the one who publishes", async () => {
    const hub = createInProcessHub();
    let woken = 0;
    await hub.subscribe("a", () => {
      throw new Error("a fault of its own");
    });
    await hub.subscribe("a", () => void (woken += 1));
    await expect(hub.publish("a")).resolves.toBeUndefined();
    expect(woken).toBe(1);
  });
});
