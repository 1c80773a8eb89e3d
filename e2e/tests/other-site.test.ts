/** Every route of openapi.json, with the ids of one site and the keys of another: nothing of the first shows, and nothing of it changes. */
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { z } from "zod";
import { bookingViewSchema } from "../../service/src/contract.ts";
import { createApiKeyStore } from "../../service/src/sites/api-key-store.ts";
import { createIds } from "../../service/src/platform/ids.ts";
import { DAY_MS, nairobiDate } from "../../service/src/platform/nairobi-day.ts";
import { book, bookingWish, call, newPhone, type Answer } from "../factories/calls.ts";
import { callbackBody, post } from "../factories/callbacks.ts";
import { everyRoute, type Facts, type Route } from "../factories/every-route.ts";
import { openLive } from "../factories/live-list.ts";
import { openAccount, secondSite, SECRETS_KEY } from "../factories/own-account.ts";
import { payByHand, receiptOf, registerPaybill } from "../factories/paybill.ts";
import { enterPin, startPaying } from "../factories/paying.ts";
import { callbacksRead, readRows, theAttempt } from "../factories/records.ts";
import { until } from "../factories/until.ts";
import { callApi, newMember, type Member } from "../factories/people.ts";
import { addEndpoint, deliveriesTo } from "../factories/webhooks.ts";
import { PUBLISHABLE_KEY, SECRET_KEY, startStack, type Stack } from "../fixtures.ts";

const OTHER_SECRET = "sk_baraka_not_a_real_secret_1";
const OTHER_NAME = "Baraka Tutors";
const OTHER_PUBLISHABLE = "pk_baraka_site_1";
/** Only the first site has it, so that finding it is never a coincidence. */
const PEOPLE = { parentName: "Wairimu Onlyhere", childName: "Zawadi Onlyhere", email: "onlyhere@example.com" };
/** Tomorrow, so that the overview shows it. */
const NAMES = { ...PEOPLE, date: nairobiDate(Date.now() + DAY_MS) };

type Deployed = {
  stack: Stack & { stop(): Promise<void> };
  facts: Facts;
  marks: string[];
  readOnly: string;
  siteId: string;
  otherOwner: Member;
};

/** A site with something to see on every route: a paid booking, an unpaid one, money without a booking, a callback that is not verified. */
async function deploy(): Promise<Deployed> {
  const stack = await startStack({ initiator: true, environment: { SECRETS_KEY } });
  const { service } = stack;
  await registerPaybill(stack);
  await service.service.siteStore.add(secondSite(openAccount(stack)));
  // Nobody listens there: its deliveries wait.
  const endpoint = await addEndpoint(service.url, { url: "https://www.onlyhere.example/webhooks" });
  const { booking, prompt, stream, phone } = await startPaying(stack, { wish: NAMES });
  await post(prompt.callbackUrl, callbackBody(prompt, { code: 0, amountKes: 1 }));
  const receipt = await enterPin(stack, prompt);
  await stream.untilStatus("paid");
  const unpaid = await book(service.url, NAMES);
  const money = receiptOf(await payByHand(stack, { phone: newPhone(), accountNumber: "ONLYHERE", amountKes: 1_500 }));
  const { database, siteStore } = service.service;
  await until("the money to be listed", async () => (await readRows(database)).unassigned.length > 0);
  await newMember(service, "manager");
  const [staff] = z.array(z.object({ id: z.string(), site_id: z.string() })).parse(await service.service.database.knex("staff"));
  const callbacks = await callbacksRead(stack, 3);
  const [delivery] = await deliveriesTo(service.url, endpoint.id);
  if (!staff) throw new Error("nobody works there");
  if (!delivery) throw new Error("nothing waits for the endpoint");
  const unverified = callbacks.find(({ verdict }) => verdict === "unverified");
  if (!unverified) throw new Error("no callback is unverified");
  const { id: paymentId } = await theAttempt(stack, booking.bookingId);
  const { sites } = await siteStore.all();
  const other = sites.find(({ publishableKey }) => publishableKey === OTHER_PUBLISHABLE);
  const siteId = sites.find(({ publishableKey }) => publishableKey === PUBLISHABLE_KEY)?.id ?? "";
  const keys = createApiKeyStore({ database, ids: createIds(Date.now), now: Date.now });
  const ownKey = (await keys.add({ siteId, name: "Onlyhere", access: "full" })).key;
  const otherOwner = await newMember(service, "owner", OTHER_NAME);
  const readOnly = (await keys.add({ siteId: other?.id ?? "", name: "reports", access: "read" })).secret;
  return {
    stack,
    readOnly,
    siteId,
    otherOwner,
    facts: {
      bookingId: booking.bookingId,
      paymentId,
      receipt,
      reference: unpaid.reference,
      callbackId: unverified.id,
      endpointId: endpoint.id,
      deliveryId: delivery.id,
      staffId: staff.id,
      keyId: ownKey.id,
      token: "0".repeat(64),
      signInId: "in_nobodys",
      phoneEnding: phone.slice(-3),
      q: NAMES.parentName,
      from: NAMES.date,
      to: NAMES.date,
      code: "maths-1h",
      secret: "0".repeat(64),
      version: "0.0.0",
      file: "somo-pay.js",
    },
    marks: [
      booking.bookingId,
      unpaid.bookingId,
      booking.reference,
      unpaid.reference,
      paymentId,
      receipt,
      money,
      unverified.id,
      endpoint.id,
      delivery.id,
      staff.id,
      ownKey.id,
      siteId,
      "onlyhere.example",
      "Onlyhere",
      "ONLYHERE",
    ],
  };
}

