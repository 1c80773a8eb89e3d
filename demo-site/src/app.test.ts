import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createDemoApp } from "./app.ts";
import { createBookingDesk } from "./booking-desk.ts";
import { openBookingsFile } from "./bookings-file.ts";
import { createFakeService, type FakeService } from "./fake-service.ts";
import { listen, type Listening } from "./listen.ts";
import { toUtcMs } from "./nairobi-time.ts";

const serviceUrl = "http://service.test";
const phoneUrl = "http://phones.test/phone";
const nowMs = toUtcMs("2026-12-08", "08:00");

let folder: string;
let service: FakeService;
let site: Listening;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "amani-site-"));
  service = createFakeService();
  const now = () => nowMs;
  const desk = createBookingDesk(await openBookingsFile(join(folder, "bookings.json")), service, now);
  const app = createDemoApp({ addresses: { serviceUrl, phoneUrl }, publishableKey: "pk_test_amani", desk, client: service, now });
  site = await listen(app, 0, "DEMO_PORT", "127.0.0.1");
});
afterEach(async () => {
  await site.stop();
  await rm(folder, { recursive: true, force: true });
});

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`http://127.0.0.1:${site.port}${path}`, { redirect: "manual", headers: { "Accept-Language": "en", ...headers } });

const post = (fields: Record<string, string>, code = "maths-1h") =>
  fetch(`http://127.0.0.1:${site.port}/book/${code}`, {
    method: "POST",
    redirect: "manual",
    headers: { "Accept-Language": "en" },
    body: new URLSearchParams(fields),
  });

async function blankForm(): Promise<{ formId: string; slot: string }> {
  const page = await (await get("/book/maths-1h")).text();
  const formId = /name="formId" value="([^"]+)"/.exec(page)?.[1] ?? "";
  const slot = /value="(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})"/.exec(page)?.[1] ?? "";
  return { formId, slot };
}

const parent = { parentName: "Wanjiru Kamau", childName: "Amani", email: "wanjiru@example.com" };
const nasty = `<script>alert(1)</script>"'><img src=x>`;

describe("a booking", () => {
  it("leads to its payment page, with the widget as in the README and the phone beside it", async () => {
    const answer = await post({ ...(await blankForm()), ...parent });
    expect(answer.status).toBe(303);
    const path = answer.headers.get("Location") ?? "";
    const page = await (await get(path)).text();
    const bookingId = path.replace("/pay/", "");
    expect(page).toContain(`<script type="module" src="${serviceUrl}/widget.js"></script>`);
    expect(page).toContain(`<somo-pay booking-id="${bookingId}" merchant="Amani Tutors">`);
    expect(page).toContain(`src="${phoneUrl}/254708374149"`);
    expect(service.calls).toEqual([expect.objectContaining({ sessionType: "maths-1h", ...parent })]);
  });

  it("removes its time from the calendar", async () => {
    const form = await blankForm();
    await post({ ...form, ...parent });
    expect((await blankForm()).slot).not.toBe(form.slot);
    const late = await post({ ...(await blankForm()), ...parent, slot: form.slot });
    expect(late.status).toBe(422);
    expect(await late.text()).toContain("That time is no longer free");
  });

  it("is shown as booked, with its receipt, once the service reports it paid", async () => {
    const path = (await post({ ...(await blankForm()), ...parent })).headers.get("Location") ?? "";
    expect(await (await get("/booked")).text()).toContain("Waiting for payment");
    service.setPaid(path.replace("/pay/", ""), "UKN1234567");
    const page = await (await get("/booked")).text();
    expect(page).toContain("UKN1234567");
    expect(page).not.toContain("Waiting for payment");
    expect(page).not.toContain(`href="${path}"`);
  });
});

describe("the booked lessons", () => {
  const bookedAs = async (change: (bookingId: string) => void): Promise<string> => {
    const path = (await post({ ...(await blankForm()), ...parent })).headers.get("Location") ?? "";
    change(path.replace("/pay/", ""));
    return (await get("/booked")).text();
  };

  it("say what was paid of the price, and that the rest is still to come", async () => {
    const page = await bookedAs((id) => service.setPaid(id, "UKN1234567", 1_000));
    expect(page).toContain("KES 1,000 of 1,500 paid");
    expect(page).toContain("Waiting for the rest");
    expect(page).toContain("Continue paying");
    const swahili = await (await get("/booked", { "Accept-Language": "sw" })).text();
    expect(swahili).toContain("KES 1,000 kati ya 1,500 zimelipwa");
  });

  it("do not say booked of money that came too late", async () => {
    const page = await bookedAs((id) => {
      service.end(id, "lapsed");
      service.setPaid(id, "UKN1234567");
    });
    expect(page).toContain("Paid too late, we will call you");
    expect(page).not.toContain("<span>Booked</span>");
    expect(page).not.toContain("Continue paying");
  });

  it.each([
    ["lapsed", "Not paid in time"],
    ["cancelled", "Cancelled"],
  ] as const)("say that a lesson is %s, and do not lead to its payment", async (status, words) => {
    const page = await bookedAs((id) => service.end(id, status));
    expect(page).toContain(words);
    expect(page).not.toContain("Continue paying");
  });

  it("do not call the payment page's lesson booked before its full price is there", async () => {
    const path = (await post({ ...(await blankForm()), ...parent })).headers.get("Location") ?? "";
    const titleOf = async () => /<h1[^>]*>([^<]*)</.exec(await (await get(path)).text())?.[1];
    service.setPaid(path.replace("/pay/", ""), "UKN1234567", 1_000);
    expect(await titleOf()).toBe("Pay for the lesson");
    service.setPaid(path.replace("/pay/", ""), "UKN7654321", 500);
    expect(await titleOf()).toBe("Your lesson is booked");
  });
});

