import { Webhook } from "standardwebhooks";
import { describe, expect, it, test } from "vitest";
import { verifyWebhook, WebhookError } from "./webhook.ts";

const SECRET = `whsec_${Buffer.from("not a real secret, for tests").toString("base64")}`;
const body = JSON.stringify({
  type: "booking.booked",
  timestamp: "2026-12-08T07:00:00.000Z",
  data: { booking: { bookingId: "bk_1", reference: "H7HEDX8M", version: 4 } },
});

function signed(text = body, at = new Date(), secret = SECRET): Record<string, string> {
  return {
    "webhook-id": "msg_1",
    "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
    "webhook-signature": new Webhook(secret).sign("msg_1", at, text),
  };
}

describe("a message that SomoPay signed", () => {
  const expected = { id: "msg_1", type: "booking.booked", data: { booking: { bookingId: "bk_1" } } };
  it("is verified, as text or bytes, with headers of Node or of fetch", () => {
    expect(verifyWebhook(body, signed(), SECRET)).toMatchObject(expected);
    expect(verifyWebhook(Buffer.from(body), signed(), SECRET)).toMatchObject(expected);
    expect(verifyWebhook(body, new Headers(signed()), SECRET)).toMatchObject(expected);
    expect(verifyWebhook(body, { ...signed(), "webhook-id": ["msg_1"] }, SECRET)).toMatchObject(expected);
  });

  it("is verified by one of two signatures, while the secret is being replaced", () => {
    const other = `whsec_${Buffer.from("another secret, also not real").toString("base64")}`;
    const both = `${signed(body, new Date(), other)["webhook-signature"]} ${signed()["webhook-signature"]}`;
    expect(verifyWebhook(body, { ...signed(), "webhook-signature": both }, SECRET)).toMatchObject(expected);
  });
});

it("the test message of an endpoint is verified, and so are types that this package does not know", () => {
  const test = '{"type":"webhook.test","timestamp":"2026-12-08T07:00:00.000Z","data":{"endpointId":"we_1","text":"Your endpoint works."}}';
  const event = verifyWebhook(test, signed(test), SECRET);
  expect(event.type === "webhook.test" && event.data.endpointId).toBe("we_1");
  const later = '{"type":"booking.invented","timestamp":"2026-12-08T07:00:00.000Z","data":{"more":1}}';
  expect(verifyWebhook(later, signed(later), SECRET)).toEqual({ id: "msg_1", ...JSON.parse(later) });
});

const MINUTES = 60_000;
test.each<[string, string, Record<string, string | undefined>]>([
  ["another body", body.replace("bk_1", "bk_2"), signed()],
  ["a body parsed and written again", JSON.stringify(JSON.parse(body), null, 2), signed()],
  ["another id", body, { ...signed(), "webhook-id": "msg_2" }],
  ["another secret", body, signed(body, new Date(), `whsec_${Buffer.from("x".repeat(24)).toString("base64")}`)],
  ["an old message", body, signed(body, new Date(Date.now() - 6 * MINUTES))],
  ["a message of the future", body, signed(body, new Date(Date.now() + 6 * MINUTES))],
  ["no signature", body, { ...signed(), "webhook-signature": undefined }],
  ["an empty signature", body, { ...signed(), "webhook-signature": "" }],
  ["a signature of no version", body, { ...signed(), "webhook-signature": "abc" }],
  ["a time that is none", body, { ...signed(), "webhook-timestamp": "now" }],
  ["no JSON", "hello", signed("hello")],
  ["JSON without a type", '{"data":{}}', signed('{"data":{}}')],
  ["JSON without data", '{"type":"x","data":null}', signed('{"type":"x","data":null}')],
  ["JSON that is no object", "null", signed("null")],
])("%s is refused", (_what, text, headers) => {
  expect(() => verifyWebhook(text, headers, SECRET)).toThrow(WebhookError);
});
