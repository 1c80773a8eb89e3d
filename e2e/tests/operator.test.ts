import { describe, expect, it } from "vitest";
import { book, newPhone, toProblem, view } from "../factories/calls.ts";
import { callbackBody, post } from "../factories/callbacks.ts";
import { somopay, type Ended } from "../factories/command.ts";
import { environmentOf } from "../factories/operator.ts";
import { callAsOwner } from "../factories/owner.ts";
import { startPaying } from "../factories/paying.ts";
import { payByHand, receiptOf, registerPaybill } from "../factories/paybill.ts";
import { callbacksIn, callbacksRead, historyIn, sessionsIn, theAttempt } from "../factories/records.ts";
import { until } from "../factories/until.ts";
import { stackForTest, type Stack } from "../fixtures.ts";

/** The operator's shell, on the machine of the running service. */
const run = (stack: Stack, ...args: string[]): Promise<Ended> => somopay(args, { environment: environmentOf(stack) });

const attention = async (stack: Stack): Promise<string> => (await run(stack, "attention")).stdout;

/** A prompt about which Safaricom never says anything, ten minutes after it was sent. */
async function undecidedPayment(stack: Stack) {
  const paying = await startPaying(stack);
  const { bookingId } = paying.booking;
  stack.clock.advance(10 * 60_000 + 1_000);
  await until("the service gives up waiting", async () => (await theAttempt(stack, bookingId)).reason === "unknown");
  return { ...paying, paymentId: (await theAttempt(stack, bookingId)).id };
}

/** Three payments without a prompt: a part of a price, more than a price, and one that names no booking. */
async function unevenMoney() {
  const stack = await stackForTest();
  await registerPaybill(stack);
  const [part, more] = [await book(stack.service.url), await book(stack.service.url)];
  const payTo = async (accountNumber: string, amountKes: number) =>
    receiptOf(await payByHand(stack, { phone: newPhone(), accountNumber, amountKes }));
  const receipts = [await payTo(part.reference, 1_000), await payTo(more.reference, 2_000), await payTo("LESSON", 700)];
  await callbacksRead(stack, 3);
  return { stack, part, more, receipts };
}

const silent = (queryAnswer: "being_processed" | "does_not_exist" | "E3008") => ({ faults: { callbackLost: true, queryAnswer } });

