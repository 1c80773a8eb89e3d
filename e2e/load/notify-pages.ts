/** Pages that wait for their payment by a stream, and callbacks that come in at an even pace. */
import { setTimeout as pause } from "node:timers/promises";
import { Pool } from "undici";
import { openStreams } from "./event-streams.ts";
import { preparePayments, type LoadWorld, type PromptedPayment } from "./load-world.ts";

export const CALLBACKS_PER_SECOND = 100;
const GIVE_UP_AFTER_MS = 60_000;

/** From the callback to the page; `missing`: pages that were never told. */
export type Times = { latenciesMs: number[]; missing: number };

/** Pages are spread over the copies; the first of them are paid, each by a callback at another copy than its page's, if there is another. */
export async function byStream(
  world: LoadWorld,
  ports: readonly number[],
  { pages, callbacks }: { pages: number; callbacks: number },
): Promise<Times> {
  const payments = await preparePayments(world, pages);
  const sentAtMs = new Map<string, number>();
  const latenciesMs: number[] = [];
  const open = openStreams(
    ports,
    payments.map(({ bookingId }) => bookingId),
    {
      withinMs: pages,
      onPaid: (bookingId) => {
        const atMs = sentAtMs.get(bookingId);
        if (atMs !== undefined) latenciesMs.push(performance.now() - atMs);
        sentAtMs.delete(bookingId);
      },
    },
  );
  await until(() => open.ready >= pages, `${pages} streams`);
  const others = [...ports.slice(1), ...ports.slice(0, 1)];
  await sendEvenly(others, payments.slice(0, callbacks), (bookingId) => void sentAtMs.set(bookingId, performance.now()));
  await until(() => sentAtMs.size === 0, "every page to say paid").catch(() => undefined);
  open.close();
  return { latenciesMs, missing: sentAtMs.size };
}

export async function sendEvenly(
  ports: readonly number[],
  payments: readonly PromptedPayment[],
  onSend: (bookingId: string) => void,
): Promise<void> {
  const pools = ports.map((port) => new Pool(`http://127.0.0.1:${port}`, { connections: 32, pipelining: 1 }));
  const startedAtMs = performance.now();
  const sending: Promise<unknown>[] = [];
  for (const [index, { bookingId, path, body }] of payments.entries()) {
    const dueMs = startedAtMs + (index * 1_000) / CALLBACKS_PER_SECOND - performance.now();
    if (dueMs > 0) await pause(dueMs);
    onSend(bookingId);
    const sent = pools[index % pools.length]?.request({ method: "POST", path, headers: { "content-type": "application/json" }, body });
    sending.push(sent?.then(({ body: answer }) => answer.dump()) ?? Promise.resolve());
  }
  await Promise.all(sending);
  await Promise.all(pools.map((pool) => pool.close()));
}

export async function until(isTrue: () => boolean, what: string): Promise<void> {
  const giveUpAtMs = performance.now() + GIVE_UP_AFTER_MS;
  while (!isTrue()) {
    if (performance.now() > giveUpAtMs) throw new Error(`waited in vain for ${what}`);
    await pause(10);
  }
}
