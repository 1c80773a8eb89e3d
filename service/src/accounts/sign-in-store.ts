import type { Knex } from "knex";
import { z } from "zod";
import type { Database } from "../platform/database.ts";
import { hashSecret, type Ids } from "../platform/ids.ts";
import { firstOrNull, optionalNumber, rowMapper, text, wholeNumber } from "../platform/row-mapper.ts";
import { personRows } from "./people-store.ts";
import type { Person } from "./person.ts";

/** A session of the dashboard, from sign-in to sign-out. */
export type SignIn = {
  id: string;
  personId: string;
  createdAtMs: number;
  /** To the minute or so. */
  lastSeenAtMs: number;
  /** When the password was last given. */
  provenAtMs: number;
  expiresAtMs: number;
  endedAtMs: number | null;
  address: string;
  device: string;
};

/** A month: whoever takes a phone over must not stay signed in for longer. */
export const SESSION_LIFE_MS = 30 * 24 * 60 * 60_000;
/** A tutor looks at the day's lessons every day or two; a session that nobody uses ends. */
export const SESSION_IDLE_MS = 3 * 24 * 60 * 60_000;
/** How often the use of a session is written down. */
const TOUCH_EVERY_MS = 60_000;
/** More than anybody looks at. */
const LIST_MAX = 50;
/** Phone, laptop, the school's computers. Of more, those that began first end. */
const OPEN_MAX = 30;

export type SignInStore = {
  /** Returns the cookie's token, of which only the hash is kept. */
  start(trx: Knex, session: { personId: string; address: string; device: string; nowMs: number }): Promise<{ id: string; token: string }>;
  /** The session of a cookie, and its person, if it is good now. */
  find(token: string, nowMs: number): Promise<{ session: SignIn; person: Person } | null>;
  touch(session: SignIn, nowMs: number): Promise<void>;
  /** The password was given again: a new token, and the old one is refused. */
  renew(sessionId: string, nowMs: number): Promise<string>;
  /** Returns whether the person has such a session, and it was open. */
  end(personId: string, sessionId: string, nowMs: number): Promise<boolean>;
  /** Ends the session of a cookie, if there is one. */
  endByToken(token: string, nowMs: number): Promise<void>;
  endAll(trx: Knex, personId: string, nowMs: number): Promise<void>;
  /** Newest first. */
  ofPerson(personId: string): Promise<SignIn[]>;
  /** Deletes sessions that began before `beforeMs`. */
  forget(beforeMs: number): Promise<void>;
};

const rows = rowMapper<SignIn>({
  id: text("id"),
  personId: text("person_id"),
  createdAtMs: wholeNumber("created_at"),
  lastSeenAtMs: wholeNumber("last_seen_at"),
  provenAtMs: wholeNumber("proven_at"),
  expiresAtMs: wholeNumber("expires_at"),
  endedAtMs: optionalNumber("ended_at"),
  address: text("address"),
  device: text("device"),
});

const idRows = z.array(z.object({ id: z.string() }));

export function createSignInStore({ knex }: Database, ids: Ids): SignInStore {
  return {
    async start(trx, { personId, address, device, nowMs }) {
      const token = ids.secret();
      const times = { createdAtMs: nowMs, lastSeenAtMs: nowMs, provenAtMs: nowMs, expiresAtMs: nowMs + SESSION_LIFE_MS, endedAtMs: null };
      const session: SignIn = { id: ids.next("in"), personId, ...times, address, device };
      await trx("sign_ins").insert({ ...rows.toRow(session), token_hash: hashSecret(token) });
      const open = trx("sign_ins").where({ person_id: personId }).whereNull("ended_at").orderBy("created_at", "desc");
      const tooMany = idRows.parse(await open.select("id").limit(LIST_MAX).offset(OPEN_MAX)).map(({ id }) => id);
      if (tooMany.length > 0) await trx("sign_ins").whereIn("id", tooMany).update({ ended_at: nowMs });
      return { id: session.id, token };
    },
    async find(token, nowMs) {
      const session = await firstOrNull(knex("sign_ins").where({ token_hash: hashSecret(token) }), rows.parse);
      if (!session || !isGood(session, nowMs)) return null;
      const person = await firstOrNull(knex("people").where({ id: session.personId }), personRows.parse);
      return person && { session, person };
    },
    async touch({ id, lastSeenAtMs }, nowMs) {
      if (nowMs - lastSeenAtMs < TOUCH_EVERY_MS) return;
      await knex("sign_ins").where({ id }).andWhere("last_seen_at", "<", nowMs).update({ last_seen_at: nowMs });
    },
    async renew(id, nowMs) {
      const token = ids.secret();
      await knex("sign_ins")
        .where({ id })
        .update({ token_hash: hashSecret(token), proven_at: nowMs, last_seen_at: nowMs });
      return token;
    },
    async end(personId, id, nowMs) {
      return (await knex("sign_ins").where({ id, person_id: personId }).whereNull("ended_at").update({ ended_at: nowMs })) > 0;
    },
    endByToken: async (token, nowMs) =>
      void (await knex("sign_ins")
        .where({ token_hash: hashSecret(token) })
        .whereNull("ended_at")
        .update({ ended_at: nowMs })),
    endAll: async (trx, personId, nowMs) =>
      void (await trx("sign_ins").where({ person_id: personId }).whereNull("ended_at").update({ ended_at: nowMs })),
    async ofPerson(personId) {
      const found = await knex("sign_ins").where({ person_id: personId }).orderBy("created_at", "desc").limit(LIST_MAX);
      return found.map(rows.parse);
    },
    forget: async (beforeMs) => void (await knex("sign_ins").where("created_at", "<", beforeMs).delete()),
  };
}

/** When a session stopped being good, or will; pure. */
export function endOf({ endedAtMs, lastSeenAtMs, expiresAtMs }: SignIn): number {
  return Math.min(endedAtMs ?? Infinity, lastSeenAtMs + SESSION_IDLE_MS, expiresAtMs);
}

function isGood(session: SignIn, nowMs: number): boolean {
  return endOf(session) > nowMs;
}
