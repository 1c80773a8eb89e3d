/** The operator's commands for callbacks: `somopay callbacks list | replay`. */
import { z } from "zod";
import type { Database } from "../platform/database.ts";

type Write = (line: string) => void;

const LIST_MAX = 200;
const rowSchema = z.object({
  id: z.string(),
  received_at: z.number(),
  kind: z.string(),
  verdict: z.string().nullable(),
  receipt: z.string().nullable(),
  note: z.string().nullable(),
});

/** The newest callbacks that led to nothing: unverified, unmatched, set aside, or not processed yet. Bodies stay in the table: they hold phone numbers. */
export async function listCallbacks({ knex }: Database, write: Write): Promise<void> {
  const rows: unknown = await knex("callbacks")
    .whereNull("processed_at")
    .orWhereIn("verdict", ["unverified", "unmatched", "unprocessable"])
    .orderBy("received_at", "desc")
    .limit(LIST_MAX)
    .select("id", "received_at", "kind", "verdict", "receipt", "note");
  const callbacks = z.array(rowSchema).parse(rows);
  if (callbacks.length === 0) write("Every callback was processed.");
  for (const { id, received_at, kind, verdict, receipt, note } of callbacks)
    write([id, new Date(received_at).toISOString(), kind, verdict ?? "waiting", receipt ?? "-", note ?? ""].join("\t"));
}

/** Has the running service process a callback once more. Returns whether it exists. */
export async function replayCallback({ knex }: Database, id: string, write: Write): Promise<boolean> {
  const replayed = await knex("callbacks").where({ id }).update({ processed_at: null, verdict: null, next_try_at: null, tries: 0 });
  write(
    replayed > 0
      ? "The running service processes it again within seconds."
      : "There is no callback with this id. See: somopay callbacks list",
  );
  return replayed > 0;
}
