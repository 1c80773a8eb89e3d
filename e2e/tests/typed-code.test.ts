import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createUnassignedMoneyStore } from "../../service/src/payments/c2b/unassigned-money-store.ts";
import type { FaultsPatch } from "../daraja-simulator/faults.ts";
import { book, call, newPhone, pay, toProblem, toView, view, type Answer } from "../factories/calls.ts";
import { post } from "../factories/callbacks.ts";
import { expectLedgerIsDatabase } from "../factories/ledger.ts";
import { listen, type Listener } from "../factories/listener.ts";
import { enterPin, newestPrompt, startPaying } from "../factories/paying.ts";
import { payByHand, receiptOf, registerPaybill } from "../factories/paybill.ts";
import { expectLogIsClean } from "../factories/private-words.ts";
import { attemptsIn, callbacksIn, historyIn, sessionsIn, tally, theAttempt } from "../factories/records.ts";
import { until } from "../factories/until.ts";
import { deploymentOptions, deployments, stackForTest, type Deployment, type Stack } from "../fixtures.ts";

const stackWith = async (deployment: Deployment, options: Parameters<typeof stackForTest>[0] = {}): Promise<Stack> =>
  stackForTest({ ...(await deploymentOptions(deployment)), initiator: true, ...options });

function typeCode(
  { service }: Pick<Stack, "service">,
  bookingId: string,
  code: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return call(service.url, "/api/pay/code", { body: { bookingId, code }, headers });
}

/** Somebody paid, and neither the push's reply nor the callback arrived, so the service cannot know. */
async function paidUnknown(
  stack: Stack,
  phone = newPhone(),
): Promise<{ bookingId: string; receipt: string; stream: Listener; phone: string }> {
  const { service, simulator } = stack;
  simulator.control.setFaultsForPhone(phone, { pushReply: "reset_after_accept", callbackLost: true });
  const { bookingId } = await book(service.url);
  const stream = await listen(service.url, bookingId);
  await pay(service.url, bookingId, phone);
  const receipt = await enterPin(stack, await newestPrompt(stack, phone));
  return { bookingId, receipt, stream, phone };
}

const checkOf = (stream: Listener, status: string) =>
  until(`the check to be ${status}`, () => stream.views.findLast(({ receiptCheck }) => receiptCheck?.status === status));

