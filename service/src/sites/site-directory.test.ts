import { beforeEach, expect, it } from "vitest";
import { hashSecret } from "../platform/ids.ts";
import { testClock, testLogger } from "../platform/testing.ts";
import type { ApiKey } from "./api-key.ts";
import type { StoredAccount } from "./mpesa-account.ts";
import { createSiteDirectory, type SiteDirectory } from "./site-directory.ts";
import type { SiteRecords } from "./site-store.ts";
import type { Site, UnreadableSite } from "./site.ts";

const deployment = { consumerKey: "deployment", consumerSecret: "s", shortcode: "174379", passkey: "p" };
const ownAccount = { ...deployment, consumerKey: "own", shortcode: "600111" };

function newSite(name: string, facts: Partial<Site> = {}): Site {
  return {
    id: `site_${name}`,
    name,
    allowedOrigins: [`https://${name}.example`],
    publishableKey: `pk_${name}`,
    webhookUrl: null,
    mpesaAccountId: null,
    sessionTypes: [],
    ...facts,
  };
}

function newKey(site: string, facts: Partial<ApiKey> = {}): ApiKey {
  const made = { id: `key_${site}`, siteId: `site_${site}`, name: "site file", access: "full", hash: hashSecret(`sk_${site}`) } as const;
  return { ...made, ending: null, createdAtMs: 0, lastUsedAtMs: null, endsAtMs: null, ...facts };
}

const clock = testClock();
let keys: ApiKey[];
let used: string[];
let rows: Site[];
let accounts: StoredAccount[];
let unreadable: UnreadableSite[];
let readings: number;
let fails: boolean;
let directory: SiteDirectory;
let lines: string[];
beforeEach(() => {
  rows = [newSite("amani"), newSite("baraka", { mpesaAccountId: "acct_own" })];
  keys = [newKey("amani"), newKey("baraka")];
  used = [];
  accounts = [{ id: "acct_own", shortcode: "600111", credentials: ownAccount }];
  unreadable = [];
  readings = 0;
  fails = false;
  const all = async (): Promise<SiteRecords> => {
    readings += 1;
    if (fails) throw new Error("the database is away");
    return { sites: rows, keys, accounts, unreadable };
  };
  const log = testLogger();
  ({ lines } = log);
  directory = createSiteDirectory({
    store: { all },
    now: clock.now,
    deploymentCredentials: deployment,
    logger: log.logger,
    onKeyUsed: (id) => void used.push(id),
  });
});

it("finds a site by its id or either key, case-sensitively", async () => {
  expect((await directory.byId("site_amani"))?.name).toBe("amani");
  expect((await directory.byPublishableKey("pk_baraka"))?.name).toBe("baraka");
  expect((await directory.bySecretKey("sk_amani"))?.site.name).toBe("amani");
  for (const key of ["pk_Amani", "pk_aman", "pk_amanis", "sk_amani", ""]) expect(await directory.byPublishableKey(key)).toBeNull();
  for (const key of ["pk_amani", hashSecret("sk_amani"), ""]) expect(await directory.bySecretKey(key)).toBeNull();
});

it("knows each of a site's keys until it ends, and says which was used", async () => {
  const endsAtMs = clock.now() + 1_000;
  keys = [newKey("amani", { endsAtMs }), newKey("amani", { id: "key_new", hash: hashSecret("sk_new"), access: "read" })];
  expect((await directory.bySecretKey("sk_amani"))?.site.name).toBe("amani");
  expect(await directory.bySecretKey("sk_new")).toMatchObject({ site: { name: "amani" }, key: { access: "read" } });
  clock.advance(1_000);
  expect(await directory.bySecretKey("sk_amani")).toBeNull();
  expect(await directory.bySecretKey("sk_other")).toBeNull();
  expect(used).toEqual(["key_amani", "key_new"]);
});

it("knows a key that was just made, although the cache is fresh", async () => {
  await directory.byId("site_amani");
  keys = [...keys, newKey("amani", { id: "key_new", hash: hashSecret("sk_new") })];
  clock.advance(500);
  expect((await directory.bySecretKey("sk_new"))?.key.id).toBe("key_new");
});

it("knows an origin if any site allows it", async () => {
  expect(await directory.isKnownOrigin("https://baraka.example")).toBe(true);
  expect(await directory.isKnownOrigin("https://baraka.example.evil.example")).toBe(false);
  expect(await directory.isKnownOrigin("null")).toBe(false);
});

it("a site without its own account uses the deployment's", async () => {
  expect(await directory.accounts.ofSite("site_amani")).toEqual({ id: "env:174379", credentials: deployment });
  expect(await directory.accounts.ofSite("site_baraka")).toEqual({ id: "acct_own", credentials: ownAccount });
  expect(await directory.accounts.ofSite("site_unknown")).toBeNull();
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

it("finds by its id a site that was added a moment after the table was read", async () => {
  await directory.byId("site_amani");
  rows = [...rows, newSite("chuo")];
  expect((await directory.byId("site_chuo"))?.name).toBe("chuo");
});

it("does not read the table again for each look-up of a site that cannot be read", async () => {
  unreadable = [{ id: "site_chuo", name: "chuo", problem: "its row cannot be read" }];
  for (let i = 0; i < 5; i += 1) expect(await directory.byId("site_chuo")).toBeNull();
  expect(readings).toBe(1);
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
  const store = { all: () => Promise.reject(new Error("the database is away")) };
  const fresh = createSiteDirectory({ store, now: clock.now, deploymentCredentials: null, logger: testLogger().logger });
  await expect(fresh.byId("site_amani")).rejects.toThrow("the database is away");
});

it("a site whose account cannot be read has none: its money never goes to the environment's account", async () => {
  accounts = [{ id: "acct_own", shortcode: "600111", credentials: null }];
  unreadable = [{ id: "site_baraka", name: "baraka", problem: "another key" }];
  expect(await directory.accounts.ofSite("site_baraka")).toBeNull();
  expect(await directory.accounts.isUnreadable("site_baraka")).toBe(true);
  expect((await directory.byPublishableKey("pk_baraka"))?.name).toBe("baraka");
  expect((await directory.accounts.ofSite("site_amani"))?.credentials).toEqual(deployment);
  expect(await directory.unreadable()).toEqual(unreadable);
});

it("logs a site that cannot be read once, as an error, and that it can be read again", async () => {
  unreadable = [{ id: "site_baraka", name: "baraka", problem: "another key" }];
  for (let reading = 0; reading < 3; reading++) {
    await directory.byId("site_amani");
    clock.advance(2_000);
  }
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    {
      level: "error",
      siteId: "site_baraka",
      site: "baraka",
      problem: "another key",
      msg: "a site cannot be read; the other sites are not affected",
    },
  ]);
  unreadable = [];
  await directory.byId("site_amani");
  expect(lines.at(-1)).toContain("the site can be read again");
});

it("finds the account that another copy has just added", async () => {
  await directory.byId("site_amani");
  clock.advance(500);
  const credentials = { ...ownAccount, shortcode: "600222" };
  accounts = [...accounts, { id: "acct_new", shortcode: "600222", credentials }];
  expect(await directory.accounts.ofPayment({ siteId: "site_amani", mpesaAccountId: "acct_new" })).toEqual({ id: "acct_new", credentials });
});
