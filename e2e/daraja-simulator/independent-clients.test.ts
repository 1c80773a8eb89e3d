/** Two third-party clients for the real Daraja work with the simulator; only the address is changed. */
import { createRequire } from "node:module";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { sandboxAccount } from "./accounts.ts";
import { PHONE, scene } from "./testing.ts";

const require = createRequire(import.meta.url);

/** Both are untyped JavaScript, so each function is looked up by name and checked before it is called. */
function construct(value: unknown, ...args: unknown[]): object {
  if (typeof value !== "function") throw new TypeError("not a class");
  return Object(Reflect.construct(value, args));
}

function member(of: unknown, name: string): unknown {
  return Reflect.get(Object(of), name);
}

function call(of: unknown, name: string, ...args: unknown[]): unknown {
  const method = member(of, name);
  if (typeof method !== "function") throw new TypeError(`${name} is not a method`);
  return Reflect.apply(method, of, args);
}

// daraja.js reads the time twice, for Password and for Timestamp. Its push would fail if a second ended between the two.
beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

test("mpesa-node: token, push, query", async () => {
  const { daraja, control, shop } = await scene();
  const client = construct(require("mpesa-node"), {
    consumerKey: sandboxAccount.consumerKey,
    consumerSecret: sandboxAccount.consumerSecret,
    lipaNaMpesaShortCode: sandboxAccount.shortcode,
    lipaNaMpesaShortPass: sandboxAccount.passkey,
  });
  Reflect.set(client, "baseURL", daraja.url);

  const pushed = await call(client, "lipaNaMpesaOnline", Number(PHONE), 10, shop.callbackUrl, "7K3MWQX2");
  const { data } = z.object({ data: z.object({ ResponseCode: z.literal("0"), CheckoutRequestID: z.string() }) }).parse(pushed);
  const answer = z.object({ data: z.object({ ResultCode: z.string() }) });
  expect(answer.parse(await call(client, "lipaNaMpesaQuery", data.CheckoutRequestID)).data.ResultCode).toBe("4999");
  await control.waitForPrompt(PHONE);
  control.pay(data.CheckoutRequestID);
  expect(answer.parse(await call(client, "lipaNaMpesaQuery", data.CheckoutRequestID)).data.ResultCode).toBe("0");
  expect(control.ledger).toMatchObject([{ checkoutRequestId: data.CheckoutRequestID, amountKes: 10 }]);
});

test("daraja.js: token, push, query, and it reads the callback", async () => {
  const { daraja, control, shop } = await scene();
  const library: unknown = require("daraja.js");
  const client = construct(member(library, "Mpesa"), {
    consumerKey: sandboxAccount.consumerKey,
    consumerSecret: sandboxAccount.consumerSecret,
    securityCredential: "not used here",
    organizationShortCode: Number(sandboxAccount.shortcode),
  });
  Reflect.set(Object(member(client, "_http")), "baseUrl", daraja.url);

  const push = call(client, "stkPush");
  call(push, "shortCode", sandboxAccount.shortcode);
  call(push, "amount", 10);
  call(push, "phoneNumber", Number(PHONE));
  call(push, "callbackURL", shop.callbackUrl);
  call(push, "accountNumber", "7K3MWQX2");
  call(push, "lipaNaMpesaPassKey", sandboxAccount.passkey);
  const pushed = await call(push, "send");
  expect(call(pushed, "isOkay")).toBe(true);
  const id = z.string().parse(call(pushed, "getTransactionID"));

  expect(call(await call(push, "queryStatus"), "getResultCode")).toBe("4999");
  await control.waitForPrompt(PHONE);
  control.pay(id);
  expect(call(await call(push, "queryStatus"), "getResultCode")).toBe("0");

  await control.waitForDelivery(id);
  const result = construct(member(library, "STKPushResultWrapper"), shop.received[0]?.body);
  expect(call(result, "isOkay")).toBe(true);
  expect(call(result, "getTransactionAmount")).toBe(10);
  expect(call(result, "getMpesaReceiptNo")).toBe(control.ledger[0]?.receipt);
});