describe.each(deployments)("the code from the SMS (%s)", (deployment) => {
  it("settles a payment that was never reported, with its receipt, on the open stream", async () => {
    const stack = await stackWith(deployment);
    const { bookingId, receipt, stream } = await paidUnknown(stack);
    expect((await view(stack.service.url, bookingId)).receiptCheck).toEqual({ status: "possible" });
    const typed = ` ${receipt.slice(0, 3).toLowerCase()} ${receipt.slice(3)} `;
    const answer = await typeCode(stack, bookingId, typed);
    expect(answer.status).toBe(202);
    const paid = await stream.untilStatus("paid");
    expect(paid.payment).toMatchObject({ status: "paid", receipt });
    expect(paid.receiptCheck).toBeUndefined();
    const attempt = await theAttempt(stack, bookingId);
    expect((await historyIn(stack, attempt.id)).at(-1)).toMatchObject({ to_status: "paid", source: "code" });
    expect(await sessionsIn(stack)).toHaveLength(1);
    await expectLedgerIsDatabase(stack);
  });

  it("of a second payment for a paid booking is surplus that the owner sees", async () => {
    const stack = await stackWith(deployment);
    const { booking, phone, prompt, stream } = await startPaying(stack);
    const first = await enterPin(stack, prompt);
    const paid = await stream.untilStatus("paid");
    // No C2B address is registered, so payments from the menu are not reported.
    const second = receiptOf(await payByHand(stack, { phone, accountNumber: booking.reference, amountKes: 1_500 }));
    expect((await typeCode(stack, booking.bookingId, second)).status).toBe(202);
    await until("the surplus", async () => (await attemptsIn(stack, booking.bookingId)).length === 2);
    expect((await attemptsIn(stack, booking.bookingId)).map(({ receipt, surplusKes }) => [receipt, surplusKes > 0])).toEqual([
      [first, false],
      [second, true],
    ]);
    expect((await view(stack.service.url, booking.bookingId)).payment).toEqual(paid.payment);
  });

  it("settles a payment that failed as unknown after ten minutes", async () => {
    const stack = await stackWith(deployment);
    const { bookingId, receipt, stream } = await paidUnknown(stack);
    stack.clock.advance(10 * 60_000 + 1_000);
    await stream.untilStatus("failed");
    await typeCode(stack, bookingId, receipt);
    expect((await stream.untilStatus("paid")).payment).toMatchObject({ receipt });
    await expectLedgerIsDatabase(stack);
  });

  it("gives a payment that a query confirmed its receipt", async () => {
    const stack = await stackWith(deployment, { simulator: { faults: { callbackLost: true, c2bBesideStk: false } } });
    const { booking, prompt, stream } = await startPaying(stack);
    const receipt = await enterPin(stack, prompt);
    stack.clock.advance(21_000);
    const paid = await stream.untilStatus("paid");
    expect(paid.payment?.receipt).toBeUndefined();
    expect((await view(stack.service.url, booking.bookingId)).receiptCheck).toEqual({ status: "possible" });
    await typeCode(stack, booking.bookingId, receipt);
    await until("the receipt", async () => (await theAttempt(stack, booking.bookingId)).receipt === receipt);
    await expectLedgerIsDatabase(stack);
  });

  it("that Safaricom does not know is refused, and another code may be typed", async () => {
    const stack = await stackWith(deployment);
    const { bookingId, receipt, stream } = await paidUnknown(stack);
    await typeCode(stack, bookingId, "UKN0000000");
    expect((await checkOf(stream, "not_found")).receiptCheck).toEqual({ status: "not_found", code: "UKN0000000" });
    await typeCode(stack, bookingId, receipt);
    await stream.untilStatus("paid");
    await expectLedgerIsDatabase(stack);
  });

  it("of another booking's payment is refused as used, and pays nothing twice", async () => {
    const stack = await stackWith(deployment);
    const first = await startPaying(stack);
    const receipt = await enterPin(stack, first.prompt);
    await first.stream.untilStatus("paid");
    const second = await book(stack.service.url);
    expect(toView(await typeCode(stack, second.bookingId, receipt))).toMatchObject({
      payment_status: "unpaid",
      receiptCheck: { status: "used", code: receipt },
    });
    expect(await attemptsIn(stack, second.bookingId)).toEqual([]);
    await expectLedgerIsDatabase(stack);
  });

  it("of another payer's money does not count: that payer's booking waits for it", async () => {
    const stack = await stackWith(deployment);
    const victim = await paidUnknown(stack);
    const thief = await book(stack.service.url);
    const stream = await listen(stack.service.url, thief.bookingId);
    await typeCode(stack, thief.bookingId, victim.receipt);
    await checkOf(stream, "not_this_payment");
    expect(await attemptsIn(stack, thief.bookingId)).toEqual([]);
    await typeCode(stack, victim.bookingId, victim.receipt);
    await victim.stream.untilStatus("paid");
    await expectLedgerIsDatabase(stack);
  });

  it("of another amount is unassigned money, and books nothing", async () => {
    const stack = await stackWith(deployment);
    const { bookingId } = await book(stack.service.url);
    const stream = await listen(stack.service.url, bookingId);
    const receipt = receiptOf(await payByHand(stack, { phone: newPhone(), accountNumber: "LESSON", amountKes: 700 }));
    await typeCode(stack, bookingId, receipt);
    await checkOf(stream, "not_this_payment");
    const listed = await createUnassignedMoneyStore(stack.service.service.database).list();
    expect(listed).toMatchObject([{ receipt, amountKes: 700 }]);
    expect(await attemptsIn(stack, bookingId)).toEqual([]);
  });

  it("of unassigned money pays without a status query", async () => {
    const stack = await stackWith(deployment);
    await registerPaybill(stack);
    const { bookingId } = await book(stack.service.url);
    const receipt = receiptOf(await payByHand(stack, { phone: newPhone(), accountNumber: "LESSON", amountKes: 1_500 }));
    const money = createUnassignedMoneyStore(stack.service.service.database);
    await until("the list", async () => (await money.list()).length > 0);
    const answer = await typeCode(stack, bookingId, receipt);
    expect(toView(answer)).toMatchObject({ payment_status: "paid", payment: { receipt } });
    expect(stack.simulator.control.conversationsAbout(receipt)).toEqual([]);
    expect(await money.list()).toEqual([]);
    await expectLedgerIsDatabase(stack);
  });

  it.each<FaultsPatch>([
    { requestAnswer: "invalid_token" },
    { requestAnswer: "internal_error", requestAcceptedAnyway: true },
    { requestReply: "reset_after_accept" },
    { resultBeforeReply: true },
    { resultCopies: 3 },
    { resultCodes: "string", resultNumbers: "string", resultParametersReordered: true },
    { resultDebitParty: "masked" },
    { resultDebitParty: "no_number" },
  ])("counts for every form of Safaricom's result: %j", async (faults) => {
    const stack = await stackWith(deployment);
    const { bookingId, receipt, stream } = await paidUnknown(stack);
    stack.simulator.control.nextFaults(faults);
    await typeCode(stack, bookingId, receipt);
    expect((await stream.untilStatus("paid")).payment).toMatchObject({ receipt });
    expect(await sessionsIn(stack)).toHaveLength(1);
    await expectLedgerIsDatabase(stack);
  });

  it.each<FaultsPatch>([
    { requestAnswer: "system_busy" },
    { resultTimedOut: true },
    { resultFailure: "26" },
    { resultFailure: "2001" },
    { resultParameters: "empty" },
    { resultParameters: "absent" },
  ])("without a usable result may be typed again: %j", async (faults) => {
    const stack = await stackWith(deployment);
    const { bookingId, receipt, stream } = await paidUnknown(stack);
    stack.simulator.control.nextFaults(faults);
    await typeCode(stack, bookingId, receipt);
    await checkOf(stream, "unanswered");
    await typeCode(stack, bookingId, receipt);
    await stream.untilStatus("paid");
    await expectLedgerIsDatabase(stack);
  });

  it("whose result is lost is unanswered after a minute, and a late result still counts", async () => {
    const stack = await stackWith(deployment);
    const { bookingId, receipt, stream } = await paidUnknown(stack);
    stack.simulator.control.nextFaults({ resultLost: true });
    await typeCode(stack, bookingId, receipt);
    const { conversationId } = await stack.simulator.control.waitForConversation(receipt);
    const lost = await stack.simulator.control.waitForResult(conversationId);
    const second = await typeCode(stack, bookingId, receipt);
    expect([second.status, toProblem(second).code, second.headers["retry-after"]]).toEqual([409, "code_check_open", "5"]);
    stack.clock.advance(61_000);
    await checkOf(stream, "unanswered");
    await post(lost.url, lost.body);
    await stream.untilStatus("paid");
    await expectLedgerIsDatabase(stack);
  });

  it("sent twice causes one status query", async () => {
    const stack = await stackWith(deployment);
    const { bookingId, receipt, stream } = await paidUnknown(stack);
    const headers = { "Idempotency-Key": "typed-once" };
    const [first, second] = [await typeCode(stack, bookingId, receipt, headers), await typeCode(stack, bookingId, receipt, headers)];
    expect(second).toMatchObject({ status: first.status, body: first.body });
    await stream.untilStatus("paid");
    expect(stack.simulator.control.conversationsAbout(receipt)).toHaveLength(1);
  });

  it("with a forged result pays nothing", async () => {
    const stack = await stackWith(deployment, { environment: { MPESA_CALLBACK_IPS: "196.201.214.200" } });
    const { bookingId } = await book(stack.service.url);
    await typeCode(stack, bookingId, "UKN7RT61SV");
    const { conversationId } = await stack.simulator.control.waitForConversation("UKN7RT61SV");
    const { url } = await stack.simulator.control.waitForResult(conversationId);
    const made = (value: object) => Object.entries(value).map(([Key, Value]) => ({ Key, Value: Value as unknown }));
    const money = { TransactionStatus: "Completed", Amount: 1_500, ReceiptNo: "UKN7RT61SV", CreditPartyName: "174379 - AMANI TUTORS" };
    const Result = { ResultCode: 0, ResultDesc: "ok", ResultParameters: { ResultParameter: made(money) } };
    for (const target of [url, `${stack.service.url}/callbacks/result/${"0".repeat(64)}`, `${stack.service.url}/callbacks/result`])
      expect((await post(target, { Result })).status).toBe(200);
    const verdicts = await until("all to be read", async () => {
      const rows = await callbacksIn(stack);
      return rows.length === 4 && rows.every(({ verdict }) => verdict !== null) && rows.map(({ verdict }) => verdict);
    });
    expect(tally(verdicts)).toEqual({ unverified: 2, unmatched: 2 });
    expect(await attemptsIn(stack, bookingId)).toEqual([]);
  });
});

