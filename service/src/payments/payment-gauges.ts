import { Gauge, type Registry } from "prom-client";
import { z } from "zod";
import { paymentStatuses } from "../contract.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database.ts";

const rowsSchema = z.array(z.object({ status: z.enum(paymentStatuses), open: z.coerce.number(), oldest: z.coerce.number() }));

export type GaugeSources = { database: Database; now: Clock; openStreams: () => number; journalDepth: () => number };

/**
 * What is open right now, read each time that the metrics are asked for: of this copy its streams and journal, of the whole deployment the open
 * payments, from the database.
 */
export function registerPaymentGauges(registry: Registry, { database, now, openStreams, journalDepth }: GaugeSources): void {
  const { knex } = database;
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number | Promise<number>) =>
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        this.set(await read());
      },
    });
  gauge("somopay_open_streams", "Live status streams open on this copy.", openStreams);
  gauge("somopay_journal_depth", "Callbacks waiting in this copy's journal for the database.", journalDepth);

  // With the database away the figures are unknown; one that was true once would calm the wrong way.
  const readOpenIfUp = () => readOpen(knex).catch(() => null);
  new Gauge({
    name: "somopay_open_payments",
    help: "Payments whose outcome is not known yet, by status; the same on every copy.",
    labelNames: ["status"],
    registers,
    async collect() {
      const rows = await readOpenIfUp();
      this.reset();
      for (const { status, open } of rows ?? []) this.set({ status }, open);
    },
  });
  gauge(
    "somopay_queries_due",
    "Payments that wait for a status query that is due: how far the query budget is behind; the same on every copy.",
    () => readDue(knex, now()).catch(() => Number.NaN),
  );
  gauge(
    "somopay_oldest_open_payment_seconds",
    "How long the oldest payment without an outcome has been open; 0 when there is none.",
    async () => {
      const rows = await readOpenIfUp();
      return rows === null ? Number.NaN : (now() - Math.min(now(), ...rows.map(({ oldest }) => oldest))) / 1_000;
    },
  );
}

async function readOpen(knex: Database["knex"]): Promise<z.infer<typeof rowsSchema>> {
  const query = knex("payments")
    .whereNotNull("open_key")
    .groupBy("status")
    .select("status")
    .count("* as open")
    .min("requested_at as oldest");
  return rowsSchema.parse(await query);
}

async function readDue(knex: Database["knex"], nowMs: number): Promise<number> {
  const row: unknown = await knex("payments").where("next_query_at", "<=", nowMs).count("* as due").first();
  return z.object({ due: z.coerce.number() }).parse(row).due;
}
