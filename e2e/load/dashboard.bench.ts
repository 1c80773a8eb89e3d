/** What owners look at, of a site with 100,000 payments among a million: how long each answer takes, and by which index it is read. */
import { setTimeout as pause } from "node:timers/promises";
import { request } from "undici";
import { createApiKeyStore } from "../../service/src/sites/api-key-store.ts";
import { createIds } from "../../service/src/platform/ids.ts";
import { addDays, nairobiDate } from "../../service/src/platform/nairobi-day.ts";
import { explainAll, type Plan } from "./explain.ts";
import { median, quantile, type Benchmark, type Finding, type Say } from "./figures.ts";
import { startLoadWorld, type LoadWorld } from "./load-world.ts";
import { factsOf, fillSchool, OTHERS } from "./school-table.ts";
import { statementsDuring } from "./statement-log.ts";

const PAYMENTS = 1_000_000;
const ROUNDS = 30;
const GOAL_MS = 100;
/** Background work must not stand in the log of statements. */
const SETTLED_AFTER_MS = 2_000;

type Measured = { name: string; ms: number[]; bytes: number; plans: Plan[] };

export const dashboard: Benchmark = {
  name: "dashboard",
  async run(say, { short, rows }) {
    const payments = rows ?? (short ? 20_000 : PAYMENTS);
    const world = await startLoadWorld();
    try {
      const startedAtMs = performance.now();
      await fillSchool(world, payments);
      say(`${payments} payments, ${payments / OTHERS} of the site, in ${((performance.now() - startedAtMs) / 1_000).toFixed(0)} s`);
      const { url } = await world.startCopy({ LIMIT_API: "0" });
      const keys = createApiKeyStore({ database: world.database, ids: createIds(Date.now), now: Date.now });
      const { secret } = await keys.add({ siteId: world.siteId, name: "bench", access: "read" });
      await pause(SETTLED_AFTER_MS);
      const measured = await measure({ world, url, secret, payments }, say, short ? 3 : ROUNDS);
      return toFinding(measured, payments);
    } finally {
      await world.stop();
    }
  },
};

type Place = { world: LoadWorld; url: string; secret: string; payments: number };

/** What the dashboard asks, by what it is for. */
function pathsOf(payments: number): Record<string, string> {
  const today = nairobiDate(Date.now());
  // In the middle of the year, and paid.
  const { receipt, reference, phone, bookingId, paymentId } = factsOf(Math.floor(payments / OTHERS / 200) * 100 + 10);
  const sms = `${receipt} Confirmed. Ksh1,500.00 sent to AMANI TUTORS for account ${reference} on 28/11/26 at 7:01 PM.`;
  const search = (text: string): string => `/search?q=${encodeURIComponent(text)}`;
  return {
    overview: "/overview",
    "calendar of a day": `/calendar?from=${today}&to=${today}`,
    "calendar of a month (its first 1,000)": `/calendar?from=${addDays(today, -30)}&to=${addDays(today, 14)}`,
    "search: SMS": search(sms),
    "search: receipt": search(receipt),
    "search: reference": search(reference),
    "search: phone": search(phone),
    "search: last three digits": search(phone.slice(-3)),
    "search: rare name": search("nyambura"),
    "search: frequent name": search("Mama Wanjiru"),
    "search: two frequent names": search("wanjiru mwangi"),
    "search: one letter": search("m"),
    "search: nobody": search("zzz"),
    bookings: "/bookings",
    "bookings that lapsed": "/bookings?status=lapsed",
    "bookings that were cancelled": "/bookings?status=cancelled",
    "bookings of a day": `/bookings?date=${addDays(today, -100)}`,
    payments: "/payments",
    "payments that were refunded": "/payments?status=refunded",
    "payments with surplus": "/payments?surplus=true",
    "payments that are open (none)": "/payments?status=prompted",
    "payments of a phone": `/payments?phoneEnding=${phone.slice(-4)}`,
    "payments of a receipt": `/payments?receipt=${receipt}`,
    attention: "/attention",
    "callbacks that led to nothing": "/callbacks",
    "unassigned money": "/unassigned-money",
    "a booking": `/bookings/${bookingId}`,
    "a booking's timeline": `/bookings/${bookingId}/timeline`,
    "a payment's timeline": `/payments/${paymentId}/timeline`,
    "price list": "/session-types",
    site: "/site",
    keys: "/keys",
    "M-Pesa account": "/mpesa-account",
    "webhook deliveries": "/webhook-deliveries",
    staff: "/staff",
  };
}

async function measure(place: Place, say: Say, rounds: number): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const [name, path] of Object.entries(pathsOf(place.payments))) {
    const statements = await statementsDuring(place.world, () => ask(place, path));
    const plans = await explainAll(place.world, statements);
    const ms: number[] = [];
    let bytes = 0;
    for (let round = 0; round < rounds; round++) {
      const startedAtMs = performance.now();
      bytes = await ask(place, path);
      ms.push(performance.now() - startedAtMs);
    }
    say(`${name}: ${median(ms).toFixed(1)} ms, p99 ${quantile(ms, 0.99).toFixed(1)} ms`);
    measured.push({ name, ms, bytes, plans });
  }
  return measured;
}

/** @returns how long the answer is */
async function ask({ url, secret }: Place, path: string): Promise<number> {
  const { statusCode, body } = await request(`${url}/api/v1${path}`, { headers: { authorization: `Bearer ${secret}` } });
  const bytes = await body.bytes();
  if (statusCode !== 200) throw new Error(`${path} was answered ${statusCode}: ${Buffer.from(bytes).toString()}`);
  return bytes.length;
}

function toFinding(measured: readonly Measured[], payments: number): Finding {
  const whole = measured.flatMap(({ plans }) => plans.filter(({ isIndexed }) => !isIndexed));
  const slow = measured.filter(({ ms }) => median(ms) >= GOAL_MS);
  const isReached = slow.length === 0 && whole.length === 0;
  return {
    name: "dashboard",
    title: "What owners look at",
    how:
      `One site's ${(payments / OTHERS).toLocaleString("en")} payments and bookings of a year, among ${payments.toLocaleString("en")} of ten sites, on MariaDB with a pool of 1 GB. ` +
      `Each page and list of the server API as the dashboard asks for it, ${measured[0]?.ms.length ?? 0} times in turn, over HTTP and with everything that a call costs. ` +
      "The indexes are those that the database says it uses for the statements of the call, from its own log.",
    table: {
      columns: ["answer", "median ms", "p99 ms", "kB", "indexes"],
      rows: measured.map(({ name, ms, bytes, plans }) => [
        name,
        median(ms).toFixed(1),
        quantile(ms, 0.99).toFixed(1),
        (bytes / 1_000).toFixed(1),
        [...new Set(plans.flatMap(({ indexes }) => indexes))].join(", "),
      ]),
    },
    verdict:
      `Goal: every answer under ${GOAL_MS} ms at the median, and every statement by an index. ${isReached ? "Reached" : "Missed"}: the slowest takes ` +
      `${Math.max(...measured.map(({ ms }) => median(ms))).toFixed(0)} ms${slow.length === 0 ? "" : ` (${slow.map(({ name }) => name).join(", ")})`}; ` +
      `${whole.length} statements read a table whole.`,
    raw: Object.fromEntries(measured.map(({ name, ms }) => [name, ms])),
  };
}
