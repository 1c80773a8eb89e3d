import { expect, it } from "vitest";
import { createIds } from "../platform/ids.ts";
import { describeOnEachDatabase, testClock } from "../platform/testing.ts";
import { createDeviceStore } from "./device-store.ts";
import { createPeopleStore } from "./people-store.ts";
import type { Person } from "./person.ts";
import { createSignInStore } from "./sign-in-store.ts";
import { createStaffStore } from "./staff-store.ts";

const MINUTE_MS = 60_000;

describeOnEachDatabase("what is kept of people", (database) => {
  const clock = testClock();
  const ids = createIds(clock.now);

  async function newPerson(email: string): Promise<Person> {
    const times = { passwordChangedAtMs: clock.now(), createdAtMs: clock.now() };
    const person: Person = {
      id: ids.next("person"),
      email,
      name: "Amina",
      passwordHash: "x",
      totpSecret: null,
      totpConfirmedAtMs: null,
      ...times,
    };
    await database().knex.transaction((trx) => createPeopleStore(database()).insert(trx, person));
    return person;
  }

  it("ends with the account of somebody who works nowhere and signs in no more", async () => {
    const { knex } = database();
    const [people, staff, signIns] = [createPeopleStore(database()), createStaffStore(database(), ids), createSignInStore(database(), ids)];
    const site = { id: "site_1", name: "Amani", allowed_origins: "[]", publishable_key: "pk_1", secret_key_hash: "x" };
    await knex("sites").insert({ ...site, created_at: 0, updated_at: 0 });
    const [gone, working, visiting] = [
      await newPerson("gone@x.example"),
      await newPerson("working@x.example"),
      await newPerson("visiting@x.example"),
    ];
    await knex.transaction((trx) => staff.join(trx, { siteId: site.id, personId: working.id, role: "viewer", nowMs: clock.now() }));
    await signIns.start(knex, { personId: visiting.id, address: "", device: "", nowMs: clock.now() });
    await knex.transaction((trx) => createDeviceStore(database(), ids).remember(trx, null, gone.id, clock.now()));
    clock.advance(MINUTE_MS);
    const young = await newPerson("young@x.example");

    await people.forgetIdle(clock.now());
    const left = await Promise.all([gone, working, visiting, young].map(async ({ id }) => (await people.byId(id)) !== null));
    expect(left).toEqual([false, true, true, true]);
    expect(await knex("known_devices").where({ person_id: gone.id })).toEqual([]);
    await signIns.forget(clock.now());
    await people.forgetIdle(clock.now());
    expect(await people.byId(visiting.id)).toBeNull();
  });

  it("is 30 open sessions and 20 browsers; the oldest end", async () => {
    const { knex } = database();
    const { id: personId } = await newPerson("busy@x.example");
    const [signIns, devices] = [createSignInStore(database(), ids), createDeviceStore(database(), ids)];
    const tokens: { session: string; device: string }[] = [];
    for (let index = 0; index < 33; index++) {
      clock.advance(1);
      const { token: session } = await signIns.start(knex, { personId, address: "", device: "", nowMs: clock.now() });
      const device = await knex.transaction((trx) => devices.remember(trx, null, personId, clock.now()));
      tokens.push({ session, device });
    }
    const isOpen = await Promise.all(tokens.map(async ({ session }) => (await signIns.find(session, clock.now())) !== null));
    expect(isOpen.filter(Boolean)).toHaveLength(30);
    expect(isOpen.slice(0, 3)).toEqual([false, false, false]);
    const isKnown = await Promise.all(tokens.map(async ({ device }) => (await devices.find(device, personId, clock.now())) !== null));
    expect(isKnown.filter(Boolean)).toHaveLength(20);
    expect(isKnown.slice(0, 13)).not.toContain(true);
  });
});
