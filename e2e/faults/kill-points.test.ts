import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../../service/src/platform/database.ts";
import type { BookingView } from "../../service/src/contract.ts";
import { startDarajaSimulator, type DarajaSimulator } from "../daraja-simulator/server.ts";
import { seededRandom } from "../daraja-simulator/ids.ts";
import { readRows, type Rows } from "../factories/records.ts";
import { createServiceCopy, serviceEnvironment, type ServiceCopy } from "./service-copy.ts";
import { createSiteClient, type SiteAnswer, type SiteClient } from "./site-client.ts";
import { auditStorm, type StormAudit } from "./storm-audit.ts";
import { addSite, type SiteKeys } from "./storm-world.ts";

const HOOK = new URL("./kill-hook.ts", import.meta.url).href;
/** They mostly wait for the service's own times (10 s for a dead holder's key, 15 s for an unanswered push), so many can run at once. */
const DEATHS_AT_ONCE = 8;
/** More steps than one payment has, so that a hook that never stops counting ends here. */
const DEATHS_MAX = 80;
const LOOK_EVERY_MS = 100;
/** Twice the slowest correct recovery: a lost callback is queried after 20 s. */
const RECOVERY_MAX_MS = 45_000;

let simulator: DarajaSimulator;
let folder: string;
let keys: SiteKeys;
const template = () => join(folder, "somopay.sqlite");

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "somopay-kill-points-"));
  // Without Redis each copy requests its own token, and a new one would invalidate the others'. That is not the subject here.
  simulator = await startDarajaSimulator({ faults: { queryRateLimited: false, newestTokenOnly: false } });
  keys = await addSite({ ...serviceEnvironment(simulator.url), DATA_DIR: folder });
});
afterAll(async () => {
  await simulator.stop();
  await rm(folder, { recursive: true, force: true });
});

type Death = {
  /** The step after which it died; null: it completed the payment. */
  after: string | null;
  answer: SiteAnswer;
  prompts: number;
  view: BookingView;
  audit: StormAudit;
};

/** Makes one payment on one copy that dies after step `dieAt`, starts again and resumes. The PIN is entered as soon as a copy runs. */
async function payAndDie(dieAt: number, phone: string, hook: Record<string, string>): Promise<Death> {
  const copy = await createServiceCopy({ environment: serviceEnvironment(simulator.url) });
  const client = createSiteClient([copy.url], keys);
  try {
    await copyFile(template(), join(copy.dataDir, "somopay.sqlite"));
    const noteFile = join(copy.dataDir, "died-after");
    const life = { DIE_AT: String(dieAt), DIE_NOTE: noteFile, ...hook };
    await copy.start({ nodeArgs: ["--import", HOOK], environment: life });
    const booking = await book(client);
    const paying = { bookingId: booking.bookingId, phone, isAnswered: false };
    const answering = payUntilAnswered(client, paying).finally(() => (paying.isAnswered = true));
    const view = await untilSettled(copy, client, paying);
    const answer = await answering;
    const after = await readFile(noteFile, "utf8").catch(() => null);
    const prompts = simulator.control.promptsOf(phone);
    await copy.kill9();
    return { after, answer, prompts: prompts.length, view, audit: await auditOf(copy, paying) };
  } finally {
    await client.close();
    await copy.stop();
  }
}

type Paying = { bookingId: string; phone: string; isAnswered: boolean };

const anyCopy = seededRandom(1);

async function book(client: SiteClient): Promise<BookingView> {
  const lesson = { sessionType: "maths-1h", date: "2036-12-09", time: "10:00" };
  const people = { parentName: "Wanjiru Kamau", childName: "Amani Kamau", email: "wanjiru@example.com" };
  const answer = await client.call(anyCopy, "/api/bookings", { body: { ...lesson, ...people } });
  if (answer.kind !== "view") throw new Error(`not booked: ${JSON.stringify(answer)}`);
  return answer.view;
}

/** As the widget does: repeats the request under the same key until there is a usable answer. */
async function payUntilAnswered(client: SiteClient, { bookingId, phone }: Paying): Promise<SiteAnswer> {
  const deadlineMs = performance.now() + RECOVERY_MAX_MS;
  for (;;) {
    const answer = await client.call(anyCopy, "/api/pay/mpesa", { body: { bookingId, phone }, key: "one-click" });
    const isPassing = answer.kind === "nothing" || (answer.kind === "problem" && answer.code === "idempotency_in_progress");
    if (!isPassing || performance.now() > deadlineMs) return answer;
    await pause(LOOK_EVERY_MS * 5);
  }
}

