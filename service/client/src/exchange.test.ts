import { describe, expect, it, test } from "vitest";
import { createClient } from "./client.ts";
import { ApiError, ConnectionError, RateLimitError, SomoPayError } from "./errors.ts";
import { exchange, type Call, type Exchange } from "./exchange.ts";

type Reply = Response | Error;

const problem = (status: number, code: string, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify({ type: "", title: "", status, detail: `it is ${code}`, code, error: "" }), { status, headers });
const ok = (body: unknown): Response => new Response(JSON.stringify(body), { status: 200 });

/** A service that gives these answers, one for each try. */
function serving(...replies: Reply[]) {
  const requests: { url: string; init: RequestInit }[] = [];
  const waits: number[] = [];
  const fetch: typeof globalThis.fetch = async (url, init) => {
    requests.push({ url: String(url), init: init ?? {} });
    const reply = replies.shift();
    if (reply === undefined) throw new Error("no answer is left");
    if (reply instanceof Error) throw reply;
    return reply;
  };
  const settings: Exchange = {
    url: "https://pay.example.com",
    secretKey: "sk_test",
    fetch,
    timeoutMs: 60_000,
    maxRetries: 3,
    wait: async (ms) => void waits.push(ms),
    random: () => 1,
  };
  return { settings, requests, waits };
}

const reading: Call = { method: "GET", path: "/api/v1/bookings/bk_1", idempotencyKey: null };
const writing: Call = { method: "POST", path: "/api/v1/bookings", body: { a: 1 }, idempotencyKey: "order-1" };

describe("a call", () => {
  it("carries the key, and a write its Idempotency-Key", async () => {
    const { settings, requests } = serving(ok({ done: true }));
    expect(await exchange(settings, writing)).toEqual({ done: true });
    expect(requests).toMatchObject([
      {
        url: "https://pay.example.com/api/v1/bookings",
        init: {
          method: "POST",
          body: '{"a":1}',
          redirect: "error",
          headers: { Authorization: "Bearer sk_test", "Idempotency-Key": "order-1" },
        },
      },
    ]);
  });

  it("that is refused is not repeated", async () => {
    const { settings, requests } = serving(problem(404, "booking_not_found"));
    const error = await exchange(settings, reading).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toBeInstanceOf(SomoPayError);
    expect(error).toMatchObject({ status: 404, code: "booking_not_found", message: "it is booking_not_found", name: "ApiError" });
    expect(requests).toHaveLength(1);
  });

  test.each<[string, () => Reply]>([
    ["a lost connection", () => new TypeError("fetch failed")],
    ["a failing service", () => problem(500, "internal")],
    ["a busy database", () => problem(503, "unavailable")],
    ["a proxy's page", () => new Response("<html>Bad gateway</html>", { status: 502 })],
    ["a success that is not SomoPay's", () => new Response("<html>Welcome</html>", { status: 200 })],
    ["the first of the same call, still under way", () => problem(409, "idempotency_in_progress")],
    ["too many calls", () => problem(429, "too_many_requests")],
  ])("after %s is made again, with the same key", async (_what, reply) => {
    const { settings, requests, waits } = serving(reply(), reply(), ok(1));
    expect(await exchange(settings, writing)).toBe(1);
    expect(new Set(requests.map(({ init }) => JSON.stringify(init.headers))).size).toBe(1);
    expect(waits).toEqual([500, 1_000]);
  });

  test.each([
    [502, "refund_refused"],
    [409, "refund_open"],
    [409, "idempotency_conflict"],
    [422, "session_type_unknown"],
    [403, "key_read_only"],
  ])("is not made again after %d %s", async (status, code) => {
    const { settings, requests } = serving(problem(status, code));
    await expect(exchange(settings, writing)).rejects.toMatchObject({ code });
    expect(requests).toHaveLength(1);
  });

  it("waits as long as the service asks for, and no longer than half a minute", async () => {
    const { settings, waits } = serving(
      problem(429, "too_many_requests", { "Retry-After": "7" }),
      problem(503, "unavailable", { "Retry-After": "600" }),
      ok(1),
    );
    await exchange(settings, reading);
    expect(waits).toEqual([7_000, 30_000]);
  });

  it("ends with the last failure once the retries are used up", async () => {
    const busy = () => problem(429, "too_many_requests", { "Retry-After": "7" });
    const limited = serving(busy(), busy(), busy(), busy());
    await expect(exchange(limited.settings, reading)).rejects.toMatchObject({ name: "RateLimitError", retryAfterMs: 7_000 });
    expect(limited.requests).toHaveLength(4);
    const lost = () => new TypeError("fetch failed");
    const away = serving(lost(), lost(), lost(), lost());
    const error = await exchange(away.settings, writing).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ idempotencyKey: "order-1" });
    expect(error).not.toBeInstanceOf(RateLimitError);
  });

  it("takes no longer than its time", async () => {
    const { settings } = serving();
    const hanging: typeof globalThis.fetch = (_url, init) =>
      new Promise((_resolve, reject) => init?.signal?.addEventListener("abort", () => reject(new Error("aborted"))));
    const call = exchange({ ...settings, fetch: hanging, timeoutMs: 5, maxRetries: 0 }, reading);
    await expect(call).rejects.toThrow("gave no answer within 5 ms");
  });

  it("ends when its caller aborts it, also while it waits", async () => {
    const controller = new AbortController();
    const reason = new Error("the page was closed");
    const client = createClient({
      url: "https://pay.example.com/",
      secretKey: "sk_test",
      fetch: async () => {
        setImmediate(() => controller.abort(reason));
        return problem(503, "unavailable", { "Retry-After": "30" });
      },
    });
    await expect(client.bookings.get("bk_1", { signal: controller.signal })).rejects.toBe(reason);
  });
});

test.each([
  [{ url: "https://pay.example.com/api", secretKey: "sk_test" }, /without a path/],
  [{ url: "https://key@pay.example.com", secretKey: "sk_test" }, /without a path/],
  [{ url: "pay.example.com", secretKey: "sk_test" }, /without a path/],
  [{ url: "https://pay.example.com", secretKey: "pk_test" }, /secret key/],
  [{ url: "https://pay.example.com", secretKey: "" }, /secret key/],
])("a client with %j is refused", (options, message) => {
  expect(() => createClient(options)).toThrow(message);
});
