/** Mixed load and small faults for a long time: memory, open files and latency must stay as they are. */
import { readdirSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { Pool } from "undici";
import { z } from "zod";
import type { ServiceCopy } from "../faults/service-copy.ts";
import { SITE_ORIGIN } from "../faults/storm-world.ts";
import { openStreams, type OpenStreams } from "./event-streams.ts";
import { median, quantile, type Benchmark, type Finding, type Say } from "./figures.ts";
import { inLoadWorld, prepareBookings, type LoadWorld } from "./load-world.ts";
import { createParents, type Parents } from "./parents.ts";
import { residentKb } from "./process-use.ts";
import { startSlowSafaricom } from "./slow-safaricom.ts";

const PAYMENTS_PER_SECOND = 5;
const POLLS_PER_SECOND = 10;
const IDLE_PAGES = 500;
const SAMPLES = 30;
/** The samples that are compared: the last third with the one before. Until then caches fill. */
const THIRD = SAMPLES / 3;
const GROWTH_MAX = 1.1;
const SLOWER_MAX = 1.5;
const GIVE_UP_AFTER_MS = 60_000;
const POLL_EVERY_MS = 200;

type Sample = {
  residentMb: number;
  heapMb: number;
  files: number;
  ackP50: number;
  ackP99: number;
  eventP50: number;
  eventP99: number;
  payments: number;
};
/** What happened since the last sample, and over all. */
type Tally = { ackMs: number[]; eventMs: number[]; paid: number; refused: Map<string, number> };

export const soak: Benchmark = {
  name: "soak",
  async run(say, { short, minutes }) {
    const safaricom = await startSlowSafaricom(50);
    const run = async (world: LoadWorld, copy: ServiceCopy): Promise<Finding> => {
      const parents = createParents(world, copy, safaricom);
      try {
        return await measure(world, copy, parents, { sampleMs: ((short ? 1 : minutes) * 60_000) / SAMPLES, say });
      } finally {
        await parents.close();
      }
    };
    return inLoadWorld(run, { mpesaBaseUrl: safaricom.url }).finally(safaricom.close);
  },
};

async function measure(
  world: LoadWorld,
  copy: ServiceCopy,
  parents: Parents,
  { sampleMs, say }: { sampleMs: number; say: Say },
): Promise<Finding> {
  const over = new AbortController();
  const tally: Tally = { ackMs: [], eventMs: [], paid: 0, refused: new Map() };
  const bookingIds = await prepareBookings(world, IDLE_PAGES);
  let pages = openStreams([copy.port], bookingIds, { withinMs: 2_000 });
  const load = [payOften(parents, tally, over.signal), pollOften(copy, bookingIds, over.signal)];
  const faults = createFaults(world, copy, () => {
    pages.close();
    pages = openStreams([copy.port], bookingIds, { withinMs: 2_000 });
    return pages;
  });
  const samples: Sample[] = [];
  for (let number = 1; number <= SAMPLES; number++) {
    await pause(sampleMs / 2);
    const fault = await faults(number);
    await pause(sampleMs / 2);
    const sample = await take(copy, tally);
    samples.push(sample);
    say(
      `${number} of ${SAMPLES}: ${sample.residentMb.toFixed(0)} MB, heap ${sample.heapMb.toFixed(0)} MB, ${sample.files} files, 200 after ` +
        `${sample.ackP50.toFixed(1)} ms, page after ${sample.eventP50.toFixed(1)} ms, p99 ${sample.eventP99.toFixed(0)} ms; ${fault}`,
    );
  }
  over.abort();
  await Promise.all(load);
  pages.close();
  const lost = await countLost(world, tally.paid);
  return toFinding(samples, { tally, lost, minutes: (sampleMs * SAMPLES) / 60_000 });
}

/** A parent every 200 ms, whether or not the last one is done. A step that a fault refuses is counted. */
async function payOften(parents: Parents, tally: Tally, over: AbortSignal): Promise<void> {
  const paying = new Set<Promise<void>>();
  while (!over.aborted) {
    const one: Promise<void> = parents
      .payOnce()
      .then(
        ({ ackMs, eventMs }) => {
          tally.ackMs.push(ackMs);
          tally.eventMs.push(eventMs);
          tally.paid += 1;
        },
        (error: unknown) => {
          const what = error instanceof Error ? error.message.replace(/: .*/s, "") : "unknown";
          tally.refused.set(what, (tally.refused.get(what) ?? 0) + 1);
        },
      )
      .finally(() => paying.delete(one));
    paying.add(one);
    await pause(1_000 / PAYMENTS_PER_SECOND);
  }
  await Promise.all(paying);
}

async function pollOften(copy: ServiceCopy, bookingIds: readonly string[], over: AbortSignal): Promise<void> {
  const pool = new Pool(copy.url, { connections: 4 });
  for (let index = 0; !over.aborted; index++) {
    const path = `/api/booking/${bookingIds[index % bookingIds.length]}`;
    await pool
      .request({ method: "GET", path, headers: { origin: SITE_ORIGIN } })
      .then(({ body }) => body.dump())
      .catch(() => undefined);
    await pause(1_000 / POLLS_PER_SECOND);
  }
  await pool.close();
}

const processesSchema = z.tuple([z.array(z.object({ id: z.number() })), z.unknown()]);

/** In turn, one a sample. Returns what was done, in words. */
function createFaults(world: LoadWorld, copy: ServiceCopy, reopen: () => OpenStreams): (number: number) => Promise<string> {
  const kinds: readonly [string, () => Promise<unknown>][] = [
    ["nothing broken", async () => undefined],
    ["Redis restarted", () => world.redis.restart()],
    ["every page opened again", async () => reopen()],
    ["200 callbacks that are no callbacks", () => sendGarbage(copy, 200)],
    ["the service's database connections killed", () => killConnections(world)],
  ];
  return async (number) => {
    const [what, breakIt] = kinds[number % kinds.length] ?? ["", async () => undefined];
    await breakIt();
    return what;
  };
}

async function killConnections({ database }: LoadWorld): Promise<void> {
  const [rows] = processesSchema.parse(
    await database.knex.raw("SELECT id FROM information_schema.processlist WHERE user = 'somopay' AND id <> CONNECTION_ID()"),
  );
  for (const { id } of rows) await database.knex.raw(`KILL ${id}`).catch(() => undefined);
}

async function sendGarbage(copy: ServiceCopy, count: number): Promise<void> {
  const pool = new Pool(copy.url, { connections: 8 });
  const send = async (index: number): Promise<void> => {
    const answer = await pool.request({
      method: "POST",
      path: `/callbacks/stk/${index.toString(16).padStart(64, "0")}`,
      body: "not a callback",
    });
    await answer.body.dump();
  };
  await Promise.all(Array.from({ length: count }, (_, index) => send(index).catch(() => undefined)));
  await pool.close();
}

async function take(copy: ServiceCopy, tally: Tally): Promise<Sample> {
  const ackMs = tally.ackMs.splice(0);
  const eventMs = tally.eventMs.splice(0);
  const metrics = await (await fetch(`${copy.url}/metrics`)).text();
  const heap = Number(/^somopay_nodejs_heap_size_used_bytes (\S+)$/m.exec(metrics)?.[1]);
  return {
    residentMb: residentKb(copy.pid) / 1_024,
    heapMb: heap / 2 ** 20,
    files: readdirSync(`/proc/${copy.pid}/fd`).length,
    ackP50: quantile(ackMs, 0.5),
    ackP99: quantile(ackMs, 0.99),
    eventP50: quantile(eventMs, 0.5),
    eventP99: quantile(eventMs, 0.99),
    payments: ackMs.length,
  };
}

const countSchema = z.tuple([z.object({ booked: z.number() })]);

/** Payments whose page said "paid", without a session. */
async function countLost({ database }: LoadWorld, paid: number): Promise<number> {
  const giveUpAtMs = performance.now() + GIVE_UP_AFTER_MS;
  for (;;) {
    const [{ booked }] = countSchema.parse(await database.knex("sessions").count({ booked: "*" }));
    if (booked >= paid || performance.now() > giveUpAtMs) return Math.max(0, paid - booked);
    await pause(POLL_EVERY_MS);
  }
}

const COLUMNS = [
  "memory, MB",
  "heap, MB",
  "open files",
  "200 after, p50 ms",
  "p99 ms",
  "page told after, p50 ms",
  "p99 ms",
  "payments",
] as const;

function toFinding(samples: readonly Sample[], { tally, lost, minutes }: { tally: Tally; lost: number; minutes: number }): Finding {
  const of = (what: keyof Sample, from: readonly Sample[]): number => median(from.map((sample) => sample[what]));
  const thirds = [samples.slice(0, THIRD), samples.slice(THIRD, 2 * THIRD), samples.slice(2 * THIRD)] as const;
  const ratio = (what: keyof Sample): number => of(what, thirds[2]) / of(what, thirds[1]);
  const isFlat = (["residentMb", "heapMb", "files"] as const).every((what) => ratio(what) <= GROWTH_MAX) && ratio("eventP50") <= SLOWER_MAX;
  const whats = ["residentMb", "heapMb", "files", "ackP50", "ackP99", "eventP50", "eventP99"] as const;
  const row = (name: string, third: readonly Sample[]): string[] => [
    name,
    ...whats.map((what) => of(what, third).toFixed(what === "files" ? 0 : 1)),
    String(third.reduce((sum, { payments }) => sum + payments, 0)),
  ];
  const refused = [...tally.refused].map(([what, times]) => `${times} × ${what}`).join("; ");
  return {
    name: "soak",
    title: `A soak of ${minutes.toFixed(0)} minutes`,
    how:
      `${PAYMENTS_PER_SECOND} parents a second from the booking to the receipt, ${IDLE_PAGES} pages that only watch, ${POLLS_PER_SECOND} polls a second. In turn: Redis is ` +
      "restarted, every page is opened again, 200 callbacks are no callbacks, the service's database connections are killed. Medians of each third.",
    table: { columns: ["third", ...COLUMNS], rows: [row("first", thirds[0]), row("second", thirds[1]), row("last", thirds[2])] },
    verdict:
      `Goal: flat. The last third beside the second: memory ${ratio("residentMb").toFixed(2)}, heap ${ratio("heapMb").toFixed(2)}, open files ${ratio("files").toFixed(2)}, ` +
      `latency ${ratio("eventP50").toFixed(2)}. ${isFlat && lost === 0 ? "Reached" : "Missed"}; ${lost} of ${tally.paid} paid without a session` +
      `${refused === "" ? "" : `; refused while something was broken: ${refused}`}.`,
    raw: Object.fromEntries(whats.map((what) => [what, samples.map((sample) => sample[what])])),
  };
}
