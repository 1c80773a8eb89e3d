import { describe, expect, it, beforeEach, afterEach } from "vitest";
import express from "express";
import { everyScreen } from "../../../widget/screens/every-screen.ts";
import { bookingViewSchema } from "../../../service/src/contract.ts";
import { createFakeService, type FakeService } from "../fake-service.ts";
import { listen, type Listening } from "../listen.ts";
import { toUtcMs } from "../nairobi-time.ts";
import { createHostsRouter, hosts } from "./hosts-router.ts";
import { stateGroups } from "./states-page.ts";

const serviceUrl = "http://service.test";
const nowMs = toUtcMs("2026-12-08", "08:00");

let service: FakeService;
let site: Listening;

beforeEach(async () => {
  service = createFakeService();
  const app = express().set("query parser", "simple");
  app.use(
    createHostsRouter({ addresses: { serviceUrl, phoneUrl: null }, publishableKey: "pk_test_amani", client: service, now: () => nowMs }),
  );
  site = await listen(app, 0, "DEMO_PORT", "127.0.0.1");
});
afterEach(() => site.stop());

const get = (path: string) => fetch(`http://127.0.0.1:${site.port}${path}`, { redirect: "manual" });

it("the index links to every host", async () => {
  const page = await (await get("/hosts")).text();
  for (const { path } of hosts) expect(page).toContain(`href="/hosts/${path}"`);
});

describe.each(hosts.filter(({ pays, books }) => pays && !books))("$path", ({ path }) => {
  it("books once, and a reload shows the same booking", async () => {
    const first = await get(`/hosts/${path}`);
    expect(first.status).toBe(303);
    const address = first.headers.get("Location") ?? "";
    const bookingId = address.split("booking=")[1] ?? "";
    expect(service.views.has(bookingId)).toBe(true);
    for (let visit = 0; visit < 2; visit++) expect(await (await get(address)).text()).toContain(bookingId);
    expect(service.calls).toHaveLength(1);
  });
});

describe.each(hosts.filter(({ pays }) => !pays))("$path", ({ path }) => {
  it("shows fictional bookings, and books nothing", async () => {
    const page = await (await get(`/hosts/${path}`)).text();
    const ids = [...page.matchAll(/<somo-pay\s+data-here\s+booking-id="([^"]+)"/g)].map(([, id]) => id ?? "");
    expect(ids.length).toBeGreaterThan(4);
    for (const id of ids.filter((name) => name !== "missing")) {
      expect(bookingViewSchema.parse(await (await get(`/api/booking/${id}`)).json()).bookingId).toBe(id);
    }
    expect(service.calls).toEqual([]);
  });
});

it.each(hosts)("$path runs nothing inline, whatever the URL contains", async ({ path }) => {
  const page = await (await get(`/hosts/${path}?booking=${encodeURIComponent(`"><script>alert(1)</script>`)}`)).text();
  expect(page).not.toMatch(/<script(?![^>]*\ssrc=)/);
  expect(page).not.toMatch(/<[a-z]+[^>]*\s(?:style|on\w+)=/);
});

describe("every state", () => {
  it("has each of the widget's screens, once", () => {
    const shown = stateGroups.flatMap(({ screens }) => Object.keys(screens));
    expect(shown.toSorted()).toEqual(
      everyScreen()
        .map(({ name }) => name)
        .toSorted(),
    );
  });

  it("follows the query parameters, and uses defaults for invalid ones", async () => {
    const dark = await (await get("/hosts/states?lang=sw&theme=dark&width=432")).text();
    expect(dark).toContain(`<main class="states theme-dark width-432">`);
    expect(dark.match(/ lang="sw" theme="dark"/g)).toHaveLength(everyScreen().length);
    const usual = await (await get("/hosts/states?lang=xx&theme=%22&width=toString")).text();
    expect(usual).toContain(`<main class="states theme-auto width-328">`);
  });

  it("a switch keeps the other parameters", async () => {
    const page = await (await get("/hosts/states?lang=sw&theme=dark&width=280")).text();
    expect(page).toContain(`href="?lang=en&amp;theme=dark&amp;width=280"`);
  });
});

it.each(["strict-csp", "trusted-types"])("%s allows the service and nothing else", async (path) => {
  const policy = (await get(`/hosts/${path}?booking=bk_1`)).headers.get("Content-Security-Policy") ?? "";
  expect(policy).toContain(`default-src 'none'; script-src ${serviceUrl}; connect-src ${serviceUrl};`);
  expect(policy).not.toContain("unsafe");
});

it("the frame has another origin if this machine has two names, otherwise the same", async () => {
  const page = await (await get("/hosts/iframe?booking=bk_1")).text();
  expect(page).toContain(`src="http://localhost:${site.port}/hosts/framed?booking=bk_1"`);
});

it("the widget's own form gets the publishable key, and no booking is created for it", async () => {
  const page = await (await get("/hosts/form")).text();
  expect(page).toContain(`<somo-pay site-key="pk_test_amani" session-type="maths-1h"`);
  expect(service.calls).toEqual([]);
});

it("the developer pages take no payment", async () => {
  const answer = await fetch(`http://127.0.0.1:${site.port}/api/pay/mpesa`, { method: "POST", body: "{}" });
  expect(answer.status).toBe(404);
});
