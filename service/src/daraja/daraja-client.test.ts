import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, inject, test, vi } from "vitest";
import { createDarajaClient } from "./daraja-client.ts";
import { createMemoryTokenStore } from "./memory-token-store.ts";
import { createRedisTokenStore } from "./redis-token-store.ts";
import { acceptedBody, sendJson, startSafaricomStub } from "./safaricom-stub.ts";
import type { SharedTokenStore } from "./access-token.ts";
import type { DarajaLimits } from "./daraja-client.ts";
import type { DarajaClient, PushRequest } from "./daraja-types.ts";
import type { SafaricomStub } from "./safaricom-stub.ts";

const credentials = { consumerKey: "the-consumer-key", consumerSecret: "the-consumer-secret", shortcode: "174379", passkey: "the-passkey" };
const request: PushRequest = {
  amountKes: 1500,
  phone: "254708374149",
  accountReference: "SP-7K2M9Q",
  description: "Lesson",
  callbackUrl: "https://pay.example/callbacks/stk/0123456789abcdef0123456789abcdef",
};
const ID = acceptedBody.CheckoutRequestID;
const refusedToken = { requestId: "1234-5678-1", errorCode: "404.001.03", errorMessage: "Invalid Access Token" };

let stub: SafaricomStub;
let logged: string;
let errors: string[];
const clients: DarajaClient[] = [];

beforeEach(async () => {
  stub = await startSafaricomStub();
  logged = "";
  errors = [];
});
afterEach(async () => {
  vi.useRealTimers();
  for (const client of clients.splice(0)) await client.close();
  await stub.close();
});

function newClient(limits: Partial<DarajaLimits> = {}, tokenStore: SharedTokenStore = createMemoryTokenStore(Date.now)): DarajaClient {
  const write = (fields: object, message: string) => void (logged += `${JSON.stringify(fields)} ${message}\n`);
  const made = createDarajaClient({
    baseUrl: stub.baseUrl,
    tokenStore,
    now: () => Date.UTC(2026, 7, 17, 11, 4, 3),
    logger: {
      info: write,
      warn: write,
      error(fields, message) {
        write(fields, message);
        errors.push(message);
      },
    },
    limits,
  });
  clients.push(made);
  return made;
}

