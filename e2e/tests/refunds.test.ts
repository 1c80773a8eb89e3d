import { describe, expect, it } from "vitest";
import { paymentsPageSchema } from "../../service/src/contract.ts";
import type { FaultsPatch } from "../daraja-simulator/faults.ts";
import { book, call, newPhone, toProblem, view } from "../factories/calls.ts";
import { callbackBody, post } from "../factories/callbacks.ts";
import { expectLedgerIsDatabase } from "../factories/ledger.ts";
import { askForRefund, callAsOwner, paymentOf, paymentsOf, refundEnds, toRefund } from "../factories/owner.ts";
import { enterPin, startPaying } from "../factories/paying.ts";
import { expectLogIsClean } from "../factories/private-words.ts";
import { attemptsIn, historyIn, sessionsIn, theAttempt } from "../factories/records.ts";
import { until } from "../factories/until.ts";
import { deploymentOptions, deployments, siteFile, stackForTest, type Deployment, type Stack } from "../fixtures.ts";

const stackWith = async (deployment: Deployment, options: Parameters<typeof stackForTest>[0] = {}): Promise<Stack> =>
  stackForTest({ ...(await deploymentOptions(deployment)), initiator: true, ...options });

type Paid = { paymentId: string; receipt: string; phone: string; bookingId: string };

async function paidBooking(stack: Stack): Promise<Paid> {
  const { booking, prompt, stream, phone } = await startPaying(stack);
  const receipt = await enterPin(stack, prompt);
  await stream.untilStatus("paid");
  return { paymentId: (await theAttempt(stack, booking.bookingId)).id, receipt, phone, bookingId: booking.bookingId };
}

const balanceOf = (stack: Stack, phone: string) => stack.simulator.control.phone(phone).balanceKes;

