/** Who works at a site, and what each role may do: over every route of openapi.json. */
import { describe, expect, it, test } from "vitest";
import { z } from "zod";
import type { Answer } from "../factories/calls.ts";
import { call } from "../factories/calls.ts";
import { everyRoute, type Route } from "../factories/every-route.ts";
import { callApi, newBrowser, newEmail, newMember, PASSWORD, tokenOf, type Member } from "../factories/people.ts";
import { SECRETS_KEY } from "../factories/own-account.ts";
import { readRows } from "../factories/records.ts";
import { until } from "../factories/until.ts";
import { roles, type Role } from "../../service/src/sites/roles.ts";
import { createApiKeyStore } from "../../service/src/sites/api-key-store.ts";
import { createIds } from "../../service/src/platform/ids.ts";
import { deployments, SECRET_KEY, sharedStack, stackForTest, type Stack } from "../fixtures.ts";

const codeOf = ({ body }: Answer): unknown => z.object({ code: z.string() }).safeParse(body).data?.code;
const staffSchema = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      name: z.string().nullable(),
      email: z.string(),
      role: z.string(),
      lastSeenAt: z.number().nullable(),
      invited: z.boolean(),
    }),
  ),
});
const listStaff = async (member: Member) => staffSchema.parse((await callApi(member, "/staff")).body).data;
const idOf = async (owner: Member, email: string): Promise<string> => {
  const found = (await listStaff(owner)).find((one) => one.email === email);
  if (!found) throw new Error(`${email} does not work there`);
  return found.id;
};

