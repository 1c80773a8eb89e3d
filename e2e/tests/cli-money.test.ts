import { describe, expect, it } from "vitest";
import { book, newPhone, view } from "../factories/calls.ts";
import { somopay, type Ended } from "../factories/command.ts";
import { expectLedgerIsDatabase } from "../factories/ledger.ts";
import { environmentOf } from "../factories/operator.ts";
import { paymentOf, refundEnds } from "../factories/owner.ts";
import { enterPin, startPaying } from "../factories/paying.ts";
import { payByHand, receiptOf } from "../factories/paybill.ts";
import { theAttempt } from "../factories/records.ts";
import { until } from "../factories/until.ts";
import { initiatorIn, stackForTest, type Stack } from "../fixtures.ts";

/** Runs commands as the operator does, on the machine of the running service. */
async function run(stack: Stack, ...args: string[]): Promise<Ended> {
  const initiator = await initiatorIn(stack.dataDir, stack.simulator);
  return somopay(args, { environment: { ...environmentOf(stack), ...initiator } });
}

const list = async (stack: Stack) => (await run(stack, "money", "list")).stdout.trim().split("\n");

describe("somopay money", () => {
  it("lists unassigned money, and books the session that it is assigned to", async () => {
    const stack = await stackForTest({ initiator: true });
    expect(await list(stack)).toEqual(["Nothing needs a decision."]);
    expect(await run(stack, "c2b", "register")).toMatchObject({ code: 0 });
    const { bookingId, reference } = await book(stack.service.url);
    const receipt = receiptOf(await payByHand(stack, { phone: newPhone(), accountNumber: "LESSON", amountKes: 1_500 }));
    await until("the money in the list", async () => (await list(stack)).some((line) => line.includes(receipt)));
    expect((await run(stack, "money", "assign", receipt, "NOBODY")).code).toBe(1);
    expect(await run(stack, "money", "assign", receipt, reference)).toMatchObject({
      code: 0,
      stdout: "Assigned: the session is booked.\n",
    });
    expect(await view(stack.service.url, bookingId)).toMatchObject({ payment_status: "paid", payment: { receipt } });
    expect(await list(stack)).toEqual(["Nothing needs a decision."]);
    await expectLedgerIsDatabase(stack);
  });

  it("refunds a payment by its receipt, and lists refunds that Safaricom did not carry out", async () => {
    const stack = await stackForTest({ initiator: true });
    const { booking, prompt, stream } = await startPaying(stack);
    const receipt = await enterPin(stack, prompt);
    await stream.untilStatus("paid");
    const { id } = await theAttempt(stack, booking.bookingId);
    stack.simulator.control.nextFaults({ resultFailure: "26" }, { request: "reversal" });
    expect(await run(stack, "money", "refund", receipt.toLowerCase())).toMatchObject({ code: 0 });
    await refundEnds(stack.service.url, id, "failed");
    const [kind, what, command] = await list(stack);
    expect([kind, command]).toEqual(["refund", `  somopay money refund ${receipt}`]);
    expect(what).toContain(`refund of ${receipt}, KES 1,500, failed`);
    expect((await run(stack, "money", "refund", receipt)).stdout).toContain("Refund of KES 1500 requested");
    await refundEnds(stack.service.url, id, "done");
    expect((await paymentOf(stack.service.url, id)).status).toBe("refunded");
    expect(await list(stack)).toEqual(["Nothing needs a decision."]);
    expect(await run(stack, "money", "refund", receipt)).toMatchObject({
      code: 1,
      stdout: "The payment is refunded; only a paid one can be refunded.\n",
    });
    expect((await run(stack, "money", "refund", "UKN0000000")).code).toBe(1);
    await expectLedgerIsDatabase(stack);
  });
});