describe.each(deployments)("a refund (%s)", (deployment) => {
  it("reverses the money once, and the payment is refunded when Safaricom confirms it", async () => {
    const stack = await stackWith(deployment);
    const { url } = stack.service;
    const { paymentId, receipt, phone, bookingId } = await paidBooking(stack);
    const before = balanceOf(stack, phone);
    const answer = await askForRefund(url, paymentId);
    expect(answer.status).toBe(202);
    expect(toRefund(answer)).toMatchObject({ paymentId, receipt, amount: 1_500, currency: "KES" });
    expect(await refundEnds(url, paymentId, "done")).toMatchObject({ resultCode: "0" });
    expect(balanceOf(stack, phone)).toBe(before + 1_500);
    expect(await paymentOf(url, paymentId)).toMatchObject({ status: "refunded", receipt, surplus: 0 });
    expect(await view(url, bookingId)).toMatchObject({
      payment_status: "refunded",
      booking_status: "cancelled",
      amountPaid: 0,
      payment: { status: "refunded", receipt },
    });
    expect((await historyIn(stack, paymentId)).at(-1)).toMatchObject({ from_status: "paid", to_status: "refunded", source: "reversal" });
    // All of its money went back, so the session does not take place.
    expect(await sessionsIn(stack)).toMatchObject([{ pending_session_id: bookingId, cancelled_at: expect.any(Number) }]);
    const again = await askForRefund(url, paymentId);
    expect([again.status, toProblem(again).code]).toEqual([409, "not_refundable"]);
    expectLogIsClean(stack, [phone]);
    await expectLedgerIsDatabase(stack);
  });

  it("of surplus leaves the booking alone", async () => {
    const stack = await stackWith(deployment);
    const { url } = stack.service;
    const { booking, prompt, stream } = await startPaying(stack);
    await post(prompt.callbackUrl, callbackBody(prompt, { code: 1037 }));
    await stream.untilStatus("failed");
    // The server refuses another prompt until this one is certainly over.
    stack.clock.advance(60_000);
    const other = newPhone();
    const second = await call(url, "/api/pay/mpesa", { body: { bookingId: booking.bookingId, phone: other } });
    expect(second.status).toBe(200);
    await enterPin(stack, await stack.simulator.control.waitForPrompt(other));
    await stream.untilStatus("paid");
    await enterPin(stack, prompt);
    const [surplus] = await until("the surplus", async () => {
      const found = await paymentsOf(url, "?surplus=true");
      return found.length > 0 && found;
    });
    if (!surplus) throw new Error("no surplus");
    expect(surplus).toMatchObject({ status: "paid", bookingId: booking.bookingId, reference: booking.reference });
    await askForRefund(url, surplus.paymentId);
    await refundEnds(url, surplus.paymentId, "done");
    expect(await view(url, booking.bookingId)).toMatchObject({ payment_status: "paid", payment: { status: "paid" } });
    expect(await paymentsOf(url, "?surplus=true&status=paid")).toEqual([]);
    await expectLedgerIsDatabase(stack);
  });

  it("requested twenty times at once is sent to Safaricom once", async () => {
    const stack = await stackWith(deployment);
    const { url } = stack.service;
    const { paymentId, receipt } = await paidBooking(stack);
    const answers = await Promise.all(Array.from({ length: 20 }, () => askForRefund(url, paymentId)));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    await refundEnds(url, paymentId, "done");
    expect(stack.simulator.control.conversationsAbout(receipt, "reversal")).toHaveLength(1);
    await expectLedgerIsDatabase(stack);
  });

  it("repeated under its key is the same refund; the same key for another payment is a conflict", async () => {
    const stack = await stackWith(deployment);
    const { url } = stack.service;
    const [one, two] = [await paidBooking(stack), await paidBooking(stack)];
    const headers = { "Idempotency-Key": "refund-1" };
    const first = await askForRefund(url, one.paymentId, headers);
    const second = await askForRefund(url, one.paymentId, headers);
    expect(second).toMatchObject({ status: 202, body: first.body });
    expect(toProblem(await askForRefund(url, two.paymentId, headers)).code).toBe("idempotency_conflict");
    await refundEnds(url, one.paymentId, "done");
    await expectLedgerIsDatabase(stack);
  });

  it.each<FaultsPatch>([
    { requestAnswer: "invalid_token" },
    { requestAnswer: "internal_error", requestAcceptedAnyway: true },
    { requestAnswer: "html", requestAcceptedAnyway: true },
    { requestReply: "reset_after_accept" },
    { resultBeforeReply: true },
    { resultCopies: 3 },
    { resultCopies: 2, resultCopyGapMs: 50 },
    { resultCodes: "string", resultNumbers: "string", resultParametersReordered: true },
    { resultParameters: "single" },
    { resultParameters: "absent" },
  ])("counts once for every form of Safaricom's result: %j", async (faults) => {
    const stack = await stackWith(deployment);
    const { url } = stack.service;
    const { paymentId, phone } = await paidBooking(stack);
    const before = balanceOf(stack, phone);
    stack.simulator.control.nextFaults(faults, { request: "reversal" });
    await askForRefund(url, paymentId);
    await refundEnds(url, paymentId, "done");
    await stack.simulator.control.waitForIdle();
    expect(balanceOf(stack, phone)).toBe(before + 1_500);
    expect((await historyIn(stack, paymentId)).filter(({ to_status }) => to_status === "refunded")).toHaveLength(1);
    await expectLedgerIsDatabase(stack);
  });

  it.each<[FaultsPatch, string | undefined]>([
    [{ resultFailure: "R000002" }, "R000002"],
    [{ resultFailure: "2001" }, "2001"],
    [{ resultFailure: "17", resultCodes: "string" }, "17"],
  ])("that Safaricom does not carry out fails, leaves the payment paid, and can be requested again: %j", async (faults, resultCode) => {
    const stack = await stackWith(deployment);
    const { url } = stack.service;
    const { paymentId } = await paidBooking(stack);
    stack.simulator.control.nextFaults(faults, { request: "reversal" });
    await askForRefund(url, paymentId);
    expect(await refundEnds(url, paymentId, "failed")).toMatchObject({ resultCode });
    expect((await paymentOf(url, paymentId)).status).toBe("paid");
    await askForRefund(url, paymentId);
    await refundEnds(url, paymentId, "done");
    await expectLedgerIsDatabase(stack);
  });

  it("that Safaricom refuses is answered with the refusal, also when repeated under its key", async () => {
    const stack = await stackWith(deployment);
    const { url } = stack.service;
    const { paymentId } = await paidBooking(stack);
    stack.simulator.control.nextFaults({ requestAnswer: "system_busy" }, { request: "reversal" });
    const headers = { "Idempotency-Key": "refund-1" };
    const refused = await askForRefund(url, paymentId, headers);
    expect([refused.status, toProblem(refused)]).toMatchObject([502, { code: "refund_refused", reason: "busy" }]);
    expect(await askForRefund(url, paymentId, headers)).toMatchObject({ status: 502, body: refused.body });
    expect((await paymentOf(url, paymentId)).refunds).toMatchObject([{ status: "failed" }]);
    await askForRefund(url, paymentId);
    await refundEnds(url, paymentId, "done");
    await expectLedgerIsDatabase(stack);
  });

  it("whose result is lost is unknown after two minutes; a second request finds it done, and the money is reversed once", async () => {
    const stack = await stackWith(deployment);
    const { url } = stack.service;
    const { paymentId, receipt, phone } = await paidBooking(stack);
    const before = balanceOf(stack, phone);
    stack.simulator.control.nextFaults({ resultLost: true }, { request: "reversal" });
    await askForRefund(url, paymentId);
    const { conversationId } = await stack.simulator.control.waitForConversation(receipt, { kind: "reversal" });
    const lost = await stack.simulator.control.waitForResult(conversationId);
    const early = await askForRefund(url, paymentId);
    expect([early.status, toProblem(early).code, early.headers["retry-after"]]).toEqual([409, "refund_open", "120"]);
    stack.clock.advance(121_000);
    await refundEnds(url, paymentId, "unknown");
    expect((await paymentOf(url, paymentId)).status).toBe("paid");
    await askForRefund(url, paymentId);
    expect(await refundEnds(url, paymentId, "done")).toMatchObject({ resultCode: "R000001" });
    await post(lost.url, lost.body);
    await until("the late result", async () => (await paymentOf(url, paymentId)).refunds.every(({ status }) => status === "done"));
    expect(balanceOf(stack, phone)).toBe(before + 1_500);
    await expectLedgerIsDatabase(stack);
  });

  it.each<FaultsPatch>([{ resultTimedOut: true }, { resultForeignId: true }, { resultAmountOffKes: 1 }])(
    "without a clear answer is never taken for done: %j",
    async (faults) => {
      const stack = await stackWith(deployment);
      const { url } = stack.service;
      const { paymentId, phone } = await paidBooking(stack);
      const before = balanceOf(stack, phone);
      stack.simulator.control.nextFaults({ ...faults, resultLateMs: 100 }, { request: "reversal" });
      await askForRefund(url, paymentId);
      await refundEnds(url, paymentId, "unknown");
      expect((await paymentOf(url, paymentId)).status).toBe("paid");
      await askForRefund(url, paymentId);
      expect(await refundEnds(url, paymentId, "done")).toMatchObject({ resultCode: "R000001" });
      expect(balanceOf(stack, phone)).toBe(before + 1_500);
      await expectLedgerIsDatabase(stack);
    },
  );

  it("result that is forged is not verified", async () => {
    const stack = await stackWith(deployment);
    const { url } = stack.service;
    const { paymentId } = await paidBooking(stack);
    const Result = { ResultCode: 0, ResultDesc: "ok", ConversationID: "AG_1", TransactionID: "UKN0000000" };
    for (const path of [`/callbacks/result/${"0".repeat(64)}`, "/callbacks/result", `/callbacks/timeout/${"0".repeat(64)}`])
      expect((await post(url + path, { Result })).status).toBe(200);
    const [attempt] = await attemptsIn(stack);
    expect(attempt).toMatchObject({ id: paymentId, status: "paid" });
  });
});

