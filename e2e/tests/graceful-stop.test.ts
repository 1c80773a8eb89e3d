import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { book, call, newPhone, pay } from "../factories/calls.ts";
import { expectLedgerIsDatabase } from "../factories/ledger.ts";
import { listen } from "../factories/listener.ts";
import { enterPin, startPaying } from "../factories/paying.ts";
import { attemptsIn } from "../factories/records.ts";
import { until } from "../factories/until.ts";
import { deploymentOptions, deployments, stackForTest } from "../fixtures.ts";

/** An open stream must not delay a stopping copy. Far below the 12 s after which connections are cut. */
const STOPPED_WITHIN_MS = 4_000;

describe.each(deployments)("a copy that stops (%s)", (deployment) => {
  const twoCopies = async () => {
    const stack = await stackForTest({ ...(await deploymentOptions(deployment)), ...(deployment === "MariaDB, Redis" && { copies: 2 }) });
    return { stack, stopping: stack.service };
  };

  it("tells its streams to reconnect within three seconds, and stops at once", async () => {
    const { stack, stopping } = await twoCopies();
    const { bookingId } = await book(stopping.url);
    const streams = await Promise.all(Array.from({ length: 10 }, () => listen(stopping.url, bookingId)));
    await Promise.all(streams.map((stream) => stream.until(() => true)));
    const beganMs = performance.now();
    await stopping.stop();
    expect(performance.now() - beganMs).toBeLessThan(STOPPED_WITHIN_MS);
    const retries = await Promise.all(streams.map(({ ended }) => ended));
    for (const retryMs of retries) {
      expect(retryMs).toBeGreaterThanOrEqual(0);
      expect(retryMs).toBeLessThanOrEqual(3_000);
    }
    expect(new Set(retries).size).toBeGreaterThan(1);
    expect(stack.logLines.filter((line) => line.includes("did not finish in time"))).toEqual([]);
  });

  it("finishes the payment request in progress, and refuses new connections", async () => {
    const { stack, stopping } = await twoCopies();
    stack.simulator.control.setTimings({ pushReplyDelayMs: 400 });
    const phone = newPhone();
    const { bookingId } = await book(stopping.url);
    const paying = pay(stopping.url, bookingId, phone);
    const prompt = await stack.simulator.control.waitForPrompt(phone);
    const stopped = stopping.stop();
    await expect(call(stopping.url, "/livez")).rejects.toThrow(/ECONNREFUSED/);
    expect((await paying).status).toBe(200);
    await stopped;

    const survivor = stack.copies[1] ?? (await stack.startCopy());
    const [attempt] = await attemptsIn({ service: survivor }, bookingId);
    expect(attempt).toMatchObject({ status: "prompted", checkoutRequestId: prompt.checkoutRequestId });
    const receipt = await enterPin(stack, prompt);
    // The callback reaches no copy and is not sent again, so the service must query Safaricom.
    expect((await stack.simulator.control.waitForDelivery(prompt.checkoutRequestId)).outcome).toBe("no_answer");
    const stream = await listen(survivor.url, bookingId);
    stack.clock.advance(20_500);
    // The query says that the prompt was paid, and does not name the receipt.
    expect((await stream.untilStatus("paid")).payment).not.toHaveProperty("receipt");
    expect(stack.simulator.ledger.map((entry) => entry.receipt)).toEqual([receipt]);
    await expectLedgerIsDatabase({ service: survivor, simulator: stack.simulator });
  });

  it("processes the callbacks that it has answered before it stops", async () => {
    const { stack, stopping } = await twoCopies();
    const { prompt, booking } = await startPaying(stack);
    await enterPin(stack, prompt);
    await stack.simulator.control.waitForDelivery(prompt.checkoutRequestId);
    await stopping.stop();
    const survivor = stack.copies[1] ?? (await stack.startCopy());
    expect(await attemptsIn({ service: survivor }, booking.bookingId)).toMatchObject([{ status: "paid" }]);
    await expectLedgerIsDatabase({ service: survivor, simulator: stack.simulator });
  });

  it("answers 503 at /readyz to a load balancer on an open connection", async () => {
    const { stopping } = await twoCopies();
    const { port } = new URL(stopping.url);
    const caller = connect(Number(port), "localhost");
    let received = "";
    caller.setEncoding("utf8").on("data", (text: string) => void (received += text));
    const closed = once(caller, "close");
    // The second request has begun and is not complete, so the connection counts as busy.
    caller.write("GET /readyz HTTP/1.1\r\nHost: test\r\n\r\nGET /readyz HTTP/1.1\r\nHost: test\r\n");
    await until("the first answer", () => received.includes('"ready":true'));
    const stopped = stopping.stop();
    caller.write("\r\n");
    await closed;
    await stopped;
    expect(received).toMatch(/^HTTP\/1\.1 200 /);
    expect(received).toContain("HTTP/1.1 503 Service Unavailable");
    expect(received).toContain('"ready":false');
    expect(received).toMatch(/connection: close/i);
  });
});
