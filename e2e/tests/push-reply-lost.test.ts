import { describe, expect, it } from "vitest";
import type { FaultsPatch } from "../daraja-simulator/faults.ts";
import { book, newPhone, pay, toProblem, toView, type Answer } from "../factories/calls.ts";
import { callbackBody, post } from "../factories/callbacks.ts";
import { expectLedgerIsDatabase } from "../factories/ledger.ts";
import { listen, type Listener } from "../factories/listener.ts";
import { enterPin, newestPrompt, pushesTo } from "../factories/paying.ts";
import { asked, theAttempt } from "../factories/records.ts";
import { deploymentOptions, deployments, sharedStack, stackForTest, type Stack } from "../fixtures.ts";

const GIVEN_UP_AFTER_MS = 10 * 60_000 + 1_000;

type Begun = { phone: string; bookingId: string; stream: Listener; answer: Answer };

/** Starts a payment whose push meets these faults. */
async function begin({ service, simulator }: Pick<Stack, "service" | "simulator">, faults: FaultsPatch): Promise<Begun> {
  const phone = newPhone();
  simulator.control.setFaultsForPhone(phone, faults);
  const { bookingId } = await book(service.url);
  const stream = await listen(service.url, bookingId);
  const answer = await pay(service.url, bookingId, phone);
  return { phone, bookingId, stream, answer };
}

/** The prompt may be on the phone. The answer says so, and a repeated request sends no second prompt. */
async function expectConfirming({ service }: Pick<Stack, "service">, { answer, bookingId, phone }: Begun): Promise<void> {
  expect(answer.status).toBe(202);
  expect(toView(answer)).toMatchObject({ payment_status: "pending", payment: { status: "confirming" } });
  const again = await pay(service.url, bookingId, phone);
  expect(again.status).toBe(409);
  expect(toProblem(again)).toMatchObject({ code: "attempt_open", booking: { payment: { status: "confirming" } } });
}

describe.each(deployments)("when the push's reply is lost or unclear, and the prompt went out (%s)", (deployment) => {
  const stack = sharedStack(deployment);

  it.each<FaultsPatch>([
    { pushReply: "reset_after_accept" },
    { pushAnswer: "internal_error", pushAcceptedAnyway: true },
    { pushAnswer: "internal_error", pushAcceptedAnyway: true, pushAnswerStatus: 200 },
    { pushAnswer: "html", pushAcceptedAnyway: true },
    { pushAnswer: "html", pushAcceptedAnyway: true, pushAnswerStatus: 200 },
    { pushAnswer: "empty", pushAcceptedAnyway: true },
    { pushAnswer: "empty", pushAcceptedAnyway: true, pushAnswerStatus: 200 },
  ])("the callback pays, and no second prompt is sent: %j", async (faults) => {
    const { service, simulator } = stack();
    const begun = await begin({ service, simulator }, faults);
    await expectConfirming({ service }, begun);
    const receipt = await enterPin({ simulator }, await newestPrompt({ simulator }, begun.phone));
    expect((await begun.stream.untilStatus("paid")).payment?.receipt).toBe(receipt);
    expect(pushesTo({ simulator }, begun.phone)).toBe(1);
    await expectLedgerIsDatabase({ service, simulator });
  });
});

