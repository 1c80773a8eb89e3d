import type { Knex } from "knex";
import { z } from "zod";

/** A column's name, the schema of its values, and how a value is written if it must be converted. */
export type Column<Value> = { name: string; schema: z.ZodType<Value>; write: (value: Value) => unknown };

export function column<Value>(name: string, schema: z.ZodType<Value>, write: (value: Value) => unknown = (value) => value): Column<Value> {
  return { name, schema, write };
}

export const text = (name: string): Column<string> => column(name, z.string());
export const wholeNumber = (name: string): Column<number> => column(name, z.number().int());
export const optionalNumber = (name: string): Column<number | null> => column(name, z.number().int().nullable());
/** A boolean: 0 or 1 in every database. */
export const flag = (name: string): Column<boolean> =>
  column(
    name,
    z.union([z.literal(0), z.literal(1)]).transform((value) => value === 1),
    (value) => (value ? 1 : 0),
  );
/** @param maxLength the column's length; longer text is truncated when it is written, never refused */
export const optionalText = (name: string, maxLength = Infinity): Column<string | null> =>
  column(name, z.string().nullable(), (value) => (maxLength === Infinity ? value : (value?.slice(0, maxLength) ?? null)));

export type RowMapper<Value> = {
  /** @throws ZodError if the row does not match the columns */
  parse(row: unknown): Value;
  toRow(value: Value): Record<string, unknown>;
};

/** Converts between a type's members and its table's columns. Every member has a column; other columns of a row are ignored. */
export function rowMapper<Value extends object>(columns: { [Member in keyof Value]-?: Column<Value[Member]> }): RowMapper<Value> {
  const members = Object.keys(columns) as (keyof Value & string)[];
  const schema = z.object(Object.fromEntries(members.map((member) => [columns[member].name, columns[member].schema])));
  return {
    parse(row) {
      const parsed = schema.parse(row);
      // Each member has just been parsed by its own schema.
      return Object.fromEntries(members.map((member) => [member, parsed[columns[member].name]])) as Value;
    },
    toRow: (value) => Object.fromEntries(members.map((member) => [columns[member].name, columns[member].write(value[member])])),
  };
}

/** The query's first row, parsed; null if there is none. */
export async function firstOrNull<Value>(query: Knex.QueryBuilder, parse: (row: unknown) => Value): Promise<Value | null> {
  const row: unknown = await query.first();
  return row === undefined ? null : parse(row);
}
