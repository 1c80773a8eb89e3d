import { describe, expect, it } from "vitest";
import { createAttentionStore } from "../../service/src/payments/operator/attention-store.ts";
import { book, call, newPhone, pay, toProblem, view } from "../factories/calls.ts";
import { listen } from "../factories/listener.ts";
import { askForRefund, refundEnds } from "../factories/owner.ts";
import { enterPin, newestPrompt } from "../factories/paying.ts";
import { payByHand, receiptOf, registerPaybill, switchValidationOff } from "../factories/paybill.ts";
import { attemptsIn, sessionsIn } from "../factories/records.ts";
import { until } from "../factories/until.ts";
import { deploymentOptions, deployments, stackForTest, type Deployment, type Stack } from "../fixtures.ts";

async function stackWithPaybill(deployment: Deployment, options: Parameters<typeof stackForTest>[0] = {}): Promise<Stack> {
  const stack = await stackForTest({ ...(await deploymentOptions(deployment)), ...options });
  await registerPaybill(stack);
  return stack;
}

/** Somebody pays from the M-Pesa menu; resolves with the receipt once the booking shows the money. */
async function payPart(
  stack: Stack,
  { bookingId, reference }: { bookingId: string; reference: string },
  amountKes: number,
): Promise<string> {
  const before = (await view(stack.service.url, bookingId)).amountPaid;
  const receipt = receiptOf(await payByHand(stack, { phone: newPhone(), accountNumber: reference, amountKes }));
  await until("the money in the booking", async () => (await view(stack.service.url, bookingId)).amountPaid === before + amountKes);
  return receipt;
}

/** The money moves, and is only reported. */
function payUnasked(stack: Stack, booking: { bookingId: string; reference: string }, amountKes: number): Promise<string> {
  switchValidationOff(stack);
  return payPart(stack, booking, amountKes);
}

const receiptPage = async (stack: Stack, bookingId: string): Promise<string> =>
  String((await call(stack.service.url, `/api/booking/${bookingId}/receipt`)).body);

