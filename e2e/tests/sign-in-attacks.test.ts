/** Accounts as an attacker tries them: guessing, enumerating, planting cookies, calling from other pages. */
import { describe, expect, it, test } from "vitest";
import { z } from "zod";
import type { Answer } from "../factories/calls.ts";
import { callApi, fromElsewhere, invite, newBrowser, newEmail, newMember, PASSWORD, signIn, type Browser } from "../factories/people.ts";
import { expectNone } from "../factories/private-words.ts";
import { secondSite, openAccount, SECRETS_KEY } from "../factories/own-account.ts";
import { deployments, sharedStack, stackForTest } from "../fixtures.ts";

const GUESSES = 10;
const codeOf = ({ body }: Answer): unknown => z.object({ code: z.string() }).safeParse(body).data?.code;
const behindProxy = { environment: { TRUST_PROXY: "loopback", SECRETS_KEY } };

async function guess(browser: Browser, email: string, count: number): Promise<unknown[]> {
  const answers = await Promise.all(Array.from({ length: count }, (_, index) => signIn(browser, email, `guess number ${index}`)));
  return answers.map(({ status }) => status);
}

describe.each(deployments)("guessing (%s)", (deployment) => {
  const stack = sharedStack(deployment, behindProxy);

  it("stops after ten passwords, sent at once or from many addresses, whether the address is known or not", async () => {
    const { service } = stack();
    const { email } = await newMember(service);
    for (const one of [email, newEmail("nobody")]) {
      const statuses = await guess(newBrowser(service, fromElsewhere()), one, 4 * GUESSES);
      expect(statuses.filter((status) => status === 401)).toHaveLength(GUESSES);
      expect(statuses.filter((status) => status === 429)).toHaveLength(3 * GUESSES);
      // Also the right one, from where nobody has signed in before.
      const locked = await signIn(newBrowser(service, fromElsewhere()), one);
      expect(locked).toMatchObject({ status: 429, body: { code: "too_many_requests", retryAfterMs: expect.any(Number) } });
      expect(Number(locked.headers["retry-after"])).toBeLessThanOrEqual(900);
    }
  });

  it("does not lock out a browser in which the person has signed in before, and that browser has a limit too", async () => {
    const { service } = stack();
    const { email, browser } = await newMember(service);
    await browser.call("/dashboard/sign-out", { method: "POST" });
    await guess(newBrowser(service, fromElsewhere()), email, 2 * GUESSES);
    expect((await signIn(browser, email)).status).toBe(200);
    // A thief with the browser's cookie.
    expect((await guess(browser, email, 2 * GUESSES)).filter((status) => status === 401)).toHaveLength(GUESSES);
    expect((await signIn(browser, email)).status).toBe(429);
  });

  it("known in another person's browser is known for that person only", async () => {
    const { service } = stack();
    const [attacker, victim] = [await newMember(service), await newMember(service)];
    const statuses = await guess(attacker.browser, victim.email, 2 * GUESSES);
    expect(statuses.filter((status) => status === 401)).toHaveLength(GUESSES);
  });

  it("many accounts from one address stops too", async () => {
    const { service } = stack();
    const browser = newBrowser(service, fromElsewhere());
    const statuses = await Promise.all(
      Array.from({ length: 120 }, async () => (await signIn(browser, newEmail("spray"), "Password123")).status),
    );
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(20);
  });

  it("links stops too, and a good one does not count", async () => {
    const { service } = stack();
    const browser = newBrowser(service, fromElsewhere());
    const good = await invite(service, newEmail("invited"));
    const answers: number[] = [];
    for (let index = 0; index < 70; index++) {
      const token = index % 2 === 0 ? good : "0".repeat(64);
      answers.push((await browser.call(`/dashboard/invitations/${token}`)).status);
    }
    expect(answers).not.toContain(429);
    const misses = Array.from({ length: 30 }, async () => (await browser.call(`/dashboard/invitations/${"1".repeat(64)}`)).status);
    expect(await Promise.all(misses)).toContain(429);
  });
});