describe.each(deployments)("staff (%s)", (deployment) => {
  const stack = sharedStack(deployment, { environment: { SECRETS_KEY } });

  it("are invited by an owner, accept, are listed, get another role and are removed", async () => {
    const { service } = stack();
    const owner = await newMember(service);
    const email = newEmail("new");
    const invited = await callApi(owner, "/staff", {
      body: { email: email.toUpperCase(), role: "manager" },
      headers: { "Idempotency-Key": email },
    });
    expect(invited).toMatchObject({
      status: 201,
      body: { name: null, email, role: "manager", invited: true, mailed: false, lastSeenAt: null },
    });
    const { id, link } = z.object({ id: z.string(), link: z.string() }).parse(invited.body);
    // The link is shown once.
    const again = await callApi(owner, "/staff", {
      body: { email: email.toUpperCase(), role: "manager" },
      headers: { "Idempotency-Key": email },
    });
    expect(again.body).toMatchObject({ id });
    expect(again.body).not.toHaveProperty("link");
    expect(JSON.stringify(await listStaff(owner))).not.toContain(tokenOf(link));

    const browser = newBrowser(service);
    const accepted = await browser.call(`/dashboard/invitations/${tokenOf(link)}`, { body: { name: "Njeri", password: PASSWORD } });
    expect(accepted).toMatchObject({ status: 200, body: { sites: [{ role: "manager" }] } });
    const member = { ...owner, browser, email };
    expect((await callApi(member, "/session-types/x", { method: "DELETE" })).status).toBe(404);
    const [first] = (await listStaff(owner)).filter((one) => one.email === email);
    expect(first).toMatchObject({ name: "Njeri", role: "manager", invited: false, lastSeenAt: expect.any(Number) });

    const staffId = first?.id ?? "";
    expect(await callApi(owner, `/staff/${staffId}`, { method: "PATCH", body: { role: "viewer" } })).toMatchObject({
      status: 200,
      body: { role: "viewer" },
    });
    expect(codeOf(await callApi(member, "/session-types/x", { method: "DELETE" }))).toBe("forbidden_role");
    expect((await callApi(owner, `/staff/${staffId}`, { method: "DELETE" })).status).toBe(204);
    expect(codeOf(await callApi(member, "/bookings"))).toBe("site_not_found");
    expect((await browser.call("/dashboard/session")).body).toMatchObject({ sites: [] });
  });

  it("an invitation is replaced by the next one, taken back, and refused for who works there", async () => {
    const { service } = stack();
    const owner = await newMember(service);
    const email = newEmail("late");
    const invite = async (wish: object) => callApi(owner, "/staff", { body: { email, role: "viewer", ...wish } });
    const first = z.object({ link: z.string() }).parse((await invite({})).body);
    const second = z.object({ link: z.string(), id: z.string() }).parse((await invite({ role: "manager" })).body);
    const open = async (link: string) => (await newBrowser(service).call(`/dashboard/invitations/${tokenOf(link)}`)).status;
    expect([await open(first.link), await open(second.link)]).toEqual([404, 200]);
    expect((await callApi(owner, `/staff/${second.id}`, { method: "PATCH", body: { role: "viewer" } })).body).toMatchObject({
      role: "viewer",
      invited: true,
    });
    expect((await callApi(owner, `/staff/${second.id}`, { method: "DELETE" })).status).toBe(204);
    expect(await open(second.link)).toBe(404);
    expect(codeOf(await invite({ email: owner.email }))).toBe("staff_known");
    expect((await callApi(owner, "/staff", { body: { email: "not an address", role: "viewer" } })).status).toBe(400);
  });

  it("always have an owner, also if two owners remove each other at once", async () => {
    // A site of its own: at the shared one there are other owners.
    const { service } = stack();
    const name = `Own site of ${newEmail("it")}`;
    await service.service.siteStore.add({
      name,
      allowedOrigins: ["https://own.example"],
      sessionTypes: [],
      publishableKey: `pk_${newEmail("a").replaceAll(/\W/g, "")}`,
    });
    const [one, other] = [await newMember(service, "owner", name), await newMember(service, "owner", name)];
    const [oneId, otherId] = [await idOf(one, one.email), await idOf(one, other.email)];
    const answers = await Promise.all([
      callApi(one, `/staff/${otherId}`, { method: "DELETE" }),
      callApi(other, `/staff/${oneId}`, { method: "DELETE" }),
    ]);
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    const left = answers[0]?.status === 204 ? one : other;
    const ownId = left === one ? oneId : otherId;
    expect(codeOf(await callApi(left, `/staff/${ownId}`, { method: "DELETE" }))).toBe("last_owner");
    expect(codeOf(await callApi(left, `/staff/${ownId}`, { method: "PATCH", body: { role: "manager" } }))).toBe("last_owner");
    expect((await callApi(left, `/staff/${ownId}`, { method: "PATCH", body: { role: "owner" } })).status).toBe(200);
  });

  it("of another site cannot be changed", async () => {
    const { service } = stack();
    const name = `Site of ${newEmail("another")}`;
    await service.service.siteStore.add({
      name,
      allowedOrigins: ["https://own.example"],
      sessionTypes: [],
      publishableKey: `pk_${newEmail("b").replaceAll(/\W/g, "")}`,
    });
    const [here, there] = [await newMember(service), await newMember(service, "owner", name)];
    const id = await idOf(there, there.email);
    expect(codeOf(await callApi(here, `/staff/${id}`, { method: "PATCH", body: { role: "viewer" } }))).toBe("staff_not_found");
    expect(codeOf(await callApi(here, `/staff/${id}`, { method: "DELETE" }))).toBe("staff_not_found");
  });
});

