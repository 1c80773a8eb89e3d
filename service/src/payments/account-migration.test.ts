import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { describeOnEachDatabase, testClock } from "../platform/testing.ts";
import { createIds } from "../platform/ids.ts";
import { migrate } from "../platform/migrate.ts";
import { seal } from "../platform/secret-box.ts";
import { insertTestSite, newAttempt, newBooking, newChange } from "./testing.ts";
import { createPaymentStore } from "./store/payment-store.ts";
import { createSiteStore } from "../sites/site-store.ts";

const credentials = { consumerKey: "key", consumerSecret: "secret", shortcode: "600111", passkey: "passkey" };
const FIRST_OF_ACCOUNTS = "0030";
const moduleSchema = z.object({ down: z.custom<(knex: unknown) => Promise<void>>((value) => typeof value === "function") });

describeOnEachDatabase("a database from before accounts were kept", (database) => {
  const secretsKey = randomBytes(32);
  const sites = () => createSiteStore({ database: database(), ids: createIds(Date.now), now: testClock().now, secretsKey });
  const booking = newBooking({ siteId: "site_own" });
  const attempt = newAttempt(booking);
  const other = newBooking({ siteId: "site_other" });
  const otherAttempt = newAttempt(other);

  beforeAll(async () => {
    const { knex } = database();
    const store = createPaymentStore(database());
    for (const id of ["site_own", "site_other"]) await insertTestSite(database(), id);
    for (const made of [booking, other]) await store.insertBooking(made, null);
    await store.commit(newChange(booking, attempt));
    await store.commit(newChange(other, otherAttempt));

    const names = z.array(z.object({ name: z.string() })).parse(await knex("schema_migrations").where("name", ">", FIRST_OF_ACCOUNTS));
    for (const { name } of names.toSorted((left, right) => (left.name < right.name ? 1 : -1))) {
      await moduleSchema.parse(await import(join(import.meta.dirname, "../../migrations", name))).down(knex);
      await knex("schema_migrations").where({ name }).delete();
    }
    const sealed = seal(secretsKey, JSON.stringify(credentials), "site_own");
    await knex("sites").where({ id: "site_own" }).update({ mpesa_credentials: sealed });
    await migrate(database());
  });

  it("has an account for each site with credentials of its own, readable with the key that sealed them", async () => {
    const { sites: found, accounts, unreadable } = await sites().all();
    expect(accounts).toEqual([{ id: "acct_own", shortcode: null, credentials }]);
    expect(found.map(({ id, mpesaAccountId }) => [id, mpesaAccountId])).toEqual(
      expect.arrayContaining([
        ["site_own", "acct_own"],
        ["site_other", null],
      ]),
    );
    expect(unreadable).toEqual([]);
  });

  it("keeps the account of its payments, when the site changes it", async () => {
    const store = createPaymentStore(database());
    expect((await store.load(booking.id))?.attempts).toMatchObject([{ id: attempt.id, mpesaAccountId: "acct_own" }]);
    expect((await store.load(other.id))?.attempts).toMatchObject([{ id: otherAttempt.id, mpesaAccountId: "env" }]);
  });

  it("uses the moved account again when its credentials are given again", async () => {
    const file = { name: "site_own", allowedOrigins: ["https://own.example"], sessionTypes: [] };
    await sites().add({ ...file, mpesa: credentials });
    expect((await sites().all()).accounts).toHaveLength(1);
  });
});
