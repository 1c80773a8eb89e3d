import type { Knex } from "knex";
import { z } from "zod";
import type { Database } from "../../platform/database.ts";
import { noteClaim, type IdempotencyClaim } from "../../platform/idempotency.ts";
import { column, firstOrNull, flag, optionalNumber, optionalText, rowMapper, text, wholeNumber } from "../../platform/row-mapper.ts";
import { seal, unseal } from "../../platform/secret-box.ts";
import { disabledReasons, endpointStatuses, webhookTypes, type DisabledReason } from "../webhook-contract.ts";
import { BOTH_SECRETS_MS, type Endpoint } from "./endpoint.ts";

export type EndpointChange = Partial<Pick<Endpoint, "url" | "events">> & {
  status?: Endpoint["status"];
  disabledWhy?: DisabledReason | null;
};

/** The only code that reads and writes endpoints. Secrets are encrypted with SECRETS_KEY, bound to their endpoint. */
export type EndpointStore = {
  /** @returns false if the site has `most` already */
  insert(endpoint: Endpoint, secret: string, options: { most: number; claim: IdempotencyClaim | null }): Promise<boolean>;
  /** As `insert`, for the site file, in the transaction that writes the site. */
  insertWith(trx: Knex.Transaction, endpoint: Endpoint, secret: string): Promise<void>;
  /** `siteId` null: of any site, for the operator. */
  byId(siteId: string | null, endpointId: string): Promise<Endpoint | null>;
  /** Oldest first. */
  ofSite(siteId: string): Promise<Endpoint[]>;
  all(): Promise<Endpoint[]>;
  /** The site file's, in the transaction that writes the site. */
  fromSiteFile(trx: Knex.Transaction, siteId: string): Promise<Endpoint | null>;
  /** Enabling forgets its failures. Returns whether it exists. */
  change(endpointId: string, change: EndpointChange, atMs: number, trx?: Knex.Transaction): Promise<boolean>;
  /** With everything that waits for it. Returns whether it existed. */
  delete(siteId: string, endpointId: string, claim: IdempotencyClaim | null): Promise<boolean>;
  /** The secret before signs too, for a day. Returns whether it exists. */
  rotateSecret(endpointId: string, secret: string, options: { atMs: number; claim: IdempotencyClaim | null }): Promise<boolean>;
  /** The newest first; the second only while it signs too. @throws if SECRETS_KEY is not set, or not the one that they were stored with */
  secretsOf(endpointId: string, nowMs: number): Promise<string[]>;

  /** Those that are enabled and have something due. */
  due(nowMs: number): Promise<Endpoint[]>;
  /** The sites that have an endpoint, enabled or not. */
  sites(): Promise<Set<string>>;
  /** Notes a failure. Returns whether it is the first since the last success. */
  noteFailure(endpointId: string, failure: string, atMs: number): Promise<boolean>;
  noteSuccess(endpointId: string): Promise<void>;
  /** Disables it. Returns false if it was disabled already. */
  disable(endpointId: string, why: DisabledReason, atMs: number): Promise<boolean>;
  /** Enabled ones that have failed since before then. */
  failingSince(beforeMs: number): Promise<Endpoint[]>;
  /** Returns false if another copy has noted it. */
  noteTold(endpointId: string, atMs: number): Promise<boolean>;
  /** For the owner's list: failing, or disabled by us. `siteId` null: of all sites. */
  troubled(siteId: string | null): Promise<Endpoint[]>;
};

const FAILURE_MAX = 200;

/** A blank around each, so that a type is found as a whole. */
const eventsColumn = column<Endpoint["events"]>(
  "events",
  z
    .string()
    .transform((words) => z.array(z.enum(webhookTypes)).parse(words.trim().split(" ")))
    .nullable(),
  (events) => events && ` ${events.join(" ")} `,
);

const rows = rowMapper<Endpoint>({
  id: text("id"),
  siteId: text("site_id"),
  url: text("url"),
  events: eventsColumn,
  status: column("status", z.enum(endpointStatuses)),
  disabledWhy: column("disabled_why", z.enum(disabledReasons).nullable()),
  isFromSiteFile: flag("is_from_site_file"),
  failingSinceMs: optionalNumber("failing_since"),
  lastFailure: optionalText("last_failure", FAILURE_MAX),
  toldFailingAtMs: optionalNumber("told_failing_at"),
  previousSecretUntilMs: optionalNumber("previous_secret_until"),
  createdAtMs: wholeNumber("created_at"),
  updatedAtMs: wholeNumber("updated_at"),
});

const secretsSchema = z.object({
  secret: z.string(),
  previous_secret: z.string().nullable(),
  previous_secret_until: z.number().nullable(),
});
const siteRowsSchema = z.array(z.object({ site_id: z.string() }));
const countSchema = z.object({ count: z.coerce.number() });

const WORKS = { failing_since: null, last_failure: null, told_failing_at: null };