describe("a garbage result for a code", () => {
  it("is answered 200, stored, and pays nothing, for any JSON; the genuine result after it counts", async () => {
    const stack = await stackWith("SQLite, in-process");
    const { bookingId, receipt, stream, phone } = await paidUnknown(stack);
    stack.simulator.control.nextFaults({ resultLost: true });
    await typeCode(stack, bookingId, receipt);
    const { conversationId } = await stack.simulator.control.waitForConversation(receipt);
    const lost = await stack.simulator.control.waitForResult(conversationId);
    const parameter = fc.record({ Key: fc.constantFrom("Amount", "ReceiptNo", "TransactionStatus"), Value: fc.jsonValue() });
    const result = fc.record(
      {
        ResultCode: fc.oneof(fc.constant(0), fc.constant("0"), fc.jsonValue()),
        ResultParameters: fc.oneof(fc.jsonValue(), fc.record({ ResultParameter: fc.oneof(parameter, fc.array(parameter)) })),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.jsonValue(), result), async (Result) => {
        expect((await post(lost.url, { Result })).status).toBe(200);
      }),
      { numRuns: 50 },
    );
    expect((await view(stack.service.url, bookingId)).payment_status).toBe("pending");
    expect((await post(lost.url, lost.body)).status).toBe(200);
    await stream.untilStatus("paid");
    expectLogIsClean(stack, [phone]);
    await expectLedgerIsDatabase(stack);
  });
});

