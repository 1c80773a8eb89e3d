/** What one payment costs, step by step: statements, transactions, Redis commands, bytes. And what a copy costs while nothing happens. */
import { setTimeout as pause } from "node:timers/promises";
import { Redis } from "ioredis";
import { z } from "zod";
import type { ServiceCopy } from "../faults/service-copy.ts";
import { median, withSpread, type Benchmark, type Finding, type Say } from "./figures.ts";
import { startLoadWorld, type LoadWorld } from "./load-world.ts";
import { createParents, type Parents } from "./parents.ts";
import { processorSeconds, residentKb } from "./process-use.ts";
import { startSlowSafaricom } from "./slow-safaricom.ts";
import { statementsDuring, type Statement } from "./statement-log.ts";

/** Limits are on, because counting is part of the cost, and higher than the benchmark gets. */
const COUNTED = { LIMIT_ADDRESS: "100000/60", LIMIT_PHONE: "100000/60", LIMIT_SITE: "100000/60" };
const PAYMENTS = 20;
const WARM_UP = 20;
const BUSY_PAYMENTS = 1_000;
const BUSY_PARENTS = 10;
const STARTS = 5;
const IDLE_MS = 60_000;
/** After which a copy has read what it reads at its start. */
const AT_REST_AFTER_MS = 10_000;

export const cost: Benchmark = {
  name: "cost",
  async run(say, { short }) {
    const safaricom = await startSlowSafaricom(0);
    const world = await startLoadWorld({ mpesaBaseUrl: safaricom.url });
    try {
      const starts = await measureStarts(world, short ? 2 : STARTS, say);
      const copy = await world.startCopy(COUNTED);
      const parents = createParents(world, copy, safaricom);
      for (let warmUp = 0; warmUp < WARM_UP; warmUp++) await parents.payOnce();
      const idle = await statementsDuring(world, () => pause(short ? IDLE_MS / 6 : IDLE_MS));
      say(`idle: ${idle.length} statements`);
      const steps = await measurePayments(world, parents, { background: new Set(idle.map(({ shape }) => shape)), say });
      const processor = await measureProcessor(world, copy, parents);
      say(
        `processor: ${processor.service.toFixed(1)} ms service, ${processor.database.toFixed(1)} ms database, ${processor.redis.toFixed(2)} ms Redis`,
      );
      await parents.close();
      return toFinding({ steps, starts, processor, idlePerMinute: (idle.length * 60_000) / (short ? IDLE_MS / 6 : IDLE_MS) });
    } finally {
      await world.stop();
      safaricom.close();
    }
  },
};

type Start = { startMs: number; restMb: number };

async function measureStarts(world: LoadWorld, times: number, say: Say): Promise<Start[]> {
  const starts: Start[] = [];
  for (let start = 0; start < times; start++) {
    const startedAtMs = performance.now();
    const copy: ServiceCopy = await world.startCopy(COUNTED);
    const startMs = performance.now() - startedAtMs;
    await pause(AT_REST_AFTER_MS);
    starts.push({ startMs, restMb: residentKb(copy.pid) / 1_024 });
    say(`started in ${startMs.toFixed(0)} ms, ${(residentKb(copy.pid) / 1_024).toFixed(0)} MB`);
    await copy.kill9();
  }
  return starts;
}

type Processor = { service: number; database: number; redis: number };

/** Milliseconds of a core for one payment, while several parents pay at once. */
async function measureProcessor({ mariaDb, redis }: LoadWorld, copy: ServiceCopy, parents: Parents): Promise<Processor> {
  const pids = { service: copy.pid, database: mariaDb.pid, redis: redis.pid };
  const now = (): Processor => ({
    service: processorSeconds(pids.service),
    database: processorSeconds(pids.database),
    redis: processorSeconds(pids.redis),
  });
  const before = now();
  const parent = async (): Promise<void> => {
    for (let payment = 0; payment < BUSY_PAYMENTS / BUSY_PARENTS; payment++) await parents.payOnce();
  };
  await Promise.all(Array.from({ length: BUSY_PARENTS }, parent));
  const after = now();
  const each = (what: keyof Processor): number => ((after[what] - before[what]) * 1_000) / BUSY_PAYMENTS;
  return { service: each("service"), database: each("database"), redis: each("redis") };
}

const STEPS = ["booking", "page opens", "tap on Pay", "callback, and the page says paid"] as const;

type Traffic = { toDatabase: number; fromDatabase: number; redisCommands: Record<string, number> };

/** Of one payment, except for `statements`, which are those of all. */
export type StepCost = { step: string; statements: string[]; traffic: Traffic };

