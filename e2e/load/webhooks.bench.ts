/** Webhooks delivered to a quick receiver per second: a backlog, and while payments are recorded. */
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { writeWebhooks } from "../../service/src/payments/store/webhook-rows.ts";
import { createEndpointStore, type EndpointStore } from "../../service/src/webhooks/endpoints/endpoint-store.ts";
import { newEndpoint, newWebhookSecret, type Endpoint } from "../../service/src/webhooks/endpoints/endpoint.ts";
import { median, quantile, withSpread, type Benchmark, type Say } from "./figures.ts";
import { countOpen, preparePayments, startLoadWorld, type LoadWorld } from "./load-world.ts";
import { sendCallbacks } from "./send-callbacks.ts";

const ROUNDS = 3;
const BACKLOG_BOOKINGS = 5_000;
const MESSAGES_OF_A_PAYMENT = 2;
const PAYMENTS = 3_000;
const CONNECTIONS = 32;
const GOAL_PER_SECOND = 1_000;
const GIVE_UP_AFTER_MS = 120_000;
const LOOK_EVERY_MS = 10;
const BATCH = 250;
const SECRETS_KEY = randomBytes(32);

export const webhooks: Benchmark = {
  name: "webhooks",
  async run(say, { short }) {
    const rounds = { say, count: short ? 1 : ROUNDS };
    const receiver = await startQuickReceiver();
    const world = await startLoadWorld();
    try {
      const host = `127.0.0.1:${receiver.port}`;
      const { url } = await world.startCopy({ SECRETS_KEY: SECRETS_KEY.toString("hex"), WEBHOOK_ALLOW_HOSTS: host });
      const endpoints = createEndpointStore(world.database, SECRETS_KEY);
      const plain = await roundsOf("payments alone", rounds, () => record(world, url).then((recorded) => ({ recorded, delivered: 0 })));
      const endpoint = await addEndpoint(world, endpoints, `http://${host}/`);
      const backlog = await roundsOf("backlog", rounds, () => drain({ world, endpoints, endpoint, receiver }));
      // What has just got its first endpoint is known to every copy after two seconds.
      const both = await roundsOf("payments and webhooks", rounds, () => recordAndDeliver(world, url, receiver));
      return toFinding({ plain, backlog, both });
    } finally {
      await world.stop();
      receiver.stop();
    }
  },
};

type Round = { recorded: number; delivered: number; delaysMs?: number[] };

async function roundsOf(what: string, { say, count }: { say: Say; count: number }, run: () => Promise<Round>): Promise<Round[]> {
  await run();
  const rounds: Round[] = [];
  for (let round = 1; round <= count; round++) {
    const found = await run();
    rounds.push(found);
    say(`${what}, round ${round}: ${found.recorded.toFixed(0)} payments/s, ${found.delivered.toFixed(0)} webhooks/s`);
  }
  return rounds;
}

type QuickReceiver = { port: number; count: number; onMessage: (id: string) => void; stop(): void };

async function startQuickReceiver(): Promise<QuickReceiver> {
  const receiver: QuickReceiver = { port: 0, count: 0, onMessage: () => undefined, stop: () => void server.close() };
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      receiver.count += 1;
      receiver.onMessage(String(request.headers["webhook-id"]));
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  receiver.port = (server.address() as AddressInfo).port;
  return receiver;
}

async function addEndpoint(world: LoadWorld, endpoints: EndpointStore, url: string): Promise<Endpoint> {
  const id = `we_${randomBytes(16).toString("hex")}`;
  const endpoint = newEndpoint({ id, siteId: world.siteId, url, events: null, isFromSiteFile: false, atMs: Date.now() });
  await endpoints.insert(endpoint, newWebhookSecret(), { most: 10, claim: null });
  return endpoint;
}

type Draining = { world: LoadWorld; endpoints: EndpointStore; endpoint: Endpoint; receiver: QuickReceiver };

/** What has piled up while the endpoint was disabled. */
async function drain({ world, endpoints, endpoint, receiver }: Draining): Promise<Round> {
  await endpoints.change(endpoint.id, { status: "disabled" }, Date.now());
  await writeBacklog(world);
  receiver.count = 0;
  const startedAtMs = performance.now();
  await endpoints.change(endpoint.id, { status: "enabled" }, Date.now());
  await untilDelivered(world, "the backlog");
  return { recorded: 0, delivered: receiver.count / ((performance.now() - startedAtMs) / 1_000) };
}

