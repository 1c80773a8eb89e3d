/** A site's settings: the site itself, its keys, and where its money goes. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { bookingViewSchema } from "../../service/src/contract.ts";
import { findingsSchema } from "../../service/src/owners/settings/settings-contract.ts";
import { sandboxAccount } from "../daraja-simulator/accounts.ts";
import { book, bookingWish, call, newPhone, type Answer } from "../factories/calls.ts";
import { mailboxForTest } from "../factories/mailbox.ts";
import { bookAtSecondSite, openAccount, payAtSecondSite, secondSite, SECRETS_KEY } from "../factories/own-account.ts";
import { askForRefund, callAsOwner, refundEnds } from "../factories/owner.ts";
import { callApi, newMember, type Member } from "../factories/people.ts";
import { payByHand, registerPaybill } from "../factories/paybill.ts";
import { enterPin, newestPrompt, startPaying } from "../factories/paying.ts";
import { readRows, theAttempt } from "../factories/records.ts";
import { until } from "../factories/until.ts";
import { deploymentOptions, deployments, PUBLISHABLE_KEY, SITE_ORIGIN, stackForTest, type Stack } from "../fixtures.ts";

const newKeySchema = z.object({ id: z.string(), secretKey: z.string() });
const asKey = (secretKey: string) => ({ Origin: "", "X-Site-Key": "", Authorization: `Bearer ${secretKey}` });
const HOUR_MS = 60 * 60_000;

describe.each(deployments)("a site's settings (%s)", (deployment) => {
  const start = async (environment: Record<string, string> = { SECRETS_KEY }): Promise<Stack> =>
    stackForTest({ ...(await deploymentOptions(deployment)), initiator: true, environment });
  const change = (member: Member, path: string, method: "POST" | "PUT" | "PATCH" | "DELETE", body: object = {}): Promise<Answer> =>
    callApi(member, path, { method, body });

  it("are read by everybody who works there, and changed by owners alone", async () => {
    const stack = await start();
    const [owner, manager, viewer] = [
      await newMember(stack.service),
      await newMember(stack.service, "manager"),
      await newMember(stack.service, "viewer"),
    ];
    const site = {
      name: "Amani Tutors",
      allowedOrigins: [SITE_ORIGIN],
      publishableKey: PUBLISHABLE_KEY,
      paybill: sandboxAccount.shortcode,
      till: null,
    };
    expect(await callApi(viewer, "/site")).toMatchObject({
      status: 200,
      body: { ...site, siteId: owner.siteId, publicUrl: stack.service.url },
    });
    const wishes: [string, "POST" | "PUT" | "PATCH" | "DELETE", object][] = [
      ["/site", "PATCH", { name: "Mine" }],
      ["/keys", "POST", { name: "Mine", access: "full" }],
      ["/keys/key_1/rotate", "POST", {}],
      ["/keys/key_1", "DELETE", {}],
      ["/mpesa-account", "PUT", openAccount(stack)],
    ];
    for (const [path, method, body] of wishes) {
      expect([path, await change(manager, path, method, body)]).toMatchObject([path, { status: 403, body: { code: "forbidden_role" } }]);
      expect([path, await change(viewer, path, method, body)]).toMatchObject([path, { status: 403 }]);
      const byKey = await call(stack.service.url, `/api/v1${path}`, { method, body, headers: asKey("sk_test_site_1_not_a_real_secret") });
      expect([path, byKey]).toMatchObject([path, { status: 403, body: { code: "forbidden_role" } }]);
    }
    expect((await callApi(viewer, "/site")).body).toMatchObject(site);
  });

  it("let an owner rename the site and allow another page, which can book at once", async () => {
    const stack = await start();
    await stack.service.service.siteStore.add(secondSite(openAccount(stack)));
    const owner = await newMember(stack.service);
    const origin = "https://new.example";
    const fromThere = () => call(stack.service.url, "/api/bookings", { body: bookingWish, headers: { Origin: origin } });
    expect((await fromThere()).status).toBe(403);
    const changed = await change(owner, "/site", "PATCH", { name: "Amani Academy", allowedOrigins: [SITE_ORIGIN, origin] });
    expect(changed).toMatchObject({ status: 200, body: { name: "Amani Academy", allowedOrigins: [SITE_ORIGIN, origin] } });
    expect((await fromThere()).status).toBe(201);
    expect(await change(owner, "/site", "PATCH", { name: "Baraka Tutors" })).toMatchObject({
      status: 409,
      body: { code: "site_name_taken" },
    });
    for (const wrong of [
      {},
      { allowedOrigins: [] },
      { allowedOrigins: ["https://*.example"] },
      { name: "" },
      { publishableKey: "pk_other" },
    ])
      expect([wrong, await change(owner, "/site", "PATCH", wrong)]).toMatchObject([wrong, { status: 400 }]);
  });

  it("let an owner make, replace and revoke keys, with a recent password", async () => {
    const stack = await start();
    const owner = await newMember(stack.service);
    const list = (secretKey: string) => call(stack.service.url, "/api/v1/bookings", { headers: asKey(secretKey) });
    const options = { method: "POST", body: { name: "Reports", access: "read" }, headers: { "Idempotency-Key": "one-key" } } as const;
    const made = await callApi(owner, "/keys", options);
    expect(made).toMatchObject({ status: 201, body: { name: "Reports", access: "read", lastUsedAt: null, endsAt: null } });
    const first = newKeySchema.parse(made.body);
    expect(first.secretKey).toMatch(/^rk_/);
    expect((await list(first.secretKey)).status).toBe(200);
    // Repeated: the same key, which is not shown again, nor kept anywhere.
    const repeated = await callApi(owner, "/keys", options);
    expect(repeated).toMatchObject({ status: 201, body: { id: first.id } });
    expect(JSON.stringify(repeated.body)).not.toContain(first.secretKey);
    expect(JSON.stringify(await stack.service.service.database.knex("idempotency_keys"))).not.toContain(first.secretKey);

    const second = newKeySchema.parse((await change(owner, `/keys/${first.id}/rotate`, "POST", { overlapHours: 0 })).body);
    expect((await list(second.secretKey)).status).toBe(200);
    await until("the old key to be refused", async () => (await list(first.secretKey)).status === 401);
    expect((await change(owner, `/keys/${second.id}`, "DELETE")).status).toBe(204);
    await until("the new key to be refused", async () => (await list(second.secretKey)).status === 401);
    expect(await change(owner, `/keys/${second.id}`, "DELETE")).toMatchObject({ status: 404, body: { code: "key_not_found" } });
    const { body } = await callApi(owner, "/keys");
    expect(body).toMatchObject({
      data: [{ name: "site file", endsAt: null }, { id: first.id }, { id: second.id, endsAt: expect.any(Number) }],
    });
    expect(JSON.stringify(body)).not.toMatch(/[sr]k_/);

    stack.clock.advance(HOUR_MS);
    expect(await change(owner, "/keys", "POST", { name: "Late", access: "full" })).toMatchObject({
      status: 403,
      body: { code: "password_required" },
    });
  });

  it("let an owner enter an M-Pesa account that Safaricom accepts, and nobody read its secrets", async () => {
    const stack = await start();
    const account = openAccount(stack);
    const { service } = stack;
    await service.service.siteStore.add(secondSite(undefined));
    const owner = await newMember(service, "owner", "Baraka Tutors");
    expect((await callApi(owner, "/mpesa-account")).body).toMatchObject({
      source: "service",
      shortcode: sandboxAccount.shortcode,
      isReadable: true,
    });
    expect(await change(owner, "/mpesa-account", "PUT", { ...account, passkey: "wrong" })).toMatchObject({
      status: 422,
      body: { code: "account_refused" },
    });
    expect((await callApi(owner, "/mpesa-account")).body).toMatchObject({ source: "service" });
    const put = await change(owner, "/mpesa-account", "PUT", account);
    const own = { source: "own", shortcode: account.shortcode, initiator: account.initiator?.name };
    expect(put).toMatchObject({ status: 200, body: own });
    const read = await callApi(owner, "/mpesa-account");
    expect(read.body).toMatchObject(own);
    for (const secret of [account.consumerKey, account.consumerSecret, account.passkey, account.initiator?.password ?? ""])
      expect(JSON.stringify([put, read, stack.logLines])).not.toContain(secret);

    const { bookingId } = await bookAtSecondSite(stack);
    const phone = newPhone();
    expect((await payAtSecondSite(stack, bookingId, phone)).status).toBe(200);
    expect((await newestPrompt(stack, phone)).shortcode).toBe(account.shortcode);
  });

  it("cannot store an M-Pesa account without SECRETS_KEY", async () => {
    const stack = await start({});
    const owner = await newMember(stack.service);
    expect((await callApi(owner, "/mpesa-account")).body).toMatchObject({ canStore: false });
    const put = await change(owner, "/mpesa-account", "PUT", openAccount(stack));
    expect(put).toMatchObject({ status: 409, body: { code: "account_not_storable" } });
  });

  it("of a site that entered a paybill of another site show neither the other's money", async () => {
    const stack = await start();
    await registerPaybill(stack);
    const { service } = stack;
    await service.service.siteStore.add(secondSite(openAccount(stack)));
    await payByHand(stack, { phone: newPhone(), accountNumber: "NOBODY", amountKes: 700 });
    await until("the money to be listed", async () => (await readRows(service.service.database)).unassigned.length > 0);
    const seen = async (member: Member) => (await callApi(member, "/unassigned-money")).body;
    const [amani, baraka] = [await newMember(service), await newMember(service, "owner", "Baraka Tutors")];
    expect(await seen(amani)).toMatchObject({ data: [{ amount: 700 }] });
    const { consumerKey, consumerSecret, shortcode, passkey } = sandboxAccount;
    // Whoever has the keys may; the money may be either's then, and an operator assigns it.
    expect((await change(baraka, "/mpesa-account", "PUT", { consumerKey, consumerSecret, shortcode, passkey })).status).toBe(200);
    expect(await seen(baraka)).toMatchObject({ data: [] });
    expect(await seen(amani)).toMatchObject({ data: [] });
  });

  it("are checked before going live, each finding with what to do", async () => {
    const stack = await start();
    const manager = await newMember(stack.service, "manager");
    const check = async (body: object = {}) =>
      findingsSchema.parse((await change(manager, "/mpesa-account/check", "POST", body)).body).findings;
    const findings = await check();
    expect(findings.every(({ ok }) => ok)).toBe(true);
    expect(findings.map(({ what }) => what)).toEqual([
      `Safaricom accepts the keys of paybill ${sandboxAccount.shortcode}.`,
      "Payments can be refunded from here, by the initiator testapi.",
      "Money that parents send to the paybill by hand is not reported to this service.",
      "This service talks to Safaricom's sandbox: no money moves.",
      "Safaricom can report payments to this service.",
      `These pages may use the widget: ${SITE_ORIGIN}.`,
      "The price list has 2 session types.",
    ]);
    const wrong = await check({ account: { ...openAccount(stack), passkey: "wrong" } });
    expect(wrong[0]).toMatchObject({ ok: false, how: expect.stringContaining("Copy consumer key") });
    for (let asked = 0; asked < 18; asked++) await check();
    expect(await change(manager, "/mpesa-account/check", "POST")).toMatchObject({ status: 429 });
  });

  it("let a manager pay one shilling as a test, and get it back", async () => {
    const stack = await start();
    const manager = await newMember(stack.service, "manager");
    const phone = newPhone();
    const answer = await change(manager, "/mpesa-account/test-payment", "POST", { phone: phone.replace("254", "0") });
    expect(answer).toMatchObject({
      status: 201,
      body: { booking: { amount: 1, payment_status: "pending", session: { name: "Test payment" } } },
    });
    const { bookingId } = bookingViewSchema.parse(z.object({ booking: z.unknown() }).parse(answer.body).booking);
    await enterPin(stack, await newestPrompt(stack, phone));
    const { id } = await theAttempt(stack, bookingId);
    await until("the shilling to be there", async () => (await theAttempt(stack, bookingId)).status === "paid");
    await askForRefund(stack.service.url, id);
    await refundEnds(stack.service.url, id, "done");
    expect(await change(manager, "/mpesa-account/test-payment", "POST", { phone: "12" })).toMatchObject({
      status: 400,
      body: { code: "phone_invalid" },
    });
  });

  it("say that no receipt can be mailed: nothing was paid, or there is no mail", async () => {
    const stack = await start();
    const { bookingId } = await book(stack.service.url);
    const resend = () => callAsOwner(stack.service.url, `/api/v1/bookings/${bookingId}/resend-receipt`, {});
    expect(await resend()).toMatchObject({ status: 409, body: { code: "mail_not_set_up", detail: "This service sends no mail." } });
  });

  it("let a manager send a receipt once more, in the parent's language, five times a day", async () => {
    const mailbox = await mailboxForTest();
    const stack = await start({ SECRETS_KEY, SMTP_URL: mailbox.url });
    const { url } = stack.service;
    const email = "wanjiru@example.com";
    const wish = { parentName: "=cmd\u202e", childName: "<b>", email };
    const { booking, prompt, stream } = await startPaying(stack, { wish });
    const { bookingId } = booking;
    const resend = (body: object, key = "") =>
      callAsOwner(url, `/api/v1/bookings/${bookingId}/resend-receipt`, body, key === "" ? {} : { "Idempotency-Key": key });
    expect(await resend({})).toMatchObject({ status: 409, body: { code: "no_receipt" } });
    const receipt = await enterPin(stack, prompt);
    await stream.untilStatus("paid");
    const timeline = await callAsOwner(url, `/api/v1/bookings/${bookingId}/timeline`);
    expect(timeline.body).toMatchObject({
      actions: expect.arrayContaining([{ action: "resend_receipt", consequence: `The receipt goes once more to ${email}.` }]),
    });
    expect(await resend({}, "once")).toEqual(expect.objectContaining({ status: 202, body: { to: email } }));
    expect((await resend({}, "once")).status).toBe(202);
    const mail = await mailbox.mailTo(email);
    expect(mail.subject).toBe(`Receipt ${booking.reference}, Amani Tutors`);
    for (const line of [
      `M-Pesa receipt: ${receipt} KES 1,500`,
      "Session: Maths, one hour",
      `${url}/api/booking/${bookingId}/receipt?lang=en`,
    ])
      expect(mail.text).toContain(line);
    expect((await resend({ lang: "sw" })).status).toBe(202);
    const second = await until("the second mail", () => mailbox.received[1]);
    expect(second.subject).toBe(`Risiti ${booking.reference}, Amani Tutors`);
    for (let sent = 2; sent < 5; sent++) expect((await resend({})).status).toBe(202);
    expect(await resend({})).toMatchObject({ status: 429, body: { detail: "This receipt was sent often enough today." } });
  });
});