async function measurePayments(
  world: LoadWorld,
  parents: Parents,
  { background, say }: { background: ReadonlySet<string>; say: Say },
): Promise<StepCost[]> {
  const redis = new Redis(world.redis.url);
  const found = STEPS.map((step): { step: string; statements: string[]; traffic: Traffic[] } => ({ step, statements: [], traffic: [] }));
  const measure = async <Result>(step: number, run: () => Promise<Result>): Promise<Result> => {
    const before = await countTraffic(world, redis);
    let result: Result | undefined;
    const statements = await statementsDuring(world, async () => {
      result = await run();
      // What the service does after it has answered.
      await pause(50);
    });
    const own = statements.filter(({ shape }) => !background.has(shape));
    found[step]?.statements.push(...own.map(nameOf));
    found[step]?.traffic.push(difference(before, await countTraffic(world, redis)));
    return result as Result;
  };
  for (let payment = 0; payment < PAYMENTS; payment++) {
    const bookingId = await measure(0, () => parents.book());
    const page = await measure(1, () => parents.watch(bookingId));
    const pushed = await measure(2, () => parents.pay(bookingId));
    await measure(3, async () => {
      await parents.callBack(pushed);
      await page.paid;
      page.close();
    });
  }
  redis.disconnect();
  for (const { step, statements } of found) say(`${step}: ${(statements.length / PAYMENTS).toFixed(1)} statements`);
  return found.map(({ step, statements, traffic }) => ({ step, statements, traffic: average(traffic) }));
}

const VERB = /^(insert into|update|delete from|select|begin|commit|rollback|set)\b/i;
const TABLE = /(?:\binto|\bfrom|\bupdate) `?([a-z_]+)`?/i;

/** As "insert payments". */
function nameOf({ shape }: Statement): string {
  const verb = VERB.exec(shape)?.[1]?.split(" ")[0]?.toLowerCase() ?? shape.slice(0, 30);
  return /^(?:begin|commit|rollback)$/.test(verb) ? verb.toUpperCase() : `${verb} ${TABLE.exec(shape)?.[1] ?? "(settings)"}`;
}

/** Why each is there. One that is not named here is a statement that nobody has thought about. */
const REASONS: Readonly<Record<string, string>> = {
  BEGIN: "what belongs together is committed together",
  COMMIT: "on the disk",
  "insert idempotency_keys": "claims the request's key, so that a repetition does nothing twice",
  "select idempotency_keys": "the answer to repeat, if the key was used",
  "update idempotency_keys": "what was committed under the key, then the answer to repeat",
  "insert pending_sessions": "the booking",
  "insert booking_words": "the names' words, by which the owner's search finds the booking",
  "select pending_sessions": "the booking as it is now: what decides about money is read, not remembered",
  "update pending_sessions": "the guard: compare-and-set on the booking's version",
  "insert payments": "the attempt, before its push",
  "select payments": "the booking's attempts, read after the booking",
  "update payments": "the push's reply; the outcome",
  "insert payment_history": "who changed what, for the owner",
  "insert callbacks": "the callback as it came, before it is answered",
  "update callbacks": "what the callback was found to be",
  "insert sessions": "the booked session",
  "insert webhook_deliveries": "the message to the owner's server",
  "select sessions": "whether the place is taken",
};

const REDIS_REASONS: Readonly<Record<string, string>> = {
  evalsha: "limits: how often payments start for a phone, an address, a site",
  eval: "the same, the first time",
  publish: "tells the pages' copies that the booking changed",
  subscribe: "a page's stream begins",
  unsubscribe: "a page's stream ends",
};

/** What the scripts of the limits do by themselves, and what counts. */
const NOT_SENT = ["incrby", "pttl", "set", "info"];

const statusSchema = z.tuple([z.array(z.object({ Variable_name: z.string(), Value: z.coerce.number() })), z.unknown()]);

async function countTraffic({ database }: LoadWorld, redis: Redis): Promise<Traffic> {
  const [rows] = statusSchema.parse(await database.knex.raw("SHOW GLOBAL STATUS WHERE Variable_name IN ('Bytes_received', 'Bytes_sent')"));
  const value = (name: string): number => rows.find((row) => row.Variable_name === name)?.Value ?? 0;
  const stats = (await redis.info("commandstats")).matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm);
  const redisCommands = Object.fromEntries([...stats].map(([, name = "", calls]) => [name.replace("|", " "), Number(calls)]));
  return { toDatabase: value("Bytes_received"), fromDatabase: value("Bytes_sent"), redisCommands };
}

