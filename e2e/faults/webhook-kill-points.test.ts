import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../../service/src/platform/database.ts";
import { startDarajaSimulator, type DarajaSimulator } from "../daraja-simulator/server.ts";
import { seededRandom } from "../daraja-simulator/ids.ts";
import { startReceiver, typesOf, verify, type WebhookReceiver } from "../factories/webhook-receiver.ts";
import { createServiceCopy, serviceEnvironment, type Environment, type ServiceCopy } from "./service-copy.ts";
import { createSiteClient, type SiteClient } from "./site-client.ts";
import { addSite, type SiteKeys } from "./storm-world.ts";

const HOOK = new URL("./kill-hook.ts", import.meta.url).href;
/** They mostly wait for a dead copy's lease of 30 s, so many can run at once. */
const DEATHS_AT_ONCE = 8;
/** More steps than a callback and its two messages have. */
const DEATHS_MAX = 60;
const LOOK_EVERY_MS = 100;
/** A lost callback is queried after 20 s, a dead copy's lease is over after 30 s; and a busy machine. */
const RECOVERY_MAX_MS = 150_000;
const anyCopy = seededRandom(1);

let simulator: DarajaSimulator;
let receiver: WebhookReceiver;
let folder: string;
let keys: SiteKeys;
let environment: Environment;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "somopay-webhook-kills-"));
  receiver = await startReceiver();
  simulator = await startDarajaSimulator({ faults: { queryRateLimited: false, newestTokenOnly: false } });
  environment = { ...serviceEnvironment(simulator.url), SECRETS_KEY: "5e".repeat(32), WEBHOOK_ALLOW_HOSTS: receiver.host };
  keys = await addSite({ ...environment, DATA_DIR: folder }, { webhookUrl: receiver.url });
});
afterAll(async () => {
  await simulator.stop();
  await receiver.stop();
  await rm(folder, { recursive: true, force: true });
});

type Death = {
  /** The step after which it died; null: it delivered everything. */
  after: string | null;
  bookingId: string;
};

/** Makes one payment on one copy that dies after step `dieAt`, counted from the callback, and starts again. */
async function payAndDie(dieAt: number): Promise<Death> {
  const copy = await createServiceCopy({ environment });
  const client = createSiteClient([copy.url], keys);
  try {
    await copyFile(join(folder, "somopay.sqlite"), join(copy.dataDir, "somopay.sqlite"));
    const noteFile = join(copy.dataDir, "died-after");
    const life = { DIE_AT: String(dieAt), DIE_NOTE: noteFile, DIE_FROM: "/callbacks/" };
    await copy.start({ nodeArgs: ["--import", HOOK], environment: life });
    const bookingId = await prompted(client, `254700000${String(100 + dieAt)}`);
    await untilDelivered(copy);
    const after = await readFile(noteFile, "utf8").catch(() => null);
    return { after, bookingId };
  } finally {
    await client.close();
    await copy.stop();
  }
}

/** Books, starts the payment, and enters the PIN. */
async function prompted(client: SiteClient, phone: string): Promise<string> {
  const lesson = { sessionType: "maths-1h", date: "2036-12-09", time: "10:00" };
  const people = { parentName: "Wanjiru Kamau", childName: "Amani Kamau", email: "wanjiru@example.com" };
  const booked = await client.call(anyCopy, "/api/bookings", { body: { ...lesson, ...people } });
  if (booked.kind !== "view") throw new Error(`not booked: ${JSON.stringify(booked)}`);
  const { bookingId } = booked.view;
  await client.call(anyCopy, "/api/pay/mpesa", { body: { bookingId, phone }, key: "one-click" });
  for (;;) {
    const [prompt] = simulator.control.promptsOf(phone);
    if (prompt?.state === "open") {
      simulator.control.pay(prompt.checkoutRequestId);
      return bookingId;
    }
    await pause(LOOK_EVERY_MS);
  }
}

/** Plays the operator, who starts a dead copy again, until both messages are delivered. */
async function untilDelivered(copy: ServiceCopy): Promise<void> {
  const deadlineMs = performance.now() + RECOVERY_MAX_MS;
  while (!(await isDelivered(copy))) {
    if (!copy.isRunning) {
      await copy.kill9();
      await copy.start();
    }
    if (performance.now() > deadlineMs) throw new Error(`not delivered:\n${copy.log()}`);
    await pause(LOOK_EVERY_MS);
  }
}

async function isDelivered(copy: ServiceCopy): Promise<boolean> {
  const database = openDatabase({ kind: "sqlite", file: join(copy.dataDir, "somopay.sqlite") });
  try {
    const statuses: unknown[] = await database.knex("webhook_deliveries").pluck("status");
    return statuses.length === 2 && statuses.every((status) => status === "delivered");
  } finally {
    await database.close();
  }
}

async function dieEverywhere(): Promise<Death[]> {
  const deaths: Death[] = [];
  let next = 1;
  let lived = false;
  const worker = async (): Promise<void> => {
    while (!lived && next <= DEATHS_MAX) {
      const death = await payAndDie(next++);
      if (death.after === null) lived = true;
      deaths.push(death);
    }
  };
  await Promise.all(Array.from({ length: DEATHS_AT_ONCE }, worker));
  return deaths;
}

describe("a copy that is killed between any two steps from the callback to the last delivery", () => {
  it("tells everything in order; what comes twice has the same id and body", { timeout: 900_000 }, async () => {
    const deaths = await dieEverywhere();
    for (const { after, bookingId } of deaths) {
      const when = `killed after ${after ?? "nothing"}`;
      const own = receiver.received.filter(({ body }) => body.includes(bookingId));
      expect(typesOf(receiver.accepted, bookingId), when).toEqual(["payment.paid", "booking.booked"]);
      expect(new Set(own.map(({ id }) => id)).size, when).toBe(2);
      expect(new Set(own.map(({ id, body }) => `${id} ${body}`)).size, when).toBe(2);
      for (const received of own) expect(() => verify(received, keys.webhookSecret ?? ""), when).not.toThrow();
    }
    const where = deaths.map(({ after }) => after);
    expect(where).toContain(null);
    const among = ["insert into `webhook_messages`", "update `webhook_deliveries`", "answer to POST /webhooks", "COMMIT"];
    expect(where).toEqual(expect.arrayContaining(among));
    // Otherwise nothing would have come twice, and the last two checks had nothing to look at.
    expect(receiver.received.length).toBeGreaterThan(receiver.accepted.length);
  });
});
