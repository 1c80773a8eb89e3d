import { describe, expect, it } from "vitest";
import { z } from "zod";
import { book, call, newPhone, pay, toProblem, view } from "../factories/calls.ts";
import { ACCEPTED, callbackBody, post } from "../factories/callbacks.ts";
import { somopay } from "../factories/command.ts";
import { expectLedgerIsDatabase } from "../factories/ledger.ts";
import { environmentOf } from "../factories/operator.ts";
import { bookAtSecondSite, openAccount, payAtSecondSite, secondSite, SECRETS_KEY, storeWithKey } from "../factories/own-account.ts";
import { askForRefund, refundEnds } from "../factories/owner.ts";
import { payByHand, receiptOf, registerPaybill } from "../factories/paybill.ts";
import { enterPin, startPaying } from "../factories/paying.ts";
import { asked, attemptsIn, theAskedAttempt, theAttempt } from "../factories/records.ts";
import { until } from "../factories/until.ts";
import { deploymentOptions, deployments, siteFile, stackForTest, type Deployment, type Stack, type StackOptions } from "../fixtures.ts";

/** Safaricom is asked 20 s after the push was taken. */
const FIRST_QUESTION_MS = 20_500;
/** Running copies use a changed site within two seconds. */
const SITES_FRESH_MS = 2_000;

const stackWithKey = async (deployment: Deployment, options: StackOptions = {}): Promise<Stack> =>
  stackForTest({ ...(await deploymentOptions(deployment)), ...options, environment: { SECRETS_KEY, ...options.environment } });

/** The first site's owner moves to an account of her own. */
async function moveToOwnAccount(stack: Stack): Promise<void> {
  await stack.service.service.siteStore.add({ ...siteFile, mpesa: openAccount(stack) });
  stack.clock.advance(SITES_FRESH_MS);
}

const refundSchema = z.object({ mpesa_account_id: z.string() });