describe("a code that is refused", () => {
  it.each(["", "UKN", "UKN7RT61SV99999", "<script>", "ÜKN7RT61SV"])("because it is malformed: %j", async (code) => {
    const stack = await stackWith("SQLite, in-process");
    const { bookingId } = await book(stack.service.url);
    const answer = await typeCode(stack, bookingId, code);
    expect([answer.status, toProblem(answer).code]).toEqual([400, "code_invalid"]);
  });

  it("because there were too many in ten minutes", async () => {
    const stack = await stackWith("SQLite, in-process", { environment: { LIMIT_PHONE: "5/600" } });
    const { bookingId } = await book(stack.service.url);
    const stream = await listen(stack.service.url, bookingId);
    for (let tries = 1; tries <= 5; tries++) {
      expect((await typeCode(stack, bookingId, `UKN000000${tries}`)).status).toBe(202);
      await until(
        "the answer",
        () => stream.views.at(-1)?.receiptCheck?.code === `UKN000000${tries}` && stream.views.at(-1)?.receiptCheck?.status === "not_found",
      );
    }
    const answer = await typeCode(stack, bookingId, "UKN0000006");
    expect([answer.status, toProblem(answer).code]).toEqual([429, "too_many_requests"]);
  });

  it("because the account has no initiator", async () => {
    const stack = await stackForTest();
    const booking = await book(stack.service.url);
    expect(booking.receiptCheck).toBeUndefined();
    const answer = await typeCode(stack, booking.bookingId, "UKN7RT61SV");
    expect([answer.status, toProblem(answer).code]).toEqual([409, "codes_not_checked"]);
  });

  it("not, if it is the receipt that the paid booking shows: nothing is queried", async () => {
    const stack = await stackWith("SQLite, in-process");
    const { booking, prompt, stream } = await startPaying(stack);
    const receipt = await enterPin(stack, prompt);
    await stream.untilStatus("paid");
    expect(toView(await typeCode(stack, booking.bookingId, receipt)).payment?.receipt).toBe(receipt);
  });

  it("because the booking is unknown or belongs to another site", async () => {
    const stack = await stackWith("SQLite, in-process");
    const { bookingId } = await book(stack.service.url);
    expect((await typeCode(stack, "bk_nobody", "UKN7RT61SV")).status).toBe(404);
    expect((await typeCode(stack, bookingId, "UKN7RT61SV", { Origin: "https://evil.example" })).status).toBe(403);
    expect(toProblem(await call(stack.service.url, "/api/pay/code", { body: { code: "UKN7RT61SV" } })).code).toBe("booking_id_required");
  });
});
