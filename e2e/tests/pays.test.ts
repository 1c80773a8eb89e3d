import { describe, expect, it } from "vitest";
import { book, newPhone, pay, toView, view } from "../factories/calls.ts";
import { listen } from "../factories/listener.ts";
import { deploymentOptions, deployments, stackForTest } from "../fixtures.ts";

describe.each(deployments)("a parent pays (%s)", (deployment) => {
  it("sees paid with the receipt on the open stream, and the session is booked", async () => {
    const { service, simulator } = await stackForTest(await deploymentOptions(deployment));
    const phone = newPhone();
    const booking = await book(service.url);
    expect(booking).toMatchObject({ amount: 1_500, payment_status: "unpaid", payment: null, version: 1 });

    const answer = await pay(service.url, booking.bookingId, phone);
    expect(answer.status).toBe(200);
    expect(toView(answer)).toMatchObject({
      payment_status: "pending",
      payment: { status: "prompted", phone: `2547•••••${phone.slice(-3)}` },
    });

    const stream = await listen(service.url, booking.bookingId);
    const prompt = await simulator.control.waitForPrompt(phone);
    expect(prompt).toMatchObject({ amountKes: 1_500, accountReference: booking.reference });
    simulator.control.pay(prompt.checkoutRequestId);

    const paid = await stream.untilStatus("paid");
    const [entry] = simulator.ledger;
    expect(paid.payment).toMatchObject({ status: "paid", receipt: entry?.receipt });
    await stream.ended;
    expect(await view(service.url, booking.bookingId)).toEqual(paid);
    expect(await service.service.database.knex("sessions").select("pending_session_id", "amount", "child_name")).toEqual([
      { pending_session_id: booking.bookingId, amount: 1_500, child_name: "Amani Kamau" },
    ]);
  });
});
