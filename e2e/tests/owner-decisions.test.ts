import { describe, expect, it } from "vitest";
import { z } from "zod";
import { bookingViewSchema } from "../../service/src/contract.ts";
import { book, bookingWish, newPhone, toProblem, view } from "../factories/calls.ts";
import { callbackBody, post } from "../factories/callbacks.ts";
import { somopay } from "../factories/command.ts";
import { environmentOf } from "../factories/operator.ts";
import { callAsOwner } from "../factories/owner.ts";
import { payByHand, receiptOf, registerPaybill, switchValidationOff } from "../factories/paybill.ts";
import { startPaying } from "../factories/paying.ts";
import { callbacksIn, callbacksRead, sessionsIn } from "../factories/records.ts";
import { until } from "../factories/until.ts";
import { stackForTest, type Stack } from "../fixtures.ts";

const why = { reason: "her mother called", actor: "Grace" };
const listSchema = z.object({ data: z.array(z.record(z.string(), z.unknown())) });

async function listOf(stack: Stack, name: string, headers = {}) {
  return listSchema.parse((await callAsOwner(stack.service.url, `/api/v1/${name}`, undefined, headers)).body).data;
}

function addAnotherSchool({ service }: Stack) {
  return service.service.siteStore.add({
    name: "Another school",
    allowedOrigins: ["https://other.example"],
    sessionTypes: [],
    secretKey: "sk_another_school_not_a_real_secret",
  });
}

/** Money for an account number that no booking has, from the M-Pesa menu. */
async function moneyWithoutBooking(stack: Stack): Promise<string> {
  await registerPaybill(stack);
  const receipt = receiptOf(await payByHand(stack, { phone: newPhone(), accountNumber: "LESSON", amountKes: 1_500 }));
  await callbacksRead(stack, 1);
  return receipt;
}

