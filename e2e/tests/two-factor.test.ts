/** Signing in with the codes of an authenticator app. */
import { generate } from "otplib";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Answer } from "../factories/calls.ts";
import { callApi, newBrowser, newMember, signIn, tokenOf, type Browser, type Member } from "../factories/people.ts";
import { resetOwner, signOutOwner } from "../../service/src/cli/owner-commands.ts";
import { SECRETS_KEY } from "../factories/own-account.ts";
import { deployments, sharedStack, stackForTest, type Stack } from "../fixtures.ts";

const STEP_MS = 30_000;
const newTwoFactorSchema = z.object({ uri: z.string(), secret: z.string(), backupCodes: z.array(z.string()) });
const codeOf = ({ body }: Answer): unknown => z.object({ code: z.string() }).safeParse(body).data?.code;

type App = Member & z.infer<typeof newTwoFactorSchema> & { code(): Promise<string> };

/** Somebody whose app is set up. The clock moves on a step, so that the app has a new code. */
async function withApp({ service, clock }: Stack): Promise<App> {
  const member = await newMember(service);
  const begun = newTwoFactorSchema.parse((await member.browser.call("/dashboard/two-factor", { method: "POST" })).body);
  const code = (): Promise<string> => generate({ secret: begun.secret, epoch: Math.floor(clock.now() / 1_000) });
  expect((await member.browser.call("/dashboard/two-factor/confirm", { body: { code: await code() } })).status).toBe(204);
  clock.advance(STEP_MS);
  return { ...member, ...begun, code };
}

const enter = (browser: Browser, code: string): Promise<Answer> => browser.call("/dashboard/sign-in/code", { body: { code } });

