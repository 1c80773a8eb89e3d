import type { Knex } from "knex";
import type { Database } from "../platform/database.ts";
import { firstOrNull, optionalNumber, optionalText, rowMapper, text, wholeNumber } from "../platform/row-mapper.ts";
import type { Person } from "./person.ts";

export type PeopleStore = {
  byId(personId: string): Promise<Person | null>;
  byEmail(email: string): Promise<Person | null>;
  /** @throws a unique violation if the address has an account */
  insert(trx: Knex.Transaction, person: Person): Promise<void>;
  setPassword(trx: Knex.Transaction, personId: string, hash: string, atMs: number): Promise<void>;
  /** null: none; its backup codes are deleted. */
  setTotp(trx: Knex.Transaction, personId: string, totp: { secret: string; confirmedAtMs: number | null } | null): Promise<void>;
  /** Marks the code's time step as used. false: it or a later one was used already. */
  useTotpStep(personId: string, step: number): Promise<boolean>;
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
    async setTotp(trx, id, totp) {
      await trx("people")
        .where({ id })
        .update({ totp_secret: totp?.secret ?? null, totp_confirmed_at: totp?.confirmedAtMs ?? null });
      if (totp === null) await trx("backup_codes").where({ person_id: id }).delete();
    },
    async useTotpStep(id, step) {
      const used = await knex("people").where({ id }).andWhere("totp_last_step", "<", step).update({ totp_last_step: step });
      return used > 0;
    },
  };
}
