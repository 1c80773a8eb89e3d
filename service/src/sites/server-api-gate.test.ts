import type { AddressInfo } from "node:net";
import express from "express";
import { expect, onTestFinished, test } from "vitest";
import { errorHandler } from "../platform/error-handler.ts";
import { ServiceError } from "../platform/errors.ts";
import type { ApiCaller } from "./api-caller.ts";
import { roles, type Role } from "./roles.ts";
import { createServerApiGate } from "./server-api-gate.ts";
import type { SiteDirectory } from "./site-directory.ts";
import type { Site } from "./site.ts";

const site: Site = {
  id: "site_amani",
  name: "Amani Tutors",
  allowedOrigins: [],
  publishableKey: "pk_amani",
  webhookUrl: null,
  mpesaAccountId: null,
  sessionTypes: [],
};
const nobody = async (): Promise<never> => {
  throw new ServiceError("site_key_missing");
};
const sites: SiteDirectory = {
  byId: async () => site,
  byPublishableKey: async () => null,
  bySecretKey: async () => null,
  isKnownOrigin: async () => false,
  accounts: { ofSite: async () => null, ofPayment: async () => null, ofShortcode: async () => null, isUnreadable: async () => false },
  isAloneOnAccount: async () => false,
  unreadable: async () => [],
  reread: () => undefined,
  logUnreadable: async () => undefined,
};

/** A service whose routes forget to ask who calls. */
async function listenTo(findPerson: () => Promise<ApiCaller>): Promise<string> {
  const app = express();
  app.use(createServerApiGate({ sites, findPerson, limit: { count: 3, durationS: 60 }, redis: null }));
  app.use("/api/v1/forgetful", (_request, response) => void response.json({}));
  app.use(errorHandler);
  const server = app.listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/forgetful`;
}

const personWith = (role: Role) => async (): Promise<ApiCaller> => ({
  site,
  role,
  actor: "person:amina@example.com",
  by: "person",
  personId: "person_1",
  provenAtMs: 0,
});

test.each(["POST", "PUT", "PATCH", "DELETE", "PROPFIND"])("a viewer may not %s, also where a route forgets to ask", async (method) => {
  expect((await fetch(await listenTo(personWith("viewer")), { method })).status).toBe(403);
  expect((await fetch(await listenTo(personWith("manager")), { method })).status).toBe(200);
});

test.each(roles)("a %s may read", async (role) => {
  for (const method of ["GET", "HEAD"]) expect((await fetch(await listenTo(personWith(role)), { method })).status).toBe(200);
});

test("whoever is nobody gets nothing", async () => {
  for (const method of ["GET", "POST"]) expect((await fetch(await listenTo(nobody), { method })).status).toBe(401);
});

test("a person is counted apart from the site, and the answers are for our own pages only", async () => {
  const url = await listenTo(personWith("owner"));
  const answers: Response[] = [];
  for (let index = 0; index < 4; index++) answers.push(await fetch(url));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
  expect(answers[0]?.headers.get("RateLimit-Policy")).toBe('"person";q=3;w=60');
  expect(answers[0]?.headers.get("Cross-Origin-Resource-Policy")).toBe("same-origin");
});
