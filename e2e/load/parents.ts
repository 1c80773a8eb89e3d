/** Parents who book, pay and watch, each through the service's public HTTP calls, and Safaricom's callback for each push. */
import { randomBytes } from "node:crypto";
import { Pool } from "undici";
import { z } from "zod";
import { SITE_ORIGIN } from "../faults/storm-world.ts";
import type { ServiceCopy } from "../faults/service-copy.ts";
import { openStreams } from "./event-streams.ts";
import { callbackBody, type LoadWorld } from "./load-world.ts";
import { until } from "./notify-pages.ts";
import type { Pushed, SlowSafaricom } from "./slow-safaricom.ts";

export type PaidTimes = { ackMs: number; eventMs: number };

export type Parents = {
  /** Books a session. Returns the booking's id. */
  book(): Promise<string>;
  /** Opens the page's stream, and resolves with its first event. */
  watch(bookingId: string): Promise<Page>;
  /** Taps "Pay". Resolves with the push that Safaricom took. */
  pay(bookingId: string): Promise<Pushed>;
  /** Safaricom's callback: the parent has paid. Resolves with its answer. */
  callBack(pushed: Pushed): Promise<void>;
  /** One parent from the booking to the page that says "paid". @throws if a step is refused */
  payOnce(): Promise<PaidTimes>;
  close(): Promise<void>;
};

export type Page = { paid: Promise<void>; close(): void };

const bookedSchema = z.object({ bookingId: z.string() });

export function createParents({ publishableKey }: Pick<LoadWorld, "publishableKey">, copy: ServiceCopy, safaricom: SlowSafaricom): Parents {
  const pool = new Pool(copy.url, { connections: 64, pipelining: 1 });
  const headers = { "content-type": "application/json", origin: SITE_ORIGIN, "x-site-key": publishableKey };
  const awaitingPush = new Map<string, (pushed: Pushed) => void>();
  safaricom.onPush((pushed) => awaitingPush.get(pushed.phone)?.(pushed));
  let number = 0;
  let phones = 0;
  let receipts = 0;
  let requests = 0;
  // The servers may know those of earlier parents.
  const group = randomBytes(3).toString("hex").toUpperCase();
  const unique = (): string => `${group}-${(requests += 1)}`;

  const post = async (path: string, body: string, more: Record<string, string> = {}): Promise<string> => {
    const answer = await pool.request({ method: "POST", path, headers: { ...headers, ...more }, body });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${path.replace(/[0-9a-f]{20,}/, "…")} was answered ${answer.statusCode}: ${text}`);
    return text;
  };

  const own: Omit<Parents, "payOnce" | "close"> = {
    async book() {
      number += 1;
      const body = JSON.stringify({ ...person, sessionType: "maths-1h", date: "2036-12-09", time: timeOf(number) });
      return bookedSchema.parse(JSON.parse(await post("/api/bookings", body, { "idempotency-key": `book-${unique()}` }))).bookingId;
    },
    async watch(bookingId) {
      const { promise: paid, resolve } = Promise.withResolvers<void>();
      const stream = openStreams([copy.port], [bookingId], { onPaid: () => resolve() });
      await until(() => stream.ready + stream.failed === 1, "the stream's first event");
      return { paid, close: () => stream.close() };
    },
    async pay(bookingId) {
      phones += 1;
      const phone = `254700${String(phones % 1_000_000).padStart(6, "0")}`;
      const { promise: pushed, resolve } = Promise.withResolvers<Pushed>();
      awaitingPush.set(phone, resolve);
      try {
        await post("/api/pay/mpesa", JSON.stringify({ bookingId, phone }), { "idempotency-key": `pay-${unique()}` });
        return await pushed;
      } finally {
        awaitingPush.delete(phone);
      }
    },
    callBack: async (pushed) => void (await post(pushed.callbackPath, callbackBody(pushed, receiptOf(group, (receipts += 1))))),
  };

  return {
    ...own,
    async payOnce() {
      const bookingId = await own.book();
      const page = await own.watch(bookingId);
      try {
        const pushed = await own.pay(bookingId);
        const startedAtMs = performance.now();
        await own.callBack(pushed);
        const ackMs = performance.now() - startedAtMs;
        await page.paid;
        return { ackMs, eventMs: performance.now() - startedAtMs };
      } finally {
        page.close();
      }
    },
    close: () => pool.close(),
  };
}

const person = { parentName: "Wanjiru Kamau", childName: "Amani Kamau", email: "wanjiru@example.com" };

/** No two of a day's minutes: a place is sold once. */
function timeOf(number: number): string {
  const minutes = number % 1_440;
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}

function receiptOf(group: string, number: number): string {
  return `P${group}${number.toString(36).toUpperCase().padStart(5, "0")}`;
}