describe("an owner's server", () => {
  it("assigns money without a booking, once", async () => {
    const stack = await stackForTest();
    const { url } = stack.service;
    const receipt = await moneyWithoutBooking(stack);
    expect(await listOf(stack, "unassigned-money")).toMatchObject([{ receipt, amount: 1_500, accountNumber: "LESSON" }]);
    const booking = await book(url);
    const assign = (body: object, headers = {}) => callAsOwner(url, `/api/v1/unassigned-money/${receipt}/assign`, body, headers);
    expect(toProblem(await assign({ reference: "NOBODY", ...why }))).toMatchObject({ status: 404, code: "booking_not_found" });
    expect(toProblem(await assign({ reference: booking.reference }))).toMatchObject({ status: 400, code: "invalid_request" });
    const right = { reference: booking.reference, ...why };
    const answer = await assign(right, { "Idempotency-Key": "assign-1" });
    expect(answer).toMatchObject({ status: 200, body: { assignment: "booked", booking: { booking_status: "booked", amountPaid: 1_500 } } });
    expect((await assign(right, { "Idempotency-Key": "assign-1" })).body).toEqual(answer.body);
    expect(toProblem(await assign(right))).toMatchObject({ status: 404, code: "money_not_found" });
    expect(await listOf(stack, "unassigned-money")).toEqual([]);
    expect(await sessionsIn(stack)).toHaveLength(1);
  });

  it("enters money from its statement that Safaricom never reported", async () => {
    const stack = await stackForTest();
    const booking = await book(stack.service.url);
    const entered = { reference: booking.reference, amount: 1_000, ...why };
    const answer = await callAsOwner(stack.service.url, "/api/v1/unassigned-money/UKN7RT61SZ/assign", entered);
    expect(answer).toMatchObject({ status: 200, body: { assignment: "part", booking: { payment_status: "partial", amountDue: 500 } } });
  });

  it("sees no money without a booking if another site uses the same paybill: it may be the other's", async () => {
    const stack = await stackForTest();
    const receipt = await moneyWithoutBooking(stack);
    const other = await addAnotherSchool(stack);
    const booking = await book(stack.service.url);
    await until("the service knows the new site", async () => (await listOf(stack, "unassigned-money")).length === 0);
    for (const headers of [{}, { Authorization: `Bearer ${other.secretKey}` }]) {
      for (const list of ["unassigned-money", "callbacks", "attention"]) expect(await listOf(stack, list, headers)).toEqual([]);
      const wish = { reference: booking.reference, amount: 1_500, ...why };
      expect((await callAsOwner(stack.service.url, `/api/v1/unassigned-money/${receipt}/assign`, wish, headers)).status).toBe(404);
    }
    expect(await sessionsIn(stack)).toEqual([]);
  });

  it("replays a callback about its own payment, and no other site's", async () => {
    const stack = await stackForTest({ simulator: { faults: { callbackLost: true } } });
    const { url } = stack.service;
    const other = await addAnotherSchool(stack);
    const { prompt } = await startPaying(stack);
    await post(prompt.callbackUrl, callbackBody(prompt, { code: 1032 }));
    const [callback] = await callbacksRead(stack, 1);
    if (!callback) throw new Error("no callback");
    const { knex } = stack.service.service.database;
    await knex("callbacks").where({ id: callback.id }).update({ verdict: "unprocessable", note: "it cannot be processed: a test" });
    expect(await listOf(stack, "callbacks")).toMatchObject([{ callbackId: callback.id, kind: "stk", status: "unprocessable" }]);
    const replay = (headers = {}) => callAsOwner(url, `/api/v1/callbacks/${callback.id}/replay`, {}, headers);
    expect(toProblem(await replay({ Authorization: `Bearer ${other.secretKey}` }))).toMatchObject({ code: "callback_not_found" });
    expect((await replay()).status).toBe(202);
    await until("the callback processed", async () => (await callbacksIn(stack)).every(({ verdict }) => verdict === "duplicate"));
  });

  it("moves a booking that was paid after it had lapsed, and cancels it", async () => {
    const stack = await stackForTest();
    const { url } = stack.service;
    await registerPaybill(stack);
    const booked = await callAsOwner(url, "/api/bookings", { ...bookingWish, date: "2025-01-08" });
    const { bookingId, reference } = bookingViewSchema.parse(booked.body);
    await stack.service.service.database.knex("pending_sessions").where({ id: bookingId }).update({ status: "lapsed" });
    switchValidationOff(stack);
    receiptOf(await payByHand(stack, { phone: newPhone(), accountNumber: reference, amountKes: 1_500 }));
    await until("the money", async () => (await view(url, bookingId)).payment_status === "paid");
    expect(await view(url, bookingId)).toMatchObject({ booking_status: "lapsed", amountPaid: 1_500 });
    const listed = (await somopay(["attention"], { environment: environmentOf(stack) })).stdout;
    expect(listed).toContain("it had lapsed and is not booked: agree on another time, or give it back");
    expect(listed).toContain(`somopay bookings move ${reference} DATE TIME --reason WHY`);

    const move = (body: object) => callAsOwner(url, `/api/v1/bookings/${bookingId}/move`, body);
    expect(toProblem(await move({ date: "2025-02-08", time: "10:00", ...why }))).toMatchObject({ status: 422, code: "date_in_past" });
    expect(toProblem(await move({ date: "8 February", time: "10:00", ...why }))).toMatchObject({ status: 400 });
    expect(await move({ date: "2036-12-10", time: "11:00", ...why })).toMatchObject({
      status: 200,
      body: { booking_status: "booked", session: { date: "2036-12-10", time: "11:00" } },
    });
    const again = await somopay(["bookings", "move", reference, "2036-12-11", "09:00", "--reason", "she asked"], {
      environment: environmentOf(stack),
    });
    expect(again.stdout).toBe("Moved to 2036-12-11 09:00: the booking is booked.\n");
    const cancelled = await somopay(["bookings", "cancel", reference, "--reason", "she is ill"], { environment: environmentOf(stack) });
    expect(cancelled.stdout).toMatch(/^Cancelled\. Its money is to be given back:\n {2}somopay money refund \w+\n$/);
    expect(await view(url, bookingId)).toMatchObject({ booking_status: "cancelled", payment_status: "paid", surplus: 1_500 });
    expect(toProblem(await callAsOwner(url, `/api/v1/bookings/${bookingId}/cancel`, why))).toMatchObject({ code: "booking_cancelled" });
  });
});
