import { describe, expect, it } from "vitest";
import { newPhone, pay, view } from "../factories/calls.ts";
import { callbackBody, post } from "../factories/callbacks.ts";
import { expectLedgerIsDatabase } from "../factories/ledger.ts";
import { enterPin, newestPrompt, startPaying } from "../factories/paying.ts";
import { registerPaybill } from "../factories/paybill.ts";
import { asked, attemptsIn, historyIn, sessionsIn, theAttempt } from "../factories/records.ts";
import { until } from "../factories/until.ts";
import { deploymentOptions, deployments, sharedStack, stackForTest } from "../fixtures.ts";

/** The service refuses another prompt until the unanswered one is certainly over. */
const PROMPT_LIFE_MS = 60_000;
/** The service queries a failed prompt again 2 minutes after its failure. */
const ASKED_AGAIN_MS = 121_000;

describe.each(deployments)("money that moves after the failure (%s)", (deployment) => {
  const stack = sharedStack(deployment, { simulator: { timings: { noAnswerAfterMs: 0, lockMs: 0 } } });

  it("pays and books, on the stream that stayed open", async () => {
    const { service, simulator } = stack();
    const phone = newPhone();
    simulator.control.setRule(phone, { action: "no_answer" });
    simulator.control.setFaultsForPhone(phone, { lateMoneyMs: 300 });
    const { booking, stream } = await startPaying(stack(), { phone });
    expect((await stream.untilStatus("failed")).payment?.reason).toBe("no_answer");
    const paid = await stream.untilStatus("paid");
    expect(paid.payment).toEqual(expect.objectContaining({ status: "paid", receipt: simulator.ledger.at(-1)?.receipt }));
    expect(paid.payment?.reason).toBeUndefined();
    await stream.ended;
    const { id } = await theAttempt({ service }, booking.bookingId);
    // The prompt ends at once: its callback and the push's reply may come in either order.
    const steps = (await historyIn({ service }, id)).map(({ to_status }) => to_status).filter((status) => status !== "prompted");
    expect(steps).toEqual(["requested", "failed", "paid"]);
    await expectLedgerIsDatabase({ service, simulator });
  });

  /** The first prompt is reported as unanswered though it is open, and a second one is open on another phone. */
  async function twoPrompts() {
    const { service, simulator, clock } = stack();
    const first = await startPaying(stack());
    const { bookingId } = first.booking;
    await post(first.prompt.callbackUrl, callbackBody(first.prompt, { code: 1037 }));
    await first.stream.untilStatus("failed");
    clock.advance(PROMPT_LIFE_MS);
    const otherPhone = newPhone();
    expect((await pay(service.url, bookingId, otherPhone)).status).toBe(200);
    return { service, simulator, bookingId, first, second: await newestPrompt({ simulator }, otherPhone) };
  }

  it("for the first attempt is surplus if the second has paid, and books nothing", async () => {
    const { logLines } = stack();
    const { service, simulator, bookingId, first, second } = await twoPrompts();
    const receipt = await enterPin({ simulator }, second);
    const paid = await first.stream.untilStatus("paid");

    const late = await enterPin({ simulator }, first.prompt);
    await until("the surplus", async () => (await attemptsIn({ service }, bookingId)).every(({ status }) => status === "paid"));
    expect((await attemptsIn({ service }, bookingId)).map((attempt) => [attempt.receipt, attempt.surplusKes > 0])).toEqual([
      [late, true],
      [receipt, false],
    ]);
    expect((await sessionsIn({ service })).filter(({ pending_session_id }) => pending_session_id === bookingId)).toHaveLength(1);
    const after = await view(service.url, bookingId);
    expect(after.payment).toEqual(paid.payment);
    expect(after.version).toBe(paid.version + 1);
    expect(await until("a warning", () => logLines.find((line) => line.includes("payment beyond what the booking needed")))).toContain(
      '"level":"warn"',
    );
    await expectLedgerIsDatabase({ service, simulator });
  });

  it("for the first attempt pays while the second is open; the second's money is then surplus", async () => {
    const { service, simulator, bookingId, first, second } = await twoPrompts();

    const receipt = await enterPin({ simulator }, first.prompt);
    expect((await first.stream.untilStatus("paid")).payment?.receipt).toBe(receipt);
    const third = await pay(service.url, bookingId, newPhone());
    expect(third.status).toBe(409);
    await enterPin({ simulator }, second);
    await until("the surplus", async () => (await attemptsIn({ service }, bookingId)).every(({ status }) => status === "paid"));
    expect((await attemptsIn({ service }, bookingId)).map(({ surplusKes }) => surplusKes > 0)).toEqual([false, true]);
    await expectLedgerIsDatabase({ service, simulator });
  });

  it("for the first attempt pays while the second is open; the second can be cancelled", async () => {
    const { service, simulator, bookingId, first, second } = await twoPrompts();
    await enterPin({ simulator }, first.prompt);
    await first.stream.untilStatus("paid");
    simulator.control.cancel(second.checkoutRequestId);
    await until("the second's end", async () => (await attemptsIn({ service }, bookingId))[1]?.status === "failed");
    expect((await view(service.url, bookingId)).payment_status).toBe("paid");
    await expectLedgerIsDatabase({ service, simulator });
  });
});

