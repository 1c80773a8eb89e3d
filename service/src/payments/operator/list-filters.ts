/** The filters that the owner's lists share. */
import type { Knex } from "knex";
import { z } from "zod";
import { normaliseReference } from "../c2b/match-payment.ts";

const SHORTEST_ENDING = 3;

export const filterShape = {
  receipt: z
    .string()
    .max(32)
    .transform((text) => text.toUpperCase())
    .optional()
    .describe("M-Pesa's; capitals do not matter."),
  reference: z
    .string()
    .max(40)
    .transform(normaliseReference)
    .optional()
    .describe("A booking's; capitals, spaces and dashes do not matter."),
  phoneEnding: z
    .string()
    .regex(/^\d{3,9}$/, "must be the last 3 to 9 digits")
    .optional()
    .describe("The last 3 to 9 digits of the phone that paid or was asked to. Once the parent's data was erased, only 3 are left."),
  from: z.coerce.number().int().optional().describe("Not older than this. UTC milliseconds."),
  to: z.coerce.number().int().optional().describe("Older than this. UTC milliseconds."),
};

/** @param table the name or alias of `payments` in the query */
export function wherePhoneEnds(query: Knex.QueryBuilder, table: string, ending: string): void {
  // An index begins with the last three digits.
  void query.where(`${table}.phone_ending`, ending.slice(-SHORTEST_ENDING));
  if (ending.length > SHORTEST_ENDING) void query.where(`${table}.phone`, "like", `%${ending}`);
}

export function whereBetween(
  query: Knex.QueryBuilder,
  column: string,
  { from, to }: { from?: number | undefined; to?: number | undefined },
): void {
  if (from !== undefined) void query.where(column, ">=", from);
  if (to !== undefined) void query.where(column, "<", to);
}
