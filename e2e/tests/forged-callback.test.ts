import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { PromptView } from "../daraja-simulator/prompt.ts";
import { view } from "../factories/calls.ts";
import { ACCEPTED, callbackBody, post } from "../factories/callbacks.ts";
import { expectLedgerIsDatabase } from "../factories/ledger.ts";
import { enterPin, startPaying, type Paying } from "../factories/paying.ts";
import { asked, callbacksIn, callbacksRead, theAskedAttempt, theAttempt, type CallbackRow } from "../factories/records.ts";
import { freePort } from "../servers/free-port.ts";
import { deploymentOptions, deployments, sharedStack, stackForTest, type Stack } from "../fixtures.ts";

const RECEIPT = "UKN0000777";
const unknownSecret = (): string => randomBytes(32).toString("hex");

type Forgery = { what: string; to: (base: string, prompt: PromptView) => string; body: (prompt: PromptView) => object; note: string };

const notItsAddress = "it did not come in on the attempt's own address";
const paidBody = (prompt: PromptView): object => callbackBody(prompt, { code: 0, receipt: RECEIPT });
const strangeId = (prompt: PromptView): PromptView => ({ ...prompt, checkoutRequestId: "ws_CO_011220261200000711000009" });

const forgeries: Forgery[] = [
  { what: "a success without a secret", to: (base) => `${base}/api/mpesa/callback`, body: paidBody, note: notItsAddress },
  { what: "a success on an unknown secret", to: (base) => `${base}/callbacks/stk/${unknownSecret()}`, body: paidBody, note: notItsAddress },
  {
    what: "a success on the other route",
    to: (base) => `${base}/api/mpesa/callback/${unknownSecret()}`,
    body: paidBody,
    note: notItsAddress,
  },
  {
    what: "a failure without a secret",
    to: (base) => `${base}/api/mpesa/callback`,
    body: (prompt) => callbackBody(prompt, { code: 1032 }),
    note: notItsAddress,
  },
  {
    what: "the right secret with a wrong amount",
    to: (_base, { callbackUrl }) => callbackUrl,
    body: (prompt) => callbackBody(prompt, { code: 0, receipt: RECEIPT, amountKes: 1 }),
    note: "it says KES 1 and the attempt was for KES 1500",
  },
  {
    what: "the right secret with another prompt's id",
    to: (_base, { callbackUrl }) => callbackUrl,
    body: (prompt) => callbackBody(strangeId(prompt), { code: 0, receipt: RECEIPT }),
    note: "it is about another prompt",
  },
  {
    what: "the right secret without an id",
    to: (_base, { callbackUrl }) => callbackUrl,
    body: () => ({ Body: { stkCallback: { ResultCode: 0 } } }),
    note: "it does not say which prompt it is about",
  },
  {
    what: "the right secret with a malformed code",
    to: (_base, { callbackUrl }) => callbackUrl,
    body: (prompt) => callbackBody(prompt, { code: "00", receipt: RECEIPT }),
    note: "no readable ResultCode",
  },
  {
    what: "the right secret with a failure that shows a receipt",
    to: (_base, { callbackUrl }) => callbackUrl,
    body: (prompt) => callbackBody(prompt, { code: 1032, receipt: RECEIPT }),
    note: "code 1032 together with a receipt",
  },
];

/** Posts a forgery and waits until it is processed. */
async function forge(stack: Pick<Stack, "service">, { to, body }: Forgery, { prompt }: Paying): Promise<CallbackRow> {
  const before = (await callbacksIn(stack)).length;
  expect(await post(to(stack.service.url, prompt), body(prompt))).toMatchObject(ACCEPTED);
  const row = (await callbacksRead(stack, before + 1)).at(-1);
  if (!row) throw new Error("the callback was not kept");
  return row;
}

