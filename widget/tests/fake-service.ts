/** A stand-in for the payment service, on an origin of its own: the real routes and shapes, with answers that a test decides. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { SESSION_TYPE, type Screen } from "../screens/every-screen.ts";
import type { BookingView } from "../src/api/contract.ts";

export interface Reply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}
export interface PayCall {
  key: string;
  body: Record<string, unknown>;
}
/** `drop`: the connection breaks without an answer. */
export type PayScript = (call: PayCall, count: number) => Reply | "drop" | Promise<Reply | "drop">;

const CALENDAR = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n";

const scriptFile = new URL("../dist/somo-pay.js", import.meta.url);

export function problem(status: number, code: string, more: Record<string, unknown> = {}): Reply {
  const detail = `fake ${code}`;
  return { status, body: { type: "about:blank", title: code, status, detail, error: detail, code, ...more } };
}
export const taken = (view: BookingView): Reply => ({ status: 200, body: { success: true, data: view } });

export class FakeService {
  readonly bookings = new Map<string, BookingView>();
  readonly payCalls: PayCall[] = [];
  readonly reads: string[] = [];
  /** `closed` answers streams with 503; `silent` opens them and says nothing. */
  streams: "open" | "closed" | "silent" = "open";
  readonly codeCalls: PayCall[] = [];
  readonly bookCalls: PayCall[] = [];
  checkCode: PayScript = () => problem(500, "not_scripted");
  book: PayScript = () => problem(500, "not_scripted");
  /** Answers to reads other than the booking itself. */
  readReply: Reply | "drop" | undefined;
  pay: PayScript = () => problem(500, "not_scripted");
  origin = "";
  /** What the states page shows. */
  screens: Screen[] = [];

  private readonly listeners = new Map<ServerResponse, string>();
  private readonly waiting: { met: () => boolean; resolve: () => void }[] = [];
  private readonly server = createServer((request, response) => void this.answer(request, response));

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    this.origin = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** The booking has changed: stores it and tells every open stream. */
  publish(view: BookingView): void {
    this.bookings.set(view.bookingId, view);
    for (const [response, bookingId] of this.listeners) if (bookingId === view.bookingId) this.send(response, view);
  }

  /** Resolves once `met` holds; looked at after every request. */
  until(met: () => boolean): Promise<void> {
    if (met()) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ met, resolve }));
  }

  streamsOf(bookingId: string): number {
    return [...this.listeners.values()].filter((each) => each === bookingId).length;
  }

  dropStreams(): void {
    for (const response of this.listeners.keys()) response.destroy();
  }

  private send(response: ServerResponse, view: BookingView): void {
    response.write(`id: ${view.version}\ndata: ${JSON.stringify(view)}\n\n`);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? "").split("?")[0] ?? "";
    response.setHeader("Access-Control-Allow-Origin", request.headers.origin ?? "*");
    response.setHeader("Access-Control-Allow-Headers", "Content-Type, Idempotency-Key, X-Site-Key");
    response.setHeader("Access-Control-Expose-Headers", "Retry-After");
    if (request.method === "OPTIONS") return void response.writeHead(204).end();
    if (path === "/widget.js" || path === "/widget/0.1.0/somo-pay.js") {
      response.setHeader("Cross-Origin-Resource-Policy", "cross-origin");
      return void response.writeHead(200, { "Content-Type": "text/javascript" }).end(readFileSync(scriptFile));
    }
    if (path === "/states") return this.reply(response, { status: 200, body: this.screens });
    const bookingId = decodeURIComponent(path.split("/").at(-1) ?? "");
    if (path.startsWith("/api/payment-status/")) this.stream(bookingId, response);
    else if (bookingId === "receipt") response.writeHead(200, { "Content-Type": "text/html" }).end("<h1>Receipt</h1>");
    else if (bookingId === "calendar.ics")
      response
        .writeHead(200, { "Content-Type": "text/calendar", "Content-Disposition": 'inline; filename="AMANI-1042.ics"' })
        .end(CALENDAR);
    else if (path.startsWith("/api/booking/")) this.read(bookingId, response);
    else if (path === "/api/pay/mpesa") await this.take(request, response, this.payCalls, this.pay);
    else if (path === "/api/pay/code") await this.take(request, response, this.codeCalls, this.checkCode);
    else if (path === "/api/bookings") await this.take(request, response, this.bookCalls, this.book);
    else if (path === "/api/session-types") this.reply(response, { status: 200, body: [SESSION_TYPE] });
    else response.writeHead(404).end();
    for (const each of this.waiting.splice(0)) {
      if (each.met()) each.resolve();
      else this.waiting.push(each);
    }
  }

  private reply(response: ServerResponse, reply: Reply | "drop"): void {
    if (reply === "drop") return void response.destroy();
    const type = reply.status < 400 ? "application/json" : "application/problem+json";
    response.writeHead(reply.status, { "Content-Type": type, ...reply.headers }).end(JSON.stringify(reply.body ?? {}));
  }

  private read(bookingId: string, response: ServerResponse): void {
    this.reads.push(bookingId);
    const view = this.bookings.get(bookingId);
    this.reply(response, this.readReply ?? (view ? { status: 200, body: view } : problem(404, "booking_not_found")));
  }

  private stream(bookingId: string, response: ServerResponse): void {
    if (this.streams === "closed") return this.reply(response, problem(503, "unavailable"));
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    response.flushHeaders();
    this.listeners.set(response, bookingId);
    response.on("close", () => this.listeners.delete(response));
    const view = this.bookings.get(bookingId);
    if (view && this.streams === "open") this.send(response, view);
  }

  private async take(request: IncomingMessage, response: ServerResponse, calls: PayCall[], script: PayScript): Promise<void> {
    let json = "";
    for await (const chunk of request) json += String(chunk);
    const call: PayCall = { key: String(request.headers["idempotency-key"]), body: JSON.parse(json) as Record<string, unknown> };
    calls.push(call);
    this.reply(response, await script(call, calls.length));
  }
}