function difference(before: Traffic, after: Traffic): Traffic {
  return {
    toDatabase: after.toDatabase - before.toDatabase,
    fromDatabase: after.fromDatabase - before.fromDatabase,
    redisCommands: Object.fromEntries(
      Object.entries(after.redisCommands).map(([name, calls]) => [name, calls - (before.redisCommands[name] ?? 0)]),
    ),
  };
}

/** The medians, so that a second in which the background works does not count. */
function average(all: readonly Traffic[]): Traffic {
  const names = new Set(all.flatMap(({ redisCommands }) => Object.keys(redisCommands)));
  for (const name of NOT_SENT) names.delete(name);
  const redisCommands = [...names].map((name) => [name, median(all.map((one) => one.redisCommands[name] ?? 0))] as const);
  return {
    toDatabase: median(all.map(({ toDatabase }) => toDatabase)),
    fromDatabase: median(all.map(({ fromDatabase }) => fromDatabase)),
    redisCommands: Object.fromEntries(redisCommands.filter(([, calls]) => calls > 0)),
  };
}

type Found = { steps: readonly StepCost[]; starts: readonly Start[]; processor: Processor; idlePerMinute: number };

function toFinding({ steps, starts, processor, idlePerMinute }: Found): Finding {
  const rows = steps.flatMap(stepRows);
  const unexplained = rows.filter(([, , , why]) => why === "").map(([, what]) => what);
  const statements = steps.reduce((sum, step) => sum + step.statements.length, 0) / PAYMENTS;
  const commands = steps.reduce((sum, { traffic }) => sum + Object.values(traffic.redisCommands).reduce((all, calls) => all + calls, 0), 0);
  const commits = steps.flatMap((step) => step.statements).filter((name) => name === "COMMIT").length / PAYMENTS;
  const totals = [
    ["all", "statements, each one round trip", statements.toFixed(1), "the sum of the above"],
    ["all", "transactions of several statements", commits.toFixed(1), "booking, attempt, push's reply, outcome"],
    [
      "all",
      "processor of the service, ms",
      processor.service.toFixed(1),
      `${BUSY_PARENTS} parents at once: HTTP, parsing, statements, logs`,
    ],
    ["all", "processor of the database, ms", processor.database.toFixed(1), "the statements above"],
    ["all", "processor of Redis, ms", processor.redis.toFixed(2), "the commands above"],
    ["all", "Redis commands", commands.toFixed(0), "the sum of the above"],
    [
      "a copy at rest",
      "statements a minute",
      idlePerMinute.toFixed(0),
      "what is due: queries to Safaricom, leases, lapses, callbacks left over, retention",
    ],
    ["a copy at rest", "memory, MB", withSpread(starts.map(({ restMb }) => restMb)), "Node, the service and its libraries"],
    [
      "a copy",
      "from the start to listening, ms",
      withSpread(starts.map(({ startMs }) => startMs)),
      "loading the service; compiled code is cached",
    ],
  ];
  return {
    name: "cost",
    title: "What one payment costs",
    how:
      `${PAYMENTS} payments, one after the other, by the service's public calls: a parent books, the page opens its stream, the parent taps "Pay", Safaricom's callback comes. ` +
      "Statements are counted in the database's own log, without those that a copy sends at rest too; bytes and Redis commands by the servers.",
    table: { columns: ["step", "what", "each payment", "why"], rows: [...rows, ...totals] },
    verdict: `Goal: each thing is needed. ${unexplained.length === 0 ? "Reached: each has a reason" : `Missed: nobody has said why ${unexplained.join(", ")}`}.`,
    raw: {
      startMs: starts.map(({ startMs }) => startMs),
      restMb: starts.map(({ restMb }) => restMb),
      processorMs: Object.values(processor),
      statements: [statements],
    },
  };
}

function stepRows({ step, statements, traffic }: StepCost): string[][] {
  const counts = new Map<string, number>();
  for (const name of statements) counts.set(name, (counts.get(name) ?? 0) + 1);
  // What comes less often than every second payment is background work that was not met at rest: sites are read again at intervals.
  const each = [...counts].filter(([, times]) => times >= PAYMENTS / 2);
  const sql = each.map(([name, times]) => [step, `\`${name}\``, (times / PAYMENTS).toFixed(1), REASONS[name] ?? ""]);
  const redis = Object.entries(traffic.redisCommands).map(([name, calls]) => [
    step,
    `Redis \`${name}\``,
    String(calls),
    REDIS_REASONS[name] ?? "",
  ]);
  const bytes = [
    step,
    "bytes to and from the database",
    `${traffic.toDatabase}, ${traffic.fromDatabase}`,
    "the statements above, and their rows",
  ];
  return [...sql, ...redis, bytes];
}
