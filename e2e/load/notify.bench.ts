/** From the callback to the page: by stream, and by polling every two seconds. */
import { setTimeout as pause } from "node:timers/promises";
import { Pool } from "undici";
import { SITE_ORIGIN } from "../faults/storm-world.ts";
import { quantile, type Benchmark, type Say } from "./figures.ts";
import { preparePayments, inLoadWorld, type LoadWorld } from "./load-world.ts";
import { byStream, CALLBACKS_PER_SECOND, sendEvenly, until, type Times } from "./notify-pages.ts";

const WIDTHS = [1_000, 10_000] as const;
const CALLBACKS = 1_000;
const POLL_EVERY_MS = 2_000;
/** Polling by more pages would need more requests than one core serves. */
const POLLING_PAGES = 1_000;

export const notify: Benchmark = {
  name: "notify",
  run: (say) =>
    inLoadWorld(async (world, copy) => {
      await byStream(world, [copy.port], { pages: 200, callbacks: 200 });
      const found = new Map<number, Times>();
      for (const pages of WIDTHS)
        found.set(pages, tell(say, `${pages} streams`, await byStream(world, [copy.port], { pages, callbacks: CALLBACKS })));
      const polled = tell(say, `${POLLING_PAGES} pages polling`, await byPolling(world, copy.port));
      return toFinding(found, polled);
    }),
};

function tell(say: Say, what: string, times: Times): Times {
  say(
    `${what}: p50 ${quantile(times.latenciesMs, 0.5).toFixed(1)} ms, p99 ${quantile(times.latenciesMs, 0.99).toFixed(1)} ms, ${times.missing} missing`,
  );
  return times;
}

async function byPolling(world: LoadWorld, port: number): Promise<Times> {
  const payments = await preparePayments(world, POLLING_PAGES);
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 64 });
  const sentAtMs = new Map<string, number>();
  const latenciesMs: number[] = [];
  const over = new AbortController();
  const page = async (bookingId: string): Promise<void> => {
    await pause(Math.random() * POLL_EVERY_MS);
    while (!over.signal.aborted) {
      const { body } = await pool.request({ method: "GET", path: `/api/booking/${bookingId}`, headers: { origin: SITE_ORIGIN } });
      const isPaid = (await body.text()).includes('"payment_status":"paid"');
      const atMs = sentAtMs.get(bookingId);
      if (isPaid && atMs !== undefined) {
        latenciesMs.push(performance.now() - atMs);
        sentAtMs.delete(bookingId);
        return;
      }
      await pause(POLL_EVERY_MS);
    }
  };
  const pages = payments.map(({ bookingId }) => page(bookingId));
  await sendEvenly([port], payments, (bookingId) => void sentAtMs.set(bookingId, performance.now()));
  await until(() => sentAtMs.size === 0, "every page to say paid").catch(() => undefined);
  over.abort();
  await Promise.all(pages);
  await pool.close();
  return { latenciesMs, missing: sentAtMs.size };
}

function toFinding(found: ReadonlyMap<number, Times>, polled: Times) {
  const row = (what: string, { latenciesMs, missing }: Times, requests: string): string[] => [
    what,
    quantile(latenciesMs, 0.5).toFixed(1),
    quantile(latenciesMs, 0.99).toFixed(1),
    String(missing),
    requests,
  ];
  const isReached = [...found.values()].every(
    ({ latenciesMs, missing }) => missing === 0 && quantile(latenciesMs, 0.5) <= 10 && quantile(latenciesMs, 0.99) <= 50,
  );
  return {
    name: "notify",
    title: "From the callback to the page",
    how: `${CALLBACKS_PER_SECOND} callbacks a second. Measured from the moment at which the callback is sent to the moment at which the page is told.`,
    table: {
      columns: ["pages", "p50 ms", "p99 ms", "never told", "requests /s of the pages"],
      rows: [
        ...[...found].map(([pages, times]) => row(`${pages} with a stream`, times, "0")),
        row(`${POLLING_PAGES} that poll every 2 s`, polled, String((POLLING_PAGES * 1_000) / POLL_EVERY_MS)),
      ],
    },
    verdict: `Goal: p50 at most 10 ms, p99 at most 50 ms. ${isReached ? "Reached" : "Missed"}.`,
    raw: {
      ...Object.fromEntries([...found].map(([pages, { latenciesMs }]) => [`streams ${pages}`, latenciesMs])),
      polling: polled.latenciesMs,
    },
  };
}