describe("whether an address has an account", () => {
  const stack = sharedStack("SQLite, in-process", behindProxy);
  const withoutDate = ({ status, headers: { date: _date, ...headers }, body }: Answer) => ({ status, headers, body });

  it("shows in no answer of the sign-in and of the forgotten password", async () => {
    const { service } = stack();
    const { email } = await newMember(service);
    const ask = async (path: string, body: object) => withoutDate(await newBrowser(service, fromElsewhere()).call(path, { body }));
    for (const [path, more] of [
      ["/dashboard/sign-in", { password: "not the password" }],
      ["/dashboard/password-reset", {}],
    ] as const)
      expect(await ask(path, { email, ...more })).toEqual(await ask(path, { email: newEmail("nobody"), ...more }));
  });

  it("shows in no answer's time", async () => {
    const { service } = stack();
    const { email } = await newMember(service);
    const times: Record<"known" | "unknown", number[]> = { known: [], unknown: [] };
    // By turns, so that a busy machine delays both alike.
    for (let round = 0; round < 9; round++)
      for (const [kind, address] of [
        ["known", email],
        ["unknown", newEmail("nobody")],
      ] as const) {
        const startedAt = performance.now();
        await signIn(newBrowser(service, fromElsewhere()), address, "not the password");
        times[kind].push(performance.now() - startedAt);
      }
    const median = (values: number[]): number => values.toSorted((left, right) => left - right)[4] ?? 0;
    const ratio = median(times.known) / median(times.unknown);
    // Without a password hash of nobody's, it is about ten.
    expect(ratio).toBeGreaterThan(0.4);
    expect(ratio).toBeLessThan(2.5);
  });
});