export function createEndpointStore({ knex }: Database, secretsKey: Buffer | null): EndpointStore {
  const endpoints = () => knex("webhook_endpoints");
  const one = (query: Knex.QueryBuilder): Promise<Endpoint | null> => firstOrNull(query, rows.parse);
  const many = async (query: Knex.QueryBuilder): Promise<Endpoint[]> => ((await query) as unknown[]).map(rows.parse);
  const keyOrThrow = (): Buffer => {
    if (secretsKey === null) throw new Error("SECRETS_KEY is not set: webhook secrets cannot be read");
    return secretsKey;
  };
  const insertWith = async (trx: Knex.Transaction, endpoint: Endpoint, secret: string): Promise<void> =>
    void (await trx("webhook_endpoints").insert({ ...rows.toRow(endpoint), secret: seal(keyOrThrow(), secret, endpoint.id) }));

  return {
    insertWith,
    insert: (endpoint, secret, { most, claim }) =>
      knex.transaction(async (trx) => {
        // Locks the site's row, so that two requests at once cannot both be the last that fits.
        await trx("sites")
          .where({ id: endpoint.siteId })
          .update({ updated_at: trx.ref("updated_at") });
        const { count } = countSchema.parse(
          await trx("webhook_endpoints").where({ site_id: endpoint.siteId }).count({ count: "*" }).first(),
        );
        if (count >= most) return false;
        await insertWith(trx, endpoint, secret);
        await noteClaim(trx, claim, endpoint.id);
        return true;
      }),
    byId: (siteId, id) => one(endpoints().where({ id, ...(siteId !== null && { site_id: siteId }) })),
    ofSite: (siteId) => many(endpoints().where({ site_id: siteId }).orderBy(["created_at", "id"])),
    all: () => many(endpoints().orderBy(["site_id", "created_at"])),
    fromSiteFile: (trx, siteId) => one(trx("webhook_endpoints").where({ site_id: siteId, is_from_site_file: 1 })),
    async change(id, { url, events, status, disabledWhy = "owner" }, atMs, trx) {
      const changed = await (trx ? trx("webhook_endpoints") : endpoints()).where({ id }).update({
        ...(url !== undefined && { url }),
        ...(events !== undefined && { events: eventsColumn.write(events) }),
        ...(status === "enabled" && { status, disabled_why: null, ...WORKS }),
        ...(status === "disabled" && { status, disabled_why: disabledWhy }),
        updated_at: atMs,
      });
      return changed > 0;
    },
    delete: (siteId, id, claim) =>
      knex.transaction(async (trx) => {
        const deleted = await trx("webhook_endpoints").where({ id, site_id: siteId }).delete();
        if (deleted === 0) return false;
        await trx("webhook_deliveries").where({ endpoint_id: id }).delete();
        await noteClaim(trx, claim, id);
        return true;
      }),
    rotateSecret: (id, secret, { atMs, claim }) =>
      knex.transaction(async (trx) => {
        const row: unknown = await trx("webhook_endpoints").where({ id }).first("secret");
        if (row === undefined) return false;
        await trx("webhook_endpoints")
          .where({ id })
          .update({
            previous_secret: z.object({ secret: z.string() }).parse(row).secret,
            previous_secret_until: atMs + BOTH_SECRETS_MS,
            secret: seal(keyOrThrow(), secret, id),
            updated_at: atMs,
          });
        await noteClaim(trx, claim, id);
        return true;
      }),
    async secretsOf(id, nowMs) {
      const row = secretsSchema.parse(await endpoints().where({ id }).first("secret", "previous_secret", "previous_secret_until"));
      const { secret, previous_secret: previous, previous_secret_until: until } = row;
      const sealed = previous !== null && (until ?? 0) > nowMs ? [secret, previous] : [secret];
      return sealed.map((one) => unseal(keyOrThrow(), one, id));
    },

    due: (nowMs) =>
      many(
        endpoints()
          .where({ status: "enabled" })
          .whereExists(
            knex("webhook_deliveries as delivery")
              .whereRaw("delivery.endpoint_id = webhook_endpoints.id")
              .where("delivery.status", "waiting")
              .where("delivery.next_attempt_at", "<=", nowMs)
              .select(knex.raw("1")),
          ),
      ),
    async sites() {
      const found = siteRowsSchema.parse(await endpoints().distinct("site_id"));
      return new Set(found.map(({ site_id: siteId }) => siteId));
    },
    async noteFailure(id, failure, atMs) {
      const last = { last_failure: failure.slice(0, FAILURE_MAX) };
      const isFirst = await endpoints()
        .where({ id })
        .whereNull("failing_since")
        .update({ failing_since: atMs, ...last });
      if (isFirst === 0) await endpoints().where({ id }).update(last);
      return isFirst > 0;
    },
    noteSuccess: async (id) => void (await endpoints().where({ id }).whereNotNull("failing_since").update(WORKS)),
    disable: async (id, why, atMs) =>
      (await endpoints().where({ id, status: "enabled" }).update({ status: "disabled", disabled_why: why, updated_at: atMs })) > 0,
    failingSince: (beforeMs) => many(endpoints().where({ status: "enabled" }).where("failing_since", "<=", beforeMs)),
    noteTold: async (id, atMs) => (await endpoints().where({ id }).whereNull("told_failing_at").update({ told_failing_at: atMs })) > 0,
    troubled: (siteId) =>
      many(
        endpoints()
          .where((site) => void (siteId === null ? site : site.where({ site_id: siteId })))
          .andWhere((troubled) => {
            void troubled.where((failing) => void failing.where({ status: "enabled" }).whereNotNull("failing_since"));
            void troubled.orWhereIn("disabled_why", ["gone", "failing"]);
          })
          .orderBy("failing_since", "desc"),
      ),
  };
}
