/** Safaricom under load: sends callbacks over a number of connections, each as soon as its last one was answered. */
import { Pool } from "undici";
import type { PromptedPayment } from "./load-world.ts";

export type Sent = { startedAtMs: number; endedAtMs: number; latenciesMs: number[]; notAccepted: number };

export async function sendCallbacks(url: string, payments: readonly PromptedPayment[], connections: number): Promise<Sent> {
  const pool = new Pool(url, { connections, pipelining: 1 });
  const latenciesMs: number[] = [];
  let notAccepted = 0;
  const waiting = payments.values();
  const send = async (): Promise<void> => {
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
  await Promise.all(Array.from({ length: connections }, send));
  const endedAtMs = performance.now();
  await pool.close();
  return { startedAtMs, endedAtMs, latenciesMs, notAccepted };
}