describe("an operator", () => {
  it.each(["does_not_exist", "E3008"] as const)(
    "is told of a payment that Safaricom never decides (%s), and settles it as paid",
    async (answer) => {
      const stack = await stackForTest({ simulator: silent(answer) });
      expect(await attention(stack)).toBe("Nothing needs a decision.\n");
      const { booking, paymentId } = await undecidedPayment(stack);
      expect(await view(stack.service.url, booking.bookingId)).toMatchObject({ payment_status: "failed", payment: { reason: "unknown" } });
      const listed = await attention(stack);
      expect(listed).toContain(`booking ${booking.reference}: KES 1,500`);
      expect(listed).toContain(`somopay payments settle ${paymentId} --paid RECEIPT --reason WHY`);

      const why = ["--reason", "on the statement of 8 December", "--by", "Grace"];
      expect((await run(stack, "payments", "settle", paymentId, "--paid", "UKN7RT61SV")).code).toBe(2);
      expect((await run(stack, "payments", "settle", paymentId, "--paid", "no", ...why)).code).toBe(1);
      expect(await run(stack, "payments", "settle", paymentId, "--paid", "ukn7rt61sv", ...why)).toMatchObject({
        code: 0,
        stdout: "Settled: the payment is paid.\n",
      });
      expect(await view(stack.service.url, booking.bookingId)).toMatchObject({
        payment_status: "paid",
        booking_status: "booked",
        payment: { receipt: "UKN7RT61SV" },
      });
      expect(await sessionsIn(stack)).toHaveLength(1);
      expect((await historyIn(stack, paymentId)).at(-1)).toMatchObject({
        to_status: "paid",
        source: "operator",
        actor: "Grace",
        note: "on the statement of 8 December",
      });
      expect(await attention(stack)).toBe("Nothing needs a decision.\n");
      expect((await run(stack, "payments", "settle", paymentId, "--not-paid", ...why)).stdout).toBe("The payment is paid already.\n");
    },
  );

  it("settles it as not paid; money that comes later still counts", async () => {
    const stack = await stackForTest({ simulator: silent("being_processed") });
    const { booking, paymentId, prompt } = await undecidedPayment(stack);
    expect((await run(stack, "payments", "settle", paymentId, "--not-paid", "--reason", "not on the statement")).code).toBe(0);
    expect(await view(stack.service.url, booking.bookingId)).toMatchObject({ payment_status: "failed", payment: { reason: "rejected" } });
    expect(await attention(stack)).toBe("Nothing needs a decision.\n");
    await post(prompt.callbackUrl, callbackBody(prompt, { code: 0, receipt: "UKN7RT61SW" }));
    await until("the late money", async () => (await view(stack.service.url, booking.bookingId)).booking_status === "booked");
  });

  it("enters money that Safaricom never reported, and it books the session", async () => {
    const stack = await stackForTest();
    const booking = await book(stack.service.url);
    const assign = ["money", "assign", "UKN7RT61SX", booking.reference];
    expect((await run(stack, ...assign)).code).toBe(1);
    const entered = [...assign, "--amount", "1500", "--paybill", "174379", "--reason", "statement, after the restore"];
    expect((await run(stack, ...entered.with(5, "1500.50"))).code).toBe(2);
    expect(await run(stack, ...entered)).toMatchObject({ code: 0, stdout: "Assigned: the session is booked.\n" });
    expect(await view(stack.service.url, booking.bookingId)).toMatchObject({
      booking_status: "booked",
      payment: { receipt: "UKN7RT61SX" },
    });
    expect((await run(stack, ...entered)).code).toBe(1);
    expect(await sessionsIn(stack)).toHaveLength(1);
  });

  it("is told of part payments, surplus and money that matches no booking, in words", async () => {
    const { stack, part, receipts } = await unevenMoney();
    const listed = await attention(stack);
    expect(listed).toContain(
      `booking ${part.reference} (Maths, one hour, Tuesday, 9 December 2036, 10:00): KES 1,000 of KES 1,500 paid, and the parent may pay the rest`,
    );
    expect(listed).toContain(`somopay money refund ${receipts[0]}`);
    expect(listed).toContain(`${receipts[1]}: KES 500 of KES 2,000`);
    expect(listed).toContain("send KES 500 back by M-Pesa yourself (a refund gives back all of KES 2,000)");
    expect(listed).toContain(`somopay money keep ${receipts[1]} --reason WHY`);
    expect(listed).toContain(`somopay money assign ${receipts[2]} REFERENCE`);
  });

  it("keeps by agreement what a booking did not need, and money that belongs to none: neither is listed any longer", async () => {
    const { stack, part, more, receipts } = await unevenMoney();
    const why = ["--reason", "for the next lesson", "--by", "Grace"];
    expect((await run(stack, "money", "keep", receipts[1] ?? "")).code).toBe(2);
    for (const receipt of receipts) expect((await run(stack, "money", "keep", receipt, ...why)).code).toBe(0);
    expect(await attention(stack)).toBe("Nothing needs a decision.\n");
    expect((await run(stack, "money", "keep", receipts[1] ?? "", ...why)).stdout).toContain("decided already");
    expect((await run(stack, "money", "keep", "UKN7RT61ZZ", ...why)).code).toBe(1);
    const { id } = await theAttempt(stack, more.bookingId);
    expect((await historyIn(stack, id)).at(-1)).toMatchObject({
      event: "kept",
      to_status: "paid",
      actor: "Grace",
      note: "for the next lesson",
    });
    expect(await view(stack.service.url, more.bookingId)).toMatchObject({ payment_status: "paid", booking_status: "booked", surplus: 500 });

    // More money is a new question, and what was kept can still be assigned.
    const onStatement = ["--amount", "300", "--paybill", "174379", "--reason", "on the statement"];
    expect((await run(stack, "money", "assign", "UKN7RT61SX", more.reference, ...onStatement)).stdout).toContain("Assigned as surplus");
    expect((await run(stack, "money", "assign", receipts[2] ?? "", part.reference)).stdout).toBe("Assigned: the session is booked.\n");
    const listed = await attention(stack);
    expect(listed).toContain("KES 300 from");
    expect(listed).not.toContain(receipts[1]);

    // The agreement was about a lesson that takes place.
    expect((await run(stack, "bookings", "cancel", more.reference, ...why)).code).toBe(0);
    expect(await attention(stack)).toContain(`somopay money refund ${receipts[1]}`);
    // A dozen commands, each a process of its own.
  }, 300_000);

  it("gives money back by hand, without an initiator: the parent's page says refunded", async () => {
    const stack = await stackForTest();
    await registerPaybill(stack);
    const booking = await book(stack.service.url);
    const receipt = receiptOf(await payByHand(stack, { phone: newPhone(), accountNumber: booking.reference, amountKes: 1_500 }));
    await callbacksRead(stack, 1);
    const why = ["--reason", "the tutor is ill", "--by", "Grace"];
    expect((await run(stack, "bookings", "cancel", booking.reference, ...why)).code).toBe(0);
    expect(await attention(stack)).toContain(`somopay money refund ${receipt}`);
    expect((await run(stack, "money", "refund", receipt, "--by-hand")).code).toBe(2);
    expect((await run(stack, "money", "refund", receipt, "--by-hand", ...why)).stdout).toBe("Settled: the payment is refunded.\n");
    expect(await view(stack.service.url, booking.bookingId)).toMatchObject({
      payment_status: "refunded",
      booking_status: "cancelled",
      amountPaid: 0,
    });
    expect(await attention(stack)).toBe("Nothing needs a decision.\n");
    const { id } = await theAttempt(stack, booking.bookingId);
    expect((await historyIn(stack, id)).at(-1)).toMatchObject({ to_status: "refunded", source: "operator", actor: "Grace" });
    expect((await run(stack, "money", "keep", receipt, ...why)).stdout).toBe(
      "The payment is refunded: there is no money to decide about.\n",
    );
  });

  it("is told how to use a command that was given too little", async () => {
    const stack = await stackForTest();
    const { code, stderr } = await run(stack, "money", "assign");
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining("takes 2 words after it, not 0") });
    expect(stderr).toContain("somopay money assign RECEIPT REFERENCE");
    expect(stderr).not.toContain("somopay serve");
  });

  it("dismisses a callback that leads to nothing, but none that still waits to be processed", async () => {
    const stack = await stackForTest({ simulator: { faults: { callbackLost: true } } });
    const { prompt } = await startPaying(stack);
    const { knex } = stack.service.service.database;
    await post(prompt.callbackUrl, callbackBody(prompt, { code: 1032 }));
    const [callback] = await callbacksRead(stack, 1);
    if (!callback) throw new Error("no callback");
    const dismiss = () => run(stack, "callbacks", "dismiss", callback.id, "--reason", "a test of ours", "--by", "Grace");
    await knex("callbacks")
      .where({ id: callback.id })
      .update({ verdict: null, processed_at: null, next_try_at: Date.now() + 3_600_000 });
    expect((await dismiss()).code).toBe(1);
    await knex("callbacks")
      .where({ id: callback.id })
      .update({ verdict: "unprocessable", processed_at: 1, note: "it cannot be processed" });
    expect((await dismiss()).code).toBe(0);
    expect(await attention(stack)).toBe("Nothing needs a decision.\n");
    expect(await callbacksIn(stack)).toMatchObject([{ verdict: "dismissed", note: "Grace: a test of ours" }]);
  });

  it("replays a callback that was set aside, and the running service processes it", async () => {
    const stack = await stackForTest({ simulator: { faults: { callbackLost: true } } });
    const { booking, prompt } = await startPaying(stack);
    const { knex } = stack.service.service.database;
    await post(prompt.callbackUrl, callbackBody(prompt, { code: 1032 }));
    const [callback] = await callbacksRead(stack, 1);
    if (!callback) throw new Error("no callback");
    await knex("callbacks").where({ id: callback.id }).update({ verdict: "unprocessable", note: "it cannot be processed: a test" });
    expect(await attention(stack)).toContain(`somopay callbacks replay ${callback.id}`);
    expect((await run(stack, "callbacks", "list")).stdout).toContain(`${callback.id}\t`);
    expect((await run(stack, "callbacks", "replay", callback.id)).code).toBe(0);
    await until("the callback processed", async () => (await callbacksIn(stack)).every(({ verdict }) => verdict === "duplicate"));
    expect(await view(stack.service.url, booking.bookingId)).toMatchObject({ payment: { reason: "cancelled" } });
    expect((await run(stack, "callbacks", "replay", "cb_unknown")).code).toBe(1);
  });
});

