import { randomBytes } from "node:crypto";
import { beforeEach, expect, it } from "vitest";
import { hashSecret, createIds } from "../platform/ids.ts";
import { describeOnEachDatabase, testClock } from "../platform/testing.ts";
import type { SiteFile } from "./site-file.ts";
import { createSiteStore, type SiteStore } from "./site-store.ts";

const account = {
  consumerKey: "consumer-key",
  consumerSecret: "consumer-secret",
  shortcode: "174379",
  passkey: "pass-key",
  till: "5012345",
};

describeOnEachDatabase("the site store", (database) => {
  const clock = testClock();
  const ids = createIds(clock.now);
  const secretsKey = randomBytes(32);
  const storeWith = (key: Buffer | null) => createSiteStore({ database: database(), ids, now: clock.now, secretsKey: key });
  let store: SiteStore;
  let count = 0;
  let file: SiteFile;
  beforeEach(async () => {
    store = storeWith(secretsKey);
    clock.advance(1);
    file = {
      name: `Amani Tutors ${(count += 1)} 👩🏾‍🏫`,
      allowedOrigins: ["https://amani.example", "http://localhost:8080"],
      sessionTypes: [
        { code: "maths-1h", name: "Maths, one hour", amount: 1_500, durationMinutes: 60 },
        { code: "Maths-1h", name: "Maths, the other", amount: 250_000, durationMinutes: 1_440 },
        { code: "a", name: "Last in the file, first in the alphabet", amount: 1, durationMinutes: 1 },
      ],
    };
  });
  const read = async (name: string) => (await store.all()).sites.find((site) => site.name === name);

  const goodKeys = async (name: string) => {
    const site = await read(name);
    const { keys } = await store.all();
    return keys.filter(({ siteId, endsAtMs }) => siteId === site?.id && endsAtMs === null).map(({ hash }) => hash);
  };

  it("adds a site with new keys, and stores only the hash of the secret one", async () => {
    const added = await store.add(file);
    expect(added).toEqual({
      siteId: expect.stringMatching(/^site_/),
      publishableKey: expect.stringMatching(/^pk_\w{48}$/),
      secretKey: expect.stringMatching(/^sk_\w{48}$/),
    });
    expect(await read(file.name)).toEqual({
      id: added.siteId,
      name: file.name,
      allowedOrigins: file.allowedOrigins,
      publishableKey: added.publishableKey,
      webhookUrl: null,
      mpesaAccountId: null,
      sessionTypes: file.sessionTypes.map(({ amount, ...type }) => ({ ...type, amountKes: amount })),
    });
    expect(await goodKeys(file.name)).toEqual([hashSecret(added.secretKey ?? "")]);
    expect(JSON.stringify([await database().knex("sites"), await database().knex("api_keys")])).not.toContain(added.secretKey ?? "");
  });

  it("uses the keys in the file", async () => {
    const keys = { publishableKey: `pk_named_${count}_x`, secretKey: `sk_named_not_a_real_secret_${count}` };
    expect(await store.add({ ...file, ...keys })).toMatchObject(keys);
  });

  it("updates the site of the same name: id and keys stay, the rest comes from the file", async () => {
    const first = await store.add({ ...file, webhookUrl: "https://amani.example/hook", mpesa: account });
    clock.advance(5_000);
    const [type] = file.sessionTypes;
    if (!type) throw new Error("no type");
    const again = await store.add({ ...file, allowedOrigins: ["https://new.example"], sessionTypes: [{ ...type, amount: 2_000 }] });
    expect(again).toEqual({ siteId: first.siteId, publishableKey: first.publishableKey, secretKey: null });
    expect(await read(file.name)).toMatchObject({
      id: first.siteId,
      publishableKey: first.publishableKey,
      allowedOrigins: ["https://new.example"],
      webhookUrl: null,
      sessionTypes: [{ code: "maths-1h", amountKes: 2_000 }],
    });
    expect((await store.all()).sites.filter(({ name }) => name === file.name)).toHaveLength(1);
  });

  it("replaces the secret key only if the file has another one", async () => {
    await store.add(file);
    const secretKey = `sk_replaced_not_a_real_secret_${count}`;
    expect((await store.add({ ...file, secretKey })).secretKey).toBe(secretKey);
    expect(await goodKeys(file.name)).toEqual([hashSecret(secretKey)]);
    expect((await store.add({ ...file, secretKey })).secretKey).toBe(secretKey);
    expect(await goodKeys(file.name)).toEqual([hashSecret(secretKey)]);
  });

  it("refuses a key in the file that was revoked", async () => {
    const secretKey = `sk_revoked_not_a_real_secret_${count}`;
    const { siteId } = await store.add({ ...file, secretKey });
    await database().knex("api_keys").where({ site_id: siteId }).update({ ends_at: clock.now() });
    await expect(store.add({ ...file, secretKey })).rejects.toThrow(/secretKey: this key was revoked or replaced/);
    expect(await goodKeys(file.name)).toEqual([]);
  });

  it("refuses a secret key of another site", async () => {
    const secretKey = `sk_taken_not_a_real_secret_${count}`;
    await store.add({ ...file, secretKey });
    await expect(store.add({ ...file, name: `${file.name} 2`, secretKey })).rejects.toThrow(/another site already uses this key/);
  });

  it("refuses another site's key, and leaves both sites unchanged", async () => {
    const first = await store.add(file);
    const other = { ...file, name: `${file.name} and others`, publishableKey: first.publishableKey };
    await expect(store.add(other)).rejects.toThrow(/publishableKey or secretKey: another site already uses this key/);
    expect(await read(other.name)).toBeUndefined();
    expect(await read(file.name)).toMatchObject({ publishableKey: first.publishableKey, sessionTypes: [{}, {}, {}] });
  });

  const accountOf = async (name: string, under = store) => {
    const { sites, accounts } = await under.all();
    const site = sites.find((candidate) => candidate.name === name);
    return accounts.find(({ id }) => id === site?.mpesaAccountId);
  };
  const other = { ...account, consumerSecret: "another-secret" };

  it("stores credentials encrypted, bound to their row", async () => {
    await store.add({ ...file, mpesa: account });
    const stored = await accountOf(file.name);
    expect(stored).toMatchObject({ shortcode: account.shortcode, credentials: account });
    const row = await database()
      .knex<{ id: string; credentials: string; sealed_for: string }>("mpesa_accounts")
      .where({ id: stored?.id ?? "" })
      .first("credentials", "sealed_for");
    const sealed = row?.credentials ?? "";
    const spelled = [sealed, Buffer.from(sealed, "base64").toString("latin1"), Buffer.from(sealed, "hex").toString("latin1")];
    // The column holds the encrypted account, not a reference to it.
    expect(sealed.length).toBeGreaterThan(JSON.stringify(account).length);
    for (const secret of Object.values(account)) {
      for (const text of spelled) expect(text).not.toContain(secret);
    }
    await store.add({ ...file, name: `${file.name} 2`, mpesa: other });
    const second = await accountOf(`${file.name} 2`);
    const moved = { ...row, sealed_for: second?.id };
    await database()
      .knex("mpesa_accounts")
      .where({ id: second?.id ?? "" })
      .update(moved);
    expect(await accountOf(`${file.name} 2`)).toMatchObject({ credentials: null });
    await store.add({ ...file, name: `${file.name} 2`, mpesa: null });
  });

  it("keeps the account if the file does not name one, and moves the site to the environment's if it says null", async () => {
    await store.add({ ...file, mpesa: account });
    const first = await accountOf(file.name);
    expect(first).toBeDefined();
    await store.add({ ...file, allowedOrigins: ["https://new.example"] });
    expect(await accountOf(file.name)).toEqual(first);
    await store.add({ ...file, mpesa: null });
    expect((await read(file.name))?.mpesaAccountId).toBeNull();
    await store.add(file);
    expect((await read(file.name))?.mpesaAccountId).toBeNull();
  });

  it("makes a new account of other credentials, never changes one, and uses it again if the credentials come back", async () => {
    await store.add({ ...file, mpesa: account });
    const first = await accountOf(file.name);
    await store.add({ ...file, mpesa: other });
    const second = await accountOf(file.name);
    expect(second).toMatchObject({ credentials: other });
    expect(second?.id).not.toBe(first?.id);
    expect((await store.all()).accounts).toContainEqual(first);
    await store.add({ ...file, mpesa: account });
    expect(await accountOf(file.name)).toEqual(first);
    await store.add({ ...file, name: `${file.name} 2`, mpesa: account });
    expect(await accountOf(`${file.name} 2`)).toEqual(first);
  });

  it("does not use an account again that another SECRETS_KEY sealed: the key was replaced", async () => {
    await store.add({ ...file, mpesa: account });
    const before = await accountOf(file.name);
    const withNewKey = storeWith(randomBytes(32));
    await withNewKey.add({ ...file, mpesa: account });
    const after = await accountOf(file.name, withNewKey);
    expect(after).toMatchObject({ credentials: account });
    expect(after?.id).not.toBe(before?.id);
    await store.add({ ...file, mpesa: null });
  });

  it("refuses credentials if SECRETS_KEY is not set", async () => {
    await expect(storeWith(null).add({ ...file, mpesa: account })).rejects.toThrow(/mpesa: set SECRETS_KEY first/);
    expect(await read(file.name)).toBeUndefined();
  });

  it("names the site whose credentials cannot be read with another SECRETS_KEY, or without one; it has no account then", async () => {
    const own = { ...account, consumerKey: `key of ${file.name}` };
    const { siteId } = await store.add({ ...file, mpesa: own });
    const named = async (under: SiteStore) => (await under.all()).unreadable.filter(({ id }) => id === siteId);
    expect(await named(store)).toEqual([]);
    const withOtherKey = storeWith(randomBytes(32));
    expect(await named(withOtherKey)).toEqual([
      { id: siteId, name: file.name, problem: "its M-Pesa credentials cannot be read: is SECRETS_KEY the one they were stored with?" },
    ]);
    expect(await accountOf(file.name, withOtherKey)).toMatchObject({ shortcode: account.shortcode, credentials: null });
    expect(await named(storeWith(null))).toMatchObject([{ problem: "it has its own M-Pesa credentials, but SECRETS_KEY is not set" }]);
  });

  it("leaves out a site whose row cannot be parsed, and no other; adding it again repairs it", async () => {
    const { siteId } = await store.add(file);
    const healthy = { ...file, name: `${file.name} 2` };
    await store.add(healthy);
    const broken = await database().knex("sites").where({ id: siteId }).update({ allowed_origins: "not JSON" });
    expect(broken).toBe(1);
    const { sites, unreadable } = await store.all();
    expect(sites.map(({ name }) => name)).toContain(healthy.name);
    expect(sites.map(({ name }) => name)).not.toContain(file.name);
    expect(unreadable).toMatchObject([{ id: siteId, name: file.name, problem: expect.stringContaining("its row cannot be read") }]);
    expect((await store.add(file)).siteId).toBe(siteId);
    expect((await store.all()).unreadable).toEqual([]);
  });

  it("adding a new site twice at once creates one site", async () => {
    const results = await Promise.allSettled([store.add(file), store.add(file)]);
    expect(results.some(({ status }) => status === "fulfilled")).toBe(true);
    expect((await store.all()).sites.filter(({ name }) => name === file.name)).toHaveLength(1);
  });
});
