import { beforeEach, expect, it } from "vitest";
import { createIds, hashSecret } from "../platform/ids.ts";
import { describeOnEachDatabase, testClock } from "../platform/testing.ts";
import { createApiKeyStore, type ApiKeyStore } from "./api-key-store.ts";
import { createSiteStore } from "./site-store.ts";

const HOUR_MS = 60 * 60_000;

describeOnEachDatabase("the store of secret keys", (database) => {
  const clock = testClock();
  const ids = createIds(clock.now);
  let keys: ApiKeyStore;
  let siteId: string;
  let count = 0;
  beforeEach(async () => {
    keys = createApiKeyStore({ database: database(), ids, now: clock.now });
    const sites = createSiteStore({ database: database(), ids, now: clock.now, secretsKey: null });
    ({ siteId } = await sites.add({ name: `Site ${(count += 1)}`, allowedOrigins: ["https://amani.example"], sessionTypes: [] }));
    clock.advance(1);
  });

  it("makes keys with a name, full or for reading only, and keeps their hashes only", async () => {
    const full = await keys.add({ siteId, name: "booking server", access: "full" });
    clock.advance(1);
    const read = await keys.add({ siteId, name: "reports", access: "read" });
    expect(full.secret).toMatch(/^sk_\w{48}$/);
    expect(read.secret).toMatch(/^rk_\w{48}$/);
    expect(await keys.ofSite(siteId)).toMatchObject([{ name: "site file" }, full.key, read.key]);
    expect(full.key).toMatchObject({ hash: hashSecret(full.secret), ending: full.secret.slice(-4), endsAtMs: null, lastUsedAtMs: null });
    expect(JSON.stringify(await database().knex("api_keys"))).not.toContain(full.secret.slice(3));
  });

  it("rotates a key: the new one has its name and access, the old one ends after the overlap", async () => {
    const { key: old } = await keys.add({ siteId, name: "reports", access: "read" });
    const made = await keys.rotate(old.id, 24 * HOUR_MS);
    expect(made?.key).toMatchObject({ siteId, name: "reports", access: "read", endsAtMs: null });
    const found = (await keys.ofSite(siteId)).find(({ id }) => id === old.id);
    expect(found?.endsAtMs).toBe(clock.now() + 24 * HOUR_MS);
    // Rotated again, it does not live longer.
    clock.advance(HOUR_MS);
    expect(await keys.rotate(old.id, 24 * HOUR_MS)).not.toBeNull();
    expect((await keys.ofSite(siteId)).find(({ id }) => id === old.id)?.endsAtMs).toBe(found?.endsAtMs);
    clock.advance(23 * HOUR_MS);
    expect(await keys.rotate(old.id, HOUR_MS)).toBeNull();
    expect(await keys.rotate("key_unknown", HOUR_MS)).toBeNull();
  });

  it("revokes a key once", async () => {
    const { key } = await keys.add({ siteId, name: "lost laptop", access: "full" });
    expect(await keys.revoke(key.id)).toBe(true);
    expect(await keys.revoke(key.id)).toBe(false);
    expect((await keys.ofSite(siteId)).at(-1)?.endsAtMs).toBe(clock.now());
  });

  it("notes the newest use, whichever copy reports first", async () => {
    const { key } = await keys.add({ siteId, name: "server", access: "full" });
    await keys.noteUses(new Map([[key.id, clock.now() + 5_000]]));
    await keys.noteUses(new Map([[key.id, clock.now()]]));
    expect((await keys.ofSite(siteId)).at(-1)?.lastUsedAtMs).toBe(clock.now() + 5_000);
  });
});