describe.each(deployments)("when a site changes its M-Pesa account (%s)", (deployment) => {
  it("a prompt sent before is paid by its callback, and the next one goes to the new account", async () => {
    const stack = await stackWithKey(deployment);
    const { booking, prompt, stream } = await startPaying(stack);
    await moveToOwnAccount(stack);
    const receipt = await enterPin(stack, prompt);
    expect((await stream.untilStatus("paid")).payment).toMatchObject({ receipt });
    expect(await theAttempt(stack, booking.bookingId)).toMatchObject({ mpesaAccountId: "env:174379" });
    const next = await startPaying(stack);
    await enterPin(stack, next.prompt);
    await next.stream.untilStatus("paid");
    expect((await theAttempt(stack, next.booking.bookingId)).mpesaAccountId).toMatch(/^acct_/);
    expect(stack.simulator.ledger.map(({ shortcode }) => shortcode)).toEqual(["174379", "600111"]);
    await expectLedgerIsDatabase(stack);
  });

  it("a prompt sent before is queried at the account that sent it: the new one knows nothing of it", async () => {
    const stack = await stackWithKey(deployment, { simulator: { faults: { callbackLost: true } } });
    const { booking, prompt, stream } = await startPaying(stack);
    await moveToOwnAccount(stack);
    await enterPin(stack, prompt);
    stack.clock.advance(FIRST_QUESTION_MS);
    expect((await stream.untilStatus("paid")).payment?.status).toBe("paid");
    expect(await asked(stack, booking.bookingId, 1)).toMatchObject({ queries: 1 });
    await expectLedgerIsDatabase(stack);
  });

  it("money sent by hand to the paybill of before finds the booking, and comes back from there", async () => {
    const stack = await stackWithKey(deployment, { initiator: true });
    await registerPaybill(stack);
    const { booking, prompt, stream } = await startPaying(stack);
    stack.simulator.control.cancel(prompt.checkoutRequestId);
    await stream.untilStatus("failed");
    await moveToOwnAccount(stack);
    const receipt = receiptOf(await payByHand(stack, { phone: newPhone(), accountNumber: booking.reference, amountKes: 1_500 }));
    const paid = await until("the payment", async () => {
      const shown = await view(stack.service.url, booking.bookingId);
      return shown.payment_status === "paid" && shown;
    });
    expect(paid.payment).toMatchObject({ receipt });
    const byHand = (await attemptsIn(stack, booking.bookingId)).find((attempt) => attempt.receipt === receipt);
    expect(byHand).toMatchObject({ status: "paid", mpesaAccountId: "env:174379" });
    expect((await askForRefund(stack.service.url, byHand?.id ?? "")).status).toBe(202);
    await refundEnds(stack.service.url, byHand?.id ?? "", "done");
    await expectLedgerIsDatabase(stack);
  });

  it("a payment of before is refunded by the account that has its money, and the refund keeps which", async () => {
    const stack = await stackWithKey(deployment, { initiator: true });
    const { booking, prompt, stream } = await startPaying(stack);
    await enterPin(stack, prompt);
    await stream.untilStatus("paid");
    await moveToOwnAccount(stack);
    const { id } = await theAttempt(stack, booking.bookingId);
    expect((await askForRefund(stack.service.url, id)).status).toBe(202);
    await refundEnds(stack.service.url, id, "done");
    const row: unknown = await stack.service.service.database.knex("refunds").where({ payment_id: id }).first("mpesa_account_id");
    expect(refundSchema.parse(row)).toEqual({ mpesa_account_id: "env:174379" });
    await expectLedgerIsDatabase(stack);
  });

  it("a prompt of the environment's account cannot be queried once that names another: it is listed for a person", async () => {
    const place = await deploymentOptions(deployment);
    const stack = await stackForTest({ ...place, simulator: { faults: { callbackLost: true } } });
    const { booking } = await startPaying(stack);
    await stack.service.stop();
    stack.simulator.control.addAccount({
      consumerKey: "new-key",
      consumerSecret: "new-secret",
      shortcode: "600222",
      passkey: "new-passkey",
    });
    await stack.startCopy({
      MPESA_CONSUMER_KEY: "new-key",
      MPESA_CONSUMER_SECRET: "new-secret",
      MPESA_SHORTCODE: "600222",
      MPESA_PASSKEY: "new-passkey",
    });
    stack.clock.advance(FIRST_QUESTION_MS);
    await until("the log to say so", () =>
      stack.logLines.some((line) => line.includes("a payment cannot be queried: its M-Pesa account is gone")),
    );
    const [copy] = stack.copies.slice(-1);
    if (!copy) throw new Error("there is no second copy");
    const { knex } = copy.service.database;
    const attention = async (): Promise<unknown> => knex("payments").where({ pending_session_id: booking.bookingId }).first("attention");
    const listed = await until("the payment to be listed", async () => JSON.stringify(await attention()).includes("account is gone"));
    expect(listed).toBe(true);
  });
});

describe.each(deployments)("two sites with two M-Pesa accounts (%s)", (deployment) => {
  it("ten odd replies to the pushes of one do not refuse the other's payments", async () => {
    const stack = await stackWithKey(deployment);
    const { service, simulator } = stack;
    await service.service.siteStore.add(secondSite(openAccount(stack)));
    stack.clock.advance(SITES_FRESH_MS);
    for (let times = 0; times < 11; times++) {
      const phone = newPhone();
      simulator.control.setFaultsForPhone(phone, { pushReply: "reset_before_accept" });
      const { bookingId } = await bookAtSecondSite(stack);
      const answer = await payAtSecondSite(stack, bookingId, phone);
      expect(answer.status).toBe(times < 10 ? 202 : 503);
    }
    const { prompt, stream } = await startPaying(stack);
    await enterPin(stack, prompt);
    await stream.untilStatus("paid");
    await expectLedgerIsDatabase(stack);
  });

  it("forged callbacks for the one delay neither's queries", async () => {
    // A turn every three seconds; a hint gets one in five.
    const environment = { MPESA_QUERIES_PER_MINUTE: "20" };
    const stack = await stackWithKey(deployment, { environment, simulator: { faults: { callbackLost: true } } });
    const { service, simulator } = stack;
    const cancelled = [];
    for (let times = 0; times < 8; times++) {
      const paying = await startPaying(stack);
      simulator.control.cancel(paying.prompt.checkoutRequestId);
      const { url, body } = await simulator.control.waitForDelivery(paying.prompt.checkoutRequestId);
      await post(url, body);
      await paying.stream.untilStatus("failed");
      cancelled.push(paying);
    }
    const honest = await startPaying(stack);
    await enterPin(stack, honest.prompt);
    for (const { prompt } of cancelled) {
      const body = callbackBody(prompt, { code: 0, receipt: "UKN0000777" });
      expect(await post(`${service.url}/api/mpesa/callback`, body)).toMatchObject(ACCEPTED);
    }
    stack.clock.advance(FIRST_QUESTION_MS);
    await honest.stream.untilStatus("paid");
    const questions = await Promise.all(cancelled.map(async ({ booking }) => (await theAskedAttempt(stack, booking.bookingId)).asked));
    // The clock made a jump, and each side of it has room for a hint or two.
    expect(questions.reduce((sum, one) => sum + one, 0)).toBeLessThan(cancelled.length);
    await expectLedgerIsDatabase(stack);
  });
});