describe("roles", () => {
  const FACTS = {
    bookingId: "bk_nobodys",
    paymentId: "pay_nobodys",
    receipt: "ABCDEFGHIJ",
    callbackId: "cb_nobodys",
    endpointId: "we_nobodys",
    deliveryId: "wd_nobodys",
    staffId: "staff_nobodys",
    token: "0".repeat(64),
    q: "Onlyhere",
    from: "2026-12-01",
    to: "2026-12-31",
    code: "maths-1h",
    secret: "0".repeat(64),
    version: "0.0.0",
    file: "somo-pay.js",
  };
  /** It does not end; whoever may read may listen. */
  const LIVE = "/api/v1/live";
  /** A path parameter of a route that is new here names nothing of this site either. */
  const facts: Record<string, string> = new Proxy(FACTS, {
    get: (known, name) => Reflect.get(known, name) ?? (typeof name === "string" && /id$/i.test(name) ? "x_nobodys" : undefined),
  });
  const routes = everyRoute(facts).filter(({ tag, path }) => tag === "server" && path !== LIVE);
  const may = (role: Role, least: Role): boolean => roles.indexOf(role) >= roles.indexOf(least);
  const callers = ["viewer", "manager", "owner", "a secret key", "a key that may only read"] as const;
  const roleOf = {
    viewer: "viewer",
    manager: "manager",
    owner: "owner",
    "a secret key": "manager",
    "a key that may only read": "viewer",
  } as const;

  async function asCaller(
    stack: Stack,
    who: (typeof callers)[number],
  ): Promise<(route: Route, body: object | undefined) => Promise<Answer>> {
    const { service } = stack;
    if (who === "viewer" || who === "manager" || who === "owner") {
      const member = await newMember(service, who);
      return ({ method, path }, body) => callApi(member, path.replace("/api/v1", ""), { method, ...(body && { body }) });
    }
    const keys = createApiKeyStore({ database: service.service.database, ids: createIds(Date.now), now: Date.now });
    const key =
      who === "a secret key"
        ? SECRET_KEY
        : (await keys.add({ siteId: (await newMember(service)).siteId, name: "reports", access: "read" })).secret;
    const headers = { Origin: "", "X-Site-Key": "", Authorization: `Bearer ${key}` };
    await until("the key to be known", async () => (await call(service.url, "/api/v1/bookings", { headers })).status === 200);
    return ({ method, path }, body) => call(service.url, path, { method, headers, ...(body && { body }) });
  }

  test.each(callers)("%s may do what the role may, on every route", async (who) => {
    const stack = await stackForTest({ environment: { SECRETS_KEY } });
    const ask = await asCaller(stack, who);
    const before = await readRows(stack.service.service.database);
    expect(routes.length).toBeGreaterThan(30);
    for (const route of routes)
      for (const body of route.bodies) {
        const answer = await ask(route, body);
        const isAllowed = may(roleOf[who], route.least);
        const isRefused = ["forbidden_role", "key_read_only"].includes(String(codeOf(answer)));
        expect([route.name, route.least, answer.status, isRefused]).toEqual([
          route.name,
          route.least,
          isAllowed ? answer.status : 403,
          !isAllowed,
        ]);
        expect(answer.status).toBeLessThan(500);
      }
    if (roleOf[who] === "viewer") expect(await readRows(stack.service.service.database)).toEqual(before);
  });

  it("a signed-in person's decision bears the person's name, whatever the request says; a key cannot claim to be one", async () => {
    const { service } = await stackForTest();
    const member = await newMember(service, "manager");
    const booking = async (): Promise<string> => {
      const wish = { sessionType: "maths-1h", date: "2036-12-09", time: "10:00", parentName: "A", childName: "B", email: "a@example.com" };
      return z.object({ bookingId: z.string() }).parse((await callApi(member, "/bookings", { body: wish })).body).bookingId;
    };
    const bookingId = await booking();
    const cancel = { reason: "ill", actor: "person:somebody@else.example" };
    expect((await callApi(member, `/bookings/${bookingId}/cancel`, { body: cancel })).status).toBe(200);
    const { knex } = service.service.database;
    const history = JSON.stringify(await knex("payment_history"));
    expect(history).not.toContain("somebody@else");
    const another = await booking();
    const headers = { Origin: "", "X-Site-Key": "", Authorization: `Bearer ${SECRET_KEY}` };
    for (const actor of ["person:amina@example.com", "Key: reports", " PERSON : x"]) {
      const answer = await call(service.url, `/api/v1/bookings/${another}/cancel`, { headers, body: { reason: "ill", actor } });
      expect([actor, answer.status]).toEqual([actor, 400]);
    }
  });
});
