import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { request } from "undici";
import { expect, test } from "vitest";
import { defaultFaults } from "./faults.ts";
import { OTHER_PHONE, PHONE, scene } from "./testing.ts";

test("faults: for all, for a phone, for the next call, and back", async () => {
  const { caller } = await scene();
  await caller.control("PATCH", "/faults", { callbackCopies: 3 });
  await caller.control("PUT", `/faults/phones/${PHONE}`, { callbackLost: true });
  const answer = await caller.control("POST", "/faults/next", { faults: { pushAnswer: "quota" }, times: 2 });
  expect(answer).toMatchObject({
    status: 201,
    body: { everywhere: { callbackCopies: 3 }, byPhone: { [PHONE]: { callbackLost: true } }, next: [{ moment: "push", timesLeft: 2 }] },
  });
  await caller.control("DELETE", `/faults/phones/${PHONE}`);
  expect((await caller.control("DELETE", "/faults")).body).toMatchObject({ everywhere: { callbackCopies: 1 }, byPhone: {}, next: [] });
});

test.each([
  ["PATCH", "/faults", { callbackLots: true }, /callbackLots/],
  ["PATCH", "/faults", { callbackCopies: 0 }, /callbackCopies/],
  ["PATCH", "/timings", { lockMs: -1 }, /lockMs/],
  ["POST", "/faults/next", { faults: {} }, /same call/],
  ["PATCH", "/phones/0712345678", {}, /254, then 7 or 1/],
  ["PATCH", `/phones/${PHONE}`, { pin: "12" }, /pin: four digits/],
  ["POST", "/c2b/payments", { phone: PHONE }, /payTo/],
] as const)("%s %s says what is wrong", async (method, path, body, sentence) => {
  const { caller } = await scene();
  const answer = await caller.control(method, path, body);
  expect(answer.status).toBe(400);
  expect(answer.body).toMatchObject({ error: expect.stringMatching(sentence) });
});

test("an unknown path, prompt or a closed one are said", async () => {
  const { caller, control, shop } = await scene();
  expect(await caller.control("GET", "/nothing")).toMatchObject({
    status: 404,
    body: { error: expect.stringContaining("GET /control/nothing") },
  });
  expect((await caller.control("POST", "/prompts/ws_CO_1/answer", { pin: "1234" })).status).toBe(404);
  const id = await caller.pushed(shop.callbackUrl);
  await control.waitForPrompt(PHONE);
  control.cancel(id);
  expect((await caller.control("POST", `/prompts/${id}/answer`, { pin: "1234" })).status).toBe(409);
});

test("a whole payment over HTTP: phone, prompt, answer, ledger, deliveries, reset", async () => {
  const { caller, shop } = await scene();
  await caller.control("PATCH", `/phones/${PHONE}`, { pin: "4321", balanceKes: 2_000 });
  await caller.control("PATCH", "/timings", { callbackDelayMs: 1 });
  const id = await caller.pushed(shop.callbackUrl);
  await caller.control("GET", "/idle");
  expect((await caller.control("GET", `/prompts?phone=${PHONE}`)).body).toMatchObject([{ checkoutRequestId: id, state: "open" }]);
  expect((await caller.control("POST", `/prompts/${id}/answer`, { pin: "4321" })).body).toMatchObject({ code: "0" });
  await caller.control("GET", "/idle");
  expect((await caller.control("GET", "/ledger")).body).toMatchObject([{ checkoutRequestId: id, amountKes: 1500 }]);
  expect((await caller.control("GET", `/deliveries?checkoutRequestId=${id}`)).body).toMatchObject([{ outcome: "answered", status: 200 }]);
  expect((await caller.control("GET", `/phones/${PHONE}`)).body).toMatchObject({ balanceKes: 500, prompts: [] });
  await caller.control("POST", "/reset");
  expect((await caller.control("GET", "/ledger")).body).toEqual([]);
  expect((await caller.control("GET", "/timings")).body).toMatchObject({ callbackDelayMs: 0 });
  // Tokens are gone too.
  expect((await caller.push(shop.callbackUrl)).body).toMatchObject({ errorCode: "404.001.03" });
});

test("the phone's stream shows the phone at once, then with its prompt; other phones stay out of it", async () => {
  const { caller, shop, daraja } = await scene();
  const { body } = await request(`${daraja.url}/control/phones/${PHONE}/events`);
  const chunks = body.setEncoding("utf8")[Symbol.asyncIterator]();
  const next = async () => String((await chunks.next()).value);
  expect(await next()).toContain('"prompts":[]');
  await caller.pushed(shop.callbackUrl, { PhoneNumber: OTHER_PHONE });
  await caller.pushed(shop.callbackUrl);
  const event = await next();
  expect(event).toContain('"state":"open"');
  expect(event).not.toContain(OTHER_PHONE);
  body.destroy();
});

test("resetting drops what was on its way, and ends waits by name", async () => {
  const { control, caller, shop } = await scene({ timings: { callbackDelayMs: 60_000 }, phoneDefaults: { rule: { action: "pay" } } });
  const id = await caller.pushed(shop.callbackUrl);
  await control.waitForOutcome(id);
  const wait = control.waitForDelivery(id).catch(String);
  control.reset();
  expect(await wait).toContain("the simulator was reset");
  await control.waitForIdle();
  expect(shop.received).toEqual([]);
});

test("a wait that comes to nothing says for what it waited", async () => {
  const { control } = await scene();
  await expect(control.waitForPrompt(PHONE, 5)).rejects.toThrow(`Timed out after 5 ms waiting for a prompt on ${PHONE}.`);
});

test("stopping twice, with open streams, planned callbacks and waits, ends everything", async () => {
  const { daraja, control, caller, shop } = await scene({
    timings: { callbackDelayMs: 60_000 },
    phoneDefaults: { rule: { action: "pay" } },
  });
  const id = await caller.pushed(shop.callbackUrl);
  const stream = await request(`${daraja.url}/control/events`);
  const wait = control.waitForDelivery(id).catch(String);
  await Promise.all([daraja.stop(), daraja.stop()]);
  expect(await wait).toContain("the simulator has stopped");
  await stream.body.text().catch(() => "cut");
  await expect(request(`${daraja.url}/control/ledger`)).rejects.toThrow("ECONNREFUSED");
});

test("README.md lists every fault with its default", () => {
  const readme = readFileSync(new URL("./README.md", import.meta.url), "utf8");
  const listed = [...readme.matchAll(/^\| `(\w+)` *\| (\w+) *\|/gm)].map(([, name, value]) => [name, value]);
  expect(listed).toEqual(Object.entries(defaultFaults).map(([name, value]) => [name, String(value)]));
});

const program = fileURLToPath(new URL("./main.ts", import.meta.url));
const run = (port: number) => spawn(process.execPath, [program], { env: { ...process.env, SIMULATOR_PORT: String(port) } });

test("the program prints its addresses and ends on Ctrl-C", async () => {
  const child = run(0);
  const [output] = await once(child.stdout, "data");
  expect(String(output)).toMatch(/Simulated Safaricom\s+http:\/\/127\.0\.0\.1:\d+/);
  child.kill("SIGINT");
  expect((await once(child, "exit"))[0]).toBe(0);
});

test("the program names a port that is taken", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const address = other.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const child = run(port);
  const [output] = await once(child.stderr, "data");
  expect(String(output)).toContain(`Port ${port} is taken`);
  await once(child, "exit");
  other.close();
});
