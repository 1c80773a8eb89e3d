/** Safaricom under load: sends callbacks over a number of connections, each as soon as its last one was answered. */
import { setTimeout as pause } from "node:timers/promises";
import { Pool } from "undici";
import { quantile } from "./figures.ts";
import { countOpen, type LoadWorld, type PromptedPayment } from "./load-world.ts";

export type Sent = { startedAtMs: number; endedAtMs: number; latenciesMs: number[]; notAccepted: number };

/** Callbacks recorded per second, and how long their answers took. */
export type Recorded = { recorded: number; ackP50: number; ackP99: number };

const LOOK_EVERY_MS = 10;

/** Sends callbacks, until the last payment is recorded, not until the last answer. */
export async function record(
  world: LoadWorld,
  urls: readonly string[],
  payments: readonly PromptedPayment[],
  connections: number,
): Promise<Recorded> {
  const sent = await sendCallbacks(urls, payments, connections);
  if (sent.notAccepted > 0) throw new Error(`${sent.notAccepted} callbacks were not answered 200`);
  while ((await countOpen(world)) > 0) await pause(LOOK_EVERY_MS);
  const seconds = (performance.now() - sent.startedAtMs) / 1_000;
  return { recorded: payments.length / seconds, ackP50: quantile(sent.latenciesMs, 0.5), ackP99: quantile(sent.latenciesMs, 0.99) };
}

/** @param urls of the copies, which share the connections */
export async function sendCallbacks(urls: readonly string[], payments: readonly PromptedPayment[], connections: number): Promise<Sent> {
  const each = Math.ceil(connections / urls.length);
  const pools = urls.map((url) => new Pool(url, { connections: each, pipelining: 1 }));
  const latenciesMs: number[] = [];
  let notAccepted = 0;
  const waiting = payments.values();
  const send = async (pool: Pool): Promise<void> => {
    for (const { path, body } of waiting) {
      const startedAtMs = performance.now();
      const { statusCode, body: answer } = await pool.request({
        method: "POST",
        path,
        headers: { "content-type": "application/json" },
        body,
      });
      await answer.dump();
      latenciesMs.push(performance.now() - startedAtMs);
      if (statusCode !== 200) notAccepted += 1;
    }
  };
  const startedAtMs = performance.now();
  await Promise.all(pools.flatMap((pool) => Array.from({ length: each }, () => send(pool))));
  const endedAtMs = performance.now();
  await Promise.all(pools.map((pool) => pool.close()));
  return { startedAtMs, endedAtMs, latenciesMs, notAccepted };
}
