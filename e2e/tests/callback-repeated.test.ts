import { describe, expect, it } from "vitest";
import type { FaultsPatch } from "../daraja-simulator/faults.ts";
import { expectLedgerIsDatabase } from "../factories/ledger.ts";
import { post } from "../factories/callbacks.ts";
import { enterPin, startPaying } from "../factories/paying.ts";
import { asked, callbacksIn, callbacksRead, historyIn, sessionsIn, tally, theAttempt } from "../factories/records.ts";
import { deploymentOptions, deployments, sharedStack, stackForTest } from "../fixtures.ts";

/** The shapes of a success callback that has an amount. */
const shapes: FaultsPatch[] = [
  { callbackCodes: "string" },
  { callbackItems: "four" },
  { callbackItemsReordered: true },
  { callbackPhone: "masked" },
  { callbackPhone: "absent" },
  { callbackPhone: "string" },
  { callbackAmount: "integer" },
  { callbackAmount: "string" },
  { callbackBalance: "number" },
  { callbackBalance: "string" },
  { callbackBracketedText: true },
];

describe.each(deployments)("a callback that comes more than once (%s)", (deployment) => {
  const stack = sharedStack(deployment);

  it.each([2, 4, 20])("%i copies at once pay once and book once", async (copies) => {
    const { service, simulator } = stack();
    const before = (await callbacksIn({ service })).length;
    simulator.control.nextFaults({ callbackCopies: copies });
    const { booking, prompt, stream } = await startPaying(stack());
    const receipt = await enterPin(stack(), prompt);
    expect((await stream.untilStatus("paid")).payment?.receipt).toBe(receipt);
    await simulator.control.waitForDelivery(prompt.checkoutRequestId, { count: copies });

    expect(simulator.control.deliveriesOf(prompt.checkoutRequestId).map(({ status }) => status)).toEqual(Array<number>(copies).fill(200));
    const { id } = await theAttempt({ service }, booking.bookingId);
    const mine = (await callbacksRead({ service }, before + copies)).filter(({ payment_id }) => payment_id === id);
    expect(tally(mine.map(({ verdict }) => verdict))).toEqual({ verified: 1, duplicate: copies - 1 });
    expect((await historyIn({ service }, id)).filter(({ to_status }) => to_status === "paid")).toHaveLength(1);
    expect((await sessionsIn({ service })).filter(({ payment_id }) => payment_id === id)).toHaveLength(1);
    await expectLedgerIsDatabase({ service, simulator });
  });

  it("repeated a day later changes nothing, whether its outcome is the same or another", async () => {
    const { service, simulator } = stack();
    const { booking, prompt, stream } = await startPaying(stack());
    await enterPin(stack(), prompt);
    const paid = await stream.untilStatus("paid");
    const sent = await simulator.control.waitForDelivery(prompt.checkoutRequestId);
    const before = (await callbacksRead({ service }, 1)).length;
    expect((await post(prompt.callbackUrl, sent.body)).status).toBe(200);
    expect(
      (await post(prompt.callbackUrl, sent.body.replace('"ResultCode":0', '"ResultCode":1032').replace(/,"CallbackMetadata".*\]\}/, "")))
        .status,
    ).toBe(200);
    const rows = await callbacksRead({ service }, before + 2);
    expect(rows.slice(before).map(({ verdict }) => verdict)).toEqual(["duplicate", "duplicate"]);
    expect(await theAttempt({ service }, booking.bookingId)).toMatchObject({ status: "paid", receipt: paid.payment?.receipt });
    await expectLedgerIsDatabase({ service, simulator });
  });

  it.each(shapes)("pays in this shape: %o", async (faults) => {
    const { service, simulator } = stack();
    simulator.control.nextFaults({ ...faults, callbackCopies: 2 });
    const { prompt, stream } = await startPaying(stack());
    const receipt = await enterPin(stack(), prompt);
    expect((await stream.untilStatus("paid")).payment).toMatchObject({ status: "paid", receipt });
    await simulator.control.waitForDelivery(prompt.checkoutRequestId, { count: 2 });
    await expectLedgerIsDatabase({ service, simulator });
  });

  it("gives the reason if the code is a string and the text has brackets", async () => {
    const { service, simulator } = stack();
    simulator.control.nextFaults({ callbackCodes: "string", callbackBracketedText: true, callbackCopies: 3 });
    const { prompt, stream } = await startPaying(stack());
    simulator.control.cancel(prompt.checkoutRequestId);
    expect((await stream.untilStatus("failed")).payment?.reason).toBe("cancelled");
    await simulator.control.waitForDelivery(prompt.checkoutRequestId, { count: 3 });
    await expectLedgerIsDatabase({ service, simulator });
  });
});

describe.each(deployments)("a success callback without an amount (%s)", (deployment) => {
  it.each(["empty", "absent"] as const)("causes a query at once: items %s", async (callbackItems) => {
    const stack = await stackForTest(await deploymentOptions(deployment));
    stack.simulator.control.setFaults({ callbackItems, callbackCopies: 3 });
    const { booking, prompt, stream } = await startPaying(stack);
    await enterPin(stack, prompt);
    const paid = await stream.untilStatus("paid");
    expect(paid.payment?.receipt).toBeUndefined();
    await stack.simulator.control.waitForDelivery(prompt.checkoutRequestId, { count: 3 });
    const rows = await callbacksRead(stack, 3);
    expect(rows.filter(({ verdict }) => verdict === "unverified")[0]?.note).toBe("it does not say the amount");
    const { id, queries } = await asked(stack, booking.bookingId, 1);
    expect(queries).toBe(1);
    expect((await historyIn(stack, id)).at(-1)).toMatchObject({ to_status: "paid", source: "query" });
    await expectLedgerIsDatabase(stack);
  });
});
