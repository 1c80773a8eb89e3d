/** Mail about accounts: sent once, kept until the mail server takes it, and nothing of it kept after. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { folderForTest, somopay } from "../factories/command.ts";
import { mailboxForTest } from "../factories/mailbox.ts";
import { callApi, fromElsewhere, newBrowser, newEmail, newMember, PASSWORD, signIn, tokenOf } from "../factories/people.ts";
import { SECRETS_KEY } from "../factories/own-account.ts";
import { until } from "../factories/until.ts";
import { deploymentOptions, deployments, siteFile, stackForTest, type Stack } from "../fixtures.ts";

const rowSchema = z.object({
  id: z.string(),
  message: z.string().nullable(),
  status: z.string(),
  tries: z.number(),
  next_try_at: z.number(),
});
const outbox = async ({ service }: Stack) => z.array(rowSchema).parse(await service.service.database.knex("mail_outbox").orderBy("id"));

describe.each(deployments)("mail (%s)", (deployment) => {
  it("brings an invitation and a new password, whose links work, and is deleted once it is sent", async () => {
    const mailbox = await mailboxForTest();
    const environment = { SMTP_URL: mailbox.url, SECRETS_KEY, TRUST_PROXY: "loopback" };
    const stack = await stackForTest({ ...(await deploymentOptions(deployment)), environment, copies: 2 });
    const { service } = stack;
    const owner = await newMember(service);
    const email = newEmail("mailed");
    const invited = await callApi(owner, "/staff", { body: { email, role: "viewer" } });
    expect(invited).toMatchObject({ status: 201, body: { mailed: true } });
    const invitation = await mailbox.mailTo(email);
    expect(invitation).toMatchObject({ to: [email], from: "pay@example.com", subject: `Join ${siteFile.name} on SomoPay` });
    const linkIn = (text: string): string => tokenOf(/https?:\S+/.exec(text)?.[0] ?? "");
    const browser = newBrowser(service);
    const accepted = await browser.call(`/dashboard/invitations/${linkIn(invitation.text)}`, {
      body: { name: "Njeri", password: PASSWORD },
    });
    expect(accepted.status).toBe(200);

    const forgetful = newBrowser(service, fromElsewhere());
    expect((await forgetful.call("/dashboard/password-reset", { body: { email: email.toUpperCase() } })).status).toBe(202);
    expect((await forgetful.call("/dashboard/password-reset", { body: { email: newEmail("nobody") } })).status).toBe(202);
    const reset = await until("the second mail", () => mailbox.received.filter(({ to }) => to.includes(email))[1]);
    const path = `/dashboard/password-reset/${linkIn(reset.text)}`;
    const next = "mamba hulala mtoni";
    expect((await forgetful.call(path, { body: { password: "password1" } })).status).toBe(422);
    expect(await forgetful.call(path, { body: { password: next } })).toMatchObject({ status: 200, body: { person: { email } } });
    expect((await forgetful.call(path, { body: { password: next } })).status).toBe(404);
    expect((await browser.call("/dashboard/session")).status).toBe(401);
    expect((await signIn(browser, email, PASSWORD)).status).toBe(401);
    expect((await signIn(browser, email, next)).status).toBe(200);

    const told = await until("the third mail", () => mailbox.received.filter(({ to }) => to.includes(email))[2]);
    expect(told.text).toContain("password of your SomoPay account was changed");
    await until("all mail to be settled", async () => (await outbox(stack)).every(({ status }) => status === "sent"));
    expect((await outbox(stack)).map(({ message, tries }) => [message, tries])).toEqual([1, 2, 3].map(() => [null, 1]));
    // Both copies look for mail: each was sent once, and none to anybody else.
    expect(mailbox.received.map(({ to }) => to)).toEqual([[email], [email], [email]]);
  });
});

it("waits while the mail server is away, encrypted, and is given up when the server refuses it", async () => {
  const mailbox = await mailboxForTest();
  const stack = await stackForTest({ environment: { SMTP_URL: mailbox.url, SECRETS_KEY } });
  const owner = await newMember(stack.service);
  mailbox.refuseWith = { code: 451, text: "try again later" };
  const [later, never] = [newEmail("later"), newEmail("never")];
  await callApi(owner, "/staff", { body: { email: later, role: "viewer" } });
  const [waiting] = await until("a first try", async () => {
    const rows = await outbox(stack);
    return rows[0]?.tries === 1 && rows[0].next_try_at - stack.clock.now() < 70_000 ? rows : null;
  });
  expect(waiting?.message).not.toContain(later);
  mailbox.refuseWith = null;
  stack.clock.advance(61_000);
  expect((await mailbox.mailTo(later)).to).toEqual([later]);

  mailbox.refuseWith = { code: 550, text: `no such mailbox ${never}` };
  await callApi(owner, "/staff", { body: { email: never, role: "viewer" } });
  await until("it to be given up", async () => (await outbox(stack)).some(({ status }) => status === "failed"));
  const line = stack.logLines.find((text) => text.includes("mail was not sent and is given up"));
  expect(line).toContain("550");
  expect(stack.logLines.join("\n")).not.toContain(never);
});

it("does not fill a mailbox with invitations", async () => {
  const mailbox = await mailboxForTest();
  const { service } = await stackForTest({ environment: { SMTP_URL: mailbox.url } });
  const owner = await newMember(service);
  const [victim, other] = [newEmail("victim"), newEmail("other")];
  const mailed: unknown[] = [];
  for (let index = 0; index < 5; index++) {
    const { body } = await callApi(owner, "/staff", { body: { email: victim, role: "viewer" } });
    mailed.push(z.object({ mailed: z.boolean(), link: z.string() }).parse(body).mailed);
  }
  expect(mailed).toEqual([true, true, true, false, false]);
  await callApi(owner, "/staff", { body: { email: other, role: "viewer" } });
  await mailbox.mailTo(other);
  expect(mailbox.received.filter(({ to }) => to.includes(victim))).toHaveLength(3);
});

it("that cannot be read any more holds up no other", async () => {
  const mailbox = await mailboxForTest();
  const stack = await stackForTest({ environment: { SMTP_URL: mailbox.url, SECRETS_KEY } });
  mailbox.refuseWith = { code: 451, text: "try again later" };
  const owner = await newMember(stack.service);
  const [first, second] = [newEmail("first"), newEmail("second")];
  await callApi(owner, "/staff", { body: { email: first, role: "viewer" } });
  await callApi(owner, "/staff", { body: { email: second, role: "viewer" } });
  await until("both to be tried", async () =>
    (await outbox(stack)).every(({ tries, next_try_at: at }) => tries === 1 && at - stack.clock.now() < 70_000),
  );
  const [damaged] = await outbox(stack);
  await stack.service.service.database.knex("mail_outbox").where({ id: damaged?.id }).update({ message: "AAAA" });
  mailbox.refuseWith = null;
  stack.clock.advance(61_000);
  await mailbox.mailTo(second);
  expect((await outbox(stack)).find(({ id }) => id === damaged?.id)).toMatchObject({ status: "failed", message: null });
});

it("of another sender or recipient cannot be slipped in by a name or an address", async () => {
  const mailbox = await mailboxForTest();
  const { service } = await stackForTest({ environment: { SMTP_URL: mailbox.url } });
  const name = "Evil\r\nBcc: victim@example.com\r\n\r\nhttps://evil.example \u202e";
  const { siteId } = await service.service.siteStore.add({
    ...siteFile,
    name: "Evil",
    publishableKey: "pk_evil",
    secretKey: "sk_evil_secret_123",
  });
  const owner = await newMember(service, "owner", "Evil");
  await service.service.database.knex("sites").where({ id: siteId }).update({ name });
  const email = newEmail("target");
  await until("the new name to be known", async () => {
    const { body } = await owner.browser.call("/dashboard/session");
    return JSON.stringify(body).includes("Bcc");
  });
  for (const wrong of ["a@example.com,b@example.com", "a@example.com\nb@example.com", '"a" <a@example.com>', "a@example.com>"])
    expect((await callApi(owner, "/staff", { body: { email: wrong, role: "viewer" } })).status).toBe(400);
  await callApi(owner, "/staff", { body: { email, role: "viewer" } });
  const { raw, to, subject, text } = await mailbox.mailTo(email);
  expect(to).toEqual([email]);
  expect(raw).not.toMatch(/^Bcc:/im);
  expect(subject).toMatch(/^Join Evil Bcc: victim/);
  expect(text).not.toContain("\u202e");
  expect(text.match(/https?:\/\/\S+/g)).toHaveLength(1);
  expect(mailbox.received).toHaveLength(1);
});

describe("the operator", () => {
  it("invites an owner and makes a link for a new password", async () => {
    const folder = folderForTest();
    const run = (...args: string[]) => somopay(args, { folder, environment: { PUBLIC_URL: "https://pay.example.com" } });
    const file = JSON.stringify({ name: "Amani Tutors", allowedOrigins: ["https://amani.example"], sessionTypes: [] });
    expect((await somopay(["site", "add", "-"], { folder, input: file })).code).toBe(0);
    const link = await run("owner", "invite", "amina@example.com", "--site", "Amani Tutors");
    expect(link).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^https:\/\/pay\.example\.com\/dashboard\/invitation#[0-9a-f]{64}\n$/),
    });
    expect(await run("owner", "invite", "amina", "--site", "Amani Tutors")).toMatchObject({
      code: 1,
      stdout: "This is not an e-mail address.\n",
    });
    expect(await run("owner", "invite", "amina@example.com", "--site", "Nobody")).toMatchObject({ code: 1 });
    expect(await run("owner", "invite", "amina@example.com")).toMatchObject({ code: 2 });
    expect(await run("owner", "invite", "amina@example.com", "--site", "Amani Tutors", "--role", "king")).toMatchObject({ code: 2 });
    expect(await run("owner", "reset", "nobody@example.com")).toMatchObject({ code: 1 });
  });
});
