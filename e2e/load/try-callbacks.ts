import { execFileSync } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { countOpen, preparePayments, startLoadWorld } from "./load-world.ts";
import { median, quantile, sendCallbacks } from "./send-callbacks.ts";

const connections = (process.argv[2] ?? "32").split(",").map(Number);
const rounds = Number(process.argv[3] ?? 3);
const world = await startLoadWorld();
try {
  const copy = await world.startCopy();
  await sendCallbacks(copy.url, await preparePayments(world, 1_000), 32);
  while ((await countOpen(world)) > 0) await pause(50);
  for (const width of connections) {
    const ours: number[] = [], bare: number[] = [], p50: number[] = [], p99: number[] = [], acks: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const count = Math.min(3_000, width * 300);
      const payments = await preparePayments(world, count);
      const sent = await sendCallbacks(copy.url, payments, width);
      if (sent.notAccepted > 0) console.log(`${sent.notAccepted} not accepted`);
      while ((await countOpen(world)) > 0) await pause(10);
      ours.push(count / ((performance.now() - sent.startedAtMs) / 1_000));
      acks.push(count / ((sent.endedAtMs - sent.startedAtMs) / 1_000));
      p50.push(quantile(sent.latenciesMs, 0.5));
      p99.push(quantile(sent.latenciesMs, 0.99));
      bare.push(Number(execFileSync(process.execPath, [`${import.meta.dirname}/references/bare-loop.ts`, world.databaseUrl, String(width), String(count)], { encoding: "utf8" })));
    }
    console.log(`${width} connections: recorded ${Math.round(median(ours))}/s, acked ${Math.round(median(acks))}/s, bare ${Math.round(median(bare))}/s, ratio ${(median(ours) / median(bare)).toFixed(2)}; ack p50 ${median(p50).toFixed(1)} p99 ${median(p99).toFixed(1)} ms`);
  }
} finally {
  await world.stop();
}
process.exit();
