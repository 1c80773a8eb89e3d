import { startLoadWorld } from "./load/load-world.ts";
import { startSlowSafaricom } from "./load/slow-safaricom.ts";
import { createParents } from "./load/parents.ts";
import { statementsDuring } from "./load/statement-log.ts";
const saf = await startSlowSafaricom(0);
const w = await startLoadWorld({ mpesaBaseUrl: saf.url });
try {
  const c = await w.startCopy();
  const p = createParents(w, c, saf);
  for (let i = 0; i < 20; i++) await p.payOnce();
  const st = await statementsDuring(w, async () => {
    console.log(await p.payOnce());
    await new Promise((r) => setTimeout(r, 200));
  });
  for (const s of st) console.log(s.shape.slice(0, 260));
  console.log("=== idle 10s");
  const idle = await statementsDuring(w, () => new Promise((r) => setTimeout(r, 10_000)));
  const m = new Map<string, number>();
  for (const s of idle) m.set(s.shape, (m.get(s.shape) ?? 0) + 1);
  for (const [k, v] of m) console.log(v, k.slice(0, 200));
  await p.close();
} finally {
  await w.stop();
  saf.close();
}
