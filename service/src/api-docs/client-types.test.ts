import { expect, it } from "vitest";
import { clientTypes } from "./client-types.ts";
import type { OpenApiDocument, Schema } from "./openapi-document.ts";

const text: Schema = { type: "string" };
const object = (properties: Record<string, Schema>, required = Object.keys(properties)): Schema => ({
  type: "object",
  properties,
  required,
});
const four = { a: text, b: text, c: text, d: text };

function typesOf(schemas: Record<string, Schema>): string {
  const document: OpenApiDocument = {
    info: { title: "", version: "", description: "" },
    tags: [],
    paths: {},
    components: { schemas },
  };
  return clientTypes(document);
}

it("a schema with all members of another names it, and writes only what it has beside them", () => {
  const types = typesOf({ Small: object(four), Large: object({ ...four, e: text }), Larger: object({ ...four, e: text, f: text }) });
  expect(types).toContain("export type Small = {\n  a: string;\n");
  expect(types).toContain("export type Large = Small & {\n  e: string;\n};");
  expect(types).toContain("export type Larger = Large & {\n  f: string;\n};");
});

it.each<[string, Schema]>([
  ["a member has another type", object({ ...four, d: { type: "integer" }, e: text })],
  ["a member may be missing", object({ ...four, e: text }, ["a", "b", "c", "e"])],
  ["a member is not there", object({ a: text, b: text, c: text, e: text, f: text })],
])("it does not, if %s", (_case, schema) => {
  expect(typesOf({ Small: object(four), Other: schema })).toContain("export type Other = {\n");
});

it("few members are alike by chance", () => {
  expect(typesOf({ Small: object({ a: text, b: text }), Other: object({ a: text, b: text, c: text }) })).not.toContain(" & ");
});
