import { afterEach, beforeAll, describe, expect, it, test } from "vitest";
import type { BookingView } from "../../service/src/contract.ts";
import { book, bookingWish, call, newPhone, pay, view, type CallOptions } from "../factories/calls.ts";
import { expectProblem } from "../factories/problems.ts";
import { bookingsIn } from "../factories/records.ts";
import { deployments, SECRET_KEY, sharedStack, SITE_ORIGIN } from "../fixtures.ts";

const OTHER_ORIGIN = "https://baraka.example";

describe.each(deployments)("invalid input is refused (%s)", (deployment) => {
  const stack = sharedStack(deployment);
  let booking: BookingView;
  const send = (path: string, options?: CallOptions) => call(stack().service.url, path, options);
  const sendPay = (body: object) => send("/api/pay/mpesa", { body: { bookingId: booking.bookingId, phone: "0711000001", ...body } });
  const sendBooking = (wish: object, headers: Record<string, string> = {}) =>
    send("/api/bookings", { body: { ...bookingWish, ...wish }, headers });
  const asServer = { Authorization: `Bearer ${SECRET_KEY}`, Origin: "", "X-Site-Key": "" };

  beforeAll(async () => {
    booking = await book(stack().service.url);
    await stack().service.service.siteStore.add({
      name: "Baraka Tutors",
      allowedOrigins: [OTHER_ORIGIN],
      sessionTypes: [],
      publishableKey: "pk_baraka_tutors",
    });
  });

  afterEach(async () => {
    expect(await stack().service.service.database.knex("payments").select("id")).toEqual([]);
    expect(stack().simulator.control.prompts).toEqual([]);
  });

  describe("starting a payment", () => {
    test.each([{}, { phone: "0711000001" }, { bookingId: null, phone: "0711000001" }, { bookingId: "", phone: "0711000001" }])(
      "%j: bookingId required",
      async (body) => {
        const answer = await send("/api/pay/mpesa", { body });
        expect(expectProblem(answer, "booking_id_required").error).toBe("bookingId required");
        expect(answer.body).toEqual({
          type: "/docs/errors#booking_id_required",
          title: "Booking id missing",
          status: 400,
          detail: "bookingId required",
          code: "booking_id_required",
          error: "bookingId required",
        });
      },
    );

    it("no body", async () => {
      expectProblem(await send("/api/pay/mpesa", { method: "POST" }), "booking_id_required");
    });

    it("a bookingId on the prototype only", async () => {
      const answer = await send("/api/pay/mpesa", {
        rawBody: '{"__proto__":{"bookingId":"bk_1"},"constructor":{"bookingId":"bk_1"},"phone":"0711000001"}',
      });
      expectProblem(answer, "booking_id_required");
    });

    test.each(["bk_unknown", "x", "../../etc/passwd", "' OR '1'='1", "k".repeat(10_000), "\u0000", "😀"])(
      "an unknown booking %#",
      async (bookingId) => {
        expectProblem(await sendPay({ bookingId }), "booking_not_found");
      },
    );

    it("a booking's id with one character changed, in upper case, or with a trailing blank", async () => {
      const { bookingId } = booking;
      for (const other of [
        `${bookingId} `,
        bookingId.toUpperCase(),
        `${bookingId.slice(0, -1)}${bookingId.endsWith("0") ? "1" : "0"}`,
        bookingId.slice(0, -1),
      ]) {
        expectProblem(await sendPay({ bookingId: other }), "booking_not_found");
        expectProblem(await send(`/api/booking/${encodeURIComponent(other)}`), "booking_not_found");
      }
    });

    test.each([
      ["of Uganda", "+256712345678"],
      ["too short", "071100000"],
      ["too long", "07110000001"],
      ["with letters", "07I1000001"],
      ["empty", ""],
      ["very long", "0".repeat(10_000)],
      ["with a second line", "0711000001\r\nX: y"],
    ])("a phone %s", async (_what, phone) => {
      expect(expectProblem(await sendPay({ phone }), "phone_invalid").errors).toEqual([{ field: "phone", message: expect.any(String) }]);
    });

    test.each([711_000_001, null, true, ["0711000001"], { number: "0711000001" }])(
      "a phone that is %j instead of a string",
      async (phone) => {
        expect(expectProblem(await sendPay({ phone }), "invalid_request").errors).toEqual([
          { field: "phone", message: expect.any(String) },
        ]);
      },
    );

    test.each([1, 0, -1_500, 1_499, 1_500.01, 150_000, 1e300])("another amount than the booking's: %d", async (amount) => {
      expectProblem(await sendPay({ amount }), "amount_mismatch");
    });

    test.each(["1500", null, [1_500], {}, true])("an amount that is %j instead of a number", async (amount) => {
      expect(expectProblem(await sendPay({ amount }), "invalid_request").errors).toEqual([
        { field: "amount", message: expect.any(String) },
      ]);
    });

    test.each(["", "   ", "k".repeat(201), "two words"])("a malformed Idempotency-Key: %j", async (key) => {
      const headers = { "Idempotency-Key": key === "" ? " " : key };
      expect(expectProblem(await pay(stack().service.url, booking.bookingId, newPhone(), headers), "invalid_request").detail).toContain(
        "Idempotency-Key",
      );
    });
  });

  describe("a page of another site", () => {
    test.each([OTHER_ORIGIN, "https://evil.example", "http://amani.example", "null"])(
      "%s may do nothing with the booking",
      async (Origin) => {
        const headers = { Origin };
        const { bookingId } = booking;
        expectProblem(await pay(stack().service.url, bookingId, newPhone(), headers), "origin_not_allowed");
        expectProblem(await send(`/api/booking/${bookingId}`, { headers }), "origin_not_allowed");
        expectProblem(await send(`/api/payment-status/${bookingId}`, { headers }), "origin_not_allowed");
        expectProblem(await sendBooking({}, headers), "origin_not_allowed");
        expectProblem(await send("/api/session-types", { headers }), "origin_not_allowed");
      },
    );

    it("gets the same answer for a booking that does not exist", async () => {
      expectProblem(await send("/api/booking/bk_unknown", { headers: { Origin: OTHER_ORIGIN } }), "booking_not_found");
    });
  });

  describe("the site's key", () => {
    test.each<[string, Record<string, string>, "site_key_missing" | "site_key_unknown"]>([
      ["none", { "X-Site-Key": "" }, "site_key_missing"],
      ["another scheme than Bearer", { "X-Site-Key": "", Authorization: "Basic abc" }, "site_key_missing"],
      ["unknown", { "X-Site-Key": "pk_unknown" }, "site_key_unknown"],
      ["in upper case", { "X-Site-Key": "PK_TEST_SITE_1" }, "site_key_unknown"],
      ["the secret one in its place", { "X-Site-Key": SECRET_KEY }, "site_key_unknown"],
      ["an unknown secret one", { Authorization: "Bearer sk_unknown" }, "site_key_unknown"],
      ["the publishable one as the secret one", { Authorization: "Bearer pk_test_site_1" }, "site_key_unknown"],
    ])("%s", async (_what, headers, code) => {
      expectProblem(await sendBooking({}, headers), code);
      expectProblem(await send("/api/session-types", { headers }), code);
    });
  });

  describe("making a booking", () => {
    afterEach(async () => {
      expect(await bookingsIn(stack())).toHaveLength(1);
    });

    test.each(["maths", "MATHS-1H", "constructor", "__proto__", "' OR 1=1 --"])(
      "a session type that is not on the price list: %s",
      async (sessionType) => {
        expectProblem(await sendBooking({ sessionType }), "session_type_unknown");
      },
    );

    it("an amount from a browser", async () => {
      expectProblem(await sendBooking({ sessionType: undefined, amount: 10, description: "Cheap" }), "secret_key_required");
      expectProblem(await sendBooking({ amount: 10 }), "secret_key_required");
      expectProblem(await sendBooking({ description: "Cheap" }), "secret_key_required");
    });

    it("neither price nor session type", async () => {
      expect(expectProblem(await sendBooking({ sessionType: undefined }), "invalid_request").errors).toEqual([
        { field: "sessionType", message: "is required" },
      ]);
      expectProblem(await sendBooking({ sessionType: undefined, amount: 10 }, asServer), "invalid_request");
      expectProblem(await sendBooking({ sessionType: undefined, description: "Revision" }, asServer), "invalid_request");
    });

    it("both price and session type", async () => {
      expectProblem(await sendBooking({ amount: 10, description: "Revision" }, asServer), "invalid_request");
    });

    test.each([0, -1, 1.5, 250_001, 1e21])("an amount that Safaricom does not accept: %d", async (amount) => {
      expectProblem(await sendBooking({ sessionType: undefined, amount, description: "Revision" }, asServer), "invalid_request");
    });

    test.each<[string, object]>([
      ["date", { date: "2026-02-30" }],
      ["date", { date: "2026-13-01" }],
      ["date", { date: "08/12/2026" }],
      ["date", { date: "2026-12-8" }],
      ["date", { date: "2036-12-09T10:00" }],
      ["date", { date: "" }],
      ["time", { time: "24:00" }],
      ["time", { time: "9:00" }],
      ["time", { time: "10:60" }],
      ["time", { time: "10:00:00" }],
      ["time", { time: "10:00\n" }],
      ["email", { email: "wanjiru" }],
      ["email", { email: "wanjiru@example" }],
      ["email", { email: "wanjiru kamau@example.com" }],
      ["email", { email: "wanjiru@example.com\nBcc: all@example.com" }],
      ["email", { email: `${"w".repeat(250)}@example.com` }],
      ["parentName", { parentName: "" }],
      ["parentName", { parentName: "   " }],
      ["parentName", { parentName: "w".repeat(121) }],
      ["parentName", { parentName: "Wanjiru\nKamau" }],
      ["childName", { childName: "Amani\u0000" }],
      ["childName", { childName: "Amani\u001b[31m" }],
      ["childName", { childName: "Amani\u2028Kamau" }],
      ["childName", { childName: "Amani \ud800" }],
      ["sessionType", { sessionType: "m".repeat(65) }],
    ])("%s in %j", async (field, wish) => {
      expect(expectProblem(await sendBooking(wish), "invalid_request").errors?.map((error) => error.field)).toEqual([field]);
    });

    it("missing fields, each by name", async () => {
      const { errors } = expectProblem(await send("/api/bookings", { body: {} }), "invalid_request");
      expect(errors?.map(({ field }) => field)).toEqual(["date", "time", "parentName", "childName", "email"]);
    });
  });

  describe.each(["/api/pay/mpesa", "/api/bookings"])("the body of POST %s", (path) => {
    test.each<[string, CallOptions]>([
      ["broken JSON", { rawBody: '{"bookingId": ' }],
      ["an array", { rawBody: "[]" }],
      ["an array of requests", { rawBody: '[{"bookingId":"bk_1"}]' }],
      ["null", { rawBody: "null" }],
      ["a text", { rawBody: '"bk_1"' }],
      ["a number", { rawBody: "7" }],
      ["bytes that are no text", { rawBody: Buffer.from([0xff, 0xfe, 0x00]) }],
      ["a form", { rawBody: "bookingId=bk_1", headers: { "Content-Type": "application/x-www-form-urlencoded" } }],
      ["plain text, which a page may send without asking", { rawBody: '{"bookingId":"bk_1"}', headers: { "Content-Type": "text/plain" } }],
      ["an unknown character set", { rawBody: "{}", headers: { "Content-Type": "application/json; charset=x-none" } }],
      ["an unknown encoding", { rawBody: "{}", headers: { "Content-Encoding": "x-none" } }],
    ])("%s", async (_what, options) => {
      expectProblem(await send(path, options), "not_json");
    });

    it("more than 16 kB", async () => {
      expectProblem(await send(path, { body: { parentName: "w".repeat(17_000) } }), "body_too_large");
    });
  });

  describe("addresses", () => {
    test.each<[string, CallOptions]>([
      ["/api/unknown", {}],
      ["/unknown", {}],
      ["/", {}],
      ["/api/booking", {}],
      ["/api/booking/", {}],
      ["/api/booking/a/b", {}],
      ["/widget/0.0.0/somo-pay.js", {}],
      ["/api/pay/mpesa", {}],
      ["/api/bookings", {}],
      ["/api/pay/mpesa", { method: "PUT", body: {} }],
      ["/api/session-types", { method: "POST", body: {} }],
      ["/callbacks/stk/x", {}],
      ["/api/booking/%E0%A4%A", {}],
      ["/api/payment-status/%", {}],
      ["/api/%FF", {}],
    ])("nothing exists at %s (%j)", async (path, options) => {
      expectProblem(await send(path, options), "not_found");
    });

    test.each(["..%2f..%2fetc%2fpasswd", "%00", "%F0%9F%98%80", "'%20OR%20'1'%3D'1", "bk_%25"])("no booking %s exists", async (id) => {
      expectProblem(await send(`/api/booking/${id}`), "booking_not_found");
      expectProblem(await send(`/api/payment-status/${id}`), "booking_not_found");
    });

    it("input is never returned as an HTML page", async () => {
      const answer = await send("/api/%3Cscript%3Ealert(1)%3C/script%3E");
      expect(answer.headers["content-type"]).not.toContain("html");
      expect(answer.headers["x-content-type-options"]).toBe("nosniff");
      expect(JSON.stringify(answer.body)).not.toContain("script");
    });
  });
});