describe("a site whose account was sealed with another SECRETS_KEY", () => {
  it("cannot be paid, is named by /readyz, the log and the doctor, and nothing of the others changes", async () => {
    const stack = await stackWithKey("SQLite, in-process");
    const { service, simulator } = stack;
    await storeWithKey(stack, "cd".repeat(32)).add(secondSite(openAccount(stack)));
    stack.clock.advance(SITES_FRESH_MS);
    const problem = "its M-Pesa credentials cannot be read: is SECRETS_KEY the one they were stored with?";

    const ready = await call(service.url, "/readyz");
    expect(ready).toMatchObject({ status: 200, body: { ready: true, unreadableSites: [{ name: "Baraka Tutors", problem }] } });
    const errors = stack.logLines.filter((line) => line.includes("a site cannot be read"));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain("Baraka Tutors");
    const { code, stdout } = await somopay(["doctor"], { environment: { ...environmentOf(stack), SECRETS_KEY } });
    expect(code).toBe(1);
    expect(stdout).toContain(`FAIL  sites: site "Baraka Tutors": ${problem}`);

    const { bookingId } = await bookAtSecondSite(stack);
    const refused = await payAtSecondSite(stack, bookingId, newPhone());
    expect(toProblem(refused)).toMatchObject({ code: "payment_refused", reason: "misconfigured" });
    expect(simulator.control.prompts).toEqual([]);

    const { prompt, stream } = await startPaying(stack);
    await enterPin(stack, prompt);
    await stream.untilStatus("paid");
    await expectLedgerIsDatabase(stack);
  });

  it("is paid again once its file is added with the present key", async () => {
    const stack = await stackWithKey("SQLite, in-process");
    const file = secondSite(openAccount(stack));
    await storeWithKey(stack, "cd".repeat(32)).add(file);
    stack.clock.advance(SITES_FRESH_MS);
    const { bookingId } = await bookAtSecondSite(stack);
    const phone = newPhone();
    expect((await payAtSecondSite(stack, bookingId, phone)).status).toBeGreaterThan(299);
    await stack.service.service.siteStore.add(file);
    stack.clock.advance(SITES_FRESH_MS);
    expect((await payAtSecondSite(stack, bookingId, phone)).status).toBe(200);
    expect(await call(stack.service.url, "/readyz")).toMatchObject({ body: { unreadableSites: [] } });
    expect(stack.simulator.control.prompts).toMatchObject([{ shortcode: "600111" }]);
  });
});

describe("a site whose row is damaged", () => {
  it("is gone by itself, and is back once its file is added again", async () => {
    const stack = await stackWithKey("SQLite, in-process");
    const { service } = stack;
    const file = secondSite(openAccount(stack));
    const { siteId } = await service.service.siteStore.add(file);
    await service.service.database.knex("sites").where({ id: siteId }).update({ allowed_origins: "[" });
    stack.clock.advance(SITES_FRESH_MS);
    await expect(bookAtSecondSite(stack)).rejects.toThrow("401");
    const { bookingId } = await book(service.url);
    expect((await pay(service.url, bookingId, newPhone())).status).toBe(200);
    expect(await call(service.url, "/readyz")).toMatchObject({ status: 200, body: { unreadableSites: [{ id: siteId, name: file.name }] } });
    await service.service.siteStore.add(file);
    stack.clock.advance(SITES_FRESH_MS);
    expect((await bookAtSecondSite(stack)).payment_status).toBe("unpaid");
  });
});
