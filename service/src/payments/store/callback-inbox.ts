import { isUtf8 } from "node:buffer";
import { z } from "zod";
import { createBatcher } from "../../platform/batcher.ts";
import { isDatabaseDown, uniqueViolation, type Database } from "../../platform/database.ts";
import type { Journal } from "../../platform/journal.ts";
import type { Logger } from "../../platform/logger.ts";
import { column, flag, optionalText, rowMapper, text, wholeNumber } from "../../platform/row-mapper.ts";
import { systemTimers } from "../../platform/timers.ts";
import { withTimeout } from "../../platform/with-timeout.ts";
import type { PaymentMetrics } from "../payment-metrics.ts";

const callbackKinds = ["stk", "c2b", "result", "timeout", "push"] as const;
/**
 * `stk`: the outcome of a prompt. `c2b`: money that came, with or without one. `result`: the answer to an asynchronous request of ours. `timeout`: the
 * notice that Safaricom's queue gave that request up. `push`: not a callback, but the reply to a push that the database could not take.
 */
export type CallbackKind = (typeof callbackKinds)[number];

/** A callback as it came: stored whatever it is. */
export type StoredCallback = {
  id: string;
  receivedAtMs: number;
  kind: CallbackKind;
  secretHash: string | null;
  remoteAddress: string;
  body: string;
  bodyEncoding: "utf8" | "base64";
  truncated: boolean;
};

/**
 * `verified`: acted on. `duplicate`: nothing new in it. `unverified`: Safaricom is queried instead. `unmatched`: it names no payment or booking that we
 * know; if it reports money, that is listed for the owner to assign. `unprocessable`: its own content cannot be processed; a person looks at it. `dismissed`: a
 * person has looked at it, and nothing is to be done.
 */
export type Verdict = "verified" | "duplicate" | "unverified" | "unmatched" | "unprocessable" | "dismissed";

/** Processing failed because of the callback's own content: it would fail again. */
export class UnprocessableCallbackError extends Error {}

/** What a callback turned out to be; `note` says why in words. */
export type CallbackFinding = {
  verdict: Verdict;
  paymentId?: string | null;
  receipt?: string | null;
  note?: string | null;
  /** It came in on none of our secret addresses: anybody may have sent it. */
  isStranger?: boolean;
};

/** The finding as it is stored beside the callback. */
export type ProcessingResult = Required<Omit<CallbackFinding, "isStranger">> & { atMs: number };

/** `tries`: how often processing it has failed. */
export type PendingCallback = StoredCallback & { tries: number };

export type CallbackInbox = {
  /** Resolves once the callback is on disk: in the database, or in the journal if the database does not take it in time. Rejects if neither can. */
  store(callback: StoredCallback): Promise<"database" | "journal">;
  markProcessed(id: string, reading: ProcessingResult): Promise<void>;
  /** Keeps at most the beginning of its body. */
  shorten(id: string, mostCharacters: number): Promise<void>;
  forget(id: string): Promise<void>;
  /** Received before `receivedBeforeMs` and not processed, and not waiting for a later try: the process died in between, or the database was away. */
  unprocessed(receivedBeforeMs: number, nowMs: number, most: number): Promise<PendingCallback[]>;
  /** Processing it failed for another reason than its own content: it is tried again then. */
  retryLater(id: string, next: { tries: number; nextTryAtMs: number; note: string }): Promise<void>;
  /** Moves the journal's callbacks into the database. */
  replayJournal(): Promise<number>;
  journalDepth(): number;
};

/** Safaricom waits about 5 s for the 200. After this time the callback goes to the journal, while there is time to write it. */
const DATABASE_TIMEOUT_MS = 2_000;

/** As long as its column: behind a proxy that is trusted too far, an "address" may be any text, and the callback must be stored all the same. */
const REMOTE_ADDRESS_MAX = 64;

const NOTE_MAX = 500;

/** Larger statements save nothing more. */
const INSERTED_AT_ONCE = 100;
/** Before those that wait behind it are sent to the journal. */
const INSERT_PATIENCE_MS = 300;

const triesSchema = z.object({ tries: z.number() });

/** As the journal keeps it. */
const callbackSchema = z.object({
  id: z.string(),
  receivedAtMs: z.number(),
  kind: z.enum(callbackKinds),
  secretHash: z.string().nullable(),
  remoteAddress: z.string(),
  body: z.string(),
  bodyEncoding: z.enum(["utf8", "base64"]),
  truncated: z.boolean(),
});

