import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { request } from "undici";
import { beforeAll, describe, expect, it, test } from "vitest";
import { z } from "zod";
import { book, call, newPhone, pay, type Answer } from "../factories/calls.ts";
import { expectProblem } from "../factories/problems.ts";
import { sharedStack, SITE_ORIGIN, stackForTest } from "../fixtures.ts";

const OTHER_ORIGIN = "https://baraka.example";
/** A page in an iPhone's app, as Capacitor shows it. */
const APP_ORIGIN = "capacitor://localhost";
const STRANGER = "https://evil.example";

const grant = (answer: Answer) => answer.headers["access-control-allow-origin"];

describe("what pages of other origins may do", () => {
  const stack = sharedStack("SQLite, in-process");
  beforeAll(async () => {
    await stack().service.service.siteStore.add({
      name: "Baraka Tutors",
      allowedOrigins: [OTHER_ORIGIN, APP_ORIGIN],
      sessionTypes: [],
      publishableKey: "pk_baraka_tutors",
    });
  });
  /** The preflight that a browser sends before JSON or a custom header. */
  const preflight = (path: string, Origin: string) =>
    call(stack().service.url, path, {
      method: "OPTIONS",
      headers: {
        Origin,
        "X-Site-Key": "",
        "Content-Type": "",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,x-site-key,idempotency-key",
      },
    });

  test.each([
    ["/api/pay/mpesa", SITE_ORIGIN],
    ["/api/bookings", SITE_ORIGIN],
    ["/api/session-types", OTHER_ORIGIN],
    ["/api/bookings", APP_ORIGIN],
    ["/api/booking/bk_1", OTHER_ORIGIN],
    ["/api/payment-status/bk_1", SITE_ORIGIN],
  ])("a preflight of %s is granted to %s, the origin of a site", async (path, origin) => {
    const answer = await preflight(path, origin);
    expect(answer).toMatchObject({ status: 204, body: "" });
    expect(grant(answer)).toBe(origin);
    expect(answer.headers["access-control-allow-methods"]).toBe("GET, POST");
    expect(String(answer.headers["access-control-allow-headers"]).toLowerCase().split(", ").toSorted()).toEqual([
      "content-type",
      "idempotency-key",
      "last-event-id",
      "x-site-key",
    ]);
    expect(answer.headers["access-control-max-age"]).toBe("600");
    expect(answer.headers["vary"]).toMatch(/Origin/);
    expect(answer.headers["access-control-allow-credentials"]).toBeUndefined();
  });

  test.each([STRANGER, "null", "https://amani.example.evil.example", "http://amani.example", "https://amani.example:8443"])(
    "a preflight is not granted to %s",
    async (origin) => {
      const answer = await preflight("/api/pay/mpesa", origin);
      const granted = Object.keys(answer.headers).filter((name) => name.startsWith("access-control-"));
      expect(granted).toEqual([]);
      expect(answer.headers["vary"]).toMatch(/Origin/);
    },
  );

  it("an answer is readable by the requesting page only", async () => {
    const asked = await call(stack().service.url, "/api/session-types");
    expect(asked.status).toBe(200);
    expect(grant(asked)).toBe(SITE_ORIGIN);
    expect(asked.headers["access-control-expose-headers"]).toBe("Retry-After");
    expect(asked.headers["vary"]).toMatch(/Origin/);
    const stranger = await call(stack().service.url, "/api/session-types", { headers: { Origin: STRANGER } });
    expectProblem(stranger, "origin_not_allowed");
    expect(grant(stranger)).toBeUndefined();
  });

  it("a server sends no origin and gets no grant", async () => {
    const answer = await call(stack().service.url, "/api/session-types", { headers: { Origin: "" } });
    expect(answer.status).toBe(200);
    expect(grant(answer)).toBeUndefined();
    expect(answer.headers["vary"]).toMatch(/Origin/);
  });

  it("errors are readable too, so that the widget can show them", async () => {
    const { url } = stack().service;
    const answers = [
      await call(url, "/api/pay/mpesa", { body: {} }),
      await call(url, "/api/pay/mpesa", { rawBody: "{" }),
      await call(url, "/api/bookings", { body: { parentName: "w".repeat(17_000) } }),
      await call(url, "/api/booking/bk_unknown"),
      await call(url, "/api/booking/%"),
      await call(url, "/api/nothing-here"),
      await call(url, "/api/session-types", { headers: { "X-Site-Key": "pk_unknown" } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 413, 404, 404, 404, 401]);
    for (const answer of answers) expect(grant(answer)).toBe(SITE_ORIGIN);
  });

  it("a page of another site can read why it is refused", async () => {
    const booking = await book(stack().service.url);
    const answer = await pay(stack().service.url, booking.bookingId, newPhone(), { Origin: OTHER_ORIGIN });
    expectProblem(answer, "origin_not_allowed");
    expect(grant(answer)).toBe(OTHER_ORIGIN);
    expect(stack().simulator.control.prompts).toEqual([]);
  });

  it("a stream is granted to its site's origin, and refused to others", async () => {
    const booking = await book(stack().service.url);
    const path = `/api/payment-status/${booking.bookingId}`;
    const stream = await request(stack().service.url + path, { headers: { Origin: SITE_ORIGIN } });
    expect(stream.statusCode).toBe(200);
    expect(stream.headers).toMatchObject({
      "access-control-allow-origin": SITE_ORIGIN,
      "content-type": expect.stringMatching(/^text\/event-stream\b/),
    });
    stream.body.destroy();
    for (const Origin of [STRANGER, OTHER_ORIGIN])
      expectProblem(await call(stack().service.url, path, { headers: { Origin } }), "origin_not_allowed");
  });

  it("the callback addresses grant nothing", async () => {
    const answer = await call(stack().service.url, "/callbacks/stk/unknown", { body: {} });
    expect(answer.status).toBe(200);
    expect(grant(answer)).toBeUndefined();
  });

  describe("the widget's files", () => {
    const integritySchema = z.object({ "somo-pay.js": z.string().regex(/^sha384-[\w+/]{64}$/) });
    const file = (path: string) => call(stack().service.url, path, { headers: { Origin: STRANGER, "X-Site-Key": "", "Content-Type": "" } });
    const { version } = z
      .object({ version: z.string() })
      .parse(JSON.parse(readFileSync(join(import.meta.dirname, "../../widget/package.json"), "utf8")));

    test.each(["/widget.js", `/widget/${version}/somo-pay.js`])("%s may be embedded by any page", async (path) => {
      const answer = await file(path);
      expect(answer.status).toBe(200);
      expect(grant(answer)).toBe("*");
      expect(answer.headers["cross-origin-resource-policy"]).toBe("cross-origin");
      expect(answer.headers["content-type"]).toBe("text/javascript; charset=utf-8");
      expect(answer.headers["x-content-type-options"]).toBe("nosniff");
    });

    it("the newest file is cached for minutes, a version for ever, under its own hash", async () => {
      const [newest, fixed, integrity] = [
        await file("/widget.js"),
        await file(`/widget/${version}/somo-pay.js`),
        await file(`/widget/${version}/integrity.json`),
      ];
      expect(newest.headers["cache-control"]).toMatch(/^public, max-age=300\b/);
      expect(fixed.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
      expect(newest.body).toBe(fixed.body);
      const hash = createHash("sha384").update(String(fixed.body)).digest("base64");
      expect(integritySchema.parse(integrity.body)["somo-pay.js"]).toBe(`sha384-${hash}`);
      expect(grant(integrity)).toBe("*");
    });
  });
});

it("a rate-limited page can read how long to wait", async () => {
  const { service, simulator } = await stackForTest({ environment: { LIMIT_PHONE: "1/60" } });
  const phone = newPhone();
  const [one, two] = [await book(service.url), await book(service.url)];
  await pay(service.url, one.bookingId, phone);
  simulator.control.cancel((await simulator.control.waitForPrompt(phone)).checkoutRequestId);
  const limited = await pay(service.url, two.bookingId, phone);
  expectProblem(limited, "too_many_requests");
  expect(grant(limited)).toBe(SITE_ORIGIN);
  expect(limited.headers["access-control-expose-headers"]).toBe("Retry-After");
  expect(Number(limited.headers["retry-after"])).toBeGreaterThan(0);
});