describe("push", () => {
  test("accepted", async () => {
    expect(await newClient().push(credentials, request)).toEqual({
      kind: "accepted",
      checkoutRequestId: ID,
      merchantRequestId: "29115-34620561-1",
    });
    expect(stub.pushCalls).toHaveLength(1);
    expect(stub.pushCalls[0]?.path).toBe("/mpesa/stkpush/v1/processrequest");
    expect(JSON.parse(stub.pushCalls[0]?.body ?? "")).toMatchObject({ PartyA: "254708374149", Amount: 1500, Timestamp: "20260817140403" });
  });

  test("does not send what Safaricom would refuse, and needs no token for it", async () => {
    expect(await newClient().push(credentials, { ...request, phone: "0708374149" })).toMatchObject({
      kind: "refused",
      reason: "rejected",
      code: "invalid_request",
    });
    expect([stub.oauthCalls, stub.pushCalls.length]).toEqual([0, 0]);
  });

  test("renews a stale token and sends the push again, once", async () => {
    const made = newClient();
    await made.push(credentials, request);
    stub.token = "somebody-else-fetched-one";
    expect(await made.push(credentials, request)).toMatchObject({ kind: "accepted" });
    expect([stub.oauthCalls, stub.pushCalls.length]).toEqual([2, 3]);
  });

  test("a push whose new token is refused too is misconfigured, and the owner is told", async () => {
    stub.onPush = ({ response }) => sendJson(response, 404, refusedToken);
    expect(await newClient().push(credentials, request)).toMatchObject({ kind: "refused", reason: "misconfigured", code: "404.001.03" });
    expect([stub.oauthCalls, stub.pushCalls.length]).toEqual([2, 2]);
    expect(errors).toEqual(["Safaricom refuses this account's payments; a setting is wrong"]);
  });

  test("a push that is refused for the moment is no error in the log", async () => {
    stub.onPush = ({ response }) => sendJson(response, 500, { errorCode: "500.003.02", errorMessage: "System is busy." });
    expect(await newClient().push(credentials, request)).toMatchObject({ kind: "refused", reason: "busy" });
    expect(errors).toEqual([]);
  });

  test("does not resend after the gateway's own stale-token error; the next push uses a new token", async () => {
    const good = stub.onPush;
    stub.onPush = ({ response }) =>
      sendJson(response, 401, {
        fault: { faultstring: "Invalid access token", detail: { errorcode: "keymanagement.service.invalid_access_token" } },
      });
    const made = newClient();
    expect(await made.push(credentials, request)).toMatchObject({ kind: "refused", reason: "busy" });
    stub.onPush = good;
    expect(await made.push(credentials, request)).toMatchObject({ kind: "accepted" });
    expect([stub.oauthCalls, stub.pushCalls.length]).toEqual([2, 2]);
  });

  const unclearEnds: [string, (call: SafaricomStub["pushCalls"][number]) => void][] = [
    ["a reset", ({ request: { socket } }) => socket.resetAndDestroy()],
    ["an end without a reply", ({ request: { socket } }) => socket.end()],
    ["no reply", () => undefined],
    [
      "half a body",
      ({ response }) => response.writeHead(200, { "content-length": 200 }).write(JSON.stringify(acceptedBody), () => response.destroy()),
    ],
    ["HTML with 200", ({ response }) => response.end("<html></html>")],
    ["HTML with 502", ({ response }) => response.writeHead(502).end("<html></html>")],
    ["an empty 503", ({ response }) => response.writeHead(503).end()],
    ["an internal error", ({ response }) => sendJson(response, 500, { errorCode: "500.003.1001", errorMessage: "Internal Server Error" })],
    ["a redirect", ({ response }) => response.writeHead(307, { location: "/mpesa/stkpush/v1/processrequest" }).end()],
    ["an endless body", ({ response }) => response.end("x".repeat(100_000))],
  ];
  test.each(unclearEnds)("%s is unclear, and is never sent again", async (_case, onPush) => {
    stub.onPush = onPush;
    expect(await newClient().push(credentials, request, 600)).toMatchObject({ kind: "unclear" });
    expect(stub.pushCalls).toHaveLength(1);
  });

  test("ignores a reply after the deadline", async () => {
    let answer = (): void => undefined;
    stub.onPush = ({ response }) => void (answer = () => sendJson(response, 200, acceptedBody));
    const startedMs = performance.now();
    expect(await newClient().push(credentials, request, 300)).toEqual({ kind: "unclear", message: "no reply (deadline)" });
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    answer();
    expect(stub.pushCalls).toHaveLength(1);
  });

  test("is refused as busy if Safaricom is unreachable", async () => {
    const made = newClient();
    await made.push(credentials, request);
    await stub.close();
    expect(await made.push(credentials, request)).toMatchObject({ kind: "refused", reason: "busy", code: "unsent" });
    expect(await newClient().push(credentials, request)).toMatchObject({ kind: "refused", reason: "busy", code: "no_token" });
  });

  test("is refused as misconfigured if the key or secret is wrong, and nothing is sent", async () => {
    stub.onOauth = ({ response }) => response.writeHead(400).end();
    expect(await newClient().push(credentials, request)).toMatchObject({
      kind: "refused",
      reason: "misconfigured",
      code: "wrong_credentials",
    });
    expect(stub.pushCalls).toHaveLength(0);
  });

  test("is refused as busy if no token arrives in time, and nothing is sent", async () => {
    stub.onOauth = () => undefined;
    const startedMs = performance.now();
    expect(await newClient().push(credentials, request, 3_000)).toMatchObject({ kind: "refused", reason: "busy", code: "no_token" });
    expect(performance.now() - startedMs).toBeLessThan(3_000);
    expect(stub.pushCalls).toHaveLength(0);
  });

  test("closing ends a running push as unclear", async () => {
    stub.onPush = () => undefined;
    const made = newClient();
    const called = stub.nextCall("push");
    const reply = made.push(credentials, request);
    await called;
    await made.close();
    expect(await reply).toMatchObject({ kind: "unclear" });
  });

  test("sends each of a hundred concurrent pushes once", async () => {
    const made = newClient();
    const replies = await Promise.all(Array.from({ length: 100 }, () => made.push(credentials, request)));
    expect(replies.every(({ kind }) => kind === "accepted")).toBe(true);
    expect([stub.oauthCalls, stub.pushCalls.length]).toEqual([1, 100]);
  });
});

