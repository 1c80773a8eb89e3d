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
    // Credentials that an earlier case stored under another key would make every read fail.
    await database().knex("sites").update({ mpesa_credentials: null });
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
  const read = async (name: string) => (await store.all()).find((site) => site.name === name);

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
      secretKeyHash: hashSecret(added.secretKey ?? ""),
      webhookUrl: null,
      mpesa: null,
      sessionTypes: file.sessionTypes.map(({ amount, ...type }) => ({ ...type, amountKes: amount })),
    });
    expect(JSON.stringify(await database().knex("sites"))).not.toContain(added.secretKey ?? "");
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
      secretKeyHash: hashSecret(first.secretKey ?? ""),
      allowedOrigins: ["https://new.example"],
      webhookUrl: null,
      mpesa: null,
      sessionTypes: [{ code: "maths-1h", amountKes: 2_000 }],
    });
    expect((await store.all()).filter(({ name }) => name === file.name)).toHaveLength(1);
  });

  it("replaces the secret key only if the file has another one", async () => {
    await store.add(file);
    const secretKey = `sk_replaced_not_a_real_secret_${count}`;
    expect((await store.add({ ...file, secretKey })).secretKey).toBe(secretKey);
    expect((await read(file.name))?.secretKeyHash).toBe(hashSecret(secretKey));
  });

  it("refuses another site's key, and leaves both sites unchanged", async () => {
    const first = await store.add(file);
    const other = { ...file, name: `${file.name} and others`, publishableKey: first.publishableKey };
    await expect(store.add(other)).rejects.toThrow(/publishableKey or secretKey: another site already uses this key/);
    expect(await read(other.name)).toBeUndefined();
    expect(await read(file.name)).toMatchObject({ publishableKey: first.publishableKey, sessionTypes: [{}, {}, {}] });
  });

  it("stores credentials encrypted, bound to their site", async () => {
    const { siteId } = await store.add({ ...file, mpesa: account });
    expect((await read(file.name))?.mpesa).toEqual(account);
    const row: unknown = await database().knex("sites").where({ id: siteId }).first("mpesa_credentials");
    const stored = String(Object.values(row ?? {})[0]);
    const spelled = [stored, Buffer.from(stored, "base64").toString("latin1"), Buffer.from(stored, "hex").toString("latin1")];
    // The column holds the encrypted account, not a reference to it.
    expect(stored.length).toBeGreaterThan(JSON.stringify(account).length);
    for (const secret of Object.values(account)) {
      for (const text of spelled) expect(text).not.toContain(secret);
    }
    const other = await store.add({ ...file, name: `${file.name} 2`, mpesa: account });
    await database()
      .knex("sites")
      .where({ id: other.siteId })
      .update(row ?? {});
    await expect(store.all()).rejects.toThrow(/cannot be read/);
  });

  it("refuses credentials if SECRETS_KEY is not set", async () => {
    await expect(storeWith(null).add({ ...file, mpesa: account })).rejects.toThrow(/mpesa: set SECRETS_KEY first/);
    expect(await read(file.name)).toBeUndefined();
  });

  it("names the site whose credentials cannot be read with another SECRETS_KEY, or without one", async () => {
    await store.add({ ...file, mpesa: account });
    await expect(storeWith(randomBytes(32)).all()).rejects.toThrow(
      `the M-Pesa credentials of site "${file.name}" cannot be read: is SECRETS_KEY the one they were stored with?`,
    );
    await expect(storeWith(null).all()).rejects.toThrow(`site "${file.name}" has its own M-Pesa credentials, but SECRETS_KEY is not set`);
  });

  it("adding a new site twice at once creates one site", async () => {
    const results = await Promise.allSettled([store.add(file), store.add(file)]);
    expect(results.some(({ status }) => status === "fulfilled")).toBe(true);
    expect((await store.all()).filter(({ name }) => name === file.name)).toHaveLength(1);
  });
});