describe("an invalid form", () => {
  it("is shown again with the input and an error beside each field", async () => {
    const answer = await post({ parentName: "Wanjiru", childName: "", email: "wanjiru@" });
    const page = await answer.text();
    expect(answer.status).toBe(422);
    expect(page).toContain(`value="Wanjiru"`);
    expect(page).toContain(`value="wanjiru@"`);
    expect(page).toMatch(/id="childName"[^>]*aria-describedby="childName-problem"[^>]*aria-invalid="true"/);
    expect(page).toContain(`<a href="#childName">Enter the child’s name</a>`);
    expect(service.calls).toEqual([]);
  });

  it("never runs the input", async () => {
    const page = await (await post({ parentName: nasty, childName: nasty, email: nasty, slot: nasty, formId: nasty })).text();
    expect(page).not.toContain("<script>alert");
    expect(page).not.toContain("<img src=x>");
    expect(page).toContain("&lt;script&gt;alert(1)");
  });

  it("never runs a name on later pages", async () => {
    const path = (await post({ ...(await blankForm()), ...parent, childName: nasty })).headers.get("Location") ?? "";
    for (const page of [await (await get(path)).text(), await (await get("/booked")).text()]) {
      expect(page).toContain("&lt;script&gt;alert(1)");
      expect(page).not.toContain("<script>alert");
      expect(page).not.toContain("<img src=x>");
    }
  });
});

describe("with the service down", () => {
  beforeEach(() => {
    service.isAway = true;
    vi.spyOn(console, "error").mockImplementation(() => undefined);
  });
  afterEach(() => vi.restoreAllMocks());

  it("keeps the form, and books it once when the service is back", async () => {
    const form = await blankForm();
    const answer = await post({ ...form, ...parent });
    const page = await answer.text();
    expect(answer.status).toBe(503);
    expect(page).toContain("We cannot take bookings right now");
    expect(page).toContain(`value="Wanjiru Kamau"`);
    expect(page).toContain(form.formId);
    expect(page).toMatch(new RegExp(`value="${form.slot}"[^>]*checked`));
    service.isAway = false;
    expect((await post({ ...form, ...parent })).status).toBe(303);
    expect(service.views.size).toBe(1);
  });

  it.each(["/booked", "/pay/bk_1"])("%s reports it and offers to try again", async (path) => {
    service.isAway = false;
    await post({ ...(await blankForm()), ...parent });
    service.isAway = true;
    const answer = await get(path);
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain(`<a class="button" href="${path}">Try again</a>`);
  });

  it("still shows lessons and prices", async () => {
    expect((await get("/")).status).toBe(200);
  });
});

describe("every page", () => {
  it.each(["/", "/book/maths-1h", "/booked", "/browser-only", "/nothing-here"])(
    "%s has a strict policy and nothing inline",
    async (path) => {
      const answer = await get(path);
      const page = await answer.text();
      const policy = answer.headers.get("Content-Security-Policy") ?? "";
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain(`script-src 'self' ${serviceUrl};`);
      expect(policy).toContain("frame-src http://phones.test;");
      expect(policy).not.toContain("unsafe");
      expect(page).not.toMatch(/<[a-z]+[^>]*\s(?:style|on\w+)=/);
      expect(page).not.toMatch(/<script(?![^>]*\ssrc=)/);
    },
  );

  it("uses the chosen language, and keeps the rest of the URL", async () => {
    const chosen = await get("/book/maths-1h?time=2026-12-08T15:00&lang=sw");
    expect(chosen.status).toBe(303);
    expect(chosen.headers.get("Location")).toBe("/book/maths-1h?time=2026-12-08T15%3A00");
    const cookie = (chosen.headers.get("Set-Cookie") ?? "").split(";")[0] ?? "";
    const page = await (await get("/", { Cookie: cookie })).text();
    expect(page).toContain(`<html lang="sw">`);
    expect(page).toContain("Masomo na bei");
  });

  it("uses the browser's language by default", async () => {
    expect(await (await get("/", { "Accept-Language": "sw-KE,sw;q=0.9,en;q=0.5" })).text()).toContain(`<html lang="sw">`);
    expect(await (await get("/", { "Accept-Language": "fr" })).text()).toContain(`<html lang="en">`);
  });

  it("never redirects to another host", async () => {
    expect((await get("//elsewhere.example/?lang=sw")).headers.get("Location")).toBe("/elsewhere.example/");
  });

  it.each(["/book/nothing", "/pay/bk_unknown", "/%E0%A4%A"])("%s is answered 4xx with a page", async (path) => {
    const answer = await get(path);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(await answer.text()).toContain("This page does not exist");
  });
});