describe("query", () => {
  test("paid", async () => {
    expect(await newClient().query(credentials, ID)).toEqual({ kind: "paid" });
    expect(JSON.parse(stub.queryCalls[0]?.body ?? "")).toMatchObject({ CheckoutRequestID: ID });
    expect(stub.queryCalls[0]?.path).toBe("/mpesa/stkpushquery/v1/query");
  });

  test("renews a stale token, once", async () => {
    const made = newClient();
    await made.query(credentials, ID);
    stub.token = "somebody-else-fetched-one";
    expect(await made.query(credentials, ID)).toEqual({ kind: "paid" });
    expect(stub.queryCalls).toHaveLength(3);
  });

  test("a query whose new token is refused too decides nothing and is reported to the owner", async () => {
    stub.onQuery = ({ response }) => sendJson(response, 404, refusedToken);
    expect(await newClient().query(credentials, ID)).toMatchObject({ kind: "unrecognised", code: "404.001.03" });
    expect([stub.oauthCalls, stub.queryCalls.length]).toEqual([2, 2]);
  });

  test("every network failure is pending", async () => {
    const made = newClient({ queryDeadlineMs: 300 });
    stub.onQuery = ({ request: { socket } }) => socket.resetAndDestroy();
    expect(await made.query(credentials, ID)).toMatchObject({ kind: "pending" });
    stub.onQuery = () => undefined;
    expect(await made.query(credentials, ID)).toMatchObject({ kind: "pending" });
    await stub.close();
    expect(await made.query(credentials, ID)).toMatchObject({ kind: "pending" });
  });

  test("a wrong key or secret decides nothing and is reported to the owner", async () => {
    stub.onOauth = ({ response }) => response.writeHead(400).end();
    expect(await newClient().query(credentials, ID)).toMatchObject({ kind: "unrecognised", code: "wrong_credentials" });
  });

  test("throttled", async () => {
    stub.onQuery = ({ response }) => sendJson(response, 429, { fault: { faultstring: "Spike arrest violation." } });
    expect(await newClient().query(credentials, ID)).toEqual({ kind: "throttled", retryAfterMs: 12_000 });
  });
});

describe("circuit", () => {
  const limits = { troublesToOpen: 3, circuitOpenMs: 10_000 };
  const breaks: SafaricomStub["onPush"] = ({ request: { socket } }) => socket.resetAndDestroy();

  test("opens after consecutive failures, refuses without sending, tries again, closes", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: 1_800_000_000_000 });
    const made = newClient(limits);
    const good = stub.onPush;
    stub.onPush = breaks;
    for (let round = 0; round < 3; round += 1) expect(await made.push(credentials, request)).toMatchObject({ kind: "unclear" });
    expect(made.breakerState(credentials)).toBe("open");
    stub.onPush = good;
    expect(await made.push(credentials, request)).toMatchObject({
      kind: "refused",
      reason: "busy",
      code: "circuit_open",
      retryAfterMs: 10_000,
    });
    expect(stub.pushCalls).toHaveLength(3);
    vi.setSystemTime(1_800_000_010_000);
    expect(await made.push(credentials, request)).toMatchObject({ kind: "accepted" });
    expect(made.breakerState(credentials)).toBe("closed");
  });

  test("a refusal by Safaricom does not open it", async () => {
    const made = newClient(limits);
    stub.onPush = ({ response }) => sendJson(response, 500, { errorCode: "500.001.1001", errorMessage: "Wrong credentials" });
    for (let round = 0; round < 5; round += 1) await made.push(credentials, request);
    stub.onOauth = ({ response }) => response.writeHead(400).end();
    const wrong = { ...credentials, consumerKey: "wrong" };
    for (let round = 0; round < 5; round += 1) await made.push(wrong, request);
    expect([made.breakerState(credentials), made.breakerState(wrong)]).toEqual(["closed", "closed"]);
  });

  test("failing queries do not block pushes, nor the other way round", async () => {
    const made = newClient(limits);
    stub.onQuery = breaks;
    for (let round = 0; round < 5; round += 1) expect(await made.query(credentials, ID)).toMatchObject({ kind: "pending" });
    expect(stub.queryCalls).toHaveLength(3);
    expect(made.breakerState(credentials)).toBe("closed");
    expect(await made.push(credentials, request)).toMatchObject({ kind: "accepted" });
  });

  test("odd replies for one account stop neither the pushes nor the queries of another", async () => {
    const made = newClient(limits);
    const healthy = { ...credentials, consumerKey: "healthy-key", shortcode: "600111" };
    const good = stub.onPush;
    stub.onPush = breaks;
    stub.onQuery = breaks;
    for (let round = 0; round < 4; round += 1) {
      await made.push(credentials, request);
      await made.query(credentials, ID);
    }
    expect([made.breakerState(credentials), made.breakerState(healthy)]).toEqual(["open", "closed"]);
    stub.onPush = good;
    expect(await made.push(healthy, request)).toMatchObject({ kind: "accepted" });
    expect(await made.push(credentials, request)).toMatchObject({ code: "circuit_open" });
    const asked = stub.queryCalls.length;
    await made.query(healthy, ID);
    expect(stub.queryCalls).toHaveLength(asked + 1);
  });

  test("a missing token counts as a failure", async () => {
    const made = newClient(limits);
    stub.onOauth = ({ response }) => response.writeHead(503).end();
    for (let round = 0; round < 3; round += 1) expect(await made.push(credentials, request)).toMatchObject({ code: "no_token" });
    expect(made.breakerState(credentials)).toBe("open");
    await made.push(credentials, request);
    expect(stub.oauthCalls).toBe(3);
  });
});

