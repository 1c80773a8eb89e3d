import { PNG } from "pngjs";
import decodeQr from "qr/decode.js";
import { request } from "undici";
import { describe, expect, it } from "vitest";
import { book } from "../factories/calls.ts";
import { enterPin, startPaying } from "../factories/paying.ts";
import { registerPaybill } from "../factories/paybill.ts";
import { SITE_ORIGIN, stackForTest, type Stack } from "../fixtures.ts";

const qrOf = async ({ service }: Stack, bookingId: string, origin = SITE_ORIGIN) => {
  const { statusCode, headers, body } = await request(`${service.url}/api/booking/${bookingId}/qr`, { headers: { Origin: origin } });
  return { status: statusCode, type: headers["content-type"], bytes: Buffer.from(await body.arrayBuffer()) };
};

describe("the code for M-Pesa's app", () => {
  it("names the paybill, the booking's reference and its amount", async () => {
    const stack = await stackForTest();
    await registerPaybill(stack);
    const { bookingId, reference } = await book(stack.service.url);
    const { status, type, bytes } = await qrOf(stack, bookingId);
    expect([status, type]).toEqual([200, "image/png"]);
    const scanned = new URL(decodeQr(PNG.sync.read(bytes)));
    expect(Object.fromEntries(scanned.searchParams)).toEqual({ payTo: "174379", account: reference, amount: "1500" });
  });

  it("is requested from Safaricom once, however often the page is opened", async () => {
    const stack = await stackForTest();
    await registerPaybill(stack);
    const { bookingId } = await book(stack.service.url);
    const first = await qrOf(stack, bookingId);
    stack.simulator.control.setFaults({ oauthAnswer: "system_busy" });
    stack.simulator.control.expireTokens();
    expect((await qrOf(stack, bookingId)).bytes.equals(first.bytes)).toBe(true);
    // Safaricom is stopped, so another request to it would fail.
    expect((await qrOf(stack, (await book(stack.service.url)).bookingId)).status).toBe(404);
  });

  it("is refused without a registered paybill, for a paid or unknown booking, and to pages of other sites", async () => {
    const stack = await stackForTest();
    expect((await qrOf(stack, (await book(stack.service.url)).bookingId)).status).toBe(404);
    const other = await stackForTest();
    await registerPaybill(other);
    const { booking, prompt, stream } = await startPaying(other);
    expect((await qrOf(other, booking.bookingId, "https://evil.example")).status).toBe(403);
    await enterPin(other, prompt);
    await stream.untilStatus("paid");
    expect((await qrOf(other, booking.bookingId)).status).toBe(404);
    expect((await qrOf(other, "bk_nobody")).status).toBe(404);
  });
});
