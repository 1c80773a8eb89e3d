import type { Knex } from "knex";
import { z } from "zod";

const clientSchema = z.object({ config: z.object({ client: z.string() }) });

/** Ids and keys are told apart by case on every database, as SQLite does; the tables that follow inherit it. */
export async function up(knex: Knex): Promise<void> {
  if (clientSchema.parse(knex.client).config.client === "mysql2")
    await knex.raw("ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
}

export async function down(): Promise<void> {
  // The server's default before is not known; nothing depends on it.
}