let deployed: Deployed;
beforeAll(async () => {
  deployed = await deploy();
});
afterAll(() => deployed.stack.stop());

function send({ method, path }: Route, body: object | undefined, headers: Record<string, string>): Promise<Answer> {
  const key = { Origin: "", "X-Site-Key": "", ...headers };
  return call(deployed.stack.service.url, path, { method, headers: key, ...(body && { body }) });
}

/** Everything of the first site in the database. */
async function stateOfFirst(): Promise<unknown> {
  const { stack, siteId } = deployed;
  const { bookings, attempts, sessions, unassigned, refunds, checks, callbacks } = await readRows(stack.service.service.database);
  const types: unknown = await stack.service.service.database.knex("session_types").where({ site_id: siteId }).orderBy("position");
  const { knex } = stack.service.service.database;
  return {
    // Tries go on meanwhile; nobody but the owner changes these.
    endpoints: await knex("webhook_endpoints").where({ site_id: siteId }).select("id", "url", "events", "status", "secret"),
    deliveries: await knex("webhook_deliveries").where({ site_id: siteId }).orderBy("id").select("id", "message_id", "status"),
    bookings: bookings.filter((booking) => booking.siteId === siteId),
    attempts: attempts.filter((attempt) => attempt.siteId === siteId),
    site: await knex("sites").where({ id: siteId }),
    // When a key was last used is noted meanwhile.
    keys: await knex("api_keys").where({ site_id: siteId }).orderBy("id").select("id", "name", "key_hash", "ends_at"),
    mail: await knex("mail_outbox").where({ site_id: siteId }),
    staff: await knex("staff").where({ site_id: siteId }),
    invitations: await knex("invitations").where({ site_id: siteId }),
    // Strangers' callbacks are stored, and lead to nothing.
    callbacks: callbacks.filter(({ verdict }) => verdict !== "unmatched"),
    sessions,
    unassigned,
    refunds,
    checks,
    types,
  };
}

const textOf = (answer: Answer): string => JSON.stringify([answer.headers, answer.body]);
/** What one site's routes say of itself. Safaricom's and the files are nobody's. */
const isOfSites = ({ tag }: Route): boolean => tag === "parent" || tag === "server";
/** It does not end; it has a case of its own. */
const isEndless = ({ path }: Route): boolean => path === "/api/v1/live";
const asBearer = (key: string) => ({ Authorization: `Bearer ${key}` });

