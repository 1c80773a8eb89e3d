/** Many open streams in one process: their memory, their cost while nothing happens, and all of them coming back at once. */
import { setTimeout as pause } from "node:timers/promises";
import { openStreams, type OpenStreams } from "./event-streams.ts";
import { quantile, type Benchmark, type Finding, type Say } from "./figures.ts";
import { preparePayments, inLoadWorld } from "./load-world.ts";
import { processorSeconds, residentKb } from "./process-use.ts";
import { startReference } from "./references/start-reference.ts";
import { sendCallbacks } from "./send-callbacks.ts";

const STREAMS = 15_000;
const OPENED_WITHIN_MS = 20_000;
/** Long enough for two heartbeats, which come every 15 s, and several comparisons with the database. */
const IDLE_MS = 40_000;
/** As the service tells browsers when a copy stops. */
const BACK_WITHIN_MS = 3_000;
const CALLBACKS_MEANWHILE = 300;
const GIVE_UP_AFTER_MS = 120_000;

type Server = { port: number; pid: number };
type Measured = { ready: number; failed: number; kbEach: number; idleShare: number; backS: number };

export const streams: Benchmark = {
  name: "streams",
  run: (say) =>
    inLoadWorld(async (world, copy) => {
      await sendCallbacks([copy.url], await preparePayments(world, 500), 8);
      await pause(2_000);
      const bookingIds = (await preparePayments(world, STREAMS)).map(({ bookingId }) => bookingId);
      const meanwhile = await preparePayments(world, CALLBACKS_MEANWHILE);
      const callbackMs: number[] = [];
      const service = await measure(copy, bookingIds, say, async () => {
        callbackMs.push(...(await sendCallbacks([copy.url], meanwhile, 2)).latenciesMs);
      });
      say("the bare streams");
      const reference = await startReference("bare-streams.ts");
      const bare = await measure(reference, bookingIds, say).finally(reference.stop);
      return toFinding(service, bare, callbackMs);
    }),
};

/** @param whileComingBack what else happens while all of them come back */
async function measure(
  { port, pid }: Server,
  bookingIds: readonly string[],
  say: Say,
  whileComingBack = async (): Promise<void> => undefined,
): Promise<Measured> {
  const emptyKb = residentKb(pid);
  const first = openStreams([port], bookingIds, { withinMs: OPENED_WITHIN_MS });
  await untilReady(first, say);
  say(`${first.ready} open, ${((residentKb(pid) - emptyKb) / first.ready).toFixed(1)} kB each, with what opening them left over`);

  const beforeS = processorSeconds(pid);
  await pause(IDLE_MS);
  const idleShare = (processorSeconds(pid) - beforeS) / (IDLE_MS / 1_000);
  // Once what opening them left over is collected.
  const kbEach = (residentKb(pid) - emptyKb) / first.ready;
  say(`idle: ${(idleShare * 100).toFixed(1)} % of a core, ${kbEach.toFixed(1)} kB each`);

  const startedAtMs = performance.now();
  first.close();
  const second = openStreams([port], bookingIds, { withinMs: BACK_WITHIN_MS });
  const meanwhile = whileComingBack();
  await untilReady(second, say);
  const backS = (performance.now() - startedAtMs) / 1_000;
  await meanwhile;
  second.close();
  return { ready: first.ready, failed: first.failed + second.failed, kbEach, idleShare, backS };
}

function toFinding(service: Measured, bare: Measured, callbackMs: readonly number[]): Finding {
  const { kbEach, idleShare, backS } = service;
  const slowestMs = quantile(callbackMs, 1);
  const isReached = kbEach <= 20 && idleShare <= 0.02 && backS <= 10 && slowestMs <= 1_000;
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  return {
    name: "streams",
    title: "Open streams in one process",
    how:
      `${STREAMS} streams of different bookings, all of them opened again within ${BACK_WITHIN_MS / 1_000} s of being cut, as after a deploy, and callbacks meanwhile. ` +
      "Idle: a heartbeat to each every 15 s, and the comparison with the database every 5 s. The bare streams are `node:http` with one event and the same heartbeat: no Express, no " +
      "booking to read, no callbacks.",
    table: {
      columns: ["what", "SomoPay", "bare streams", "goal"],
      rows: [
        ["streams open at once", String(service.ready), String(bare.ready), "15,000"],
        ["memory of a stream, kB", kbEach.toFixed(1), bare.kbEach.toFixed(1), "20 at most"],
        ["processor while idle, of a core", percent(idleShare), percent(bare.idleShare), "2 % at most"],
        ["all back after being cut, s", backS.toFixed(1), bare.backS.toFixed(1), "10 at most"],
        ["slowest answer to a callback meanwhile, ms", slowestMs.toFixed(0), "", "1,000 at most"],
        ["streams refused or cut", String(service.failed), String(bare.failed), "0"],
      ],
    },
    verdict: `${isReached ? "All goals are reached" : "A goal is missed"}.`,
    raw: {
      kbEach: [kbEach, bare.kbEach],
      idleShare: [idleShare, bare.idleShare],
      backS: [backS, bare.backS],
      callbackMs: [...callbackMs],
    },
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
