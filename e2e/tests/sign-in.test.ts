/** Accounts of the dashboard: from the invitation to the sign-out. */
import { describe, expect, it, test } from "vitest";
import { callApi, invite, newBrowser, newMember, PASSWORD, signIn } from "../factories/people.ts";
import { accountEnvironment } from "../factories/service-environment.ts";
import { loadConfig } from "../../service/src/config.ts";
import { startService } from "../../service/src/main.ts";
import { deployments, PUBLISHABLE_KEY, sharedStack, siteFile, stackForTest } from "../fixtures.ts";

const codeOf = (body: unknown): unknown => (typeof body === "object" && body !== null && "code" in body ? body.code : null);

describe.each(deployments)("accounts (%s)", (deployment) => {
  const stack = sharedStack(deployment);

  it("an owner accepts the invitation, is signed in, signs out and in again", async () => {
    const { service } = stack();
    const browser = newBrowser(service);
    const token = await invite(service, "Wambui@Example.com");
    const path = `/dashboard/invitations/${token}`;
    expect(await browser.call(path)).toMatchObject({
      status: 200,
      body: { email: "wambui@example.com", siteName: siteFile.name, role: "owner", needsAccount: true },
    });
    const session = {
      person: { id: expect.stringMatching(/^person_/), name: "Wambui Njeri", email: "wambui@example.com", twoFactor: false },
      sites: [{ siteId: expect.any(String), name: siteFile.name, role: "owner" }],
    };
    const accepted = await browser.call(path, { body: { name: "Wambui Njeri", password: PASSWORD } });
    expect(accepted).toMatchObject({ status: 200, body: session });
    expect((await browser.call("/dashboard/session")).body).toEqual(session);
    expect(await browser.call("/dashboard/sign-out", { method: "POST" })).toMatchObject({ status: 204 });
    expect(await browser.call("/dashboard/session")).toMatchObject({ status: 401, body: { code: "signed_out" } });

    expect(await signIn(browser, " WAMBUI@example.com ")).toMatchObject({ status: 200, body: session });
    expect((await browser.call("/dashboard/session")).status).toBe(200);
    // Good once.
    expect(await newBrowser(service).call(path)).toMatchObject({ status: 404, body: { code: "invitation_not_found" } });
  });

  it("somebody who has an account joins another site with its password", async () => {
    const { service } = stack();
    await service.service.siteStore.add({
      ...siteFile,
      name: "Baraka Tutors",
      publishableKey: "pk_baraka",
      secretKey: "sk_baraka_secret_2",
    });
    const { email } = await newMember(service, "owner");
    const token = await invite(service, email, "viewer", "Baraka Tutors");
    const browser = newBrowser(service);
    expect((await browser.call(`/dashboard/invitations/${token}`)).body).toMatchObject({ needsAccount: false });
    const accept = (password: string) => browser.call(`/dashboard/invitations/${token}`, { body: { name: "Somebody else", password } });
    expect(await accept("not the password")).toMatchObject({ status: 401, body: { code: "sign_in_wrong" } });
    const accepted = await accept(PASSWORD);
    expect(accepted.body).toMatchObject({
      person: { name: expect.not.stringContaining("Somebody else") },
      sites: [
        { name: siteFile.name, role: "owner" },
        { name: "Baraka Tutors", role: "viewer" },
      ],
    });
  });

  test.each([
    ["short7!", "at least 8"],
    ["aaaaaaaaaaaa", "same few"],
    ["amani-tutors", "mostly your"],
    ["x".repeat(50) + "yz!".repeat(60), "up to 200"],
  ])("the password %s is refused", async (password, said) => {
    const { service } = stack();
    const token = await invite(service, "weak@example.com");
    const answer = await newBrowser(service).call(`/dashboard/invitations/${token}`, { body: { name: "Amina", password } });
    expect(answer).toMatchObject({ status: 422, body: { code: "password_weak", detail: expect.stringContaining(said) } });
  });

  it("a person reads and writes the server API at the named site only", async () => {
    const { service } = stack();
    const member = await newMember(service, "manager");
    expect(await callApi(member, "/bookings")).toMatchObject({ status: 200, body: { data: expect.any(Array) } });
    expect(
      (await callApi(member, "/session-types/extra", { method: "PUT", body: { name: "Extra", amount: 100, durationMinutes: 30 } })).status,
    ).toBe(200);
    expect((await callApi(member, "/session-types/extra", { method: "DELETE" })).status).toBe(204);
    const { browser } = member;
    expect(await browser.call(`/api/v1/bookings?limit=2&site=${member.siteId}`)).toMatchObject({ status: 200 });
    expect(codeOf((await browser.call("/api/v1/bookings")).body)).toBe("site_not_named");
    for (const siteId of ["site_nobodys", ""]) expect((await callApi({ browser, siteId }, "/bookings")).status).toBeGreaterThanOrEqual(400);
    expect(codeOf((await callApi({ browser, siteId: "site_nobodys" }, "/bookings")).body)).toBe("site_not_found");
    expect(codeOf((await newBrowser(service).call("/api/v1/bookings")).body)).toBe("site_key_missing");
  });

  it("all sessions end when the person signs out everywhere", async () => {
    const { service } = stack();
    const { browser, email } = await newMember(service);
    const phone = newBrowser(service);
    await signIn(phone, email);
    expect((await browser.call("/dashboard/sign-out-everywhere", { method: "POST" })).status).toBe(204);
    for (const one of [browser, phone]) expect((await one.call("/dashboard/session")).status).toBe(401);
  });
});

describe("the demo's owner", () => {
  const demoOwner = { email: "demo@example.com", name: "Demo Owner", publishableKey: PUBLISHABLE_KEY };

  it("is signed in by one click, from our own page only", async () => {
    const { service } = await stackForTest({ demoOwner });
    const clicks = Array.from({ length: 5 }, () => newBrowser(service).call("/dashboard/demo-sign-in", { method: "POST" }));
    for (const answer of await Promise.all(clicks))
      expect(answer).toMatchObject({
        status: 200,
        body: { person: { name: "Demo Owner" }, sites: [{ name: siteFile.name, role: "owner" }] },
      });
    const elsewhere = { "Sec-Fetch-Site": "cross-site" };
    expect((await newBrowser(service).call("/dashboard/demo-sign-in", { method: "POST", headers: elsewhere })).status).toBe(403);
    expect((await signIn(newBrowser(service), demoOwner.email)).status).toBe(401);
  });

  it("does not exist elsewhere, whatever the environment says", async () => {
    const { service } = await stackForTest({ environment: { DEMO: "1", DEMO_OWNER: demoOwner.email, NODE_ENV: "development" } });
    expect(codeOf((await newBrowser(service).call("/dashboard/demo-sign-in", { method: "POST" })).body)).toBe("not_found");
  });

  it("cannot be where real money is", async () => {
    const production = { MPESA_ENV: "production", PUBLIC_URL: "https://pay.example.com", SECRETS_KEY: "0".repeat(64) };
    const config = loadConfig({ ...accountEnvironment("https://daraja.example"), ...production, DATABASE_URL: "sqlite::memory:" });
    await expect(startService(config, { demoOwner })).rejects.toThrow("must not exist");
  });
});
