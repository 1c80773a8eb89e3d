import { Gauge, type Registry } from "prom-client";
import { z } from "zod";
import { paymentStatuses } from "../contract.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database.ts";

const rowsSchema = z.array(z.object({ status: z.enum(paymentStatuses), open: z.coerce.number(), oldest: z.coerce.number() }));

/** What is open right now, in the whole deployment: read from the database each time that the metrics are asked for. */
export function registerOpenPaymentsGauge(registry: Registry, { knex }: Database, now: Clock): void {
  // With the database away nobody knows; a figure that was true once would calm the wrong way.
  const read = () => readOpen(knex).catch(() => null);
  const registers = [registry];
  new Gauge({
    name: "somopay_open_payments",
    help: "Payments whose outcome is not known yet, by status; the same on every copy.",
    labelNames: ["status"],
    registers,
    async collect() {
      const rows = await read();
      this.reset();
      for (const { status, open } of rows ?? []) this.set({ status }, open);
    },
  });
  new Gauge({
    name: "somopay_queries_due",
    help: "Payments that wait for a status query whose time has come: how far the query budget is behind; the same on every copy.",
    registers,
    async collect() {
      this.set(await readDue(knex, now()).catch(() => Number.NaN));
    },
  });
  new Gauge({
    name: "somopay_oldest_open_payment_seconds",
    help: "How long the oldest payment without an outcome has been open; 0 when there is none.",
    registers,
    async collect() {
      const rows = await read();
      this.set(rows === null ? Number.NaN : (now() - Math.min(now(), ...rows.map(({ oldest }) => oldest))) / 1_000);
    },
  });
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