const rows = rowMapper<StoredCallback>({
  id: text("id"),
  receivedAtMs: wholeNumber("received_at"),
  kind: column("kind", z.enum(callbackKinds)),
  secretHash: optionalText("secret_hash"),
  remoteAddress: column("remote_address", z.string(), (address) => address.slice(0, REMOTE_ADDRESS_MAX)),
  body: text("body"),
  bodyEncoding: column("body_encoding", z.enum(["utf8", "base64"])),
  truncated: flag("truncated"),
});

export function createCallbackInbox(parts: {
  database: Database;
  journal: Journal;
  logger: Logger;
  metrics: PaymentMetrics;
}): CallbackInbox {
  const { database, journal, logger, metrics } = parts;
  const { knex } = database;

  const insertOne = async (callback: StoredCallback): Promise<void> => {
    try {
      await knex("callbacks").insert(rows.toRow(callback));
    } catch (error) {
      // It is stored already: a replay after a crash, or an insert that finished after its timeout.
      if (uniqueViolation(error) === null) throw error;
    }
  };
  // Callbacks that arrive while others are being stored share one statement, and one write to the disk.
  const inserts = createBatcher<StoredCallback, void>(
    async (callbacks) => {
      try {
        await knex("callbacks").insert(callbacks.map(rows.toRow));
        return callbacks.map(() => ({ status: "fulfilled", value: undefined }));
      } catch (error) {
        // With the database away each would wait for it in turn. Otherwise one of them is at fault, and must not take the others with it.
        if (isDatabaseDown(error) || callbacks.length === 1) throw error;
        return Promise.allSettled(callbacks.map(insertOne));
      }
    },
    { most: INSERTED_AT_ONCE, patienceMs: INSERT_PATIENCE_MS, timers: systemTimers },
  );
  const insert = (callback: StoredCallback): Promise<void> =>
    inserts.add(callback).catch((error: unknown) => {
      if (uniqueViolation(error) === null) throw error;
    });

  return {
    async store(callback) {
      try {
        // A late insert does no harm: the same callback twice is one row.
        await withTimeout(insert(callback), DATABASE_TIMEOUT_MS, () => {
          throw new Error(`the database took longer than ${DATABASE_TIMEOUT_MS} ms`);
        });
        metrics.callbackStored("database");
        return "database";
      } catch (error) {
        logger.warn({ err: error, callbackId: callback.id }, "callback not stored in the database; it goes to the journal");
        await journal.append(callback);
        metrics.callbackStored("journal");
        return "journal";
      }
    },
    markProcessed: async (id, { verdict, paymentId, receipt, note, atMs }) =>
      void (await knex("callbacks")
        .where({ id })
        .update({ verdict, payment_id: paymentId, receipt, note: note?.slice(0, NOTE_MAX) ?? null, processed_at: atMs })),
    shorten: async (id, mostCharacters) =>
      void (await knex("callbacks")
        .where({ id })
        .whereRaw("LENGTH(body) > ?", [mostCharacters])
        .update({ body: knex.raw("SUBSTR(body, 1, ?)", [mostCharacters]), truncated: 1 })),
    forget: async (id) => void (await knex("callbacks").where({ id }).delete()),
    async unprocessed(receivedBeforeMs, nowMs, most) {
      const pending = await knex("callbacks")
        .whereNull("processed_at")
        .where("received_at", "<", receivedBeforeMs)
        .andWhere((due) => void due.whereNull("next_try_at").orWhere("next_try_at", "<=", nowMs))
        .orderBy("received_at")
        .limit(most);
      return pending.map((row: unknown) => ({ ...rows.parse(row), ...triesSchema.parse(row) }));
    },
    retryLater: async (id, { tries, nextTryAtMs, note }) =>
      void (await knex("callbacks")
        .where({ id })
        .whereNull("processed_at")
        .update({ tries, next_try_at: nextTryAtMs, note: note.slice(0, NOTE_MAX) })),
    async replayJournal() {
      const { taken, corrupt } = await journal.drain((record) => insert(callbackSchema.parse(record)));
      if (corrupt > 0) logger.error({ lines: corrupt }, "the journal had unreadable lines; they are kept beside it as .corrupt");
      if (taken > 0) logger.info({ callbacks: taken }, "journal replayed into the database");
      return taken;
    },
    journalDepth: () => journal.depth(),
  };
}

/** Bytes as text that every database stores and returns unchanged. */
export function encodeBody(bytes: Buffer): Pick<StoredCallback, "body" | "bodyEncoding"> {
  return isUtf8(bytes) && !bytes.includes(0)
    ? { body: bytes.toString("utf8"), bodyEncoding: "utf8" }
    : { body: bytes.toString("base64"), bodyEncoding: "base64" };
}

export function decodeBody({ body, bodyEncoding }: Pick<StoredCallback, "body" | "bodyEncoding">): string {
  return bodyEncoding === "utf8" ? body : Buffer.from(body, "base64").toString("utf8");
}