describe("sessions", () => {
  const stack = sharedStack("MariaDB, Redis", behindProxy);

  it("a planted cookie is not taken over: signing in makes a new one, and ends the old one", async () => {
    const { service } = stack();
    const [attacker, victim] = [await newMember(service), await newMember(service)];
    const planted = attacker.browser.cookies.get("somopay") ?? "";
    victim.browser.cookies.set("somopay", planted);
    await signIn(victim.browser, victim.email);
    expect(victim.browser.cookies.get("somopay")).toMatch(/^[0-9a-f]{64}$/);
    expect(victim.browser.cookies.get("somopay")).not.toBe(planted);
    expect((await attacker.browser.call("/dashboard/session")).status).toBe(401);

    const invented = "a".repeat(64);
    victim.browser.cookies.set("somopay", invented).set("somopay-device", invented);
    await signIn(victim.browser, victim.email);
    expect([...victim.browser.cookies.values()]).not.toContain(invented);
  });

  test.each(["", "x", "'", "../../etc/passwd", "0".repeat(64), "0".repeat(10_000)])("a session cookie %j is nobody's", async (value) => {
    const browser = newBrowser(stack().service);
    browser.cookies.set("somopay", value);
    expect((await browser.call("/dashboard/session")).status).toBe(401);
    expect((await browser.call("/api/v1/bookings", { headers: { "SomoPay-Site": "site_x" } })).status).toBe(401);
  });

  it("ends after three days without use, and after a month in any case", async () => {
    const { service, clock } = await stackForTest();
    const [{ browser }, idle] = [await newMember(service), await newMember(service)];
    const DAY_MS = 24 * 60 * 60_000;
    const isGoodAfter = async (days: number): Promise<boolean> => {
      clock.advance(days * DAY_MS);
      return (await browser.call("/dashboard/session")).status === 200;
    };
    expect(await isGoodAfter(2)).toBe(true);
    expect(await isGoodAfter(2)).toBe(true);
    expect((await idle.browser.call("/dashboard/session")).status).toBe(401);
    for (let used = 2; used < 14; used++) expect(await isGoodAfter(2)).toBe(true);
    expect(await isGoodAfter(2)).toBe(false);
  });

  it("end with the password, everywhere else, and no earlier browser is known any more", async () => {
    const { service } = stack();
    const { browser, email } = await newMember(service);
    const phone = newBrowser(service, fromElsewhere());
    await signIn(phone, email);
    const next = "mamba hulala mtoni";
    const change = (current: string, wanted: string) => browser.call("/dashboard/password", { body: { current, next: wanted } });
    expect(codeOf(await change("wrong", next))).toBe("password_wrong");
    expect(codeOf(await change(PASSWORD, "password1"))).toBe("password_weak");
    expect((await change(PASSWORD, next)).status).toBe(204);
    expect((await browser.call("/dashboard/session")).status).toBe(200);
    expect((await phone.call("/dashboard/session")).status).toBe(401);
    expect((await signIn(phone, email)).status).toBe(401);
    expect((await guess(phone, email, 2 * GUESSES)).filter((status) => status === 401).length).toBeLessThan(GUESSES);
    expect((await signIn(browser, email, next)).status).toBe(200);
  });

  it("are listed, and one of the own can be ended, and no other person's", async () => {
    const { service } = stack();
    const [member, other] = [await newMember(service), await newMember(service)];
    const phone = newBrowser(service, { ...fromElsewhere(), "User-Agent": "Mozilla/5.0 (iPhone) Version/17.0 Safari/604.1" });
    await signIn(phone, member.email);
    const list = async (browser: Browser) =>
      z
        .object({
          data: z.array(z.looseObject({ id: z.string(), device: z.string(), current: z.boolean(), ended: z.number().optional() })),
        })
        .parse((await browser.call("/dashboard/sign-ins")).body).data;
    const [onPhone, first] = await list(member.browser);
    expect([onPhone, first]).toMatchObject([
      { device: "Safari on iOS", current: false },
      { device: "Chrome on Android", current: true },
    ]);
    const path = `/dashboard/sign-ins/${onPhone?.id}`;
    expect((await other.browser.call(path, { method: "DELETE" })).status).toBe(404);
    expect((await phone.call("/dashboard/session")).status).toBe(200);
    expect((await member.browser.call(path, { method: "DELETE" })).status).toBe(204);
    expect((await phone.call("/dashboard/session")).status).toBe(401);
    expect((await list(member.browser))[0]?.ended).toBeGreaterThan(0);
  });

  it("leave no token, password or address in the database or in the log that would help a reader", async () => {
    const { service, logLines } = await stackForTest(behindProxy);
    const email = newEmail("hidden");
    const token = await invite(service, email);
    const browser = newBrowser(service);
    await browser.call(`/dashboard/invitations/${token}`, { body: { name: "Hidden Onlyhere", password: PASSWORD } });
    await browser.call("/dashboard/session");
    await signIn(newBrowser(service), email, "not the password");
    const { secret } = z.object({ secret: z.string() }).parse((await browser.call("/dashboard/two-factor", { method: "POST" })).body);
    const secrets = [token, PASSWORD, secret, "not the password", ...browser.cookies.values()];
    const { knex } = service.service.database;
    const tables = ["people", "staff", "invitations", "sign_ins", "sign_in_steps", "known_devices", "password_resets", "backup_codes"];
    const rows = await Promise.all(tables.map(async (table) => JSON.stringify(await knex(table))));
    expectNone(secrets, rows, "the database");
    expectNone([...secrets, email, "Onlyhere"], logLines, "the log");
  });
});

describe("cookies", () => {
  it("over https are kept to this host, from scripts and from other sites", async () => {
    const { service } = await stackForTest({ environment: { PUBLIC_URL: "https://pay.example.com" } });
    const token = await invite(service, newEmail("owner"));
    const answer = await newBrowser(service).call(`/dashboard/invitations/${token}`, { body: { name: "Amina", password: PASSWORD } });
    const cookies = [answer.headers["set-cookie"] ?? []].flat();
    expect(cookies.map((line) => line.split("=")[0])).toEqual(["__Host-somopay", "__Host-somopay-device", "__Host-somopay-step"]);
    for (const line of cookies) {
      expect(line).toMatch(/; Path=\/;.*HttpOnly; Secure; SameSite=Strict$/);
      expect(line).not.toContain("Domain");
    }
    expect(answer.headers["cache-control"]).toBe("no-store");
  });

  it("are refused over http, except on this machine", async () => {
    const { service } = await stackForTest({ environment: { PUBLIC_URL: "http://pay.example.com" } });
    expect(codeOf(await signIn(newBrowser(service), newEmail("owner")))).toBe("https_required");
  });
});

