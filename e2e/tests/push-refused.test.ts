import { describe, expect, it } from "vitest";
import type { FaultsPatch } from "../daraja-simulator/faults.ts";
import { book, newPhone, pay, toProblem, view } from "../factories/calls.ts";
import { expectLedgerIsDatabase } from "../factories/ledger.ts";
import { listen } from "../factories/listener.ts";
import { enterPin, newestPrompt, pushesTo } from "../factories/paying.ts";
import { freePort } from "../servers/free-port.ts";
import { deploymentOptions, deployments, sharedStack, stackForTest } from "../fixtures.ts";

type Refusal = { faults: FaultsPatch; status: 502 | 503; reason: "misconfigured" | "busy"; retryAfterS?: string };

const refusals: Refusal[] = [
  { faults: { pushAnswer: "merchant_unknown" }, status: 502, reason: "misconfigured" },
  { faults: { pushAnswer: "wrong_credentials" }, status: 502, reason: "misconfigured" },
  { faults: { pushAnswer: "wrong_credentials", pushAnswerStatus: 200 }, status: 502, reason: "misconfigured" },
  { faults: { pushAnswer: "no_product" }, status: 502, reason: "misconfigured" },
  { faults: { pushAnswer: "locked" }, status: 503, reason: "busy", retryAfterS: "60" },
  { faults: { pushAnswer: "locked", pushAnswerStatus: 200 }, status: 503, reason: "busy", retryAfterS: "60" },
  { faults: { pushAnswer: "system_busy" }, status: 503, reason: "busy", retryAfterS: "60" },
  { faults: { pushAnswer: "spike_arrest" }, status: 503, reason: "busy", retryAfterS: "60" },
  { faults: { pushAnswer: "quota" }, status: 503, reason: "busy", retryAfterS: "60" },
  { faults: { pushAnswer: "invalid_token" }, status: 502, reason: "misconfigured" },
];

/** Refused token requests: the push was never sent. */
const tokenRefusals: Refusal[] = [
  { faults: { oauthAnswer: "wrong_credentials" }, status: 502, reason: "misconfigured" },
  { faults: { oauthAnswer: "system_busy" }, status: 503, reason: "busy", retryAfterS: "10" },
  { faults: { oauthAnswer: "html" }, status: 503, reason: "busy", retryAfterS: "10" },
  { faults: { oauthAnswer: "reset" }, status: 503, reason: "busy", retryAfterS: "10" },
];

describe.each(deployments)("when Safaricom refuses the push (%s)", (deployment) => {
  const stack = sharedStack(deployment);

  it.each([...refusals, ...tokenRefusals])(
    "the call says $status $reason, no prompt goes out, and the next try pays: $faults",
    async (refusal) => {
      const { service, simulator, clock } = stack();
      const phone = newPhone();
      if ("oauthAnswer" in refusal.faults) simulator.control.expireTokens();
      simulator.control.setFaults(refusal.faults);
      const { bookingId } = await book(service.url);
      const stream = await listen(service.url, bookingId);

      const answer = await pay(service.url, bookingId, phone);
      expect(answer.status).toBe(refusal.status);
      expect(answer.headers["content-type"]).toContain("application/problem+json");
      expect(toProblem(answer)).toMatchObject({
        code: refusal.status === 502 ? "payment_refused" : "payment_unavailable",
        reason: refusal.reason,
        booking: { payment_status: "failed", payment: { status: "failed", reason: refusal.reason } },
      });
      expect(answer.headers["retry-after"]).toBe(refusal.retryAfterS);
      expect((await stream.untilStatus("failed")).payment?.reason).toBe(refusal.reason);
      expect(pushesTo({ simulator }, phone)).toBe(0);

      simulator.control.resetFaults();
      // Where the token was refused, Safaricom has not seen a push that it could refuse again.
      if (refusal.retryAfterS !== undefined && !("oauthAnswer" in refusal.faults)) {
        const early = await pay(service.url, bookingId, phone);
        expect(toProblem(early)).toMatchObject({ status: 409, code: "prompt_too_soon" });
        clock.advance(Number(refusal.retryAfterS) * 1_000);
      }
      expect((await pay(service.url, bookingId, phone)).status).toBe(200);
      await enterPin({ simulator }, await simulator.control.waitForPrompt(phone));
      await stream.untilStatus("paid");
      expect(pushesTo({ simulator }, phone)).toBe(1);
      await expectLedgerIsDatabase({ service, simulator });
    },
  );

  it("because another client has a newer token, the push is repeated once with a new token: one prompt", async () => {
    const { service, simulator } = stack();
    const phone = newPhone();
    simulator.control.expireTokens();
    const { bookingId } = await book(service.url);
    const stream = await listen(service.url, bookingId);
    expect((await pay(service.url, bookingId, phone)).status).toBe(200);
    await enterPin({ simulator }, await simulator.control.waitForPrompt(phone));
    await stream.untilStatus("paid");
    expect(pushesTo({ simulator }, phone)).toBe(1);
    await expectLedgerIsDatabase({ service, simulator });
  });

  it("because another prompt is open on the phone, the second booking must wait, and the first is still paid", async () => {
    const { service, simulator } = stack();
    const phone = newPhone();
    const [first, second] = [await book(service.url), await book(service.url)];
    expect((await pay(service.url, first.bookingId, phone)).status).toBe(200);
    const refused = await pay(service.url, second.bookingId, phone);
    expect([refused.status, toProblem(refused).reason]).toEqual([503, "busy"]);
    const stream = await listen(service.url, first.bookingId);
    await enterPin({ simulator }, await simulator.control.waitForPrompt(phone));
    await stream.untilStatus("paid");
    expect((await view(service.url, second.bookingId)).payment_status).toBe("failed");
    await expectLedgerIsDatabase({ service, simulator });
  });

  it("and the prompt goes out all the same, its money still pays", async () => {
    const { service, simulator } = stack();
    const phone = newPhone();
    simulator.control.setFaultsForPhone(phone, { pushAnswer: "system_busy", pushAcceptedAnyway: true });
    const { bookingId } = await book(service.url);
    const stream = await listen(service.url, bookingId);
    expect((await pay(service.url, bookingId, phone)).status).toBe(503);
    const receipt = await enterPin({ simulator }, await newestPrompt({ simulator }, phone));
    expect((await stream.untilStatus("paid")).payment?.receipt).toBe(receipt);
    await expectLedgerIsDatabase({ service, simulator });
  });
});

describe("a callback address that Safaricom refuses", () => {
  it("fails the payment as misconfigured, and the log names the field", async () => {
    const port = await freePort();
    const stack = await stackForTest({
      ...(await deploymentOptions("SQLite, in-process")),
      simulator: { faults: { strictCallbackUrl: true } },
      environment: { PORT: String(port), MPESA_CALLBACK_URL: `http://localhost:${port}/api/mpesa/callback` },
    });
    const { bookingId } = await book(stack.service.url);
    const answer = await pay(stack.service.url, bookingId, newPhone());
    expect([answer.status, toProblem(answer).reason]).toEqual([502, "misconfigured"]);
    expect(stack.logLines.some((line) => line.includes("Invalid CallBackURL"))).toBe(true);
    await expectLedgerIsDatabase(stack);
  });
});
