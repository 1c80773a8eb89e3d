import type { Knex } from "knex";
import { z } from "zod";
import type { Database } from "../platform/database.ts";
import { hashSecret, type Ids } from "../platform/ids.ts";
import { column, firstOrNull, optionalNumber, rowMapper, text, wholeNumber } from "../platform/row-mapper.ts";
import { roles, type Role } from "../sites/roles.ts";
import type { Invitation, StaffMember } from "./person.ts";

/** Long enough for a holiday, short enough for a mailbox that somebody else reads later. */
const INVITATION_LIFE_MS = 7 * 24 * 60 * 60_000;
/** A large school; each row is shown on one page. */
export const STAFF_MAX = 100;
const TOUCH_EVERY_MS = 60_000;

export type StaffRow = StaffMember & { name: string; email: string };
export type StaffChange = "done" | "not_found" | "last_owner";

export type StaffStore = {
  membershipOf(personId: string, siteId: string): Promise<StaffMember | null>;
  sitesOf(personId: string): Promise<StaffMember[]>;
  ofSite(siteId: string): Promise<StaffRow[]>;
  touch(member: StaffMember, nowMs: number): Promise<void>;
  /** Adds a person, or leaves the higher of two roles. */
  join(trx: Knex.Transaction, join: { siteId: string; personId: string; role: Role; nowMs: number }): Promise<void>;
  setRole(siteId: string, staffId: string, role: Role): Promise<StaffChange>;
  remove(siteId: string, staffId: string): Promise<StaffChange>;
  openInvitations(siteId: string, nowMs: number): Promise<Invitation[]>;
  /** Replaces an open one for the same address. Returns the link's token. null: the site has too many people. */
  invite(wish: Pick<Invitation, "siteId" | "email" | "role" | "invitedBy">, nowMs: number, also: AlsoInvite): Promise<NewInvitation | null>;
  findInvitation(token: string, nowMs: number): Promise<Invitation | null>;
  /** false: somebody else has used it. */
  useInvitation(trx: Knex.Transaction, invitationId: string, nowMs: number): Promise<boolean>;
  endInvitation(siteId: string, invitationId: string, nowMs: number): Promise<boolean>;
  setInvitedRole(siteId: string, invitationId: string, role: Role, nowMs: number): Promise<boolean>;
  /** Deletes those that expired before `beforeMs`. */
  forgetInvitations(beforeMs: number): Promise<void>;
};

export type NewInvitation = { invitation: Invitation; token: string };
/** What is written in the same transaction: the mail. */
export type AlsoInvite = (trx: Knex.Transaction, made: NewInvitation) => Promise<void>;

const roleColumn = column("role", z.enum(roles));
const staffRows = rowMapper<StaffMember>({
  id: text("id"),
  siteId: text("site_id"),
  personId: text("person_id"),
  role: roleColumn,
  createdAtMs: wholeNumber("created_at"),
  lastSeenAtMs: optionalNumber("last_seen_at"),
});
const namedRows = rowMapper<Pick<StaffRow, "name" | "email">>({ name: text("name"), email: text("email") });
const invitationRows = rowMapper<Invitation>({
  id: text("id"),
  siteId: text("site_id"),
  email: text("email"),
  role: roleColumn,
  invitedBy: text("invited_by"),
  createdAtMs: wholeNumber("created_at"),
  expiresAtMs: wholeNumber("expires_at"),
});