describe.each(deployments)("a forged callback (%s)", (deployment) => {
  const stack = sharedStack(deployment, { simulator: { faults: { callbackLost: true } } });

  it.each(forgeries)("$what is stored and not verified, and the query finds the prompt still open", async (forgery) => {
    const { service, simulator } = stack();
    const paying = await startPaying(stack());
    const { bookingId } = paying.booking;
    const row = await forge({ service }, forgery, paying);
    const { id } = await asked({ service }, bookingId, 1);
    expect(row).toMatchObject({ verdict: "unverified", note: forgery.note, payment_id: id });
    expect(row.body).toBe(JSON.stringify(forgery.body(paying.prompt)));
    expect(await view(service.url, bookingId)).toMatchObject({ payment_status: "pending", payment: { status: "prompted" } });
    simulator.control.cancel(paying.prompt.checkoutRequestId);
    await expectLedgerIsDatabase({ service, simulator });
  });

  it.each(forgeries)("$what is followed by a query, which pays", async (forgery) => {
    const { service, simulator } = stack();
    const paying = await startPaying(stack());
    await enterPin({ simulator }, paying.prompt);
    // A forged receipt must not be stored. On the attempt's own address only Safaricom can have named one.
    const body = (prompt: PromptView) =>
      JSON.parse(JSON.stringify(forgery.body(prompt)).replace(RECEIPT, simulator.ledger.at(-1)?.receipt ?? "")) as object;
    await forge({ service }, { ...forgery, body }, paying);
    expect((await paying.stream.untilStatus("paid")).payment?.status).toBe("paid");
    expect(await asked({ service }, paying.booking.bookingId, 1)).toMatchObject({ asked: 1 });
    await expectLedgerIsDatabase({ service, simulator });
  });

  it("about an unknown payment is stored as unmatched", async () => {
    const { service, simulator } = stack();
    const paying = await startPaying(stack());
    const body = (prompt: PromptView): object => callbackBody(strangeId(prompt), { code: 0, receipt: RECEIPT });
    const forgery = { what: "", to: (base: string) => `${base}/callbacks/stk/${unknownSecret()}`, body, note: "" };
    expect(await forge({ service }, forgery, paying)).toMatchObject({
      verdict: "unmatched",
      payment_id: null,
      note: "it names no payment that we know",
    });
    expect(await theAttempt({ service }, paying.booking.bookingId)).toMatchObject({ status: "prompted", queries: 0 });
    await expectLedgerIsDatabase({ service, simulator });
  });

  it("repeated many times causes one query a minute at most", async () => {
    const { service, simulator } = stack();
    const paying = await startPaying(stack());
    const [first] = forgeries;
    if (!first) throw new Error("no forgery");
    await forge({ service }, first, paying);
    const { nextQueryAtMs } = await asked({ service }, paying.booking.bookingId, 1);
    for (let times = 0; times < 5; times++) await forge({ service }, first, paying);
    expect(await theAskedAttempt({ service }, paying.booking.bookingId)).toMatchObject({ asked: 1, nextQueryAtMs });
    await expectLedgerIsDatabase({ service, simulator });
  });

  it("cannot undo a payment", async () => {
    const { service, simulator } = stack();
    const paying = await startPaying(stack());
    await enterPin({ simulator }, paying.prompt);
    const lost = await simulator.control.waitForDelivery(paying.prompt.checkoutRequestId);
    await post(lost.url, lost.body);
    const paid = await paying.stream.untilStatus("paid");
    for (const forgery of forgeries) await forge({ service }, forgery, paying);
    expect(await view(service.url, paying.booking.bookingId)).toEqual(paid);
    expect(await theAttempt({ service }, paying.booking.bookingId)).toMatchObject({ queries: 0, nextQueryAtMs: null });
    await expectLedgerIsDatabase({ service, simulator });
  });

  it("cannot pay an attempt that failed", async () => {
    const { service, simulator } = stack();
    const failing = await startPaying(stack());
    simulator.control.cancel(failing.prompt.checkoutRequestId);
    const lost = await simulator.control.waitForDelivery(failing.prompt.checkoutRequestId);
    await post(lost.url, lost.body);
    await failing.stream.untilStatus("failed");
    for (const forgery of forgeries) await forge({ service }, forgery, failing);
    const asking = await asked({ service }, failing.booking.bookingId, 1);
    expect(asking.status).toBe("failed");
    expect((await view(service.url, failing.booking.bookingId)).payment).toMatchObject({ status: "failed", reason: "cancelled" });
    await expectLedgerIsDatabase({ service, simulator });
  });
});

describe.each(deployments)("a callback from an address that is not Safaricom's (%s)", (deployment) => {
  it("is not verified although it has the secret, and causes a query", async () => {
    const stack = await stackForTest({
      ...(await deploymentOptions(deployment)),
      environment: { MPESA_CALLBACK_IPS: "196.201.214.200,196.201.213.0/24" },
    });
    const { booking, prompt, stream } = await startPaying(stack);
    expect(await post(prompt.callbackUrl, paidBody(prompt), { "X-Forwarded-For": "196.201.214.200" })).toMatchObject(ACCEPTED);
    await asked(stack, booking.bookingId, 1);
    const [forged] = await callbacksRead(stack, 1);
    expect(forged).toMatchObject({ verdict: "unverified", note: "it came from an address that is not Safaricom's" });
    expect((await view(stack.service.url, booking.bookingId)).payment_status).toBe("pending");
    await enterPin(stack, prompt);
    await callbacksRead(stack, 2);
    stack.clock.advance(61_000);
    expect((await stream.untilStatus("paid")).payment?.receipt).not.toBe(RECEIPT);
    await expectLedgerIsDatabase(stack);
  });

  it("is trusted behind a trusted proxy that says it came from Safaricom", async () => {
    const environment = { MPESA_CALLBACK_IPS: "196.201.214.200", TRUST_PROXY: "1" };
    const stack = await stackForTest({
      ...(await deploymentOptions(deployment)),
      environment,
      simulator: { faults: { callbackLost: true } },
    });
    const { prompt, stream } = await startPaying(stack);
    await enterPin(stack, prompt);
    const lost = await stack.simulator.control.waitForDelivery(prompt.checkoutRequestId);
    await post(lost.url, lost.body, { "X-Forwarded-For": "203.0.113.9, 196.201.214.200" });
    await stream.untilStatus("paid");
    expect(await callbacksRead(stack, 1)).toMatchObject([{ verdict: "verified" }]);
    await expectLedgerIsDatabase(stack);
  });
});

describe.each(deployments)("with MPESA_CALLBACK_URL set (%s)", (deployment) => {
  it("callbacks come to /api/mpesa/callback/:secret and pay", async () => {
    const port = await freePort();
    const stack = await stackForTest({
      ...(await deploymentOptions(deployment)),
      environment: {
        PORT: String(port),
        PUBLIC_URL: `http://localhost:${port}`,
        MPESA_CALLBACK_URL: `http://localhost:${port}/api/mpesa/callback`,
      },
    });
    const { prompt, stream } = await startPaying(stack);
    expect(prompt.callbackUrl).toMatch(/\/api\/mpesa\/callback\/[0-9a-f]{64}$/);
    const receipt = await enterPin(stack, prompt);
    expect((await stream.untilStatus("paid")).payment?.receipt).toBe(receipt);
    expect(await callbacksRead(stack, 1)).toMatchObject([{ verdict: "verified" }]);
    await expectLedgerIsDatabase(stack);
  });
});