describe.each(deployments)("part payments (%s)", (deployment) => {
  it("add up: 1,000 and 500 by hand book a session of 1,500", async () => {
    const stack = await stackWithPaybill(deployment);
    const { url } = stack.service;
    const booking = await book(url);
    const stream = await listen(url, booking.bookingId);
    const first = await payPart(stack, booking, 1_000);
    const partial = await stream.untilStatus("partial");
    expect(partial).toMatchObject({ amountPaid: 1_000, amountDue: 500, booking_status: "pending", payManually: { amount: 500 } });
    expect((await call(url, `/api/booking/${booking.bookingId}/calendar.ics`)).status).toBe(404);
    expect(await receiptPage(stack, booking.bookingId)).toContain("KES\u00a01,000 of KES\u00a01,500 paid so far.");
    expect(await sessionsIn(stack)).toEqual([]);

    const second = await payPart(stack, booking, 500);
    const paid = await stream.untilStatus("paid");
    expect(paid).toMatchObject({ amountPaid: 1_500, amountDue: 0, booking_status: "booked" });
    expect(paid.surplus).toBeUndefined();
    expect(paid.payManually).toBeUndefined();
    expect(await sessionsIn(stack)).toHaveLength(1);
    const page = await receiptPage(stack, booking.bookingId);
    for (const receipt of [first, second]) expect(page).toContain(receipt);
    expect((await call(url, `/api/booking/${booking.bookingId}/calendar.ics`)).status).toBe(200);
  });

  it("a prompt asks for what is still due, and its money books the session", async () => {
    const stack = await stackWithPaybill(deployment);
    const { url } = stack.service;
    const booking = await book(url);
    await payPart(stack, booking, 1_000);
    const wrong = await call(url, "/api/pay/mpesa", { body: { bookingId: booking.bookingId, phone: newPhone(), amount: 1_500 } });
    expect(wrong.status).toBe(422);
    const phone = newPhone();
    const stream = await listen(url, booking.bookingId);
    expect((await pay(url, booking.bookingId, phone)).status).toBe(200);
    const prompt = await newestPrompt(stack, phone);
    expect(prompt.amountKes).toBe(500);
    await enterPin(stack, prompt);
    expect(await stream.untilStatus("paid")).toMatchObject({ amountPaid: 1_500, booking_status: "booked" });
    expect((await attemptsIn(stack, booking.bookingId)).map(({ amountKes }) => amountKes)).toEqual([1_000, 500]);
  });

  it("2,000 for 1,500 books the session, and 500 are surplus", async () => {
    const stack = await stackWithPaybill(deployment);
    const booking = await book(stack.service.url);
    const receipt = await payPart(stack, booking, 2_000);
    expect(await view(stack.service.url, booking.bookingId)).toMatchObject({
      payment_status: "paid",
      booking_status: "booked",
      amountPaid: 2_000,
      surplus: 500,
    });
    expect(await createAttentionStore(stack.service.service.database).surplus(null)).toMatchObject([{ receipt, amountKes: 500 }]);
  });

  it("KES 1 for a booking that has lapsed is neither paid nor booked", async () => {
    const stack = await stackWithPaybill(deployment);
    const { url } = stack.service;
    const booking = await book(url);
    const { knex } = stack.service.service.database;
    await knex("pending_sessions").where({ id: booking.bookingId }).update({ status: "lapsed" });
    await payUnasked(stack, booking, 1);
    expect(await view(url, booking.bookingId)).toMatchObject({ payment_status: "partial", booking_status: "lapsed", amountPaid: 1 });
    expect(await receiptPage(stack, booking.bookingId)).toContain("KES\u00a01<");
    expect((await call(url, `/api/booking/${booking.bookingId}/calendar.ics`)).status).toBe(404);
    expect(await sessionsIn(stack)).toEqual([]);
    expect(await createAttentionStore(stack.service.service.database).unevenBookings(null)).toMatchObject([
      { reference: booking.reference, status: "lapsed", amountPaidKes: 1 },
    ]);
  });

  it("full money after the lapse books the session while that is ahead", async () => {
    const stack = await stackWithPaybill(deployment);
    const booking = await book(stack.service.url, { date: "2036-12-08" });
    await lapse(stack, booking.bookingId);
    await payUnasked(stack, booking, 1_500);
    expect(await view(stack.service.url, booking.bookingId)).toMatchObject({ payment_status: "paid", booking_status: "booked" });
    expect(await sessionsIn(stack)).toHaveLength(1);
  });

  it("full money after the session's time, or for a place that was taken meanwhile, is kept for the owner", async () => {
    const stack = await stackWithPaybill(deployment);
    const { url } = stack.service;
    const [over, taken, other] = [
      await book(url, { date: "2036-12-07" }),
      await book(url, { date: "2036-12-08" }),
      await book(url, { date: "2036-12-08" }),
    ];
    const { knex } = stack.service.service.database;
    await knex("pending_sessions").where({ id: over.bookingId }).update({ date: "2020-01-06" });
    for (const { bookingId } of [over, taken]) await lapse(stack, bookingId);
    await payPart(stack, other, 1_500);
    for (const booking of [over, taken]) {
      await payUnasked(stack, booking, 1_500);
      expect(await view(url, booking.bookingId)).toMatchObject({ payment_status: "paid", booking_status: "lapsed", amountDue: 0 });
      expect(await receiptPage(stack, booking.bookingId)).toContain("Please ask for another time.");
    }
    expect((await sessionsIn(stack)).map(({ pending_session_id }) => pending_session_id)).toEqual([other.bookingId]);
    const listed = await createAttentionStore(stack.service.service.database).unevenBookings(null);
    expect(listed.map(({ reference }) => reference).toSorted()).toEqual([over.reference, taken.reference].toSorted());
  });

  it("a booking of which all was refunded is cancelled, and its payment refunded", async () => {
    const stack = await stackWithPaybill(deployment, { initiator: true });
    const { url } = stack.service;
    const booking = await book(url);
    await payPart(stack, booking, 1_000);
    await payPart(stack, booking, 500);
    const [first, second] = await attemptsIn(stack, booking.bookingId);
    if (!first || !second) throw new Error("two payments");
    expect((await askForRefund(url, first.id)).status).toBe(202);
    await refundEnds(url, first.id, "done");
    expect(await view(url, booking.bookingId)).toMatchObject({ payment_status: "partial", booking_status: "booked", amountPaid: 500 });
    expect((await askForRefund(url, second.id)).status).toBe(202);
    await refundEnds(url, second.id, "done");
    expect(await view(url, booking.bookingId)).toMatchObject({ payment_status: "refunded", booking_status: "cancelled", amountPaid: 0 });
    expect((await call(url, `/api/booking/${booking.bookingId}/calendar.ics`)).status).toBe(404);
    const again = await pay(url, booking.bookingId, newPhone());
    expect(toProblem(again)).toMatchObject({ status: 409, code: "booking_cancelled", booking: { booking_status: "cancelled" } });
  });
});

/** Its time runs out; the background work of the running service lapses it. */
async function lapse(stack: Stack, bookingId: string): Promise<void> {
  const { knex } = stack.service.service.database;
  await knex("pending_sessions")
    .where({ id: bookingId, status: "pending" })
    .update({ status: "lapsed", version: knex.raw("version + 1") });
}
