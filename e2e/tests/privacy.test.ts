import { readFile } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import { request } from "undici";
import { describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { book, call, newPhone, pay } from "../factories/calls.ts";
import { callbackBody, post } from "../factories/callbacks.ts";
import { expectLedgerIsDatabase } from "../factories/ledger.ts";
import { listen } from "../factories/listener.ts";
import { enterPin, newestPrompt } from "../factories/paying.ts";
import { expectLogIsClean, expectNone, privateWords } from "../factories/private-words.ts";
import { asked, attemptsIn, callbacksRead } from "../factories/records.ts";
import { until } from "../factories/until.ts";
import { secretOf } from "../factories/secret-of.ts";
import { deploymentOptions, deployments, SITE_ORIGIN, stackForTest } from "../fixtures.ts";

/** Everything that a stream sends, byte for byte, until the server ends it. */
async function rawStream(url: string, bookingId: string): Promise<string> {
  const { body } = await request(`${url}/api/payment-status/${bookingId}`, { headers: { Origin: SITE_ORIGIN }, bodyTimeout: 0 });
  return body.text();
}

/** The access tokens that copies share. A single process keeps its token in memory. */
async function sharedTokens(): Promise<string[]> {
  const redis = new Redis(inject("redisUrl"));
  try {
    const keys = (await redis.keys("somopay:daraja-token:*")).filter((key) => !key.endsWith(":lock"));
    const values = await Promise.all(keys.map((key) => redis.get(key)));
    return values.flatMap((value) => (value === null ? [] : [z.object({ token: z.string().min(20) }).parse(JSON.parse(value)).token]));
  } finally {
    redis.disconnect();
  }
}

/** A phone number as a parent may type it. */
const spellings = [
  (phone: string) => phone,
  (phone: string) => `+${phone}`,
  (phone: string) => `0${phone.slice(3)}`,
  (phone: string) => phone.slice(3),
  (phone: string) => `0${phone.slice(3, 6)} ${phone.slice(6, 9)} ${phone.slice(9)}`,
  (phone: string) => `+254-${phone.slice(3, 6)}-${phone.slice(6, 9)}-${phone.slice(9)}`,
];

describe.each(deployments)("the service's answers and log (%s)", (deployment) => {
  it("contain no phone number, prompt id, callback secret, credential or token, whether payments succeed or fail", async () => {
    const stack = await stackForTest(await deploymentOptions(deployment));
    const { service, simulator, logLines } = stack;
    const { control } = simulator;
    const answers: string[] = [];
    const phones: string[] = [];
    const note = ({ status, headers, body }: { status: number; headers: object; body: unknown }) => {
      answers.push(JSON.stringify({ status, headers, body }));
      return status;
    };
    const begin = async (spell: (phone: string) => string) => {
      const phone = newPhone();
      phones.push(phone);
      const { bookingId } = await book(service.url);
      const stream = await listen(service.url, bookingId);
      const raw = rawStream(service.url, bookingId);
      return { phone, bookingId, stream, raw, start: async () => note(await pay(service.url, bookingId, spell(phone))) };
    };

    for (const spell of spellings) {
      const paying = await begin(spell);
      expect(await paying.start()).toBe(200);
      expect(await paying.start()).toBe(409);
      const prompt = await newestPrompt(stack, paying.phone);
      // Forged callbacks: on an unknown secret, without one, and with another one in a wrong place.
      await post(
        `${service.url}/callbacks/stk/${randomBytes(32).toString("hex")}`,
        callbackBody(prompt, { code: 0, receipt: "UKN0000001" }),
      );
      await post(`${service.url}/api/mpesa/callback?for=${prompt.callbackUrl}`, callbackBody(prompt, { code: 1032 }));
      await post(prompt.callbackUrl, callbackBody(prompt, { code: 1032, receipt: "UKN0000002" }));
      note(await call(service.url, new URL(prompt.callbackUrl).pathname));
      note(await call(service.url, `/api/booking/${prompt.checkoutRequestId}`));
      note(await call(service.url, `/api/booking/${paying.bookingId}`));
      await enterPin(stack, prompt);
      await paying.stream.untilStatus("paid");
      answers.push(await paying.raw);
    }
    for (const faults of [{ pushAnswer: "wrong_credentials" }, { pushAnswer: "locked" }, { pushReply: "reset_after_accept" }] as const) {
      const failing = await begin((phone) => phone);
      control.nextFaults(faults);
      note(await pay(service.url, failing.bookingId, failing.phone));
      failing.stream.close();
    }
    // A callback that quotes its secrets in the text that is stored as a note; a query that fails; credentials that are refused.
    const quoting = await begin((phone) => phone);
    control.setRule(quoting.phone, { action: "no_answer" });
    await quoting.start();
    const prompt = await newestPrompt(stack, quoting.phone);
    const words = `no ${quoting.phone} ${prompt.checkoutRequestId} 0${quoting.phone.slice(3)}`;
    const body = JSON.stringify(callbackBody(prompt, { code: 7777 })).replace("Request cancelled by user", words);
    await post(prompt.callbackUrl, body);
    await quoting.stream.untilStatus("failed");
    control.setFaults({ oauthAnswer: "wrong_credentials" });
    control.expireTokens();
    const refused = await begin((phone) => phone);
    expect(await refused.start()).toBe(502);
    control.resetFaults();
    note(await pay(service.url, refused.bookingId, `${refused.phone}99`));
    note(await call(service.url, "/api/pay/mpesa", { body: { bookingId: refused.bookingId, phone: refused.phone, amount: 1 } }));
    note(await call(service.url, "/api/pay/mpesa", { rawBody: `{"phone":"${refused.phone}",` }));
    note(await call(service.url, "/metrics"));
    note(await call(service.url, "/readyz"));

    await callbacksRead(stack, 1);
    const tokens = await sharedTokens();
    if (deployment === "MariaDB, Redis") expect(tokens.length).toBeGreaterThan(0);
    const secrets = [...privateWords(stack, phones), ...tokens];
    expect(answers.length).toBeGreaterThan(30);
    expectNone(secrets, answers, "an answer");
    expectNone(secrets, logLines, "the log");
    expect(logLines.join("\n")).not.toMatch(/Bearer |Basic /);
    await until("every prompt answered", async () => (await attemptsIn(stack)).length >= spellings.length);
    await expectLedgerIsDatabase(stack);
  });

  it("contain none of these when Safaricom does not answer a query", async () => {
    const stack = await stackForTest({ ...(await deploymentOptions(deployment)), simulator: { faults: { callbackLost: true } } });
    const phone = newPhone();
    const { bookingId } = await book(stack.service.url);
    await pay(stack.service.url, bookingId, phone);
    for (const [index, queryAnswer] of (["does_not_exist", "reset", "E3008"] as const).entries()) {
      stack.simulator.control.nextFaults({ queryAnswer });
      stack.clock.advance(26_000);
      await asked(stack, bookingId, index + 1);
    }
    await enterPin(stack, await newestPrompt(stack, phone));
    stack.clock.advance(60_000);
    await until("paid", async () => (await attemptsIn(stack)).every(({ status }) => status === "paid"));
    expectLogIsClean(stack, [phone]);
    await expectLedgerIsDatabase(stack);
  });
});

describe("the disk", () => {
  it("holds no callback secret, only its hash, so that a leaked backup is of no use for forging", async () => {
    const stack = await stackForTest();
    const phone = newPhone();
    const { bookingId } = await book(stack.service.url);
    await pay(stack.service.url, bookingId, phone);
    const { callbackUrl } = await newestPrompt(stack, phone);
    await stack.service.service.database.knex.raw("PRAGMA wal_checkpoint(TRUNCATE)");
    const file = (await readFile(`${stack.dataDir}/test.sqlite`)).toString("latin1");
    expect(file).toContain(bookingId);
    expect(file).not.toContain(secretOf(callbackUrl));
    await expectLedgerIsDatabase(stack);
  });
});
