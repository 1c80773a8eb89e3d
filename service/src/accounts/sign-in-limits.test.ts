import { afterEach, beforeEach, describe, expect, it, test, vi } from "vitest";
import { createSignInLimits, networkOf, type Trying } from "./sign-in-limits.ts";

const trying = (part: Partial<Trying> = {}): Trying => ({ email: "amina@example.com", address: "41.0.0.1", deviceId: null, ...part });
const locked = { code: "too_many_requests" };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("passwords", () => {
  it("are locked after ten, and the lock ends by itself", async () => {
    const limits = createSignInLimits(null);
    for (let index = 0; index < 10; index++) await limits.takePassword(trying({ address: `41.0.0.${index}` }));
    await expect(limits.takePassword(trying())).rejects.toMatchObject(locked);
    vi.advanceTimersByTime(14 * 60_000);
    await expect(limits.takePassword(trying())).rejects.toMatchObject(locked);
    vi.advanceTimersByTime(60_001);
    await expect(limits.takePassword(trying())).resolves.toBeTypeOf("function");
  });

  it("that were right are given back: whoever signs in often is not locked out", async () => {
    const limits = createSignInLimits(null);
    for (let index = 0; index < 300; index++) await (await limits.takePassword(trying()))();
    await expect(limits.takePassword(trying())).resolves.toBeTypeOf("function");
  });

  it("in a known browser are counted apart, whatever strangers do", async () => {
    const limits = createSignInLimits(null);
    for (let index = 0; index < 30; index++) await limits.takePassword(trying()).catch(() => undefined);
    for (let index = 0; index < 10; index++) await limits.takePassword(trying({ deviceId: "dev_1" }));
    await expect(limits.takePassword(trying({ deviceId: "dev_1" }))).rejects.toMatchObject(locked);
    await expect(limits.takePassword(trying({ deviceId: "dev_2" }))).resolves.toBeTypeOf("function");
  });

  it("of many accounts are counted by address", async () => {
    const limits = createSignInLimits(null);
    for (let index = 0; index < 100; index++) await limits.takePassword(trying({ email: `${index}@example.com` }));
    await expect(limits.takePassword(trying({ email: "last@example.com" }))).rejects.toMatchObject(locked);
    await expect(limits.takePassword(trying({ email: "last@example.com", address: "41.0.0.2" }))).resolves.toBeTypeOf("function");
  });
});

it("codes are locked after ten in six hours", async () => {
  const limits = createSignInLimits(null);
  for (let index = 0; index < 10; index++) await limits.takeCode(trying());
  vi.advanceTimersByTime(359 * 60_000);
  await expect(limits.takeCode(trying())).rejects.toMatchObject(locked);
  vi.advanceTimersByTime(60_001);
  await expect(limits.takeCode(trying())).resolves.toBeTypeOf("function");
});

describe("mail", () => {
  it("with a link for a new password goes to an address three times an hour", async () => {
    const limits = createSignInLimits(null);
    const sent: boolean[] = [];
    for (let index = 0; index < 4; index++) sent.push(await limits.mayMailReset("amina@example.com"));
    expect(sent).toEqual([true, true, true, false]);
    expect(await limits.mayMailReset("njeri@example.com")).toBe(true);
    vi.advanceTimersByTime(60 * 60_000 + 1);
    expect(await limits.mayMailReset("amina@example.com")).toBe(true);
  });

  it("with an invitation goes to an address three times an hour, from all sites, and a hundred times a day from a site", async () => {
    const limits = createSignInLimits(null);
    const sent: boolean[] = [];
    for (let index = 0; index < 4; index++) sent.push(await limits.mayMailInvitation(`site_${index}`, "amina@example.com"));
    expect(sent).toEqual([true, true, true, false]);
    for (let index = 0; index < 100; index++) await limits.mayMailInvitation("site_9", `${index}@example.com`);
    expect(await limits.mayMailInvitation("site_9", "last@example.com")).toBe(false);
  });
});

describe("an address", () => {
  test.each([
    ["41.0.0.1", "41.0.0.1"],
    ["::ffff:41.0.0.1", "41.0.0.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:db8:1:2::", "2001:db8:1:2"],
    ["2001:0db8:0001:0002::9", "2001:db8:1:2"],
    ["::1", "0:0:0:0"],
    ["", ""],
    ["not an address", "not an address"],
  ])("%s counts as %s", (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