describe.each(deployments)("two-factor sign-in (%s)", (deployment) => {
  const stack = sharedStack(deployment, { environment: { SECRETS_KEY } });

  it("asks for the code after the password, and a code counts once", async () => {
    const person = await withApp(stack());
    const browser = newBrowser(stack().service);
    expect(await signIn(browser, person.email)).toMatchObject({ status: 200, body: { twoFactor: true } });
    expect([...browser.cookies.keys()]).toEqual(["somopay-step"]);
    expect((await browser.call("/dashboard/session")).status).toBe(401);
    const code = await person.code();
    expect(await enter(browser, code)).toMatchObject({ status: 200, body: { person: { twoFactor: true } } });
    expect((await callApi({ ...person, browser }, "/bookings")).status).toBe(200);

    // Somebody who has seen the code, and has the password.
    const thief = newBrowser(stack().service);
    await signIn(thief, person.email);
    expect(codeOf(await enter(thief, code))).toBe("code_wrong");
    stack().clock.advance(STEP_MS);
    expect((await enter(thief, await person.code())).status).toBe(200);
  });

  it("lets one of two requests in that bring the same code at once", async () => {
    const person = await withApp(stack());
    const browsers = Array.from({ length: 6 }, () => newBrowser(stack().service));
    await Promise.all(browsers.map((browser) => signIn(browser, person.email)));
    const code = await person.code();
    const answers = await Promise.all(browsers.map((browser) => enter(browser, code)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.map(codeOf).filter((found) => found === "code_wrong")).toHaveLength(5);
  });

  it("takes each backup code once, however it is typed", async () => {
    const person = await withApp(stack());
    const [first = "", second = ""] = person.backupCodes;
    expect(person.backupCodes).toHaveLength(10);
    const browser = newBrowser(stack().service);
    await signIn(browser, person.email);
    expect((await enter(browser, first)).status).toBe(200);
    await signIn(browser, person.email);
    expect(codeOf(await enter(browser, first))).toBe("code_wrong");
    expect((await enter(browser, ` ${second.toUpperCase().replace("-", " ")} `)).status).toBe(200);
  });

  it("ends the sign-in after five wrong codes, and all of them after ten in six hours", async () => {
    const person = await withApp(stack());
    const browser = newBrowser(stack().service);
    const wrongOnes = async (): Promise<unknown[]> => {
      await signIn(browser, person.email);
      const answers = await Promise.all(Array.from({ length: 5 }, (_, index) => enter(browser, String(100_000 + index))));
      return [...answers.map(codeOf), codeOf(await enter(browser, await person.code()))];
    };
    const five = Array.from({ length: 5 }, () => "code_wrong");
    expect(await wrongOnes()).toEqual([...five, "signed_out"]);
    expect(await wrongOnes()).toEqual([...five, "signed_out"]);
    await signIn(browser, person.email);
    expect(codeOf(await enter(browser, await person.code()))).toBe("too_many_requests");
    // Where the person has signed in before, it goes on.
    await signIn(person.browser, person.email);
    expect((await enter(person.browser, await person.code())).status).toBe(200);
  });

  it("looks at five of many codes that come at once", async () => {
    const person = await withApp(stack());
    const browser = newBrowser(stack().service);
    await signIn(browser, person.email);
    const answers = await Promise.all(Array.from({ length: 9 }, (_, index) => enter(browser, String(200_000 + index))));
    expect(answers.map(codeOf).filter((found) => found === "code_wrong")).toHaveLength(5);
    expect(answers.map(codeOf).filter((found) => found === "signed_out")).toHaveLength(4);
  });

  it("is turned off with a code only, and turned on with a recent password only", async () => {
    const person = await withApp(stack());
    const { browser } = person;
    const off = async (code: string) => browser.call("/dashboard/two-factor", { method: "DELETE", body: { code } });
    expect(codeOf(await browser.call("/dashboard/two-factor", { method: "POST" }))).toBe("two_factor_state");
    expect(codeOf(await off("000000"))).toBe("code_wrong");
    expect((await off(await person.code())).status).toBe(204);
    expect(codeOf(await off(person.backupCodes[0] ?? ""))).toBe("two_factor_state");
    expect(await signIn(newBrowser(stack().service), person.email)).toMatchObject({ body: { person: { twoFactor: false } } });
  });
});

it("a password that was given more than 15 minutes ago must be given again for what would hurt most", async () => {
  const { service, clock } = await stackForTest({ environment: { SECRETS_KEY } });
  const member = await newMember(service);
  const { browser } = member;
  const invite = () => callApi(member, "/staff", { body: { email: "thief@example.com", role: "owner" } });
  clock.advance(15 * 60_000 + 1);
  expect(codeOf(await browser.call("/dashboard/two-factor", { method: "POST" }))).toBe("password_required");
  expect(codeOf(await invite())).toBe("password_required");
  const before = browser.cookies.get("somopay");
  expect(codeOf(await browser.call("/dashboard/confirm", { body: { password: "wrong" } }))).toBe("password_wrong");
  expect((await browser.call("/dashboard/confirm", { body: { password: "tembo anapenda ndizi" } })).status).toBe(204);
  expect(browser.cookies.get("somopay")).not.toBe(before);
  expect((await invite()).status).toBe(201);
});

it("after another SECRETS_KEY, or a lost phone, a backup code or the operator lets the person in", async () => {
  const stack = await stackForTest({ environment: { SECRETS_KEY } });
  const [person, other] = [await withApp(stack), await withApp(stack)];
  const copy = await stack.startCopy({ SECRETS_KEY: "f".repeat(64) });
  const browser = newBrowser(copy);
  await signIn(browser, person.email);
  expect(codeOf(await enter(browser, await person.code()))).toBe("code_wrong");
  expect((await enter(browser, person.backupCodes[0] ?? "")).status).toBe(200);
  expect(stack.logLines.some((line) => line.includes("an authenticator secret cannot be read"))).toBe(true);

  const lines: string[] = [];
  const reset = (withoutCode: boolean) =>
    resetOwner({ publicUrl: copy.url }, copy.service.database, { email: other.email, withoutCode }, (line) => void lines.push(line));
  const choose = () =>
    newBrowser(copy).call(`/dashboard/password-reset/${tokenOf(lines.at(-1) ?? "")}`, { body: { password: "mamba hulala mtoni" } });
  expect(await reset(false)).toBe(true);
  expect(await choose()).toMatchObject({ status: 200, body: { twoFactor: true } });
  expect(await reset(true)).toBe(true);
  expect(await choose()).toMatchObject({ status: 200, body: { person: { twoFactor: false } } });
  expect(await signOutOwner(copy.service.database, person.email, () => undefined)).toBe(true);
  expect((await browser.call("/dashboard/session")).status).toBe(401);
});

it("without SECRETS_KEY there is none, because its secrets cannot be kept safe", async () => {
  const { service } = await stackForTest();
  const { browser } = await newMember(service);
  expect(codeOf(await browser.call("/dashboard/two-factor", { method: "POST" }))).toBe("two_factor_not_set_up");
});
