import type { Knex } from "knex";
import { z } from "zod";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database.ts";
import type { Ids } from "../platform/ids.ts";
import { column, optionalText, rowMapper, text, wholeNumber } from "../platform/row-mapper.ts";
import { seal, unseal } from "../platform/secret-box.ts";

/** Plain text to one person. */
export type Mail = {
  to: string;
  subject: string;
  text: string;
  /** Whose mail it is; null: the service's own. */
  siteId: string | null;
};

/** Writes the mail into the transaction that causes it; it is sent soon after. Returns its id. */
export type QueueMail = (trx: Knex.Transaction, mail: Mail) => Promise<string>;

export type WaitingMail = { id: string; tries: number; mail: Mail };

export type MailOutbox = {
  queue: QueueMail;
  /** Takes mail that is due. Nobody else gets it for `leaseMs`; a copy that dies while sending leaves it to the next one then. */
  claim(most: number, leaseMs: number): Promise<WaitingMail[]>;
  /** The text is deleted: it may hold a link that signs somebody in. */
  settle(mailId: string, outcome: { status: "sent" } | { status: "failed"; failure: string }): Promise<void>;
  retry(mailId: string, failure: string, atMs: number): Promise<void>;
  /** Deletes what was settled before `beforeMs`. */
  forget(beforeMs: number): Promise<void>;
};

type Row = { id: string; siteId: string | null; message: string; tries: number; nextTryAtMs: number };

const rows = rowMapper<Row>({
  id: text("id"),
  siteId: optionalText("site_id"),
  message: text("message"),
  tries: wholeNumber("tries"),
  nextTryAtMs: wholeNumber("next_try_at"),
});
const newRows = rowMapper<Row & { status: string; createdAtMs: number }>({
  id: text("id"),
  siteId: optionalText("site_id"),
  message: text("message"),
  tries: wholeNumber("tries"),
  nextTryAtMs: wholeNumber("next_try_at"),
  status: column("status", z.string()),
  createdAtMs: wholeNumber("created_at"),
});
const messageSchema = z.object({ to: z.string(), subject: z.string(), text: z.string() });
const FAILURE_MAX = 200;

type Parts = { database: Database; ids: Ids; now: Clock; secretsKey: Buffer | null };

export function createMailOutbox({ database: { knex }, ids, now, secretsKey }: Parts): MailOutbox {
  const context = (id: string): string => `mail:${id}`;
  const close = (id: string, plain: string): string => (secretsKey ? seal(secretsKey, plain, context(id)) : plain);
  const open = (id: string, stored: string): string =>
    secretsKey && !stored.startsWith("{") ? unseal(secretsKey, stored, context(id)) : stored;
  const settle: MailOutbox["settle"] = async (id, outcome) => {
    const failure = outcome.status === "failed" ? outcome.failure.slice(0, FAILURE_MAX) : null;
    await knex("mail_outbox").where({ id }).update({ status: outcome.status, message: null, last_failure: failure, settled_at: now() });
  };
  return {
    async queue(trx, { siteId, ...message }) {
      const id = ids.next("mail");
      const row = {
        id,
        siteId,
        message: close(id, JSON.stringify(message)),
        status: "waiting",
        tries: 0,
        nextTryAtMs: now(),
        createdAtMs: now(),
      };
      await trx("mail_outbox").insert(newRows.toRow(row));
      return id;
    },
    async claim(most, leaseMs) {
      const nowMs = now();
      const due = (
        await knex("mail_outbox").where({ status: "waiting" }).andWhere("next_try_at", "<=", nowMs).orderBy("next_try_at").limit(most)
      ).map(rows.parse);
      const claimed: WaitingMail[] = [];
      for (const { id, siteId, message, tries, nextTryAtMs } of due) {
        // Guarded: another copy may have been quicker.
        const taken = await knex("mail_outbox")
          .where({ id, status: "waiting", tries, next_try_at: nextTryAtMs })
          .update({ tries: tries + 1, next_try_at: nowMs + leaseMs });
        if (taken === 0) continue;
        const read = readMessage(() => open(id, message));
        if (read === null) await settle(id, { status: "failed", failure: "cannot be read: another SECRETS_KEY sealed it" });
        else claimed.push({ id, tries: tries + 1, mail: { ...read, siteId } });
      }
      return claimed;
    },
    settle,
    retry: async (id, failure, atMs) =>
      void (await knex("mail_outbox")
        .where({ id })
        .update({ next_try_at: atMs, last_failure: failure.slice(0, FAILURE_MAX) })),
    forget: async (beforeMs) => void (await knex("mail_outbox").where("settled_at", "<", beforeMs).delete()),
  };
}

/** null: it cannot be read, which must not hold up the others. */
function readMessage(open: () => string): z.infer<typeof messageSchema> | null {
  try {
    return messageSchema.parse(JSON.parse(open()));
  } catch {
    return null;
  }
}
