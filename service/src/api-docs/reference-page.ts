/** The HTTP API as one page of plain HTML, from openapi.json: no script, nothing from elsewhere. */
import { escape, htmlPage, prose } from "./html.ts";
import type { Media, OpenApiDocument, Operation, Schema } from "./openapi-document.ts";

type Route = { path: string; method: string; operation: Operation };

export function referencePage(document: OpenApiDocument): string {
  const routes: Route[] = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const groups = document.tags.map((tag) => ({ tag, routes: routes.filter(({ operation }) => operation.tags.includes(tag.name)) }));
  const { info, components } = document;
  const nav = groups
    .map(({ tag, routes: own }) => `<h2>${escape(tag.name)}</h2><ul>${own.map((route) => `<li>${linkTo(route)}</li>`).join("")}</ul>`)
    .join("");
  const schemas = Object.entries(components.schemas);
  const body = `<nav aria-label="Routes and schemas"><details><summary>Routes and schemas</summary>
${nav}<h2>Schemas</h2><ul>${schemas.map(([name]) => `<li>${schemaLink(name)}</li>`).join("")}</ul></details></nav>
<main><h1>${escape(info.title)}: HTTP API ${escape(info.version)}</h1>
<p>${prose(info.description)} <a href="/openapi.json">openapi.json</a> · <a href="/docs/errors">Errors</a></p>
${groups.map(({ tag, routes: own }) => `<section><h2>${escape(tag.name)}</h2><p>${prose(tag.description)}</p>${own.map(routeSection).join("\n")}</section>`).join("\n")}
<section><h2>Schemas</h2>${schemas.map(([name, schema]) => schemaSection(name, schema)).join("\n")}</section></main>`;
  return htmlPage(`${info.title}: HTTP API`, body);
}

function linkTo({ path, method, operation }: Route): string {
  return `<a href="#${escape(operation.operationId)}"><code>${method} ${escape(path)}</code></a>`;
}

function routeSection({ path, method, operation }: Route): string {
  const { operationId, summary, description, parameters, requestBody, responses } = operation;
  const rows = parameters.map(({ name, in: place, required = false, description: what = "", schema }) =>
    row([`<code>${escape(name)}</code>${required ? "" : " <small>optional</small>"}`, place, typeOf(schema), prose(what)]),
  );
  const media = requestBody?.content["application/json"];
  return [
    `<article id="${escape(operationId)}"><h3>${escape(summary)}</h3>`,
    `<p class="route"><code>${method} ${escape(path)}</code></p>`,
    description === undefined ? "" : `<p>${prose(description)}</p>`,
    `<p><b>Key:</b> ${keyOf(operation)}</p>`,
    rows.length === 0 ? "" : table(["Parameter", "in", "Type", ""], rows),
    media === undefined ? "" : `<h4>Body${requestBody?.required === true ? "" : " (optional)"}</h4>${describe(media)}`,
    "<h4>Answers</h4>",
    ...Object.entries(responses).map(([status, { description: what, content = {} }]) => answer(status, what, content)),
    "</article>",
  ].join("\n");
}

const KEYS: Record<string, string> = { secretKey: "secret key", publishableKey: "publishable key" };

function keyOf({ security }: Operation): string {
  const names = security.flatMap((one) => Object.keys(one)).map((name) => KEYS[name] ?? name);
  return names.length === 0 ? "none" : escape(names.join(" or "));
}

function answer(status: string, what: string, content: Record<string, Media>): string {
  const problems = content["application/problem+json"]?.examples;
  if (problems) {
    const links = Object.keys(problems).map((code) => `<a href="/docs/errors#${escape(code)}"><code>${escape(code)}</code></a>`);
    return `<p><b>${escape(status)}</b> ${links.join(" ")}</p>`;
  }
  const media = content["application/json"];
  return `<p><b>${escape(status)}</b> ${prose(what)}</p>${media === undefined ? "" : describe(media)}`;
}

function describe({ schema, example, examples = {} }: Media): string {
  const shown = example === undefined ? Object.values(examples).map(({ value }) => value) : [example];
  const code = shown.map((one) => `<pre><code>${escape(JSON.stringify(one, null, 2))}</code></pre>`).join("");
  return `${schema === undefined ? "" : members(schema)}${code === "" ? "" : `<details><summary>Example</summary>${code}</details>`}`;
}

function schemaSection(name: string, schema: Schema): string {
  const what = schema.description === undefined ? "" : `<p>${prose(schema.description)}</p>`;
  return `<article id="schema-${escape(name)}"><h3>${escape(name)}</h3>${what}${members(schema)}</article>`;
}

/** A table of an object's members, those of inner objects with dots; the type alone, if it is no object. */
function members(schema: Schema): string {
  const either = schema.oneOf;
  if (either) return either.map(members).join("<p>or</p>");
  const rows = memberRows(schema, "");
  return rows.length === 0 ? `<p>${typeOf(schema)}</p>` : table(["Member", "Type", ""], rows);
}

function memberRows(schema: Schema, prefix: string): string[] {
  const required = new Set(schema.required);
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const label = `<code>${escape(prefix + name)}</code>${required.has(name) ? "" : " <small>optional</small>"}`;
    const inner = innerObject(member);
    return [
      row([label, typeOf(member), prose(member.description ?? "")]),
      ...(inner ? memberRows(inner, `${prefix}${name}${member.type === "array" ? "[]" : ""}.`) : []),
    ];
  });
}

function innerObject(schema: Schema): Schema | undefined {
  const candidates = [schema, ...(schema.items ? [schema.items] : []), ...(schema.anyOf ?? [])];
  return candidates.find(({ properties }) => properties !== undefined);
}

function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return schemaLink(schema.$ref.split("/").at(-1) ?? "");
  if (schema.enum) return schema.enum.map((value) => `<code>${escape(String(value))}</code>`).join(" ");
  if (schema.const !== undefined) return `<code>${escape(String(schema.const))}</code>`;
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return either.map(typeOf).join(" or ");
  if (schema.type === "array") return `array of ${schema.items ? typeOf(schema.items) : "anything"}`;
  const type = [schema.type ?? "anything"].flat().join(" or ");
  return escape(schema.format === undefined ? type : `${type} (${schema.format})`);
}

function schemaLink(name: string): string {
  return `<a href="#schema-${escape(name)}">${escape(name)}</a>`;
}

function table(head: readonly string[], rows: readonly string[]): string {
  const cells = head.map((text) => `<th scope="col">${escape(text)}</th>`).join("");
  return `<div class="table"><table><thead><tr>${cells}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
}

function row(cells: readonly string[]): string {
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
}