describe("a request from another page", () => {
  const stack = sharedStack("SQLite, in-process", behindProxy);
  const own = (): string => stack().service.url;
  const foreign: [string, () => Record<string, string>][] = [
    ["of another site", () => ({ "Sec-Fetch-Site": "cross-site", Origin: "https://evil.example" })],
    ["of a neighbouring host name", () => ({ "Sec-Fetch-Site": "same-site", Origin: "https://amani.example" })],
    ["that no page makes", () => ({ "Sec-Fetch-Site": "none" })],
    ["of another origin that claims to be the same", () => ({ "Sec-Fetch-Site": "same-origin", Origin: "https://evil.example" })],
    ["of an old browser, of another origin", () => ({ "Sec-Fetch-Site": "", Origin: "https://evil.example" })],
    ["of a sandboxed frame", () => ({ "Sec-Fetch-Site": "", Origin: "null" })],
    ["of our origin's other port", () => ({ "Sec-Fetch-Site": "", Origin: `${own()}0` })],
  ];

  test.each(foreign)("%s is refused, with a session or without", async (_whose, headers) => {
    const { service } = stack();
    const member = await newMember(service);
    const refused = { status: 403, body: { code: "cross_site_request" } };
    const bodies = {
      "/dashboard/sign-in": { email: member.email, password: PASSWORD },
      "/dashboard/sign-out": {},
      "/dashboard/password-reset": { email: member.email },
    };
    for (const [path, body] of Object.entries(bodies)) {
      expect(await member.browser.call(path, { body, headers: headers() })).toMatchObject(refused);
      expect(await newBrowser(service).call(path, { body, headers: headers() })).toMatchObject(refused);
    }
    expect(await member.browser.call("/dashboard/session", { headers: headers() })).toMatchObject(refused);
    for (const method of ["GET", "POST"] as const) {
      const answer = await callApi(member, "/bookings", { method, headers: headers(), ...(method === "POST" && { body: {} }) });
      expect(answer).toMatchObject(refused);
      expect(answer.headers).not.toHaveProperty("access-control-allow-credentials");
    }
    expect((await member.browser.call("/dashboard/session")).status).toBe(200);
  });

  it("of an old browser is let in by its Origin, and to read without", async () => {
    const member = await newMember(stack().service);
    const old = { "Sec-Fetch-Site": "" };
    expect((await callApi(member, "/bookings", { headers: old })).status).toBe(200);
    expect(codeOf(await callApi(member, "/session-types/x", { method: "DELETE", headers: old }))).toBe("cross_site_request");
    const deleted = await callApi(member, "/session-types/x", { method: "DELETE", headers: { ...old, Origin: own() } });
    expect(codeOf(deleted)).toBe("session_type_not_found");
  });

  it("as a form posts it is no JSON", async () => {
    const member = await newMember(stack().service);
    const rawBody = `{"email":"${member.email}","password":"${PASSWORD}","x":"="}`;
    const answer = await member.browser.call("/dashboard/sign-in", { rawBody, headers: { "Content-Type": "text/plain" } });
    expect(codeOf(answer)).toBe("not_json");
  });
});

it("a person of one site is nobody at another", async () => {
  const stack = await stackForTest(behindProxy);
  const { service } = stack;
  const { siteId } = await service.service.siteStore.add(secondSite(openAccount(stack)));
  const member = await newMember(service);
  for (const path of ["/bookings", "/payments", "/staff", "/attention"]) {
    expect(codeOf(await callApi({ ...member, siteId }, path))).toBe("site_not_found");
    expect(codeOf(await member.browser.call(`/api/v1${path}?site=${siteId}`))).toBe("site_not_found");
    // The header counts, so that a link cannot say otherwise.
    expect((await callApi(member, `${path}?site=${siteId}`)).status).toBe(200);
  }
});
