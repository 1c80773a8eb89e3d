import type { IncomingHttpHeaders } from "node:http";
import express, { type Request } from "express";
import { describe, expect, it, test } from "vitest";
import type { ApiKey } from "./api-key.ts";
import { callerByKey, requireBookingSite, requireServer, requireSite } from "./site-access.ts";
import type { SiteDirectory } from "./site-directory.ts";
import type { Site } from "./site.ts";

const site: Site = {
  id: "site_amani",
  name: "Amani Tutors",
  allowedOrigins: ["https://amani.example"],
  publishableKey: "pk_amani",
  webhookUrl: null,
  mpesaAccountId: null,
  sessionTypes: [],
};

function newKey(siteId: string, access: ApiKey["access"]): ApiKey {
  const times = { createdAtMs: 0, lastUsedAtMs: null, endsAtMs: null };
  return { id: `key_${access}`, siteId, name: "site file", access, hash: "", ending: null, ...times };
}

const keys: Record<string, ApiKey> = {
  sk_amani: newKey(site.id, "full"),
  rk_amani: newKey(site.id, "read"),
  sk_baraka: newKey("site_baraka", "full"),
};

const sites: SiteDirectory = {
  byId: async (id) => (id === site.id ? site : null),
  byPublishableKey: async (key) => (key === site.publishableKey ? site : null),
  bySecretKey: async (key) => {
    const found = keys[key];
    return found ? { site: found.siteId === site.id ? site : { ...site, id: found.siteId }, key: found } : null;
  },
  isKnownOrigin: async () => true,
  accounts: { ofSite: async () => null, ofPayment: async () => null, ofShortcode: async () => null, isUnreadable: async () => false },
  isAloneOnAccount: async () => false,
  unreadable: async () => [],
  reread: () => undefined,
  logUnreadable: async () => undefined,
};

const app = express();
/** A request with these headers, as Express passes it on. */
function requestWith(headers: IncomingHttpHeaders, method = "POST"): Request {
  const request: Request = Object.create(app.request, { headers: { value: headers }, method: { value: method } });
  return request;
}

describe("the origin of a request about a booking", () => {
  it("must be allowed by the booking's site", async () => {
    await expect(requireBookingSite(sites, requestWith({ origin: "https://amani.example" }), site.id)).resolves.toBeUndefined();
  });

  it("may be missing: servers and same-origin pages send none", async () => {
    await expect(requireBookingSite(sites, requestWith({}), site.id)).resolves.toBeUndefined();
  });

  test.each([
    "https://evil.example",
    "http://amani.example",
    "https://amani.example:8443",
    "https://www.amani.example",
    "https://amani.example.evil.example",
    "https://AMANI.example",
    "null",
    "",
  ])("%j is refused", async (origin) => {
    await expect(requireBookingSite(sites, requestWith({ origin }), site.id)).rejects.toMatchObject({ code: "origin_not_allowed" });
  });

  it("is refused if the site no longer exists", async () => {
    await expect(requireBookingSite(sites, requestWith({ origin: "https://amani.example" }), "site_gone")).rejects.toMatchObject({
      code: "origin_not_allowed",
    });
  });
});

describe("the key of a request about a booking", () => {
  test.each<IncomingHttpHeaders>([
    { authorization: "Bearer sk_amani" },
    { "x-site-key": "pk_amani" },
    { authorization: "Basic c2tfYW1hbmk=" },
  ])("is the site's, or none: %j", async (headers) => {
    await expect(requireBookingSite(sites, requestWith(headers), site.id)).resolves.toBeUndefined();
  });

  test.each<[IncomingHttpHeaders, string]>([
    [{ authorization: "Bearer sk_baraka" }, "booking_not_found"],
    [{ authorization: "Bearer sk_other" }, "site_key_unknown"],
    [{ "x-site-key": "pk_other" }, "site_key_unknown"],
    [{ authorization: "Bearer rk_amani" }, "key_read_only"],
  ])("is refused: %j", async (headers, code) => {
    await expect(requireBookingSite(sites, requestWith(headers), site.id)).rejects.toMatchObject({ code });
  });
});

describe("a key that may only read", () => {
  test.each(["GET", "HEAD"])("may %s", async (method) => {
    await expect(requireServer(sites, requestWith({ authorization: "Bearer rk_amani" }, method))).resolves.toEqual(site);
  });

  test.each(["POST", "PUT", "PATCH", "DELETE"])("may not %s", async (method) => {
    const request = requestWith({ authorization: "Bearer rk_amani" }, method);
    await expect(requireServer(sites, request)).rejects.toMatchObject({ code: "key_read_only" });
  });
});

describe("the caller", () => {
  it("is a browser with the publishable key", async () => {
    expect(await requireSite(sites, requestWith({ "x-site-key": "pk_amani", origin: "https://amani.example" }))).toEqual({
      site,
      isServer: false,
      key: null,
    });
  });

  test.each(["Bearer sk_amani", "bearer sk_amani", "Bearer   sk_amani"])("is the site's server with %j", async (authorization) => {
    expect(await requireSite(sites, requestWith({ authorization }))).toEqual({ site, isServer: true, key: keys["sk_amani"] });
  });

  it("is identified by the secret key if both keys are sent", async () => {
    expect(await requireSite(sites, requestWith({ authorization: "Bearer sk_amani", "x-site-key": "pk_other" }))).toMatchObject({
      isServer: true,
    });
    await expect(requireSite(sites, requestWith({ authorization: "Bearer sk_other", "x-site-key": "pk_amani" }))).rejects.toMatchObject({
      code: "site_key_unknown",
    });
  });

  test.each<[string, IncomingHttpHeaders, string]>([
    ["no key", {}, "site_key_missing"],
    ["another scheme", { authorization: "Basic c2tfYW1hbmk=" }, "site_key_missing"],
    ["a bearer within another scheme", { authorization: "Basic Bearer sk_amani" }, "site_key_missing"],
    ["a bearer without a token", { authorization: "Bearer " }, "site_key_missing"],
    ["an unknown key", { "x-site-key": "pk_other" }, "site_key_unknown"],
    ["an empty key", { "x-site-key": "" }, "site_key_unknown"],
    ["a publishable key as a secret one", { authorization: "Bearer pk_amani" }, "site_key_unknown"],
    ["a secret key as a publishable one", { "x-site-key": "sk_amani" }, "site_key_unknown"],
    [
      "a page of an origin that the site does not allow",
      { "x-site-key": "pk_amani", origin: "https://evil.example" },
      "origin_not_allowed",
    ],
    ["a secret key in another site's page", { authorization: "Bearer sk_amani", origin: "https://evil.example" }, "origin_not_allowed"],
  ])("%s is refused", async (_what, headers, code) => {
    await expect(requireSite(sites, requestWith(headers))).rejects.toMatchObject({ code });
  });
});

test.each([
  ["sk_amani", "manager"],
  ["rk_amani", "viewer"],
])("the server with %s has the role %s", async (key, role) => {
  const caller = await callerByKey(sites, requestWith({ authorization: `Bearer ${key}` }, "GET"));
  expect(caller).toMatchObject({ site, role, by: "key", personId: null });
});
