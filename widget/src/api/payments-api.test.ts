import { describe, expect, it, vi } from "vitest";
import { booking, failed, over, prompted } from "../../screens/canned-bookings.ts";
import { createIdempotencyKey, createPaymentsApi } from "./payments-api.ts";

type Script = (url: string, init: RequestInit) => Promise<Response>;
const apiWith = (script: Script) => createPaymentsApi("https://pay.example.com", (url, init) => script(String(url), init ?? {}));
const answering = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  apiWith(() => Promise.resolve(new Response(typeof body === "string" ? body : JSON.stringify(body), { status, headers })));
const pay = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  answering(status, body, headers).pay({ bookingId: "b1", phone: "254700000001" }, "key-1");

describe("paying", () => {
  it("sends the request once, with its key, and nothing that identifies the visitor", async () => {
    const calls: [string, RequestInit][] = [];
    const view = prompted("b1");
    const api = apiWith((url, init) => {
      calls.push([url, init]);
      return Promise.resolve(Response.json({ success: true, data: view }));
    });
    expect(await api.pay({ bookingId: "b1", phone: "254700000001", amount: 1500 }, "key-1")).toMatchObject({
      kind: "booking",
      booking: view,
    });
    expect(calls).toHaveLength(1);
    const [url, init] = calls[0] ?? ["", {}];
    expect(url).toBe("https://pay.example.com/api/pay/mpesa");
    expect(init).toMatchObject({ method: "POST", credentials: "omit", headers: { "Idempotency-Key": "key-1" } });
    expect(JSON.parse(String(init.body))).toEqual({ bookingId: "b1", phone: "254700000001", amount: 1500 });
  });

  it("takes an unclear answer (202) like any other view", async () => {
    expect(await pay(202, { success: true, data: prompted("b1") })).toMatchObject({ kind: "booking" });
  });

  it("follows the booking of a conflict", async () => {
    expect(await pay(409, { code: "attempt_open", booking: prompted("b1") })).toMatchObject({ kind: "booking", booking: { version: 3 } });
  });

  it.each(["booking_lapsed", "booking_cancelled"])("follows the booking of %s", async (code) => {
    const view = over(code === "booking_lapsed" ? "lapsed" : "cancelled", booking("b1"));
    expect(await pay(409, { code, booking: view })).toMatchObject({ kind: "booking", booking: { booking_status: view.booking_status } });
  });

  it("tells a prompt that would come too soon from one that is under way", async () => {
    const view = failed("b1", "no_answer", 5, { retryAfterMs: 37_600 });
    expect(await pay(409, { code: "prompt_too_soon", booking: view }, { "Retry-After": "38" })).toMatchObject({
      kind: "too_soon",
      booking: { retryAfterMs: 37_600 },
      retryAfterMs: 38_000,
    });
  });

  it("waits while the same request is being worked on", async () => {
    expect(await pay(409, { code: "idempotency_in_progress" }, { "Retry-After": "2" })).toEqual({ kind: "wait", retryAfterMs: 2_000 });
    expect(await pay(409, { code: "idempotency_in_progress" })).toEqual({ kind: "wait", retryAfterMs: 1_000 });
  });

  it.each([
    [400, { code: "validation", errors: [{ field: "phone", message: "…" }] }, "phone"],
    [400, { code: "booking_id_required" }, "misconfigured"],
    [403, { code: "origin_not_allowed" }, "not_allowed"],
    [404, {}, "not_found"],
    [422, { code: "amount_mismatch" }, "amount_changed"],
    [422, { code: "invalid_phone" }, "phone"],
    [502, { reason: "misconfigured" }, "misconfigured"],
    [503, { reason: "busy" }, "busy"],
    [502, { reason: "a_reason_of_tomorrow" }, "unknown"],
  ])("reads %i %j as %s", async (status, body, problem) => {
    expect(await pay(status, body)).toMatchObject({ kind: "refused", problem });
  });

  it("reads how long to wait, and has a wait of its own when the browser may not see it", async () => {
    expect(await pay(429, {}, { "Retry-After": "95" })).toMatchObject({ problem: "too_many", retryAfterMs: 95_000 });
    expect(await pay(429, {})).toMatchObject({ problem: "too_many", retryAfterMs: 60_000 });
    const view = failed("b1", "busy", 5, { retryAfterMs: 60_000 });
    expect(await pay(503, { reason: "busy", booking: view })).toMatchObject({ problem: "busy", booking: { retryAfterMs: 60_000 } });
  });

  it.each([
    [200, "<html>a proxy's page</html>"],
    [200, { success: true, data: { bookingId: "b1" } }],
    [500, "<html>"],
    [502, { detail: "no reason" }],
    [409, { code: "other" }],
  ])("knows no outcome from %i %j", async (status, body) => {
    expect(await pay(status, body)).toEqual({ kind: "lost" });
  });

  it("knows no outcome from a broken connection, nor from one that never answers", async () => {
    expect(await apiWith(() => Promise.reject(new TypeError("Failed to fetch"))).pay({ bookingId: "b1", phone: "2" }, "k")).toEqual({
      kind: "lost",
    });
    vi.useFakeTimers();
    const hanging = apiWith(
      (_, { signal }) => new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(new Error("aborted")))),
    );
    const answer = hanging.pay({ bookingId: "b1", phone: "2" }, "k");
    await vi.advanceTimersByTimeAsync(45_000);
    expect(await answer).toEqual({ kind: "lost" });
    vi.useRealTimers();
  });
});

describe("reading", () => {
  it("asks for one booking, by an escaped name", async () => {
    const urls: string[] = [];
    const api = apiWith((url) => {
      urls.push(url);
      return Promise.resolve(Response.json(booking("b/1")));
    });
    expect(await api.readBooking("b/1")).toMatchObject({ kind: "booking", booking: { bookingId: "b/1", payment: null } });
    // No cache that looks for the address knows it.
    expect(urls).toEqual([expect.stringMatching(/^https:\/\/pay\.example\.com\/api\/booking\/b%2F1\?at=\d+$/)]);
    expect(api.streamUrl("b/1")).toBe("https://pay.example.com/api/payment-status/b%2F1");
  });

  it.each([
    null,
    1,
    [],
    {},
    { ...booking("b1"), version: "1" },
    { ...booking("b1"), payment: { status: "new" } },
    { ...booking("b1"), session: null },
    { ...booking("b1"), amountDue: "1500" },
    { ...booking("b1"), booking_status: "maybe" },
    { ...booking("b1"), expiresAt: undefined },
  ])("does not take %j for a booking", async (body) => {
    expect(await answering(200, JSON.stringify(body)).readBooking("b1")).toEqual({ kind: "lost" });
  });

  it("does without what it cannot read of the rest", async () => {
    const view = { ...failed("b1", "busy"), payManually: { accountNumber: "A" }, retryAfterMs: "soon" };
    const answer = await answering(200, { ...view, payment: { ...view.payment, reason: "a_reason_of_tomorrow" } }).readBooking("b1");
    expect(answer).toMatchObject({
      kind: "booking",
      booking: { payManually: undefined, retryAfterMs: undefined, payment: { reason: "unknown" } },
    });
  });
});

it("makes keys of 128 bits that differ", () => {
  const keys = Array.from({ length: 50 }, createIdempotencyKey);
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{32}$/);
  expect(new Set(keys).size).toBe(50);
});
