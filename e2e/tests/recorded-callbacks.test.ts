import { describe, expect, it } from "vitest";
import type { FailureReason } from "../../service/src/contract.ts";
import { readRecordings } from "../recordings/read-recordings.ts";
import type { PromptView } from "../daraja-simulator/prompt.ts";
import { ACCEPTED, post } from "../factories/callbacks.ts";
import { expectLedgerIsDatabase } from "../factories/ledger.ts";
import { enterPin, startPaying } from "../factories/paying.ts";
import { theAttempt } from "../factories/records.ts";
import { sharedStack } from "../fixtures.ts";

/** What each recorded or documented callback must lead to; "paid" or the reason. */
const outcomes: Record<string, "paid" | FailureReason> = {
  "cb-0-2019-dmz.json": "paid",
  "cb-0-2019-float.json": "paid",
  "cb-0-2022-2.json": "paid",
  "cb-0-balance-number.json": "paid",
  "cb-0-items-reordered.json": "paid",
  "cb-0-official-v3.json": "paid",
  "cb-0-phone-masked.json": "paid",
  "cb-1-documented.json": "insufficient_funds",
  "cb-1001-community.json": "busy",
  "cb-1025-documented.json": "busy",
  "cb-1032-2017.json": "cancelled",
  "cb-1032-2019-dmz.json": "cancelled",
  "cb-1032-2019.json": "cancelled",
  "cb-1032-2022-1.json": "cancelled",
  "cb-1032-2022-4.json": "cancelled",
  "cb-1032-official-v3.json": "cancelled",
  "cb-1037-2026.json": "no_answer",
  "cb-17-documented.json": "busy",
  "cb-2-documented.json": "limit",
  "cb-2001-2019.json": "wrong_pin",
  "cb-2001-documented.json": "wrong_pin",
  "cb-2028-documented.json": "misconfigured",
  "cb-3-documented.json": "limit",
  "cb-4-documented.json": "limit",
  "cb-8-documented.json": "misconfigured",
  "cb-8006-documented.json": "pin_locked",
  "cb-SFC_IC0003-documented.json": "misconfigured",
};

/** The recorded text with the ids, amount and receipt of this prompt; everything else stays byte for byte. */
function substituted(text: string, prompt: PromptView, receipt: string): string {
  return text
    .replace(/("CheckoutRequestID":\s*")[^"]*/, `$1${prompt.checkoutRequestId}`)
    .replace(/("MerchantRequestID":\s*")[^"]*/, `$1${prompt.merchantRequestId}`)
    .replace(/("Name":\s*"Amount",\s*"Value":\s*)\d+/, `$1${prompt.amountKes}`)
    .replace(/("Name":\s*"MpesaReceiptNumber",\s*"Value":\s*")[^"]*/, `$1${receipt}`);
}

describe("every recorded callback leads to its outcome (MariaDB, Redis)", () => {
  const stack = sharedStack("MariaDB, Redis", { simulator: { faults: { callbackLost: true } } });
  const recordings = readRecordings("cb-");

  it("has an expected outcome", () => {
    expect(recordings.map(({ file }) => file).toSorted()).toEqual(Object.keys(outcomes).toSorted());
  });

  it.each(recordings)("$file ($evidence)", async ({ file, text }) => {
    const { service, simulator } = stack();
    const { booking, prompt, stream } = await startPaying(stack());
    const outcome = outcomes[file];
    let receipt = "";
    if (outcome === "paid") receipt = await enterPin({ simulator }, prompt);
    else simulator.control.cancel(prompt.checkoutRequestId);

    expect(await post(prompt.callbackUrl, substituted(text, prompt, receipt))).toMatchObject(ACCEPTED);
    const ended = await stream.until(({ payment_status }) => payment_status === "paid" || payment_status === "failed");
    if (outcome === "paid") expect(ended.payment).toMatchObject({ status: "paid", receipt });
    else expect(ended.payment).toMatchObject({ status: "failed", reason: outcome });
    expect(await theAttempt({ service }, booking.bookingId)).toMatchObject({ queries: 0, resultCode: /^cb-(\w+)-/.exec(file)?.[1] });
    await expectLedgerIsDatabase({ service, simulator });
  });
});
