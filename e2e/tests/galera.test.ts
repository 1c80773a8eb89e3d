// Three MariaDB servers that all take writes: what two copies decide at once on two of them is decided once.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createLeases } from "../../service/src/platform/leases.ts";
import { openDatabase, isDatabaseDown, type Database } from "../../service/src/platform/database.ts";
import { migrate, pendingMigrations } from "../../service/src/platform/migrate.ts";
import { createPaymentStore } from "../../service/src/payments/store/payment-store.ts";
import { insertTestSite, newAttempt, newBooking, newChange } from "../../service/src/payments/testing.ts";
import { hasGalera, startGalera, type PrivateGalera } from "../servers/galera.ts";

/** Starting three servers, two of which copy all data, on a machine ten times busier. */
const START_TIMEOUT_MS = 600_000;
const TEST_TIMEOUT_MS = 300_000;
const ROUNDS_MAX = 500;

const conflictsSchema = z.tuple([z.array(z.object({ Value: z.coerce.number() })), z.unknown()]);

describe.skipIf(!hasGalera())("Galera (needs galera-4, mariadb-server, mariadb-backup and socat)", () => {
  let cluster: PrivateGalera;
  let one: Database;
  let two: Database;
  beforeAll(async () => {
    cluster = await startGalera(["--wsrep-sync-wait=7"]);
    const [first, second] = cluster.nodes;
    one = openDatabase({ kind: "mysql", url: first?.url ?? "" });
    two = openDatabase({ kind: "mysql", url: second?.url ?? "" });
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await Promise.all([one.close(), two.close()]);
    await cluster.stop();
  }, START_TIMEOUT_MS);

  /** How often a commit lost against another node's. */
  async function conflicts(): Promise<number> {
    const names = "('wsrep_local_cert_failures', 'wsrep_local_bf_aborts')";
    const counts = [one, two].map(async ({ knex }) => {
      const [rows] = conflictsSchema.parse(await knex.raw(`SHOW STATUS WHERE Variable_name IN ${names}`));
      return rows.reduce((sum, { Value }) => sum + Value, 0);
    });
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }

  // GET_LOCK holds on one node only.
  it("is migrated once if two copies start at once on two nodes", { timeout: TEST_TIMEOUT_MS }, async () => {
    const done = await Promise.all([migrate(one), migrate(two)]);
    expect(done.map(({ length }) => length).toSorted((left, right) => left - right)).toEqual([0, expect.toSatisfy((count) => count > 0)]);
    for (const database of [one, two]) expect(await pendingMigrations(database)).toEqual([]);
  });

  it("one of two prompts that begin at once on two nodes is refused, as on one server", { timeout: TEST_TIMEOUT_MS }, async () => {
    await insertTestSite(one);
    const stores = [createPaymentStore(one), createPaymentStore(two)];
    const before = await conflicts();
    for (let round = 1; round <= ROUNDS_MAX; round++) {
      const booking = newBooking({ id: `bk_galera_${round}`, reference: `G${round}` });
      expect(await stores[0]?.insertBooking(booking, null)).toBe("inserted");
      const results = await Promise.all(stores.map((store) => store.commit(newChange(booking, newAttempt(booking)))));
      expect(results.toSorted()).toEqual(["committed", expect.stringMatching(/^(?:conflict|open_attempt)$/)]);
      expect((await stores[1]?.load(booking.id))?.attempts).toHaveLength(1);
      // Enough have met at the commit, not only at the row.
      if ((await conflicts()) - before >= 5) return;
    }
    throw new Error("no two commits have met");
  });

  it("one of two copies gets a lease", { timeout: TEST_TIMEOUT_MS }, async () => {
    const leases = [createLeases(one, "copy-one", Date.now), createLeases(two, "copy-two", Date.now)];
    for (let round = 0; round < 50; round++) {
      const taken = await Promise.allSettled(leases.map((lease) => lease.takeTurn(`lease-${round}`, 60_000)));
      const got = taken.filter((result) => result.status === "fulfilled" && result.value);
      const errors = taken.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
      expect(got.length).toBe(1);
      for (const error of errors) expect(isDatabaseDown(error)).toBe(true);
    }
  });
});
