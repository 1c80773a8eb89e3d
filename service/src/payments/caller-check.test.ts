import { describe, expect, it } from "vitest";
import { testLogger } from "../platform/testing.ts";
import { createCallerCheck } from "./caller-check.ts";

function setUp(callbackIps: Parameters<typeof createCallerCheck>[0]["callbackIps"]) {
  const { logger, lines } = testLogger();
  let counted = 0;
  const metrics = { callbackFromElsewhere: () => void (counted += 1) };
  return { isTrusted: createCallerCheck({ callbackIps, metrics, logger }), lines, counted: () => counted };
}

const known = ["196.201.214.200", "196.201.213.0/24"];

describe("the caller of a callback", () => {
  it("is trusted from anywhere by default; from elsewhere it is counted, and logged once for each address", () => {
    const { isTrusted, lines, counted } = setUp({ known, isRequired: false });
    for (const address of ["196.201.214.200", "196.201.213.7", "172.18.0.1", "172.18.0.1", "172.18.0.2"])
      expect(isTrusted(address)).toBe(true);
    expect(counted()).toBe(3);
    expect(lines.map((line) => /"level":"warn".*"remoteAddress":"([^"]+)"/.exec(line)?.[1])).toEqual(["172.18.0.1", "172.18.0.2"]);
    expect(lines.join("")).toContain("TRUST_PROXY");
  });

  it("is not trusted from elsewhere if addresses are required", () => {
    const { isTrusted, lines, counted } = setUp({ known, isRequired: true });
    expect(["196.201.214.200", "196.201.213.7", "172.18.0.1", "unknown", ""].map(isTrusted)).toEqual([true, true, false, false, false]);
    expect(counted()).toBe(3);
    expect(lines.join("")).toContain("MPESA_CALLBACK_IPS");
  });

  it("is not looked at if it is not Safaricom who calls", () => {
    const { isTrusted, lines, counted } = setUp(null);
    expect(isTrusted("127.0.0.1")).toBe(true);
    expect([lines.length, counted()]).toEqual([0, 0]);
  });

  it("does not fill the log", () => {
    const { isTrusted, lines } = setUp({ known, isRequired: true });
    for (let host = 0; host < 200; host++) isTrusted(`192.0.2.${host}`);
    expect(lines).toHaveLength(20);
  });
});