export function createStaffStore({ knex }: Database, ids: Ids): StaffStore {
  const open = (query: Knex.QueryBuilder, nowMs: number): Knex.QueryBuilder =>
    query.whereNull("ended_at").andWhere("expires_at", ">", nowMs);
  return {
    membershipOf: (personId, siteId) => firstOrNull(knex("staff").where({ person_id: personId, site_id: siteId }), staffRows.parse),
    async sitesOf(personId) {
      return (await knex("staff").where({ person_id: personId }).orderBy(["created_at", "id"])).map(staffRows.parse);
    },
    async ofSite(siteId) {
      const found = await knex("staff")
        .join("people", "people.id", "staff.person_id")
        .where("staff.site_id", siteId)
        .orderBy(["staff.created_at", "staff.id"])
        .select("staff.*", "people.name", "people.email");
      return found.map((row) => ({ ...staffRows.parse(row), ...namedRows.parse(row) }));
    },
    async touch({ id, lastSeenAtMs }, nowMs) {
      if (lastSeenAtMs !== null && nowMs - lastSeenAtMs < TOUCH_EVERY_MS) return;
      await knex("staff").where({ id }).update({ last_seen_at: nowMs });
    },
    async join(trx, { siteId, personId, role, nowMs }) {
      const known = await firstOrNull(trx("staff").where({ site_id: siteId, person_id: personId }).forUpdate(), staffRows.parse);
      if (known === null) {
        const member: StaffMember = { id: ids.next("staff"), siteId, personId, role, createdAtMs: nowMs, lastSeenAtMs: null };
        await trx("staff").insert(staffRows.toRow(member));
      } else if (roles.indexOf(role) > roles.indexOf(known.role)) await trx("staff").where({ id: known.id }).update({ role });
    },
    setRole: (siteId, staffId, role) =>
      changeStaff(knex, { siteId, staffId, staysOwner: role === "owner" }, async (row) => void (await row.update({ role }))),
    remove: (siteId, staffId) => changeStaff(knex, { siteId, staffId, staysOwner: false }, async (row) => void (await row.delete())),
    async openInvitations(siteId, nowMs) {
      const found: unknown = await open(knex("invitations").where({ site_id: siteId }), nowMs).orderBy(["created_at", "id"]);
      return z.array(z.unknown()).parse(found).map(invitationRows.parse);
    },
    invite: (wish, nowMs, also) =>
      knex.transaction(async (trx) => {
        const invited = (): Knex.QueryBuilder => open(trx("invitations").where({ site_id: wish.siteId }), nowMs);
        const known = await countIn(trx("staff").where({ site_id: wish.siteId }));
        const waiting = await countIn(invited().whereNot({ email: wish.email }));
        if (known + waiting >= STAFF_MAX) return null;
        await invited().andWhere({ email: wish.email }).update({ ended_at: nowMs });
        const token = ids.secret();
        const times = { createdAtMs: nowMs, expiresAtMs: nowMs + INVITATION_LIFE_MS };
        const invitation: Invitation = { id: ids.next("inv"), ...wish, ...times };
        await trx("invitations").insert({ ...invitationRows.toRow(invitation), token_hash: hashSecret(token) });
        const made = { invitation, token };
        await also(trx, made);
        return made;
      }),
    findInvitation: (token, nowMs) =>
      firstOrNull(open(knex("invitations").where({ token_hash: hashSecret(token) }), nowMs), invitationRows.parse),
    async useInvitation(trx, id, nowMs) {
      return (await open(trx("invitations").where({ id }), nowMs).update({ ended_at: nowMs })) > 0;
    },
    async endInvitation(siteId, id, nowMs) {
      return (await open(knex("invitations").where({ id, site_id: siteId }), nowMs).update({ ended_at: nowMs })) > 0;
    },
    async setInvitedRole(siteId, id, role, nowMs) {
      return (await open(knex("invitations").where({ id, site_id: siteId }), nowMs).update({ role })) > 0;
    },
    forgetInvitations: async (beforeMs) => void (await knex("invitations").where("expires_at", "<", beforeMs).delete()),
  };
}

const countSchema = z.object({ count: z.coerce.number() });

async function countIn(query: Knex.QueryBuilder): Promise<number> {
  return countSchema.parse(await query.count({ count: "*" }).first()).count;
}

type Change = { siteId: string; staffId: string; staysOwner: boolean };

/** The owners' rows are locked, so that two owners who remove each other at once do not both succeed. */
function changeStaff(
  knex: Knex,
  { siteId, staffId, staysOwner }: Change,
  change: (row: Knex.QueryBuilder) => Promise<void>,
): Promise<StaffChange> {
  return knex.transaction(async (trx) => {
    const owners = (await trx("staff").where({ site_id: siteId, role: "owner" }).orderBy("id").forUpdate()).map(staffRows.parse);
    const row = trx("staff").where({ id: staffId, site_id: siteId });
    const member = await firstOrNull(row.clone().forUpdate(), staffRows.parse);
    if (!member) return "not_found";
    const isLastOwner = member.role === "owner" && owners.every(({ id }) => id === staffId);
    if (isLastOwner && !staysOwner) return "last_owner";
    await change(row);
    return "done";
  });
}