/** As payments write it; of a size that they have. */
async function writeBacklog({ database, siteId }: LoadWorld): Promise<void> {
  const payload = JSON.stringify({ type: "payment.paid", data: "x".repeat(900) });
  for (let written = 0; written < BACKLOG_BOOKINGS; written += BATCH) {
    const changes = Array.from({ length: BATCH }, () => ({
      booking: { id: `bk_${randomBytes(16).toString("hex")}`, siteId, version: 2 },
      webhooks: ["payment.paid", "booking.booked"].map((type) => ({
        id: `msg_${randomBytes(16).toString("hex")}`,
        type,
        paymentId: null,
        payload,
        createdAtMs: Date.now(),
      })),
    }));
    await database.knex.transaction((trx) => writeWebhooks(trx, changes));
  }
}

/** @returns payments recorded a second */
async function record(world: LoadWorld, url: string): Promise<number> {
  const payments = await preparePayments(world, PAYMENTS);
  const sent = await sendCallbacks([url], payments, CONNECTIONS);
  while ((await countOpen(world)) > 0) await pause(LOOK_EVERY_MS);
  return payments.length / ((performance.now() - sent.startedAtMs) / 1_000);
}

/** The delay is from the moment that the message is written to its arrival. */
async function recordAndDeliver(world: LoadWorld, url: string, receiver: QuickReceiver): Promise<Round> {
  const arrivedAtMs = new Map<string, number>();
  receiver.onMessage = (id) => void arrivedAtMs.set(id, Date.now());
  receiver.count = 0;
  const startedAtMs = performance.now();
  const recorded = await record(world, url);
  await untilDelivered(world, "the webhooks");
  const delivered = receiver.count / ((performance.now() - startedAtMs) / 1_000);
  if (receiver.count < PAYMENTS * MESSAGES_OF_A_PAYMENT) throw new Error(`only ${receiver.count} webhooks came`);
  const rows: { id: string; created_at: number }[] = await world.database
    .knex("webhook_messages")
    .whereIn("id", [...arrivedAtMs.keys()])
    .select("id", "created_at");
  return { recorded, delivered, delaysMs: rows.map(({ id, created_at: at }) => (arrivedAtMs.get(id) ?? at) - at) };
}

async function untilDelivered({ database }: LoadWorld, what: string): Promise<void> {
  const giveUpAtMs = performance.now() + GIVE_UP_AFTER_MS;
  while ((await database.knex("webhook_deliveries").where({ status: "waiting" }).first("id")) !== undefined) {
    if (performance.now() > giveUpAtMs) throw new Error(`waited in vain for ${what}`);
    await pause(LOOK_EVERY_MS);
  }
}

function toFinding({ plain, backlog, both }: Record<"plain" | "backlog" | "both", readonly Round[]>) {
  const of = (rounds: readonly Round[], what: "recorded" | "delivered"): number[] => rounds.map((round) => round[what]);
  const delaysMs = both.flatMap((round) => round.delaysMs ?? []);
  const seconds = (share: number): string => (quantile(delaysMs, share) / 1_000).toFixed(2);
  const rate = median(of(backlog, "delivered"));
  return {
    name: "webhooks",
    title: "Webhooks delivered to a quick receiver",
    how:
      `A backlog of ${BACKLOG_BOOKINGS * MESSAGES_OF_A_PAYMENT} messages of 1 kB, two for each booking, which go out one after the other. Then ${PAYMENTS} callbacks ` +
      `from ${CONNECTIONS} connections as fast as they are taken, each of which causes two messages: counted until the last payment is recorded, and until the last ` +
      "message's delivery is written down. The receiver answers at once and shares the two cores with service, database and load.",
    table: {
      columns: ["what", "payments recorded /s", "webhooks delivered /s", "written to received, p50 s", "p99 s"],
      rows: [
        ["payments, no endpoint", withSpread(of(plain, "recorded")), "", "", ""],
        ["a backlog", "", withSpread(of(backlog, "delivered")), "", ""],
        ["payments with an endpoint", withSpread(of(both, "recorded")), withSpread(of(both, "delivered")), seconds(0.5), seconds(0.99)],
      ],
    },
    verdict: `Goal: ${GOAL_PER_SECOND} messages a second to a quick receiver. ${rate >= GOAL_PER_SECOND ? "Reached" : "Missed"}: ${rate.toFixed(0)}.`,
    raw: {
      "payments alone": of(plain, "recorded"),
      backlog: of(backlog, "delivered"),
      "payments with an endpoint": of(both, "recorded"),
      "webhooks beside payments": of(both, "delivered"),
    },
  };
}