describe.each(deployments)("when no callback follows a lost reply (%s)", (deployment) => {
  const stackHere = async () => stackForTest(await deploymentOptions(deployment));

  it("the attempt fails with the reason unknown after ten minutes, and the parent can try again", async () => {
    const stack = await stackHere();
    const faults: FaultsPatch[] = [
      { pushReply: "reset_before_accept" },
      { pushAnswer: "internal_error" },
      { pushAnswer: "html" },
      { pushAnswer: "empty" },
    ];
    const begun = await Promise.all(faults.map((each) => begin(stack, each)));
    for (const each of begun) await expectConfirming(stack, each);
    stack.clock.advance(GIVEN_UP_AFTER_MS);
    for (const { stream, bookingId, phone } of begun) {
      expect((await stream.untilStatus("failed")).payment?.reason).toBe("unknown");
      expect(pushesTo(stack, phone)).toBe(0);
      stack.simulator.control.clearFaultsForPhone(phone);
      expect((await pay(stack.service.url, bookingId, phone)).status).toBe(200);
      await enterPin(stack, await stack.simulator.control.waitForPrompt(phone));
      await stream.untilStatus("paid");
      expect(pushesTo(stack, phone)).toBe(1);
    }
    await expectLedgerIsDatabase(stack);
  });

  it("money that moves after the ten minutes still pays, and the open stream shows it", async () => {
    const stack = await stackHere();
    const begun = await begin(stack, { pushReply: "reset_after_accept" });
    await expectConfirming(stack, begun);
    stack.clock.advance(GIVEN_UP_AFTER_MS);
    expect((await begun.stream.untilStatus("failed")).payment?.reason).toBe("unknown");
    const receipt = await enterPin(stack, await newestPrompt(stack, begun.phone));
    expect((await begun.stream.untilStatus("paid")).payment?.receipt).toBe(receipt);
    await expectLedgerIsDatabase(stack);
  });

  it("a callback that only names the prompt causes a query, which pays", async () => {
    const stack = await stackHere();
    const begun = await begin(stack, { pushReply: "reset_after_accept", callbackItems: "empty" });
    await expectConfirming(stack, begun);
    await enterPin(stack, await newestPrompt(stack, begun.phone));
    await begun.stream.untilStatus("paid");
    expect(await asked(stack, begun.bookingId, 1)).toMatchObject({ queries: 1, receipt: null });
    await expectLedgerIsDatabase(stack);
  });

  it("a callback that only names the prompt causes a query after the ten minutes too", async () => {
    const stack = await stackHere();
    const begun = await begin(stack, { pushReply: "reset_after_accept", callbackItems: "absent" });
    stack.clock.advance(GIVEN_UP_AFTER_MS);
    expect((await begun.stream.untilStatus("failed")).payment?.reason).toBe("unknown");
    await enterPin(stack, await newestPrompt(stack, begun.phone));
    await begun.stream.untilStatus("paid");
    await expectLedgerIsDatabase(stack);
  });

  it("a forged callback that names another prompt pays nothing", async () => {
    const stack = await stackHere();
    const begun = await begin(stack, { pushReply: "reset_after_accept" });
    const other = await newestPrompt(stack, begun.phone);
    // Ids can be guessed. Only callbacks on the secret address count.
    const url = `${stack.service.url}/callbacks/stk/${"0".repeat(64)}`;
    expect((await post(url, callbackBody(other, { code: 0, receipt: "UKN0000001" }))).status).toBe(200);
    expect(await theAttempt(stack, begun.bookingId)).toMatchObject({ status: "confirming", checkoutRequestId: null });
    await enterPin(stack, other);
    await begun.stream.untilStatus("paid");
    await expectLedgerIsDatabase(stack);
  });
});

describe("when Safaricom accepts the push and never replies", () => {
  // Nine seconds are the push's own deadline, so both deployments wait at the same time.
  it("the request is answered 202 after nine seconds, the callback pays, and nothing is sent twice", async () => {
    await Promise.all(
      deployments.map(async (deployment) => {
        const stack = await stackForTest(await deploymentOptions(deployment));
        const [accepted, lost] = await Promise.all([
          begin(stack, { pushReply: "hang_after_accept" }),
          begin(stack, { pushReply: "hang_before_accept" }),
        ]);
        await expectConfirming(stack, accepted);
        await expectConfirming(stack, lost);
        await enterPin(stack, await newestPrompt(stack, accepted.phone));
        await accepted.stream.untilStatus("paid");
        stack.clock.advance(GIVEN_UP_AFTER_MS);
        await lost.stream.untilStatus("failed");
        expect([pushesTo(stack, accepted.phone), pushesTo(stack, lost.phone)]).toEqual([1, 0]);
        await expectLedgerIsDatabase(stack);
      }),
    );
  });
});
