import { beforeAll, expect, it } from "vitest";
import { insertTestSite } from "../../payments/testing.ts";
import { describeOnEachDatabase, testClock, testLogger } from "../../platform/testing.ts";
import { webhooksUnderTest } from "../webhooks-under-test.ts";
import { checkEndpoints, noteTry } from "./endpoint-health.ts";

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

describeOnEachDatabase("an endpoint that fails", (database) => {
  beforeAll(() => insertTestSite(database()));
  const failing = async () => {
    const { endpoints, added } = webhooksUnderTest(database());
    const endpoint = await added();
    const clock = testClock();
    const { logger, lines } = testLogger();
    const parts = { endpoints, now: clock.now, logger };
    const said = (what: string) => lines.filter((line) => line.includes(endpoint.id) && line.includes(what)).length;
    const present = () => endpoints.byId(null, endpoint.id);
    return { parts, endpoint, clock, said, present };
  };

  it("is told of at the first failure, after a day, and when it is disabled after five days; each once", async () => {
    const { parts, endpoint, clock, said, present } = await failing();
    await noteTry(parts, endpoint, "answered 500");
    await noteTry(parts, endpoint, "answered 502");
    expect(said("a webhook failed; retrying")).toBe(1);
    expect(await present()).toMatchObject({ failingSinceMs: clock.now(), lastFailure: "answered 502" });
    clock.advance(DAY_MS - 1);
    await checkEndpoints(parts);
    expect(said("has failed for a day")).toBe(0);
    clock.advance(1);
    await checkEndpoints(parts);
    await checkEndpoints(parts);
    expect(said("has failed for a day")).toBe(1);
    clock.advance(4 * DAY_MS - 1);
    await checkEndpoints(parts);
    expect(await present()).toMatchObject({ status: "enabled" });
    clock.advance(1);
    await checkEndpoints(parts);
    await checkEndpoints(parts);
    expect(await present()).toMatchObject({ status: "disabled", disabledWhy: "failing" });
    expect(said("it has failed for five days")).toBe(1);
  });

  it("starts anew after a success, and when it is enabled again", async () => {
    const { parts, endpoint, clock, said, present } = await failing();
    await noteTry(parts, endpoint, "answered 500");
    await noteTry(parts, endpoint, null);
    expect(await present()).toMatchObject({ failingSinceMs: null, lastFailure: null });
    clock.advance(6 * DAY_MS);
    await checkEndpoints(parts);
    expect(await present()).toMatchObject({ status: "enabled" });
    await noteTry(parts, endpoint, "answered 500");
    expect(said("a webhook failed; retrying")).toBe(2);
    await parts.endpoints.change(endpoint.id, { status: "disabled" }, clock.now());
    await parts.endpoints.change(endpoint.id, { status: "enabled" }, clock.now());
    expect(await present()).toMatchObject({ status: "enabled", disabledWhy: null, failingSinceMs: null });
  });
});
