/** A booking that is paid in parts, not in time, or no longer to be paid. */
import { expect, it } from "vitest";
import { bookingViewSchema, type BookingView } from "../../service/src/contract.ts";
import { bookingWish, newPhone, view } from "../factories/calls.ts";
import { lapseNow } from "../factories/lapse.ts";
import { expectNoDifference } from "../factories/ledger.ts";
import { askForRefund, callAsOwner, refundEnds } from "../factories/owner.ts";
import { payByHand, receiptOf, registerPaybill, switchValidationOff } from "../factories/paybill.ts";
import { attemptsIn, sessionsIn, theAttempt } from "../factories/records.ts";
import { until } from "../factories/until.ts";
import { inEachBrowser, type Journey } from "./journey.ts";

/** Every copy learns of a registered paybill within half a minute. */
const PAYBILL_KNOWN_MS = 31_000;
const TO_PAY_IN_TIME_MS = 90_000;

async function openPayManually({ checkout }: Journey): Promise<void> {
  await checkout.until("ready");
  await checkout.tab.click("[part~=secondary-button]");
  await checkout.until("manual");
}

/** Opens the page of a booking that the owner's server has made, which lapses soon. */
async function openShortLived({ checkout, service, clock, network }: Journey): Promise<BookingView> {
  const wish = { ...bookingWish, expiresAt: clock.now() + TO_PAY_IN_TIME_MS };
  const booking = bookingViewSchema.parse((await callAsOwner(service.url, "/api/bookings", wish)).body);
  await checkout.open(network.url, booking.bookingId);
  await checkout.until("ready");
  return booking;
}

inEachBrowser("a booking that is paid in parts", (begin) => {
  it("shows what is to go after a part by Paybill, sends a prompt for the rest, and has both on its receipt page", async () => {
    const journey = await begin();
    const { checkout, simulator, service, phone, clock, bookingId } = journey;
    await registerPaybill(journey);
    clock.advance(PAYBILL_KNOWN_MS);
    await journey.openAgain();
    await openPayManually(journey);
    // Safaricom's clock did not jump: money of a prompt that is reported by C2B before its callback must not seem half a minute older than the prompt.
    clock.advance(-PAYBILL_KNOWN_MS);
    const { reference } = await view(service.url, bookingId);
    const first = receiptOf(await payByHand(journey, { phone: newPhone(), accountNumber: reference, amountKes: 1_000 }));
    await checkout.untilText("KES 1,000 received, KES 500 to go");
    expect(await checkout.events()).toEqual([]);
    expect(await sessionsIn(journey)).toEqual([]);

    await checkout.tab.click("button[part~=secondary-button]");
    await checkout.untilText("Pay KES 500 with M-Pesa");
    await checkout.pay(phone);
    const prompt = await simulator.control.waitForPrompt(phone);
    expect(prompt.amountKes).toBe(500);
    await checkout.untilText("It asks for KES 500");
    const { receipt: second } = simulator.control.pay(prompt.checkoutRequestId);
    await checkout.until("paid");
    await checkout.untilText("Your session is booked");

    await checkout.tab.open(await checkout.addressOf("Save receipt"));
    const page = await checkout.tab.read("document.querySelector('main').innerText.replaceAll('\u00a0', ' ')");
    for (const words of [first, second, "KES 1,000", "KES 500", "KES 1,500"]) expect(page).toContain(words);
    expect((await attemptsIn(journey, bookingId)).map(({ amountKes, receipt }) => [amountKes, receipt])).toEqual([
      [1_000, first],
      [500, second],
    ]);
    await expectNoDifference(journey);
  });
});

inEachBrowser("a booking that lapses", (begin) => {
  it("says so on the open page, which offers no form; full money by Paybill then books the session that is still ahead", async () => {
    const journey = await begin();
    const { checkout, clock } = journey;
    await registerPaybill(journey);
    switchValidationOff(journey);
    clock.advance(PAYBILL_KNOWN_MS);
    const { bookingId, reference } = await openShortLived(journey);
    await openPayManually(journey);
    clock.advance(TO_PAY_IN_TIME_MS);
    await lapseNow(journey);
    await checkout.until("lapsed");
    await checkout.untilText("The time to pay is over");
    await checkout.untilText("No money was taken.");
    await checkout.untilText("Contact Amani Tutors for another time.");
    expect(await checkout.canPay()).toBe(false);

    const receipt = receiptOf(await payByHand(journey, { phone: newPhone(), accountNumber: reference, amountKes: 1_500 }));
    await checkout.untilText("Your payment arrived. Thank you!");
    await checkout.untilText("Your session is booked");
    expect(await checkout.receipt()).toBe(receipt);
    expect(await sessionsIn(journey)).toMatchObject([{ pending_session_id: bookingId, cancelled_at: null }]);
    await journey.expectLedgerIsDatabase();
  });

  it("while its form is open says so when the parent presses the button, and no prompt is sent", async () => {
    const journey = await begin();
    const { checkout, simulator, clock, phone } = journey;
    await openShortLived(journey);
    expect(await checkout.canPay()).toBe(true);
    clock.advance(TO_PAY_IN_TIME_MS);
    await lapseNow(journey);
    await checkout.pay(phone);
    await checkout.until("lapsed");
    await checkout.untilText("The time to pay is over");
    expect(await checkout.canPay()).toBe(false);
    expect(simulator.control.prompts).toEqual([]);
  });
});

inEachBrowser("a booking whose money was refunded", (begin) => {
  it("says so, then that it was cancelled when more money arrives, and can no longer be paid", async () => {
    const journey = await begin({ initiator: true });
    const { checkout, simulator, service, phone, bookingId } = journey;
    await registerPaybill(journey);
    switchValidationOff(journey);
    await checkout.pay(phone);
    simulator.control.pay((await simulator.control.waitForPrompt(phone)).checkoutRequestId);
    await checkout.until("paid");
    const { id } = await theAttempt(journey, bookingId);
    expect((await askForRefund(service.url, id)).status).toBe(202);
    await refundEnds(service.url, id, "done");
    await journey.openAgain();
    await checkout.until("refunded");
    await checkout.untilText("This payment was refunded");
    expect(await checkout.canPay()).toBe(false);

    const { reference } = await view(service.url, bookingId);
    receiptOf(await payByHand(journey, { phone: newPhone(), accountNumber: reference, amountKes: 500 }));
    await until("the money in the booking", async () => (await view(service.url, bookingId)).amountPaid === 500);
    await journey.openAgain();
    await checkout.until("cancelled");
    await checkout.untilText("This booking was cancelled");
    await checkout.untilText("KES 500 was received. Amani Tutors will agree another time with you, or refund you.");
    expect(await checkout.canPay()).toBe(false);
    await expectNoDifference(journey);
  });
});
