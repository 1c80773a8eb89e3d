import { beforeEach, expect, it } from "vitest";
import { hashSecret } from "../platform/ids.ts";
import { testClock } from "../platform/testing.ts";
import { createSiteDirectory, type SiteDirectory } from "./site-directory.ts";
import type { Site } from "./site.ts";

const deployment = { consumerKey: "deployment", consumerSecret: "s", shortcode: "174379", passkey: "p" };
const ownAccount = { ...deployment, consumerKey: "own" };

function newSite(name: string, facts: Partial<Site> = {}): Site {
  return {
    id: `site_${name}`,
    name,
    allowedOrigins: [`https://${name}.example`],
    publishableKey: `pk_${name}`,
    secretKeyHash: hashSecret(`sk_${name}`),
    webhookUrl: null,
    mpesa: null,
    sessionTypes: [],
    ...facts,
  };
}

const clock = testClock();
let rows: Site[];
let readings: number;
let fails: boolean;
let directory: SiteDirectory;
beforeEach(() => {
  rows = [newSite("amani"), newSite("baraka", { mpesa: ownAccount })];
  readings = 0;
  fails = false;
  const all = async (): Promise<Site[]> => {
    readings += 1;
    if (fails) throw new Error("the database is away");
    return rows;
  };
  directory = createSiteDirectory({ all, add: () => Promise.reject(new Error("not here")) }, clock.now, deployment);
});

it("finds a site by its id or either key, case-sensitively", async () => {
  expect((await directory.byId("site_amani"))?.name).toBe("amani");
  expect((await directory.byPublishableKey("pk_baraka"))?.name).toBe("baraka");
  expect((await directory.bySecretKey("sk_amani"))?.name).toBe("amani");
  for (const key of ["pk_Amani", "pk_aman", "pk_amanis", "sk_amani", ""]) expect(await directory.byPublishableKey(key)).toBeNull();
  for (const key of ["pk_amani", hashSecret("sk_amani"), ""]) expect(await directory.bySecretKey(key)).toBeNull();
});

it("knows an origin if any site allows it", async () => {
  expect(await directory.isKnownOrigin("https://baraka.example")).toBe(true);
  expect(await directory.isKnownOrigin("https://baraka.example.evil.example")).toBe(false);
  expect(await directory.isKnownOrigin("null")).toBe(false);
});

it("a site without its own account uses the deployment's", async () => {
  expect(await directory.credentialsOf("site_amani")).toEqual(deployment);
  expect(await directory.credentialsOf("site_baraka")).toEqual(ownAccount);
});

it("reads the table once for many lookups, and again after two seconds", async () => {
  await Promise.all([
    directory.byId("site_amani"),
    directory.byPublishableKey("pk_baraka"),
    directory.isKnownOrigin("https://amani.example"),
  ]);
  expect(readings).toBe(1);
  clock.advance(2_000);
  await directory.byId("site_amani");
  expect(readings).toBe(2);
});

it("finds a site that was just added, although the cache is fresh", async () => {
  await directory.byId("site_amani");
  rows = [...rows, newSite("chema")];
  clock.advance(500);
  expect((await directory.byPublishableKey("pk_chema"))?.name).toBe("chema");
});

it("does not read the table for each invented key", async () => {
  await directory.byId("site_amani");
  clock.advance(500);
  for (let index = 0; index < 50; index++) await directory.byPublishableKey(`pk_made_up_${index}`);
  expect(readings).toBe(2);
});

it("keeps cached sites while the database is down; without a cache, it throws", async () => {
  await directory.byId("site_amani");
  fails = true;
  clock.advance(10_000);
  expect((await directory.byId("site_amani"))?.name).toBe("amani");
  expect(readings).toBe(2);
  const fresh = createSiteDirectory(
    { all: () => Promise.reject(new Error("the database is away")), add: () => Promise.reject(new Error("not here")) },
    clock.now,
    null,
  );
  await expect(fresh.byId("site_amani")).rejects.toThrow("the database is away");
});
