/** Sends what a parent's browser sends, to any copy. */
import { Agent, request } from "undici";
import { bookingViewSchema, problemSchema, type BookingView } from "../../service/src/contract.ts";
import type { Random } from "../daraja-simulator/ids.ts";
import { pick } from "./random-choice.ts";
import { SITE_ORIGIN, type SiteKeys } from "./storm-world.ts";

export type SiteAnswer =
  | { kind: "view"; status: number; view: BookingView }
  | { kind: "problem"; status: number; code: string; view: BookingView | undefined; retryAfterMs: number }
  /** No answer: the connection was refused, cut, or silent too long. */
  | { kind: "nothing" };

export interface SiteClient {
  call(random: Random, path: string, options?: { body?: object; key?: string; asServer?: boolean }): Promise<SiteAnswer>;
  /** Yields every view of a stream until it ends, is cut, or `signal` aborts. Never rejects. */
  stream(random: Random, bookingId: string, onView: (view: BookingView) => boolean, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Longer than the slowest correct answer, a push of 9 s. */
const ANSWER_WITHIN_MS = 15_000;
/** The service sends a comment every 15 s. */
const STREAM_SILENT_MS = 40_000;

export function createSiteClient(urls: readonly string[], { publishableKey, secretKey }: SiteKeys): SiteClient {
  const agent = new Agent({ connections: 512, pipelining: 1, keepAliveTimeout: 2_000, keepAliveMaxTimeout: 2_000 });
  const headers = { Origin: SITE_ORIGIN, "X-Site-Key": publishableKey, "Content-Type": "application/json" };
  const serverHeaders = { Authorization: `Bearer ${secretKey}`, "Content-Type": "application/json" };

  return {
    async call(random, path, { body, key, asServer = false } = {}) {
      try {
        const answer = await request(pick(random, urls) + path, {
          method: body === undefined ? "GET" : "POST",
          headers: { ...(asServer ? serverHeaders : headers), ...(key !== undefined && { "Idempotency-Key": key }) },
          body: body === undefined ? null : JSON.stringify(body),
          dispatcher: agent,
          headersTimeout: ANSWER_WITHIN_MS,
          bodyTimeout: ANSWER_WITHIN_MS,
        });
        return read(answer.statusCode, await answer.body.text(), Number(answer.headers["retry-after"] ?? 0) * 1_000);
      } catch {
        return { kind: "nothing" };
      }
    },
    async stream(random, bookingId, onView, signal) {
      try {
        const answer = await request(`${pick(random, urls)}/api/payment-status/${bookingId}`, {
          headers: { ...headers, Accept: "text/event-stream" },
          dispatcher: agent,
          signal,
          headersTimeout: ANSWER_WITHIN_MS,
          bodyTimeout: STREAM_SILENT_MS,
        });
        let text = "";
        answer.body.setEncoding("utf8");
        for await (const chunk of answer.body) {
          text += String(chunk);
          const blocks = text.split("\n\n");
          text = blocks.pop() ?? "";
          for (const view of blocks.flatMap(viewsOf)) if (!onView(view)) return;
        }
      } catch {
        // Cut or ended: the caller opens another stream.
      }
    },
    close: () => agent.destroy(),
  };
}

function viewsOf(block: string): BookingView[] {
  return block
    .split("\n")
    .filter((line) => line.startsWith("data: "))
    .map((line) => bookingViewSchema.parse(JSON.parse(line.slice(6))));
}

function read(status: number, text: string, retryAfterMs: number): SiteAnswer {
  const body: unknown = JSON.parse(text);
  if (status < 300) {
    const view = typeof body === "object" && body !== null && "data" in body ? body.data : body;
    return { kind: "view", status, view: bookingViewSchema.parse(view) };
  }
  const { code, booking } = problemSchema.parse(body);
  return { kind: "problem", status, code, view: booking, retryAfterMs };
}