describe("an owner's server", () => {
  it("reads what waits for a decision, and settles it; another site's key sees and settles nothing", async () => {
    const stack = await stackForTest({ simulator: silent("does_not_exist") });
    const { url } = stack.service;
    const other = await stack.service.service.siteStore.add({
      name: "Another school",
      allowedOrigins: ["https://other.example"],
      sessionTypes: [],
      secretKey: "sk_another_school_not_a_real_secret",
    });
    const asOther = { Authorization: `Bearer ${other.secretKey}` };
    const { booking, paymentId } = await undecidedPayment(stack);
    const listed = await callAsOwner(url, "/api/v1/attention");
    expect(listed.body).toMatchObject({ data: [{ kind: "payment", what: expect.stringContaining(booking.reference) }] });
    expect((await callAsOwner(url, "/api/v1/attention", undefined, asOther)).body).toEqual({ data: [], next: null });

    const settlement = { outcome: "paid", receipt: "UKN7RT61SY", reason: "on the statement", actor: "Grace" };
    const settle = (headers = {}) => callAsOwner(url, `/api/v1/payments/${paymentId}/settle`, settlement, headers);
    expect((await settle(asOther)).status).toBe(404);
    expect(await settle({ "Idempotency-Key": "settle-1" })).toMatchObject({ status: 200, body: { status: "paid", receipt: "UKN7RT61SY" } });
    expect((await settle({ "Idempotency-Key": "settle-1" })).status).toBe(200);
    expect(toProblem(await settle())).toMatchObject({ status: 409, code: "not_settleable" });
    expect(await view(url, booking.bookingId)).toMatchObject({ booking_status: "booked" });
    expect((await historyIn(stack, paymentId)).at(-1)).toMatchObject({ source: "owner", actor: "Grace", note: "on the statement" });
    expect((await callAsOwner(url, "/api/v1/attention")).body).toEqual({ data: [], next: null });
  });

  it("keeps surplus, records that money was given back by hand, and dismisses a callback; another site's key does none of it", async () => {
    const stack = await stackForTest();
    const other = await stack.service.service.siteStore.add({
      name: "Another school",
      allowedOrigins: ["https://other.example"],
      sessionTypes: [],
      secretKey: "sk_another_school_not_a_real_secret",
    });
    const asOther = { Authorization: `Bearer ${other.secretKey}` };
    await registerPaybill(stack);
    const { url } = stack.service;
    const booking = await book(url);
    receiptOf(await payByHand(stack, { phone: newPhone(), accountNumber: booking.reference, amountKes: 1_600 }));
    await callbacksRead(stack, 1);
    const { id } = await theAttempt(stack, booking.bookingId);
    const decide = (path: string, outcome: string | null, headers = {}) =>
      callAsOwner(url, path, { ...(outcome !== null && { outcome }), reason: "as agreed", actor: "Grace" }, headers);
    const settle = `/api/v1/payments/${id}/settle`;
    expect((await decide(settle, "kept", asOther)).status).toBe(404);
    expect((await callAsOwner(url, "/api/v1/attention")).body).toMatchObject({ data: [{ kind: "surplus" }] });
    expect((await decide(settle, "kept")).status).toBe(200);
    expect((await callAsOwner(url, "/api/v1/attention")).body).toEqual({ data: [], next: null });
    expect(await decide(settle, "refunded")).toMatchObject({ status: 200, body: { status: "refunded" } });
    expect(await view(url, booking.bookingId)).toMatchObject({ payment_status: "refunded", booking_status: "cancelled" });

    const [callback] = await callbacksIn(stack);
    const dismiss = `/api/v1/callbacks/${callback?.id}/dismiss`;
    await stack.service.service.database.knex("callbacks").update({ verdict: "unmatched" });
    expect((await decide(dismiss, null, asOther)).status).toBe(404);
    expect((await decide(dismiss, null)).status).toBe(200);
    expect((await decide(dismiss, null)).status).toBe(404);
  });

  it("keeps money that belongs to no booking, only if it is on the site's own paybill", async () => {
    const stack = await stackForTest();
    await registerPaybill(stack);
    const { url } = stack.service;
    const receipt = receiptOf(await payByHand(stack, { phone: newPhone(), accountNumber: "RENT", amountKes: 700 }));
    await callbacksRead(stack, 1);
    const keep = `/api/v1/unassigned-money/${receipt}/keep`;
    expect(await callAsOwner(url, keep, { reason: "the rent" })).toMatchObject({ status: 200, body: { receipt, amount: 700 } });
    expect((await callAsOwner(url, "/api/v1/unassigned-money")).body).toEqual({ data: [], next: null });
    expect(toProblem(await callAsOwner(url, "/api/v1/unassigned-money/UKN7RT61ZZ/keep", { reason: "no" }))).toMatchObject({
      status: 404,
      code: "money_not_found",
    });
  });
});
