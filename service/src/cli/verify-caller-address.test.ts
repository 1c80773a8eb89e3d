import express from "express";
import { expect, test } from "vitest";
import type { Config } from "../config.ts";
import { verifyCallerAddress } from "./verify-caller-address.ts";

const DOCTOR = "198.51.100.7";
const CLAIMED = "203.0.113.9";

/** As Express trusts it. */
function verify(trustProxy: Config["trustProxy"], addresses: readonly string[], isHttps = true) {
  const app = express();
  app.set("trust proxy", trustProxy);
  const isTrusted: (address: string, hop: number) => boolean = app.get("trust proxy fn");
  const hops = addresses.map((address, hop) => ({ address, isTrusted: isTrusted(address, hop) }));
  return verifyCallerAddress({ hops, claimed: CLAIMED, isHttps, trustProxy });
}

const privateNetworks = ["loopback", "uniquelocal"];
/** From the service outwards. */
const direct = [DOCTOR, CLAIMED];
const oneProxy = ["172.18.0.5", DOCTOR, CLAIMED];
const twoProxies = ["172.18.0.5", "172.18.0.1", DOCTOR, CLAIMED];
const publicBalancer = ["172.18.0.5", "192.0.2.80", DOCTOR, CLAIMED];
const replacingProxy = ["172.18.0.5", DOCTOR];

test.each<[string, Config["trustProxy"], readonly string[]]>([
  ["one proxy, and 1", 1, oneProxy],
  ["two proxies, and 2", 2, twoProxies],
  ["one proxy, and private networks", privateNetworks, oneProxy],
  ["two proxies, and private networks", privateNetworks, twoProxies],
  ["a proxy that replaces the header, and 1", 1, replacingProxy],
  ["a load balancer with a public address that is named", [...privateNetworks, "192.0.2.80"], publicBalancer],
])("right: %s", (_what, trustProxy, hops) => {
  expect(verify(trustProxy, hops)).toEqual({
    ok: true,
    message: expect.stringMatching(/^198\.51\.100\.7, through .*TRUST_PROXY is right$/),
  });
});

test("right: no proxy, and nothing", () => {
  expect(verify(false, direct, false)).toEqual({ ok: true, message: expect.stringContaining("through no proxy") });
});

test.each<[string, Config["trustProxy"], readonly string[], RegExp]>([
  ["TLS in front of the compose file's proxy, and 1", 1, twoProxies, /takes 172\.18\.0\.1, a proxy, .* Set TRUST_PROXY=2$/],
  ["a proxy, and nothing", false, oneProxy, /takes 172\.18\.0\.5, a proxy, .* Set TRUST_PROXY=1$/],
  [
    "a load balancer with a public address, and private networks",
    privateNetworks,
    publicBalancer,
    /takes 192\.0\.2\.80.*Set TRUST_PROXY=2$/,
  ],
  ["one proxy, and 2", 2, oneProxy, /trusts whatever address a caller claims.*: set TRUST_PROXY=1$/],
  ["TLS ends at a proxy that adds no header, and nothing", false, ["172.18.0.5", CLAIMED], /X-Forwarded-For/],
  ["TLS ends at a proxy that adds no header, and 1", 1, ["172.18.0.5", CLAIMED], /X-Forwarded-For/],
])("wrong: %s", (_what, trustProxy, hops, message) => {
  expect(verify(trustProxy, hops)).toEqual({ ok: false, message: expect.stringMatching(message) });
});

test("wrong: no proxy, and 1", () => {
  expect(verify(1, direct, false)).toEqual({ ok: false, message: expect.stringMatching(/trusts whatever .*: unset TRUST_PROXY$/) });
});

test("not to be told from inside the networks that are trusted", () => {
  const inside = ["172.18.0.5", "172.18.0.1", "172.18.0.7", CLAIMED];
  expect(verify(privateNetworks, inside)).toEqual({ ok: true, message: expect.stringMatching(/not checked from here.*172\.18\.0\.7/) });
});
