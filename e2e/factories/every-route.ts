/** Every route of docs/openapi.json as a request, with the ids of one site put in. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { roles, type Role } from "../../service/src/sites/roles.ts";

const methods = ["get", "post", "put", "patch", "delete"] as const;
const parameterSchema = z.object({ name: z.string(), in: z.string(), required: z.boolean().default(false) });
const exampleSchema = z.object({ value: z.record(z.string(), z.unknown()) });
const operationSchema = z.object({
  "x-least-role": z.enum(roles).default("viewer"),
  tags: z.array(z.string()),
  parameters: z.array(parameterSchema).default([]),
  requestBody: z
    .object({ content: z.object({ "application/json": z.object({ examples: z.record(z.string(), exampleSchema).optional() }) }) })
    .optional(),
});
const documentSchema = z.object({ paths: z.record(z.string(), z.partialRecord(z.enum(methods), operationSchema)) });

/** What the routes ask about: facts of one site, by the name of the parameter or of the body's member. */
export type Facts = Record<string, string>;

export type Route = {
  /** `GET /api/v1/bookings` */
  name: string;
  tag: string;
  method: Uppercase<(typeof methods)[number]>;
  path: string;
  /** The role that it takes, of a route for the server or the dashboard. */
  least: Role;
  /** Its path names one thing: a booking, a payment. */
  isAboutOne: boolean;
  /** One for each example of the body; one without a body if it needs none. */
  bodies: (Record<string, unknown> | undefined)[];
};

/**
 * @param facts for every path parameter, and for the query parameters and body members that name something. A query parameter that must be given is in every request of its route
 * @throws if a path parameter has none: then a route is new, and the facts must say what it asks about
 */
export function everyRoute(facts: Facts): Route[] {
  const file = join(import.meta.dirname, "../../docs/openapi.json");
  const { paths } = documentSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  return Object.entries(paths).flatMap(([path, operations]) =>
    methods.flatMap((method) => {
      const operation = operations[method];
      if (!operation) return [];
      const filled = path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => {
        const value = facts[name];
        if (value === undefined) throw new Error(`${path} asks about a ${name}: say which in the facts`);
        return encodeURIComponent(value);
      });
      const known = operation.parameters.filter((parameter) => parameter.in === "query" && facts[parameter.name] !== undefined);
      const search = (names: readonly string[]): string => {
        const text = new URLSearchParams(pick(facts, names)).toString();
        return text === "" ? "" : `?${text}`;
      };
      const needed = known.filter(({ required }) => required).map(({ name }) => name);
      const optional = known.filter(({ required }) => !required);
      const queries = ["", ...optional.map(({ name }) => name)].map((name) => ({ name, text: search([...needed, name]) }));
      const examples = Object.values(operation.requestBody?.content["application/json"].examples ?? {});
      const bodies = examples.map(({ value }) => ({ ...value, ...pick(facts, Object.keys(value)) }));
      return queries.map(({ name, text }) => ({
        name: `${method.toUpperCase()} ${path}${name === "" ? "" : `?${name}`}`,
        tag: operation.tags[0] ?? "",
        least: operation["x-least-role"],
        method: method.toUpperCase() as Route["method"],
        path: filled + text,
        isAboutOne: filled !== path,
        bodies: method === "get" || method === "delete" ? [undefined] : bodies.length > 0 ? bodies : [{}],
      }));
    }),
  );
}

function pick(facts: Facts, names: readonly string[]): Facts {
  return Object.fromEntries(names.flatMap((name) => (facts[name] === undefined ? [] : [[name, facts[name]]])));
}
