/** Calls as browsers, servers and Safaricom make them. */
import { request } from "undici";
import { bookingViewSchema, problemSchema, type BookingView, type Problem } from "../../service/src/contract.ts";
import { PUBLISHABLE_KEY, SITE_ORIGIN } from "../fixtures.ts";

export type Answer = { status: number; headers: Record<string, string | string[] | undefined>; body: unknown };

export type CallOptions = {
  method?: "GET" | "POST" | "OPTIONS" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  rawBody?: string | Buffer;
  headers?: Record<string, string>;
};

/** Calls as a page of the test's site does. A header with an empty value is left out. */
export async function call(baseUrl: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const headers = { Origin: SITE_ORIGIN, "X-Site-Key": PUBLISHABLE_KEY, "Content-Type": "application/json", ...options.headers };
  const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ""));
  const body = options.rawBody ?? (options.body === undefined ? null : JSON.stringify(options.body));
  const answer = await request(baseUrl + path, { method: options.method ?? (body === null ? "GET" : "POST"), headers: given, body });
  const text = await answer.body.text();
  return { status: answer.statusCode, headers: answer.headers, body: parse(text) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export const bookingWish = {
  sessionType: "maths-1h",
  date: "2036-12-09",
  time: "10:00",
  parentName: "Wanjiru Kamau",
  childName: "Amani Kamau",
  email: "wanjiru@example.com",
};

export async function book(baseUrl: string, wish: object = {}): Promise<BookingView> {
  const answer = await call(baseUrl, "/api/bookings", { body: { ...bookingWish, ...wish } });
  if (answer.status !== 201) throw new Error(`booking was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return bookingViewSchema.parse(answer.body);
}

export function pay(baseUrl: string, bookingId: string, phone: string, headers: Record<string, string> = {}): Promise<Answer> {
  return call(baseUrl, "/api/pay/mpesa", { body: { bookingId, phone }, headers });
}

export async function view(baseUrl: string, bookingId: string): Promise<BookingView> {
  return bookingViewSchema.parse((await call(baseUrl, `/api/booking/${bookingId}`)).body);
}

export function toView(answer: Answer): BookingView {
  if (typeof answer.body !== "object" || answer.body === null || !("data" in answer.body))
    throw new Error(`no view in ${JSON.stringify(answer.body)}`);
  return bookingViewSchema.parse(answer.body.data);
}

export function toProblem(answer: Answer): Problem {
  return problemSchema.parse(answer.body);
}

let phones = 0;
/** A phone number that no other test uses. */
export function newPhone(): string {
  phones += 1;
  return `2547110${String(process.pid % 100).padStart(2, "0")}${String(phones).padStart(3, "0")}`;
}
