import { describe, expect, it } from "vitest";
import { createUnassignedMoneyStore } from "../../service/src/payments/c2b/unassigned-money-store.ts";
import { assignMoney } from "../../service/src/cli/money-commands.ts";
import { book, call, newPhone, view } from "../factories/calls.ts";
import { callbackBody, post } from "../factories/callbacks.ts";
import { listen } from "../factories/listener.ts";
import { enterPin, startPaying } from "../factories/paying.ts";
import { payByHand, receiptOf, registerPaybill } from "../factories/paybill.ts";
import { attemptsIn, callbacksIn, callbacksRead, sessionsIn } from "../factories/records.ts";
import { until } from "../factories/until.ts";
import { deploymentOptions, deployments, stackForTest, type Deployment, type Stack } from "../fixtures.ts";

async function stackWithPaybill(deployment: Deployment, options: Parameters<typeof stackForTest>[0] = {}): Promise<Stack> {
  const stack = await stackForTest({ ...(await deploymentOptions(deployment)), ...options });
  await registerPaybill(stack);
  return stack;
}

const unassignedOf = ({ service }: Stack) => createUnassignedMoneyStore(service.service.database);

describe.each(deployments)("a payment from the M-Pesa menu (%s)", (deployment) => {
  it("with the booking's reference pays the booking, and the open stream shows it", async () => {
    const stack = await stackWithPaybill(deployment);
    const { service } = stack;
    const booking = await book(service.url);
    const { payManually } = await view(service.url, booking.bookingId);
    expect(payManually).toEqual({ paybill: "174379", accountNumber: booking.reference, amount: 1_500 });
    const stream = await listen(service.url, booking.bookingId);
    const receipt = receiptOf(await payByHand(stack, { phone: newPhone(), accountNumber: booking.reference, amountKes: 1_500 }));
    const paid = await stream.untilStatus("paid");
    expect(paid.payment).toMatchObject({ status: "paid", receipt });
    expect(paid.payManually).toBeUndefined();
    expect(await sessionsIn(stack)).toHaveLength(1);
  });

  it("finds its booking by a reference in small letters with blanks and dashes", async () => {
    const stack = await stackWithPaybill(deployment);
    const booking = await book(stack.service.url);
    const typed = ` ${booking.reference.slice(0, 4).toLowerCase()} - ${booking.reference.slice(4).toLowerCase()}`;
    const stream = await listen(stack.service.url, booking.bookingId);
    const receipt = receiptOf(await payByHand(stack, { phone: newPhone(), accountNumber: typed, amountKes: 1_500 }));
    expect((await stream.untilStatus("paid")).payment).toMatchObject({ receipt });
  });

  it("reported beside the callback of a prompt counts once, whichever comes first", async () => {
    const stack = await stackWithPaybill(deployment);
    const { booking, prompt, stream } = await startPaying(stack);
    const receipt = await enterPin(stack, prompt);
    await stream.untilStatus("paid");
    await callbacksRead(stack, 2);
    const [attempt, ...others] = await attemptsIn(stack, booking.bookingId);
    expect(others).toEqual([]);
    expect(attempt).toMatchObject({ status: "paid", receipt, surplusKes: 0 });
    expect(await sessionsIn(stack)).toHaveLength(1);
  });

  it("settles a prompt whose callback was lost, with its receipt", async () => {
    const stack = await stackWithPaybill(deployment, { simulator: { faults: { callbackLost: true } } });
    const { prompt, stream } = await startPaying(stack);
    const receipt = await enterPin(stack, prompt);
    expect((await stream.untilStatus("paid")).payment).toMatchObject({ receipt });
  });

  it("in addition to a paid prompt is surplus and books nothing", async () => {
    const stack = await stackWithPaybill(deployment, { simulator: { faults: { c2bBesideStk: false } } });
    const { booking, prompt, stream } = await startPaying(stack);
    const byHand = receiptOf(await payByHand(stack, { phone: newPhone(), accountNumber: booking.reference, amountKes: 1_500 }));
    await stream.untilStatus("paid");
    const byPrompt = await enterPin(stack, prompt);
    const attempts = await until("both payments", async () => {
      const all = await attemptsIn(stack, booking.bookingId);
      return all.filter(({ status }) => status === "paid").length === 2 && all;
    });
    // The money came from another phone than the prompt's, so it is not taken for it.
    expect(attempts.map(({ receipt, surplusKes, status }) => [receipt, surplusKes > 0, status])).toEqual([
      [byPrompt, true, "paid"],
      [byHand, false, "paid"],
    ]);
    expect(await sessionsIn(stack)).toHaveLength(1);
  });

  it("for a booking that is paid already is stopped before it moves", async () => {
    const stack = await stackWithPaybill(deployment);
    const { booking, prompt, stream } = await startPaying(stack);
    await enterPin(stack, prompt);
    await stream.untilStatus("paid");
    const again = await payByHand(stack, { phone: newPhone(), accountNumber: booking.reference, amountKes: 1_500 });
    expect(again).toMatchObject({ status: "refused", code: "C2B00016" });
  });

  it("with an unknown reference is unassigned until the owner assigns it", async () => {
    const stack = await stackWithPaybill(deployment);
    const booking = await book(stack.service.url);
    const receipt = receiptOf(await payByHand(stack, { phone: newPhone(), accountNumber: "LESSON", amountKes: 1_500 }));
    const listed = await until("the list", async () => {
      const all = await unassignedOf(stack).list();
      return all.length > 0 && all;
    });
    expect(listed).toMatchObject([{ receipt, accountNumber: "LESSON", amountKes: 1_500 }]);
    const { database, siteStore } = stack.service.service;
    const decision = { actor: "Grace", note: "her mother called" };
    const said: string[] = [];
    const assign = (reference: string) =>
      assignMoney(database, siteStore, { receipt, reference, decision }, (line) => void said.push(line));
    expect(await assign("NOBODY")).toBe(false);
    expect(await assign(booking.reference.toLowerCase())).toBe(true);
    expect(await assign(booking.reference)).toBe(false);
    expect(said).toEqual([
      "There is no booking with this reference.",
      "Assigned: the session is booked.",
      "There is no unassigned money with this receipt. See: somopay attention",
    ]);
    expect(await unassignedOf(stack).list()).toEqual([]);
    expect(await view(stack.service.url, booking.bookingId)).toMatchObject({ payment_status: "paid", payment: { receipt } });
  });

  it("that is reported twice counts once", async () => {
    const stack = await stackWithPaybill(deployment, { simulator: { faults: { c2bConfirmationCopies: 3 } } });
    const booking = await book(stack.service.url);
    receiptOf(await payByHand(stack, { phone: newPhone(), accountNumber: booking.reference, amountKes: 1_500 }));
    await callbacksRead(stack, 3);
    expect(await attemptsIn(stack, booking.bookingId)).toHaveLength(1);
    expect(await sessionsIn(stack)).toHaveLength(1);
  });

  it("that is forged is stored and not verified", async () => {
    const stack = await stackWithPaybill(deployment);
    const booking = await book(stack.service.url);
    const notice = {
      TransID: "UKN7RT61SV",
      TransTime: "20261123101530",
      TransAmount: "1500.00",
      BusinessShortCode: "174379",
      BillRefNumber: booking.reference,
      MSISDN: "2547 ***** 126",
    };
    for (const secret of ["0".repeat(64), "guess"]) {
      expect((await post(`${stack.service.url}/callbacks/c2b/confirmation/${secret}`, notice)).status).toBe(200);
    }
    await callbacksRead(stack, 2);
    expect((await callbacksIn(stack)).map(({ verdict }) => verdict)).toEqual(["unverified", "unverified"]);
    expect(await attemptsIn(stack, booking.bookingId)).toEqual([]);
    expect(await unassignedOf(stack).list()).toEqual([]);
  });
});

describe("a prompt's callback on the address for C2B notices", () => {
  it("is stored and changes nothing", async () => {
    const stack = await stackWithPaybill("SQLite, in-process");
    const { prompt } = await startPaying(stack);
    const [urls] = stack.simulator.control.c2bUrls;
    await post(urls?.confirmationUrl ?? "", callbackBody(prompt, { code: 0, receipt: "UKN7RT61SV" }));
    const [row] = await callbacksRead(stack, 1);
    expect(row?.verdict).toBe("unmatched");
  });
});

describe("without a registered paybill", () => {
  it("the view offers no payment from the menu, and a validation accepts everything", async () => {
    const { service } = await stackForTest();
    const booking = await book(service.url);
    expect(booking.payManually).toBeUndefined();
    const answer = await call(service.url, "/callbacks/c2b/validation/whatever", { body: { TransID: "UKN7RT61SV" } });
    expect(answer.body).toEqual({ ResultCode: "0", ResultDesc: "Accepted" });
  });
});
