import { beforeEach, expect, it } from "vitest";
import { createIds } from "../platform/ids.ts";
import { describeOnEachDatabase, testClock } from "../platform/testing.ts";
import { createSessionTypeStore, SESSION_TYPES_MAX, type SessionTypeStore } from "./session-type-store.ts";
import { createSiteStore } from "./site-store.ts";

const newType = (code: string) => ({ code, name: code, amountKes: 100, durationMinutes: 60 });

describeOnEachDatabase("a site's price list", (database) => {
  const clock = testClock();
  const ids = createIds(clock.now);
  let types: SessionTypeStore;
  const siteIds: string[] = [];
  beforeEach(async () => {
    types = createSessionTypeStore({ database: database(), ids });
    const sites = createSiteStore({ database: database(), ids, now: clock.now, secretsKey: null });
    for (const name of ["Amani", "Baraka"]) {
      const file = { name, allowedOrigins: ["https://amani.example"] };
      const { siteId } = await sites.add({ ...file, sessionTypes: [{ code: "maths", name: "Maths", amount: 1_500, durationMinutes: 60 }] });
      siteIds.push(siteId);
    }
  });

  it("changes a type in its place, adds a new one at the end, and leaves other sites alone", async () => {
    const [amani = "", baraka = ""] = siteIds.slice(-2);
    expect(await types.put(amani, newType("art"))).toBe("stored");
    expect(await types.put(amani, { ...newType("maths"), amountKes: 2_000 })).toBe("stored");
    expect(await types.list(amani)).toEqual([{ ...newType("maths"), amountKes: 2_000 }, newType("art")]);
    expect(await types.list(baraka)).toMatchObject([{ code: "maths", amountKes: 1_500 }]);
    expect(await types.remove(baraka, "art")).toBe(false);
    expect(await types.remove(amani, "maths")).toBe(true);
    expect(await types.list(amani)).toEqual([newType("art")]);
    expect(await types.list(baraka)).toHaveLength(1);
  });

  it("gives each of two new types its own place, and has an end", async () => {
    const [amani = ""] = siteIds.slice(-2);
    await Promise.all(["a", "b", "c", "d"].map((code) => types.put(amani, newType(code))));
    const rows: { position: number }[] = await database().knex("session_types").where({ site_id: amani });
    expect(new Set(rows.map(({ position }) => position)).size).toBe(5);
    for (let index = rows.length; index < SESSION_TYPES_MAX; index++) await types.put(amani, newType(`t${index}`));
    expect(await types.put(amani, newType("more"))).toBe("full");
    expect(await types.put(amani, newType("a"))).toBe("stored");
  });
});
