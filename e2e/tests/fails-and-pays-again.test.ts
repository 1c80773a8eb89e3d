import { describe, expect, it } from "vitest";
import type { FailureReason } from "../../service/src/contract.ts";
import type { PhoneRule } from "../daraja-simulator/phones.ts";
import { book, newPhone, pay, toProblem } from "../factories/calls.ts";
import { expectLedgerIsDatabase } from "../factories/ledger.ts";
import { listen } from "../factories/listener.ts";
import { enterPin } from "../factories/paying.ts";
import { attemptsIn, historyIn } from "../factories/records.ts";
import { until } from "../factories/until.ts";
import { deployments, sharedStack } from "../fixtures.ts";

type Failure = { what: string; rule: PhoneRule; reason: FailureReason; code: string; retryAfterMs?: number };

const ends = (code: string): PhoneRule => ({ action: "fail", code });

/** A prompt without an answer may still be on the phone until its life is over. */
const PROMPT_LIFE_MS = 60_000;

const failures: Failure[] = [
  { what: "the parent cancels", rule: { action: "cancel" }, reason: "cancelled", code: "1032" },
  { what: "the PIN is wrong", rule: { action: "wrong_pin" }, reason: "wrong_pin", code: "2001" },
  { what: "the money is short", rule: { action: "insufficient" }, reason: "insufficient_funds", code: "1" },
  { what: "nobody answers", rule: { action: "no_answer" }, reason: "no_answer", code: "1037", retryAfterMs: PROMPT_LIFE_MS },
  { what: "the phone is off", rule: { action: "offline" }, reason: "no_answer", code: "1037", retryAfterMs: PROMPT_LIFE_MS },
  { what: "the phone's network does not answer", rule: ends("1036"), reason: "unreachable", code: "1036", retryAfterMs: PROMPT_LIFE_MS },
  { what: "the prompt expires", rule: ends("1019"), reason: "expired", code: "1019" },
  { what: "a limit rule refuses", rule: ends("2"), reason: "limit", code: "2" },
  { what: "the amount is over the maximum", rule: ends("3"), reason: "limit", code: "3" },
  { what: "the day's limit is reached", rule: ends("4"), reason: "limit", code: "4" },
  { what: "the same amount was just paid to this site", rule: ends("17"), reason: "busy", code: "17", retryAfterMs: 120_000 },
  { what: "the system is busy", rule: ends("26"), reason: "busy", code: "26", retryAfterMs: 60_000 },
  { what: "the subscriber is locked", rule: ends("1001"), reason: "busy", code: "1001", retryAfterMs: 60_000 },
  { what: "the push request fails", rule: ends("1025"), reason: "busy", code: "1025" },
  { what: "the push request fails in another way", rule: ends("9999"), reason: "busy", code: "9999", retryAfterMs: 60_000 },
  { what: "the PIN is locked", rule: ends("8006"), reason: "pin_locked", code: "8006" },
  { what: "the site's own account is full", rule: ends("8"), reason: "misconfigured", code: "8" },
  { what: "the site's product does not permit it", rule: ends("2028"), reason: "misconfigured", code: "2028" },
  { what: "the site's operator does not exist", rule: ends("SFC_IC0003"), reason: "misconfigured", code: "SFC_IC0003" },
  { what: "the code is unknown", rule: ends("7777"), reason: "rejected", code: "7777" },
];

describe.each(deployments)("an attempt that fails (%s)", (deployment) => {
  const stack = sharedStack(deployment, { simulator: { timings: { noAnswerAfterMs: 0, lockMs: 0 } } });

  it.each(failures)("says $reason ($code) when $what, and a second attempt pays", async ({ rule, reason, code, retryAfterMs }) => {
    const { service, simulator, clock } = stack();
    const phone = newPhone();
    simulator.control.setRule(phone, rule);
    const { bookingId } = await book(service.url);
    const stream = await listen(service.url, bookingId);
    expect((await pay(service.url, bookingId, phone)).status).toBe(200);

    const failed = await stream.untilStatus("failed");
    expect(failed.payment).toMatchObject({ status: "failed", reason });
    expect(failed.payment?.receipt).toBeUndefined();
    if (retryAfterMs === undefined) expect(failed.retryAfterMs).toBeUndefined();
    else {
      expect(failed.retryAfterMs).toBeGreaterThan(retryAfterMs - 5_000);
      expect(failed.retryAfterMs).toBeLessThanOrEqual(retryAfterMs);
      expect(toProblem(await pay(service.url, bookingId, phone)).code).toBe("prompt_too_soon");
      clock.advance(retryAfterMs);
    }

    simulator.control.setRule(phone, { action: "by_hand" });
    expect((await pay(service.url, bookingId, phone)).status).toBe(200);
    const receipt = await enterPin({ simulator }, await simulator.control.waitForPrompt(phone));
    const paid = await stream.untilStatus("paid");
    expect(paid.payment).toMatchObject({ status: "paid", receipt });
    await stream.ended;

    const attempts = await attemptsIn({ service }, bookingId);
    expect(attempts.map(({ status, reason: why, resultCode }) => [status, why, resultCode])).toEqual([
      ["failed", reason, code],
      ["paid", null, "0"],
    ]);
    await expectLedgerIsDatabase({ service, simulator });
  });

  it("names an unknown code in the log and in the history", async () => {
    const { service, simulator, logLines } = stack();
    const phone = newPhone();
    simulator.control.setRule(phone, ends("4242"));
    const { bookingId } = await book(service.url);
    await pay(service.url, bookingId, phone);
    const line = await until("a log line about the code", () => logLines.find((entry) => entry.includes("unknown result code: 4242")));
    const [attempt] = await attemptsIn({ service }, bookingId);
    expect(line).toContain(attempt?.id);
    const [last] = (await historyIn({ service }, attempt?.id)).slice(-1);
    expect(last).toMatchObject({ to_status: "failed", source: "callback", note: expect.stringContaining("4242") });
    await expectLedgerIsDatabase({ service, simulator });
  });

  it("locks the PIN at a person's third wrong try, and gives that reason", async () => {
    const { service, simulator } = stack();
    const phone = newPhone();
    const { bookingId } = await book(service.url);
    const stream = await listen(service.url, bookingId);
    for (const reason of ["wrong_pin", "wrong_pin", "pin_locked"] as const) {
      await pay(service.url, bookingId, phone);
      const { checkoutRequestId } = await simulator.control.waitForPrompt(phone);
      const before = stream.views.length;
      simulator.control.answer(checkoutRequestId, { pin: "0000" });
      await until(reason, () => stream.views.slice(before).some(({ payment }) => payment?.reason === reason));
    }
    expect((await attemptsIn({ service }, bookingId)).map(({ resultCode }) => resultCode)).toEqual(["2001", "2001", "8006"]);
    await expectLedgerIsDatabase({ service, simulator });
  });
});