describe.each(deployments)("text that looks dangerous (%s)", (deployment) => {
  const stack = sharedStack(deployment);

  test.each([
    "Robert'); DROP TABLE payments;--",
    '<script>alert("x")</script><img src=x onerror=alert(1)>',
    "${7*7} {{7*7}} <%= 7*7 %>",
    "100 % \\ \\' \\\" ` --",
    '=HYPERLINK("https://evil.example")',
    "O'Brien Ng'ang'a 👩🏾‍🏫 é e\u0301 אב 𠜎",
    "null",
  ])("%s is stored and returned unchanged", async (text) => {
    const { service } = stack();
    const wish = { sessionType: undefined, amount: 100, description: text, parentName: text, childName: text };
    const answer = await call(service.url, "/api/bookings", {
      body: { ...bookingWish, ...wish },
      headers: { Authorization: `Bearer ${SECRET_KEY}`, Origin: SITE_ORIGIN, "X-Site-Key": "" },
    });
    expect(answer.status).toBe(201);
    const stored = (await bookingsIn(stack())).find((row) => row.parentName === text);
    expect(stored).toMatchObject({ parentName: text, childName: text, sessionName: text, amountKes: 100 });
    expect((await view(service.url, stored?.id ?? "")).session.name).toBe(text);
    expect(await service.service.database.knex("payments").select("id")).toEqual([]);
  });
});