describe.each(deployments)("money after the failure, without a callback (%s)", (deployment) => {
  const failed = async () => {
    const options = { simulator: { timings: { noAnswerAfterMs: 60_000, lockMs: 0 } } };
    const stack = await stackForTest({ ...(await deploymentOptions(deployment)), ...options });
    const paying = await startPaying(stack);
    await post(paying.prompt.callbackUrl, callbackBody(paying.prompt, { code: 1037 }));
    await paying.stream.untilStatus("failed");
    stack.simulator.control.setFaults({ callbackLost: true });
    return { stack, ...paying };
  };

  it("is found by another query, and books", async () => {
    const { stack, prompt, booking, stream } = await failed();
    await enterPin(stack, prompt);
    stack.clock.advance(ASKED_AGAIN_MS);
    expect((await stream.untilStatus("paid")).payment?.status).toBe("paid");
    expect(await asked(stack, booking.bookingId, 1)).toMatchObject({ nextQueryAtMs: null, surplusKes: 0 });
    await expectLedgerIsDatabase(stack);
  });

  it("is surplus if a second attempt has paid meanwhile", async () => {
    const { stack, prompt, booking, stream } = await failed();
    stack.simulator.control.setFaults({ callbackLost: false });
    stack.clock.advance(PROMPT_LIFE_MS);
    const otherPhone = newPhone();
    await pay(stack.service.url, booking.bookingId, otherPhone);
    await enterPin(stack, await newestPrompt(stack, otherPhone));
    await stream.untilStatus("paid");
    stack.simulator.control.setFaults({ callbackLost: true });
    await enterPin(stack, prompt);
    stack.clock.advance(ASKED_AGAIN_MS);
    await until("the surplus", async () => (await attemptsIn(stack, booking.bookingId)).every(({ status }) => status === "paid"));
    expect((await attemptsIn(stack, booking.bookingId)).map(({ surplusKes }) => surplusKes > 0)).toEqual([true, false]);
    await expectLedgerIsDatabase(stack);
  });

  it("counts once if the paybill's notice has reported it before", async () => {
    const { stack, prompt, booking, stream } = await failed();
    await registerPaybill(stack);
    const receipt = await enterPin(stack, prompt);
    expect((await stream.untilStatus("paid")).payment?.receipt).toBe(receipt);
    stack.clock.advance(ASKED_AGAIN_MS);
    await expectLedgerIsDatabase(stack);
    expect(await theAttempt(stack, booking.bookingId)).toMatchObject({ receipt, surplusKes: 0 });
  });
});

describe.each(deployments)("money for a booking that lapsed (%s)", (deployment) => {
  it("books the session, which is still ahead", async () => {
    const stack = await stackForTest(await deploymentOptions(deployment));
    const { booking, prompt, stream } = await startPaying(stack);
    await post(prompt.callbackUrl, callbackBody(prompt, { code: 1037 }));
    await stream.untilStatus("failed");
    const { knex } = stack.service.service.database;
    // The housekeeping of every minute does this once the booking's life is over. The test does not wait for it.
    await knex("pending_sessions")
      .where({ id: booking.bookingId })
      .update({ status: "lapsed", version: knex.raw("version + 1") });
    await enterPin(stack, prompt);
    await until("the money", async () => (await theAttempt(stack, booking.bookingId)).status === "paid");
    expect(await theAttempt(stack, booking.bookingId)).toMatchObject({ surplusKes: 0, sessionId: expect.any(String) });
    expect(await sessionsIn(stack)).toHaveLength(1);
    await expectLedgerIsDatabase(stack);
  });
});
