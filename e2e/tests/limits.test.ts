import { randomBytes } from "node:crypto";
import { describe, expect, it, test } from "vitest";
import { book, bookingWish, call, newPhone, pay, toView, type Answer } from "../factories/calls.ts";
import { expectProblem } from "../factories/problems.ts";
import { attemptsIn } from "../factories/records.ts";
import { deploymentOptions, deployments, SECRET_KEY, stackForTest, type Stack } from "../fixtures.ts";

/** An address that no other test counts on the Redis that they share. */
const newAddress = () =>
  `2001:db8:${[...randomBytes(12)].reduce((text, byte, index) => text + (index % 2 === 0 && index > 0 ? ":" : "") + byte.toString(16).padStart(2, "0"), "")}`;

/** Uses another booking for each start, so that only the phone, the address or the site is counted. */
async function start(
  { service }: Stack,
  phone: string,
  headers: Record<string, string> = {},
): Promise<{ answer: Answer; bookingId: string }> {
  const { bookingId } = await book(service.url);
  return { answer: await pay(service.url, bookingId, phone, headers), bookingId };
}

/** Expects a refusal with Retry-After and that nothing was begun: no attempt, no push. */
async function expectLimited(stack: Stack, { answer, bookingId }: { answer: Answer; bookingId: string }, phone: string): Promise<void> {
  const pushes = stack.simulator.control.prompts.filter((prompt) => prompt.phone === phone).length;
  expectProblem(answer, "too_many_requests");
  const retryAfterS = Number(answer.headers["retry-after"]);
  expect(retryAfterS).toBeGreaterThan(500);
  expect(retryAfterS).toBeLessThanOrEqual(600);
  expect(await attemptsIn(stack, bookingId)).toEqual([]);
  expect(stack.simulator.control.prompts.filter((prompt) => prompt.phone === phone)).toHaveLength(pushes);
}

describe.each(deployments)("limits on starting payments (%s)", (deployment) => {
  const stackWith = async (environment: Record<string, string>): Promise<Stack> => {
    const stack = await stackForTest({ ...(await deploymentOptions(deployment)), environment });
    stack.simulator.control.setFaults({ lockLeaks: true });
    return stack;
  };

  it("bound the prompts to one phone, however it is written, and leave other phones alone", async () => {
    const stack = await stackWith({ LIMIT_PHONE: "2/600" });
    const phone = newPhone();
    expect((await start(stack, phone)).answer.status).toBe(200);
    expect((await start(stack, `0${phone.slice(3)}`)).answer.status).toBe(200);
    await expectLimited(stack, await start(stack, `+${phone}`), phone);
    expect((await start(stack, newPhone())).answer.status).toBe(200);
  });

  it("bound the payments of a site, over all phones", async () => {
    const stack = await stackWith({ LIMIT_SITE: "2/600" });
    for (let count = 0; count < 2; count++) expect((await start(stack, newPhone())).answer.status).toBe(200);
    const phone = newPhone();
    await expectLimited(stack, await start(stack, phone), phone);
  });

  it("bound the payments from one address behind a trusted proxy, and leave other addresses alone", async () => {
    const stack = await stackWith({ LIMIT_ADDRESS: "2/600", TRUST_PROXY: "1" });
    const from = { "X-Forwarded-For": newAddress() };
    for (let count = 0; count < 2; count++) expect((await start(stack, newPhone(), from)).answer.status).toBe(200);
    const phone = newPhone();
    await expectLimited(stack, await start(stack, phone, from), phone);
    // The caller can write any address in front. Only the one that the proxy added counts.
    const spoofed = { "X-Forwarded-For": `10.0.0.1, ${from["X-Forwarded-For"]}` };
    await expectLimited(stack, await start(stack, phone, spoofed), phone);
    expect((await start(stack, phone, { "X-Forwarded-For": newAddress() })).answer.status).toBe(200);
  });

  it("do not count a repeated click on a payment that is open or paid", async () => {
    const stack = await stackWith({ LIMIT_PHONE: "2/600" });
    const phone = newPhone();
    const { bookingId } = await start(stack, phone);
    for (let click = 0; click < 3; click++) expectProblem(await pay(stack.service.url, bookingId, phone), "attempt_open");
    const prompt = await stack.simulator.control.waitForPrompt(phone);
    stack.simulator.control.pay(prompt.checkoutRequestId);
    await expect.poll(async () => (await attemptsIn(stack, bookingId))[0]?.status).toBe("paid");
    for (let click = 0; click < 3; click++) expectProblem(await pay(stack.service.url, bookingId, phone), "already_paid");
    expect((await start(stack, phone)).answer.status).toBe(200);
    await expectLimited(stack, await start(stack, phone), phone);
  });

  it("do not count what is refused for another reason", async () => {
    const stack = await stackWith({ LIMIT_PHONE: "1/600" });
    const phone = newPhone();
    const { bookingId } = await book(stack.service.url);
    expectProblem(await call(stack.service.url, "/api/pay/mpesa", { body: { bookingId, phone, amount: 1 } }), "amount_mismatch");
    expectProblem(await pay(stack.service.url, "bk_unknown", phone), "booking_not_found");
    expectProblem(await pay(stack.service.url, bookingId, phone, { Origin: "https://evil.example" }), "origin_not_allowed");
    expect((await pay(stack.service.url, bookingId, phone)).status).toBe(200);
  });

  it("are off at 0", async () => {
    const stack = await stackWith({ LIMIT_ADDRESS: "0", LIMIT_PHONE: "0", LIMIT_SITE: "0" });
    const phone = newPhone();
    for (let count = 0; count < 8; count++) expect((await start(stack, phone)).answer.status).toBe(200);
  });
});

describe("addresses when no proxy is trusted", () => {
  it("come from the connection: a forged header does not help", async () => {
    const stack = await stackForTest({ environment: { LIMIT_ADDRESS: "2/600" } });
    for (const address of ["203.0.113.1", "203.0.113.2"]) {
      const { answer } = await start(stack, newPhone(), { "X-Forwarded-For": address, "X-Real-IP": address, Forwarded: `for=${address}` });
      expect(toView(answer).payment_status).toBe("pending");
    }
    const phone = newPhone();
    await expectLimited(stack, await start(stack, phone, { "X-Forwarded-For": "203.0.113.3" }), phone);
  });

  test("are limited in bookings too, except for the site's server", async () => {
    const stack = await stackForTest({ environment: { LIMIT_ADDRESS: "1/600" } });
    for (let count = 0; count < 10; count++) await book(stack.service.url);
    const answer = await call(stack.service.url, "/api/bookings", { body: bookingWish });
    expectProblem(answer, "too_many_requests");
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(500);
    const fromServer = await call(stack.service.url, "/api/bookings", {
      body: bookingWish,
      headers: { Authorization: `Bearer ${SECRET_KEY}`, Origin: "", "X-Site-Key": "" },
    });
    expect(fromServer.status).toBe(201);
  });
});