/** As the dashboard's pages call. */
const asOwner = ({ browser }: Member, siteId: string) => ({
  Cookie: [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; "),
  "Sec-Fetch-Site": "same-origin",
  "SomoPay-Site": siteId,
});

describe("with another site's key", () => {
  test.each<[string, () => Record<string, string>]>([
    ["its secret key", () => asBearer(OTHER_SECRET)],
    ["its key that may only read", () => asBearer(deployed.readOnly)],
    ["its publishable key", () => ({ "X-Site-Key": OTHER_PUBLISHABLE })],
    ["its owner, signed in", () => asOwner(deployed.otherOwner, deployed.otherOwner.siteId)],
    ["its owner, signed in and naming the first site", () => asOwner(deployed.otherOwner, deployed.siteId)],
    ["a key of nobody", () => asBearer("sk_nobody_not_a_real_secret_at_all")],
  ])("%s: no route shows or changes anything of the first site", async (_whose, headers) => {
    const { facts, marks } = deployed;
    const before = await stateOfFirst();
    const routes = everyRoute(facts);
    expect(routes.filter(isOfSites).length).toBeGreaterThan(25);
    // To the parents' routes a cookie says nothing: there a booking's id is the key to it. The dashboard's own would end the session.
    const walked = routes.filter((route) => !isEndless(route) && (route.tag === "server" || !("Cookie" in headers())));
    for (const route of walked)
      for (const body of route.bodies) {
        const answer = await send(route, body, headers());
        // The operator's metrics count the failures of each endpoint, by its id.
        const hidden = marks.filter((mark) => route.tag !== "operator" || mark !== facts["endpointId"]);
        for (const mark of hidden) expect([route.name, mark, textOf(answer).includes(mark)]).toEqual([route.name, mark, false]);
        // A code of the price list is the caller's own.
        const isRefused = (route.isAboutOne || body?.["bookingId"] !== undefined) && isOfSites(route) && !route.path.endsWith("/maths-1h");
        if (isRefused) expect([route.name, answer.status >= 400 && answer.status < 500]).toEqual([route.name, true]);
      }
    expect(await stateOfFirst()).toEqual(before);
  });

  it("its owner was signed in all the while", async () => {
    const { otherOwner } = deployed;
    expect(await callApi(otherOwner, "/site")).toMatchObject({ status: 200, body: { siteId: otherOwner.siteId } });
  });

  it("is refused where no key is needed", async () => {
    const { bookingId = "" } = deployed.facts;
    const { url } = deployed.stack.service;
    const read = (headers: Record<string, string>) =>
      call(url, `/api/booking/${bookingId}`, { headers: { Origin: "", "X-Site-Key": "", ...headers } });
    expect((await read({})).status).toBe(200);
    expect((await read(asBearer(SECRET_KEY))).status).toBe(200);
    expect((await read(asBearer(OTHER_SECRET))).status).toBe(404);
    expect((await read({ "X-Site-Key": OTHER_PUBLISHABLE })).status).toBe(404);
    expect((await read(asBearer("sk_nobody_not_a_real_secret_at_all"))).status).toBe(401);
  });
});

describe("the live list", () => {
  test("of another site shows its own bookings, and none of the first site", async () => {
    const { stack, marks } = deployed;
    const live = await openLive(stack.service.url, OTHER_SECRET);
    const body = { ...bookingWish, sessionType: undefined, amount: 700, description: "Reading" };
    const made = await call(stack.service.url, "/api/v1/bookings", {
      body,
      headers: { Origin: "", "X-Site-Key": "", ...asBearer(OTHER_SECRET) },
    });
    const { reference } = bookingViewSchema.parse(made.body);
    const shown = await live.until((text) => text.includes(reference));
    for (const mark of marks) expect([mark, shown.includes(mark)]).toEqual([mark, false]);
    live.close();
  });

  test("of the first site shows its bookings", async () => {
    const { stack, facts } = deployed;
    const live = await openLive(stack.service.url, SECRET_KEY);
    const reference = facts["reference"] ?? "none";
    expect(await live.until((text) => text.includes(reference))).toContain(facts["bookingId"]);
    live.close();
  });
});

/** So that the marks above are what the routes would show. */
it("with its own key, each route that reads shows what is the site's", async () => {
  const { facts, marks } = deployed;
  // Its stream and its files end differently; the price list names no booking; nothing was refunded; the M-Pesa account is everybody's sandbox.
  const others = /payment-status|\/qr|refunds|session-types|calendar\.ics|mpesa-account/;
  const reading = everyRoute(facts).filter(
    (route) => isOfSites(route) && route.method === "GET" && !isEndless(route) && !others.test(route.path),
  );
  expect(reading.length).toBeGreaterThan(10);
  for (const route of reading) {
    const answer = await send(route, undefined, asBearer(SECRET_KEY));
    const isSeen = answer.status === 200 && marks.some((mark) => textOf(answer).includes(mark));
    // A filter of one list may find nothing: the paid booking's receipt is no unassigned money.
    if (!route.name.includes("?")) expect([route.name, isSeen]).toEqual([route.name, true]);
  }
});
