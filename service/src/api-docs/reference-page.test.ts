import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import express from "express";
import { expect, it, onTestFinished } from "vitest";
import { createApiDocsRouter } from "./api-docs-router.ts";
import { STYLES } from "./html.ts";
import { openApiDocumentSchema } from "./openapi-document.ts";
import { referencePage } from "./reference-page.ts";

const file = join(import.meta.dirname, "../../../docs/openapi.json");
const document = openApiDocumentSchema.parse(JSON.parse(readFileSync(file, "utf8")));

async function served(): Promise<string> {
  const server = express().use(createApiDocsRouter()).listen(0);
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}

it("has a section for each route and each schema, and every link inside it leads somewhere", () => {
  const html = referencePage(document);
  const ids = new Set(Array.from(html.matchAll(/ id="([^"]+)"/g), ([, id]) => id));
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  for (const { operationId } of operations) expect(ids).toContain(operationId);
  for (const name of Object.keys(document.components.schemas)) expect(ids).toContain(`schema-${name}`);
  const links = Array.from(html.matchAll(/ href="#([^"]+)"/g), ([, id]) => id);
  expect(links.length).toBeGreaterThan(60);
  expect(links.filter((id) => !ids.has(id))).toEqual([]);
});

it("folds the list of routes, so that a phone shows the title first; wide screens show it all", () => {
  expect(referencePage(document)).toMatch(/<nav[^>]*><details><summary>Routes and schemas<\/summary>/);
  expect(STYLES.slice(STYLES.indexOf("@media (min-width: 1100px)"))).toContain(
    "nav details::details-content { content-visibility: visible;",
  );
});

it("is served with a policy under which it needs no script and nothing from elsewhere", async () => {
  const url = await served();
  for (const path of ["/docs", "/docs/errors"]) {
    const response = await fetch(url + path);
    const html = await response.text();
    expect(response.status).toBe(200);
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'; style-src 'self'");
    expect(html).not.toMatch(/<script|<style| style=| src=|href="http/);
    expect(html).toContain('<link rel="stylesheet" href="/docs/docs.css">');
  }
  expect((await fetch(`${url}/docs/docs.css`)).headers.get("content-type")).toContain("text/css");
});

it("each error that a route names has its place on the error page", async () => {
  const url = await served();
  const errors = await (await fetch(`${url}/docs/errors`)).text();
  const codes = Array.from(referencePage(document).matchAll(/\/docs\/errors#(\w+)/g), ([, code]) => code);
  expect(codes.length).toBeGreaterThan(100);
  for (const code of new Set(codes)) expect(errors).toContain(`<article id="${code}">`);
});
