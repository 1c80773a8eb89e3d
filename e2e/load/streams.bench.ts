/** Many open streams in one process: their memory, their cost while nothing happens, and all of them coming back at once. */
import { setTimeout as pause } from "node:timers/promises";
import type { ServiceCopy } from "../faults/service-copy.ts";
import { openStreams, type OpenStreams } from "./event-streams.ts";
import { quantile, type Benchmark, type Finding, type Say } from "./figures.ts";
import { preparePayments, inLoadWorld, type LoadWorld } from "./load-world.ts";
import { processorSeconds, residentKb } from "./process-use.ts";
import { sendCallbacks } from "./send-callbacks.ts";

const STREAMS = 15_000;
const OPENED_WITHIN_MS = 20_000;
/** Long enough for two heartbeats, which come every 15 s, and several comparisons with the database. */
const IDLE_MS = 40_000;
/** As the service tells browsers when a copy stops. */
const BACK_WITHIN_MS = 3_000;
const CALLBACKS_MEANWHILE = 300;
const GIVE_UP_AFTER_MS = 120_000;

export const streams: Benchmark = {
  name: "streams",
  run: (say) =>
    inLoadWorld(async (world, copy) => {
      await sendCallbacks([copy.url], await preparePayments(world, 500), 8);
      await pause(2_000);
      return measure(world, copy, say);
    }),
};

async function measure(world: LoadWorld, copy: ServiceCopy, say: Say): Promise<Finding> {
  const bookingIds = (await preparePayments(world, STREAMS)).map(({ bookingId }) => bookingId);
  const emptyKb = residentKb(copy.pid);
  const first = openStreams([copy.port], bookingIds, { withinMs: OPENED_WITHIN_MS });
  await untilReady(first, say);
  say(`${first.ready} open, ${((residentKb(copy.pid) - emptyKb) / first.ready).toFixed(1)} kB each, with what opening them left over`);

  const beforeS = processorSeconds(copy.pid);
  await pause(IDLE_MS);
  const idleShare = (processorSeconds(copy.pid) - beforeS) / (IDLE_MS / 1_000);
  // Once what opening them left over is collected.
  const kbEach = (residentKb(copy.pid) - emptyKb) / first.ready;
  say(`idle: ${(idleShare * 100).toFixed(1)} % of a core, ${kbEach.toFixed(1)} kB each`);

  const meanwhile = await preparePayments(world, CALLBACKS_MEANWHILE);
  const startedAtMs = performance.now();
  first.close();
  const second = openStreams([copy.port], bookingIds, { withinMs: BACK_WITHIN_MS });
  const sent = sendCallbacks([copy.url], meanwhile, 2);
  await untilReady(second, say);
  const backS = (performance.now() - startedAtMs) / 1_000;
  const { latenciesMs } = await sent;
  const slowestMs = quantile(latenciesMs, 1);
  second.close();

  const isReached = kbEach <= 20 && idleShare <= 0.02 && backS <= 10 && slowestMs <= 1_000;
  return {
    name: "streams",
    title: "Open streams in one process",
    how:
      `${STREAMS} streams of different bookings, all of them opened again within ${BACK_WITHIN_MS / 1_000} s of being cut, as after a deploy. Idle: heartbeats, and the ` +
      "comparison with the database every 5 s.",
    table: {
      columns: ["what", "measured", "goal"],
      rows: [
        ["streams open at once", String(first.ready), "15,000"],
        ["memory of a stream, kB", kbEach.toFixed(1), "20 at most"],
        ["processor while idle, of a core", `${(idleShare * 100).toFixed(1)} %`, "2 % at most"],
        ["all back after being cut, s", backS.toFixed(1), "10 at most"],
        ["slowest answer to a callback meanwhile, ms", slowestMs.toFixed(0), "1,000 at most"],
        ["streams refused or cut", String(first.failed + second.failed), "0"],
      ],
    },
    verdict: `${isReached ? "All goals are reached" : "A goal is missed"}.`,
    raw: { kbEach: [kbEach], idleShare: [idleShare], backS: [backS], callbackMs: latenciesMs },
  };
}

async function untilReady(open: OpenStreams, say: Say): Promise<void> {
  const giveUpAtMs = performance.now() + GIVE_UP_AFTER_MS;
  let saidAtMs = performance.now();
  while (open.ready + open.failed < STREAMS) {
    if (performance.now() > giveUpAtMs) throw new Error(`only ${open.ready} of ${STREAMS} streams came up`);
    if (performance.now() - saidAtMs > 5_000) {
      saidAtMs = performance.now();
      say(`${open.ready} streams have their first event, ${open.failed} failed`);
    }
    await pause(20);
  }
}
