import type { Knex } from "knex";
import { z } from "zod";
import type { Database } from "../platform/database.ts";
import { firstOrNull, optionalNumber, optionalText, rowMapper, text, wholeNumber } from "../platform/row-mapper.ts";
import type { Person } from "./person.ts";

export type PeopleStore = {
  byId(personId: string): Promise<Person | null>;
  byEmail(email: string): Promise<Person | null>;
  /** @throws a unique violation if the address has an account */
  insert(trx: Knex.Transaction, person: Person): Promise<void>;
  setPassword(trx: Knex.Transaction, personId: string, hash: string, atMs: number): Promise<void>;
  /** A secret that was not shown to work yet, with backup codes, in place of an earlier one. false: two-factor sign-in is on already. */
  beginTotp(
    trx: Knex.Transaction,
    personId: string,
    secret: string,
    backupCodes: readonly { id: string; hash: string }[],
  ): Promise<boolean>;
  /** From now on a code is asked for. false: it is on already, or the secret was replaced meanwhile. */
  confirmTotp(trx: Knex.Transaction, person: Person, atMs: number): Promise<boolean>;
  /** Deletes the secret and the backup codes. */
  endTotp(trx: Knex.Transaction, personId: string): Promise<void>;
  /** Marks the code's time step as used. false: it or a later one was used already. */
  useTotpStep(personId: string, step: number): Promise<boolean>;
  /** Deletes accounts made before `beforeMs` of people who work nowhere and have signed in nowhere since. */
  forgetIdle(beforeMs: number): Promise<void>;
};

export const personRows = rowMapper<Person>({
  id: text("id"),
  email: text("email"),
  name: text("name"),
  passwordHash: text("password_hash"),
  passwordChangedAtMs: wholeNumber("password_changed_at"),
  totpSecret: optionalText("totp_secret"),
  totpConfirmedAtMs: optionalNumber("totp_confirmed_at"),
  createdAtMs: wholeNumber("created_at"),
});

export function createPeopleStore({ knex }: Database): PeopleStore {
  return {
    byId: (id) => firstOrNull(knex("people").where({ id }), personRows.parse),
    byEmail: (email) => firstOrNull(knex("people").where({ email }), personRows.parse),
    insert: async (trx, person) => void (await trx("people").insert(personRows.toRow(person))),
    setPassword: async (trx, id, hash, atMs) =>
      void (await trx("people").where({ id }).update({ password_hash: hash, password_changed_at: atMs })),
    async beginTotp(trx, id, secret, backupCodes) {
      const begun = await trx("people").where({ id }).whereNull("totp_confirmed_at").update({ totp_secret: secret });
      if (begun === 0) return false;
      await trx("backup_codes").where({ person_id: id }).delete();
      await trx("backup_codes").insert(backupCodes.map((code) => ({ id: code.id, person_id: id, code_hash: code.hash })));
      return true;
    },
    async confirmTotp(trx, { id, totpSecret }, atMs) {
      const row = trx("people").where({ id, totp_secret: totpSecret }).whereNull("totp_confirmed_at");
      return (await row.update({ totp_confirmed_at: atMs })) > 0;
    },
    async endTotp(trx, id) {
      await trx("people").where({ id }).update({ totp_secret: null, totp_confirmed_at: null });
      await trx("backup_codes").where({ person_id: id }).delete();
    },
    async useTotpStep(id, step) {
      const used = await knex("people").where({ id }).andWhere("totp_last_step", "<", step).update({ totp_last_step: step });
      return used > 0;
    },
    async forgetIdle(beforeMs) {
      const idle = idRows.parse(
        await knex("people")
          .where("created_at", "<", beforeMs)
          .whereNotExists(knex("staff").whereRaw("staff.person_id = people.id"))
          .whereNotExists(knex("sign_ins").whereRaw("sign_ins.person_id = people.id"))
          .select("id")
          .limit(FORGET_AT_ONCE),
      );
      for (const { id } of idle) await forget(knex, id);
    },
  };
}

/** The rest comes with the next round. */
const FORGET_AT_ONCE = 50;
const idRows = z.array(z.object({ id: z.string() }));
const OF_A_PERSON = ["sign_in_steps", "known_devices", "password_resets", "backup_codes"];

/** If the person joins a site or signs in meanwhile, the row that says so refers to it, and nothing is deleted. */
async function forget(knex: Knex, personId: string): Promise<void> {
  await knex.transaction(async (trx) => {
    const works = await firstOrNull(trx("staff").where({ person_id: personId }).select("id"), (row) => row);
    if (works !== null) return;
    for (const table of OF_A_PERSON) await trx(table).where({ person_id: personId }).delete();
    await trx("people").where({ id: personId }).delete();
  });
}
