/** People at the dashboard, as their browsers call it: with cookies, and with the headers that a browser sends of itself. */
import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import { inviteOwner } from "../../service/src/cli/owner-commands.ts";
import type { RunningService } from "../../service/src/main.ts";
import { migrate } from "../../service/src/platform/migrate.ts";
import type { Role } from "../../service/src/sites/roles.ts";
import { siteFile } from "../fixtures.ts";
import { call, type Answer, type CallOptions } from "./calls.ts";

/** Long enough, and of no list. */
export const PASSWORD = "tembo anapenda ndizi";

const CHROME = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36";

/** One browser with its cookies. */
export type Browser = {
  cookies: Map<string, string>;
  call(path: string, options?: CallOptions): Promise<Answer>;
};

/** @param headers of every call: another address, as a trusted proxy says it */
export function newBrowser({ url }: Pick<RunningService, "url">, headers: Record<string, string> = {}): Browser {
  const cookies = new Map<string, string>();
  return {
    cookies,
    async call(path, options = {}) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
      const own = { Origin: "", "X-Site-Key": "", "Sec-Fetch-Site": "same-origin", "User-Agent": CHROME, Cookie: cookie };
      const answer = await call(url, path, { ...options, headers: { ...own, ...headers, ...options.headers } });
      for (const line of [answer.headers["set-cookie"] ?? []].flat()) keep(cookies, line);
      return answer;
    },
  };
}

function keep(cookies: Map<string, string>, line: string): void {
  const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new Error(`not a cookie: ${line}`);
  if (value === "") cookies.delete(name);
  else cookies.set(name, value);
}

type Service = Pick<RunningService, "url" | "service">;

/** As `somopay owner invite` does. Returns the link's token. */
export async function invite({ url, service }: Service, email: string, role: Role = "owner", site = siteFile.name): Promise<string> {
  await migrate(service.database);
  let link = "";
  const wish = { email, site, role, invitedBy: "test" };
  const isDone = await inviteOwner({ publicUrl: url, smtp: null, secretsKey: null }, service.database, service.siteStore, wish, (line) => {
    link = line;
  });
  if (!isDone) throw new Error(link);
  return tokenOf(link);
}

export function tokenOf(link: string): string {
  const [, token] = /#([0-9a-f]{64})$/.exec(link) ?? [];
  if (token === undefined) throw new Error(`no token in ${link}`);
  return token;
}

export type Member = { browser: Browser; email: string; siteId: string; personId: string };

let people = 0;

/** That no other test uses: the tests' Redis counts for all of them. */
export function newEmail(name: string): string {
  people += 1;
  return `${name}${people}.${randomBytes(4).toString("hex")}@example.com`;
}

/** Somebody who accepted an invitation and is signed in, in a browser of their own. */
export async function newMember(service: Service, role: Role = "owner", site = siteFile.name): Promise<Member> {
  const email = newEmail(role);
  const browser = newBrowser(service);
  const token = await invite(service, email, role, site);
  const answer = await browser.call(`/dashboard/invitations/${token}`, { body: { name: "Amina Otieno", password: PASSWORD } });
  expect(answer).toMatchObject({ status: 200, body: { sites: [{ name: site, role }] } });
  const { person, sites } = answer.body as { person: { id: string }; sites: { siteId: string }[] };
  return { browser, email, personId: person.id, siteId: sites[0]?.siteId ?? "" };
}

/** An address of the internet that nobody else calls from. Behind `TRUST_PROXY=loopback`. */
export function fromElsewhere(): Record<string, string> {
  const [one, two, three] = randomBytes(3);
  return { "X-Forwarded-For": `41.${one}.${two}.${three}` };
}

export function signIn(browser: Browser, email: string, password = PASSWORD): Promise<Answer> {
  return browser.call("/dashboard/sign-in", { body: { email, password } });
}

/** A call of the server API about the member's site. */
export function callApi({ browser, siteId }: Pick<Member, "browser" | "siteId">, path: string, options: CallOptions = {}): Promise<Answer> {
  return browser.call(`/api/v1${path}`, { ...options, headers: { "SomoPay-Site": siteId, ...options.headers } });
}
