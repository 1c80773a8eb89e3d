import { describe, expect, it } from "vitest";
import { createInProcessHub } from "./channel-hub.ts";

describe("the in-process hub", () => {
  it("notifies every listener of a channel, and nobody else", async () => {
    const hub = createInProcessHub();
    const notified: string[] = [];
    await hub.subscribe("a", () => void notified.push("a1"));
    await hub.subscribe("a", () => void notified.push("a2"));
    await hub.subscribe("b", () => void notified.push("b"));
    await hub.publish("a");
    expect(notified).toEqual(["a1", "a2"]);
  });

  it("does not notify a listener that unsubscribed; unsubscribing twice affects no other", async () => {
    const hub = createInProcessHub();
    let notified = 0;
    const listener = () => void (notified += 1);
    const stop = await hub.subscribe("a", listener);
    await hub.subscribe("a", () => void (notified += 10));
    stop();
    stop();
    await hub.publish("a");
    expect(notified).toBe(10);
  });

  it("listeners may unsubscribe and subscribe during a notification", async () => {
    const hub = createInProcessHub();
    const notified: string[] = [];
    const stop = await hub.subscribe("a", () => {
      notified.push("first");
      stop();
    });
    await hub.subscribe("a", () => void notified.push("second"));
    await hub.publish("a");
    await hub.publish("a");
    expect(notified).toEqual(["first", "second", "second"]);
  });

  it("publishing without listeners succeeds", async () => {
    const hub = createInProcessHub();
    await expect(hub.publish("nobody")).resolves.toBeUndefined();
    await hub.close();
  });

  it("a listener that throws affects neither the others nor the publisher", async () => {
    const hub = createInProcessHub();
    let notified = 0;
    await hub.subscribe("a", () => {
      throw new Error("a fault of its own");
    });
    await hub.subscribe("a", () => void (notified += 1));
    await expect(hub.publish("a")).resolves.toBeUndefined();
    expect(notified).toBe(1);
  });
});