describe("several copies with one Redis", () => {
  const copies: Redis[] = [];
  afterEach(() => {
    for (const copy of copies.splice(0)) copy.disconnect();
  });
  function copyClient(): DarajaClient {
    const redis = new Redis(inject("redisUrl"));
    copies.push(redis);
    return newClient({}, createRedisTokenStore(redis));
  }

  test("the first token, and a stale one: one fetch each", async () => {
    const all = Array.from({ length: 5 }, copyClient);
    const pushAll = () => Promise.all(all.flatMap((made) => [1, 2, 3].map(() => made.push(credentials, request))));
    expect((await pushAll()).every(({ kind }) => kind === "accepted")).toBe(true);
    expect(stub.oauthCalls).toBe(1);
    stub.token = "somebody-else-fetched-one";
    expect((await pushAll()).every(({ kind }) => kind === "accepted")).toBe(true);
    expect(stub.oauthCalls).toBe(2);
  });

  test("with Redis down, each copy fetches its own token without long waits", async () => {
    const gone = new Redis({ port: 1, host: "127.0.0.1" });
    gone.on("error", () => undefined);
    copies.push(gone);
    const startedMs = performance.now();
    expect(await newClient({}, createRedisTokenStore(gone)).push(credentials, request)).toMatchObject({ kind: "accepted" });
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });
});

test("checks the credentials", async () => {
  const made = newClient();
  expect(await made.checkCredentials(credentials)).toEqual({ ok: true });
  expect(await made.checkCredentials(credentials)).toEqual({ ok: true });
  expect(stub.oauthCalls).toBe(2);
  stub.onOauth = ({ response }) => response.writeHead(400).end();
  const answer = await made.checkCredentials(credentials);
  expect(answer).toEqual({ ok: false, problem: "Safaricom does not accept this consumer key and secret (HTTP 400)" });
});

test.each([
  [404, "404.001.03", "Invalid Access Token", /^Safaricom refuses also a new access token: the app lacks this product/],
  [500, "500.001.1001", "Wrong credentials", /^Safaricom refuses this shortcode and passkey \(500\.001\.1001 Wrong credentials\)$/],
  [500, "500.001.1001", "Merchant does not exist", /^Safaricom refuses this shortcode and passkey/],
])("credentials that only give a token are no good: %i %s %s", async (status, errorCode, errorMessage, problem) => {
  stub.onQuery = ({ response }) => sendJson(response, status, { requestId: "r", errorCode, errorMessage });
  expect(await newClient().checkCredentials(credentials)).toEqual({ ok: false, problem: expect.stringMatching(problem) });
});

test("the question about a payment that does not exist proves the credentials", async () => {
  stub.onQuery = ({ response }) =>
    sendJson(response, 500, { requestId: "r", errorCode: "500.001.1001", errorMessage: "The transaction does not Exist" });
  expect(await newClient().checkCredentials(credentials)).toEqual({ ok: true });
});

test("logs no secret and no phone number", async () => {
  const made = newClient({ troublesToOpen: 1 });
  await made.push(credentials, request);
  stub.onPush = ({ response, body }) => sendJson(response, 500, { errorCode: "500.009.1", errorMessage: `echo ${body}` });
  await made.push(credentials, request);
  await made.query(credentials, ID);
  expect(logged).toContain("push accepted");
  expect(logged).toContain("push unclear");
  const password = Buffer.from("174379the-passkey20260817140403").toString("base64");
  for (const secret of ["254708374149", "708374149", ID, "the-consumer", "the-passkey", password, "0123456789abcdef", "token-1"])
    expect(logged).not.toContain(secret);
});
