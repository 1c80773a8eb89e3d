import { once } from "node:events";
import { randomBytes } from "node:crypto";
import express from "express";
import { describe, expect, it, onTestFinished, test } from "vitest";
import { z } from "zod";
import { CALLER_ADDRESS_HEADER, createCallerAddressRouter, newTicket } from "./caller-address.ts";
import { testClock } from "./testing.ts";

const secretsKey = randomBytes(32);
const hopsSchema = z.strictObject({ hops: z.array(z.strictObject({ address: z.string(), isTrusted: z.boolean() })) });

async function serve(trustProxy: number | string[] | false, key: Buffer | null = secretsKey) {
  const clock = testClock();
  const app = express();
  app.set("trust proxy", trustProxy);
  app.use(createCallerAddressRouter(key, clock.now));
  app.use((_request, response) => void response.status(404).end());
  const server = app.listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const ask = async (ticket: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(`http://127.0.0.1:${address.port}/caller-address`, {
      headers: { ...headers, [CALLER_ADDRESS_HEADER]: ticket },
    });
    return { status: answer.status, hops: answer.status === 200 ? hopsSchema.parse(await answer.json()).hops : [] };
  };
  return { ask, clock };
}

describe("the address that the service sees", () => {
  it("is told with every hop, the nearest first, and whether TRUST_PROXY trusts it", async () => {
    const { ask, clock } = await serve(1);
    expect(await ask(newTicket(secretsKey, clock.now()), { "X-Forwarded-For": "203.0.113.9, 198.51.100.7" })).toEqual({
      status: 200,
      hops: [
        { address: "127.0.0.1", isTrusted: true },
        { address: "198.51.100.7", isTrusted: false },
        { address: "203.0.113.9", isTrusted: false },
      ],
    });
  });

  it("is cut short: the chain is what callers write", async () => {
    const { ask, clock } = await serve(["loopback"]);
    const { hops } = await ask(newTicket(secretsKey, clock.now()), { "X-Forwarded-For": `${"x".repeat(200)},`.repeat(50) });
    expect(hops).toHaveLength(20);
    expect(hops[1]).toEqual({ address: "x".repeat(45), isTrusted: false });
  });
});

describe("nobody else finds anything there", () => {
  test.each<[string, (nowMs: number) => string]>([
    ["without a ticket", () => ""],
    ["with a ticket of another key", (nowMs) => newTicket(randomBytes(32), nowMs)],
    ["with a ticket of an hour ago", (nowMs) => newTicket(secretsKey, nowMs - 3_600_000)],
    ["with a ticket from the future", (nowMs) => newTicket(secretsKey, nowMs + 61_000)],
    ["with another time in the ticket", (nowMs) => newTicket(secretsKey, nowMs).replace(String(nowMs), String(nowMs + 1))],
    ["with SECRETS_KEY itself", () => secretsKey.toString("hex")],
  ])("%s", async (_what, ticket) => {
    const { ask, clock } = await serve(false);
    expect((await ask(ticket(clock.now()))).status).toBe(404);
  });

  it("with a ticket that was used", async () => {
    const { ask, clock } = await serve(false);
    const ticket = newTicket(secretsKey, clock.now());
    expect((await ask(ticket)).status).toBe(200);
    expect((await ask(ticket)).status).toBe(404);
    clock.advance(59_000);
    expect((await ask(newTicket(secretsKey, clock.now()))).status).toBe(200);
    expect((await ask(ticket)).status).toBe(404);
  });

  it("if the service has no SECRETS_KEY", async () => {
    const { ask, clock } = await serve(false, null);
    expect((await ask(newTicket(Buffer.alloc(32), clock.now()))).status).toBe(404);
  });
});
