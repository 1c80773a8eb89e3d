import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { view } from "../factories/calls.ts";
import { ACCEPTED, callbackBody, post } from "../factories/callbacks.ts";
import { expectLedgerIsDatabase } from "../factories/ledger.ts";
import { enterPin, startPaying } from "../factories/paying.ts";
import { callbacksIn, callbacksRead, theAttempt } from "../factories/records.ts";
import { until } from "../factories/until.ts";
import { deployments, sharedStack } from "../fixtures.ts";

const KEPT_BYTES = 64 * 1024;
const deep = (levels: number): string => `${'{"Body":'.repeat(levels)}1${"}".repeat(levels)}`;

type Garbage = { what: string; body: Buffer; headers?: Record<string, string> };

const bodies: Garbage[] = [
  { what: "empty", body: Buffer.alloc(0) },
  { what: "not JSON", body: Buffer.from("<xml>ResultCode=0</xml>") },
  { what: "half of a JSON", body: Buffer.from('{"Body":{"stkCallback":{"ResultCode":0') },
  { what: "JSON null", body: Buffer.from("null") },
  { what: "an empty object", body: Buffer.from("{}") },
  { what: "binary", body: Buffer.from(Array.from({ length: 2_000 }, (_, index) => (index * 7) % 256)) },
  { what: "zero bytes and four-byte characters", body: Buffer.from("\u0000{}😀") },
  { what: "five megabytes", body: Buffer.alloc(5 * 1024 * 1024, "a") },
  { what: "deeply nested", body: Buffer.from(deep(5_000)) },
  { what: "gzip without saying so", body: gzipSync('{"Body":{}}') },
  { what: "gzip", body: gzipSync('{"Body":{}}'), headers: { "Content-Encoding": "gzip" } },
  { what: "called gzip and is not", body: Buffer.from('{"Body":{}}'), headers: { "Content-Encoding": "gzip" } },
  { what: "of another content type", body: Buffer.from("ResultCode=0"), headers: { "Content-Type": "application/x-www-form-urlencoded" } },
  { what: "of no content type", body: Buffer.from("{}"), headers: { "Content-Type": "" } },
  { what: "of another character set", body: Buffer.from("{}", "utf16le"), headers: { "Content-Type": "application/json; charset=utf-16" } },
  { what: "with a prototype in it", body: Buffer.from('{"__proto__":{"Body":{}},"constructor":{"prototype":{"paid":true}}}') },
];

describe.each(deployments)("a callback that is garbage (%s)", (deployment) => {
  const stack = sharedStack(deployment);

  it.each(bodies)("is answered 200 and stored unchanged: $what", async ({ body, headers }) => {
    const { service, simulator } = stack();
    const { booking, prompt, stream } = await startPaying(stack());
    const before = (await callbacksIn({ service })).length;
    expect(await post(prompt.callbackUrl, body, headers)).toMatchObject(ACCEPTED);
    const row = (await callbacksRead({ service }, before + 1)).at(-1);
    const attempt = await theAttempt({ service }, booking.bookingId);
    expect(row).toMatchObject({ verdict: "unverified", payment_id: attempt.id, truncated: body.length > KEPT_BYTES ? 1 : 0 });
    const kept = Buffer.from(row?.body ?? "", row?.body_encoding === "base64" ? "base64" : "utf8");
    expect(kept.equals(body.subarray(0, KEPT_BYTES))).toBe(true);
    expect(attempt.status).toBe("prompted");

    const receipt = await enterPin({ simulator }, prompt);
    // The garbage caused a query, whose answer may arrive before the genuine callback brings the receipt.
    await stream.untilStatus("paid");
    await until("the receipt", async () => (await view(service.url, booking.bookingId)).payment?.receipt === receipt);
    await expectLedgerIsDatabase({ service, simulator });
  });

  it.each(["/callbacks/stk/%E0", "/callbacks/stk/%00", "/callbacks/stk", "/callbacks/stk/a/b/c?d=e", "/api/mpesa/callback/%"])(
    "is answered 200 and kept on the address %s",
    async (path) => {
      const { service } = stack();
      const before = (await callbacksIn({ service })).length;
      expect(await post(service.url + path, "{}")).toMatchObject(ACCEPTED);
      expect((await callbacksRead({ service }, before + 1)).at(-1)).toMatchObject({ verdict: "unmatched", body: "{}" });
    },
  );

  it("is stored as far as it arrived if the caller hangs up half way", async () => {
    const { service, simulator } = stack();
    const { booking, prompt, stream } = await startPaying(stack());
    const before = (await callbacksIn({ service })).length;
    const { hostname, port, pathname } = new URL(prompt.callbackUrl);
    const caller = connect(Number(port), hostname);
    caller.write(
      `POST ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nContent-Length: 900\r\n\r\n{"Body":{"stkCallback":{`,
      () => void caller.end(),
    );
    const row = (await callbacksRead({ service }, before + 1)).at(-1);
    expect(row).toMatchObject({ verdict: "unverified", body: '{"Body":{"stkCallback":{' });
    caller.destroy();
    const receipt = await enterPin({ simulator }, prompt);
    await stream.untilStatus("paid");
    await until("the receipt", async () => (await view(service.url, booking.bookingId)).payment?.receipt === receipt);
    await expectLedgerIsDatabase({ service, simulator });
  });

  it("is answered 200, stored, and pays nothing, for any JSON", async () => {
    const { service, simulator } = stack();
    const { booking, prompt } = await startPaying(stack());
    const inside = fc.record(
      {
        CheckoutRequestID: fc.oneof(fc.constant(prompt.checkoutRequestId), fc.jsonValue()),
        ResultCode: fc.oneof(fc.constant(0), fc.constant("0"), fc.constantFrom(0.5, -1, "00", null, 4999)),
        ResultDesc: fc.jsonValue(),
        CallbackMetadata: fc.oneof(
          fc.jsonValue(),
          fc.record({
            Item: fc.array(fc.record({ Name: fc.constantFrom("Amount", "MpesaReceiptNumber", "PhoneNumber"), Value: fc.jsonValue() })),
          }),
        ),
      },
      { requiredKeys: [] },
    );
    const shaped = fc.oneof(inside, fc.jsonValue()).map((stkCallback) => ({ Body: { stkCallback } }));
    const urls = [prompt.callbackUrl, `${service.url}/api/mpesa/callback`, `${service.url}/callbacks/stk/nothing`];
    let posted = (await callbacksIn({ service })).length;
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.jsonValue(), shaped), fc.constantFrom(...urls), async (body, url) => {
        expect(await post(url, JSON.stringify(body))).toMatchObject(ACCEPTED);
        posted += 1;
      }),
      { numRuns: 50 },
    );
    const rows = await callbacksRead({ service }, posted);
    expect(rows).toHaveLength(posted);
    expect((await theAttempt({ service }, booking.bookingId)).status).toBe("prompted");
    await expectLedgerIsDatabase({ service, simulator });
  });

  it("does not block the genuine callbacks after it", async () => {
    const { service, simulator } = stack();
    const { prompt, stream } = await startPaying(stack());
    const garbage = Array.from({ length: 30 }, (_, index) => post(prompt.callbackUrl, callbackBody(prompt, { code: `-${index}` })));
    await enterPin({ simulator }, prompt);
    await stream.untilStatus("paid");
    for (const answer of await Promise.all(garbage)) expect(answer).toMatchObject(ACCEPTED);
    await expectLedgerIsDatabase({ service, simulator });
  });
});