/** Plays the operator, who starts a dead copy again, and the payer, until the payment is settled. */
async function untilSettled(copy: ServiceCopy, client: SiteClient, paying: Paying): Promise<BookingView> {
  const deadlineMs = performance.now() + RECOVERY_MAX_MS;
  const { bookingId, phone } = paying;
  let isReborn = false;
  for (;;) {
    if (!copy.isRunning) {
      await copy.kill9();
      await copy.start();
      isReborn = true;
    }
    const [prompt] = simulator.control.promptsOf(phone);
    // Not during the push: if the copy died after the push's reply, the callback would be lost together with the reply.
    if (prompt?.state === "open" && (paying.isAnswered || isReborn)) simulator.control.pay(prompt.checkoutRequestId);
    const answer = await client.call(anyCopy, `/api/booking/${bookingId}`);
    if (answer.kind === "view" && (await isSettled(copy, answer.view, prompt !== undefined))) return answer.view;
    if (performance.now() > deadlineMs) throw new Error(`not settled: ${JSON.stringify(answer)}\n${copy.log()}`);
    await pause(LOOK_EVERY_MS);
  }
}

/** Paid, and every callback processed. Without a prompt: confirming, because the service cannot know whether one was sent. */
async function isSettled(copy: ServiceCopy, view: BookingView, isPrompted: boolean): Promise<boolean> {
  if (!isPrompted) return view.payment?.status === "confirming";
  if (view.payment_status !== "paid") return false;
  return withRows(copy, ({ callbacks }) => callbacks.every(({ verdict }) => verdict !== null));
}

async function withRows<Result>(copy: ServiceCopy, look: (rows: Rows) => Result): Promise<Result> {
  const database = openDatabase({ kind: "sqlite", file: join(copy.dataDir, "somopay.sqlite") });
  try {
    return look(await readRows(database));
  } finally {
    await database.close();
  }
}

function auditOf(copy: ServiceCopy, { bookingId, phone }: Pick<Paying, "bookingId" | "phone">): Promise<StormAudit> {
  const { ledger, prompts, deliveries } = simulator.control;
  const truth = {
    ledger: ledger.filter(({ payerPhone }) => payerPhone === phone),
    prompts: prompts.filter((prompt) => prompt.phone === phone),
    deliveries: deliveries.filter((delivery) => delivery.phone === phone),
    bookingOfPayer: new Map([[phone, bookingId]]),
  };
  return withRows(copy, (rows) => auditStorm(truth, rows));
}

/** Kills one payment after another, each one step later, until one completes. */
async function dieEverywhere(phoneOf: (dieAt: number) => string, hook: Record<string, string>): Promise<Death[]> {
  const deaths: Death[] = [];
  let next = 1;
  let lived = false;
  const worker = async (): Promise<void> => {
    while (!lived && next <= DEATHS_MAX) {
      const dieAt = next++;
      const death = await payAndDie(dieAt, phoneOf(dieAt), hook);
      if (death.after === null) lived = true;
      deaths.push(death);
    }
  };
  await Promise.all(Array.from({ length: DEATHS_AT_ONCE }, worker));
  return deaths;
}

function expectRecovered({
  after,
  answer,
  prompts,
  view,
  audit: { lost, doubled, bookedWrongly, unsettled, unreported, callbacksForgotten },
}: Death): void {
  const when = `killed after ${after ?? "nothing"}`;
  expect({ lost, doubled, bookedWrongly, unsettled, callbacksForgotten }, when).toEqual({
    lost: [],
    doubled: [],
    bookedWrongly: [],
    unsettled: [],
    callbacksForgotten: [],
  });
  expect(prompts, when).toBeLessThanOrEqual(1);
  if (prompts === 1) {
    expect([view.payment_status, view.payment?.status, unreported], when).toEqual(["paid", "paid", []]);
    expect([answer.kind, answer.kind === "view" && [200, 202].includes(answer.status)], when).toEqual(["view", true]);
  } else {
    // Nothing was sent, but a restarted copy cannot know that, and never sends a second push.
    expect(
      unreported.map(({ promptWentOut }) => promptWentOut),
      when,
    ).toEqual([false]);
    expect(answer, when).toMatchObject({ kind: "view", status: 202, view: { payment: { status: "confirming" } } });
  }
}

describe("a copy that is killed between any two steps of a payment", () => {
  const scenarios = [
    {
      name: "from the request to the booked session",
      hook: {},
      phoneOf: (dieAt: number) => `254700000${String(100 + dieAt)}`,
      among: [
        "insert into `idempotency_keys`",
        "insert into `payments`",
        "answer to POST /mpesa/stkpush/v1/processrequest",
        "our answer to POST /api/pay/mpesa",
        "insert into `callbacks`",
        "our answer to POST /callbacks/stk/…",
        "insert into `sessions`",
        "COMMIT",
      ],
    },
    {
      name: "and a callback that only the journal takes",
      hook: { DIE_CALLBACKS_REFUSED: "1" },
      phoneOf: (dieAt: number) => `254711000${String(100 + dieAt)}`,
      among: [
        "journal: appendFile",
        "journal: sync",
        "our answer to POST /callbacks/stk/…",
        "insert into `callbacks`",
        "insert into `sessions`",
      ],
    },
  ];
  it.for(scenarios)("$name: pays once, with one prompt, and the parent gets an answer", { timeout: 240_000 }, async (scenario) => {
    const deaths = await dieEverywhere(scenario.phoneOf, scenario.hook);
    for (const death of deaths) expectRecovered(death);
    const where = deaths.map(({ after }) => after);
    expect(where).toContain(null);
    expect(where).toEqual(expect.arrayContaining(scenario.among));
  });
});