describe("a site with its own M-Pesa account", () => {
  it("refunds with its own initiator", async () => {
    const stack = await stackForTest({ environment: { SECRETS_KEY: "ab".repeat(32) } });
    const { simulator, service } = stack;
    const account = { consumerKey: "baraka-key", consumerSecret: "baraka-secret", shortcode: "600111", passkey: "baraka-passkey" };
    const initiator = { name: "baraka-api", password: "Baraka-initiator-1" };
    simulator.control.addAccount({ ...account, initiator });
    const { certificate } = simulator.control;
    const mpesa = { ...account, initiator: { ...initiator, certificate } };
    await service.service.siteStore.add({ ...siteFile, mpesa });
    expect(JSON.stringify(await service.service.database.knex("sites"))).not.toContain(initiator.password);
    const { paymentId, receipt } = await paidBooking(stack);
    await askForRefund(service.url, paymentId);
    await refundEnds(service.url, paymentId, "done");
    expect(simulator.ledger).toMatchObject([{ receipt, shortcode: "600111" }]);
    await expectLedgerIsDatabase(stack);
  });
});

describe("access to refunds and payments", () => {
  it("is for the site's server, and for its own payments only", async () => {
    const stack = await stackWith("SQLite, in-process");
    const { url, service } = stack.service;
    const { paymentId } = await paidBooking(stack);
    expect((await call(url, `/api/v1/payments/${paymentId}/refunds`, { body: {} })).status).toBe(403);
    expect((await call(url, "/api/v1/payments")).status).toBe(403);
    expect((await callAsOwner(url, "/api/v1/payments", undefined, { Authorization: "" })).status).toBe(401);
    const other = "sk_another_site_0123456789abcdef";
    await service.siteStore.add({
      name: "Another",
      allowedOrigins: ["https://another.example"],
      sessionTypes: [],
      publishableKey: "pk_another_site_1",
      secretKey: other,
    });
    const headers = { Authorization: `Bearer ${other}` };
    const known = async () => (await callAsOwner(url, "/api/v1/payments", undefined, headers)).status === 200;
    await until("the service to know the other site", known);
    expect((await callAsOwner(url, `/api/v1/payments/${paymentId}`, undefined, headers)).status).toBe(404);
    expect((await callAsOwner(url, `/api/v1/payments/${paymentId}/refunds`, {}, headers)).status).toBe(404);
    expect((await callAsOwner(url, "/api/v1/payments", undefined, headers)).body).toEqual({ data: [], next: null });
  });

  it("allows no refund of an unpaid payment, and none without an initiator", async () => {
    const stack = await stackWith("SQLite, in-process");
    const { prompt, booking } = await startPaying(stack);
    const { id } = await theAttempt(stack, booking.bookingId);
    expect(toProblem(await askForRefund(stack.service.url, id)).code).toBe("not_refundable");
    stack.simulator.control.cancel(prompt.checkoutRequestId);
    expect((await askForRefund(stack.service.url, "pay_nobody")).status).toBe(404);
    const without = await stackForTest();
    const { paymentId } = await paidBooking(without);
    expect(toProblem(await askForRefund(without.service.url, paymentId)).code).toBe("refunds_not_set_up");
  });

  it("lists all payments in pages, newest first, each once", async () => {
    const stack = await stackWith("SQLite, in-process");
    const { url } = stack.service;
    const made: string[] = [];
    for (let count = 0; count < 5; count++) made.unshift((await paidBooking(stack)).paymentId);
    const seen: string[] = [];
    for (let after: string | null = ""; after !== null;) {
      const { body } = await callAsOwner(url, `/api/v1/payments?limit=2${after === "" ? "" : `&after=${after}`}`);
      const page = paymentsPageSchema.parse(body);
      seen.push(...page.data.map(({ paymentId }) => paymentId));
      after = page.next;
    }
    expect(seen).toEqual(made);
    const one = await paymentOf(url, made[0] ?? "");
    expect(await paymentsOf(url, `?receipt=${one.receipt?.toLowerCase()}`)).toMatchObject([{ paymentId: made[0] }]);
    expect((await callAsOwner(url, "/api/v1/payments?limit=1000")).status).toBe(400);
    const { bookingId } = await book(url);
    expect(await paymentsOf(url, `?bookingId=${bookingId}`)).toEqual([]);
  });
});
