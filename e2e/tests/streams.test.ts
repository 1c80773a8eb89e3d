import { request } from "undici";
import { describe, expect, it } from "vitest";
import { HEARTBEAT_INTERVAL_MS } from "../../service/src/platform/sse.ts";
import { book, call, newPhone, pay, toProblem, view } from "../factories/calls.ts";
import { callbackBody, post } from "../factories/callbacks.ts";
import { expectLedgerIsDatabase } from "../factories/ledger.ts";
import { listen } from "../factories/listener.ts";
import { enterPin, startPaying } from "../factories/paying.ts";
import { until } from "../factories/until.ts";
import { deploymentOptions, deployments, sharedStack, SITE_ORIGIN, stackForTest } from "../fixtures.ts";

describe.each(deployments)("a booking's stream (%s)", (deployment) => {
  const stack = sharedStack(deployment);

  it("begins with the present view", async () => {
    const { service } = stack();
    const booking = await book(service.url);
    const stream = await listen(service.url, booking.bookingId);
    expect(await stream.until(() => true)).toEqual(booking);
    expect(stream.ids).toEqual([booking.version]);
    stream.close();
  });

  it("numbers its events by rising versions, each with a complete view", async () => {
    const { service, simulator } = stack();
    const { booking, prompt, stream } = await startPaying(stack());
    simulator.control.cancel(prompt.checkoutRequestId);
    await stream.untilStatus("failed");
    await pay(service.url, booking.bookingId, newPhone());
    const second = await until("the second prompt", () => simulator.control.prompts.find(({ state }) => state === "open"));
    await enterPin({ simulator }, second);
    await stream.untilStatus("paid");
    await stream.ended;

    expect(stream.ids).toEqual(stream.views.map(({ version }) => version));
    expect(stream.ids).toEqual([...new Set(stream.ids)].toSorted((left, right) => left - right));
    expect(stream.views.at(-1)).toEqual(await view(service.url, booking.bookingId));
    await expectLedgerIsDatabase({ service, simulator });
  });

  it("of a paid booking is 204 for a browser that has the last version, and the last view for another", async () => {
    const { service, simulator } = stack();
    const { booking, prompt, stream } = await startPaying(stack());
    await enterPin({ simulator }, prompt);
    const paid = await stream.untilStatus("paid");
    await stream.ended;

    expect((await listen(service.url, booking.bookingId, paid.version)).status).toBe(204);
    for (const seen of [undefined, paid.version - 1]) {
      const late = await listen(service.url, booking.bookingId, seen);
      await late.ended;
      expect(late.views).toEqual([paid]);
    }
    await expectLedgerIsDatabase({ service, simulator });
  });

  it("of an open booking sends a reconnecting browser only newer views", async () => {
    const { service, simulator } = stack();
    const { booking, prompt, stream } = await startPaying(stack());
    const prompted = await stream.until(({ payment }) => payment?.status === "prompted");
    const back = await listen(service.url, booking.bookingId, prompted.version);
    await enterPin({ simulator }, prompt);
    await back.untilStatus("paid");
    await back.ended;
    expect(back.views.map(({ payment_status }) => payment_status)).toEqual(["paid"]);
    await expectLedgerIsDatabase({ service, simulator });
  });

  it("ignores a Last-Event-ID that it never sent", async () => {
    const { service } = stack();
    const { bookingId } = await book(service.url);
    for (const id of [-1, 99, Number.NaN]) {
      const stream = await listen(service.url, bookingId, id);
      expect((await stream.until(() => true)).bookingId).toBe(bookingId);
      stream.close();
    }
  });

  it("shows the outcome to several readers of one booking", async () => {
    const { service, simulator } = stack();
    const { booking, prompt, stream } = await startPaying(stack());
    const others = await Promise.all(Array.from({ length: 5 }, () => listen(service.url, booking.bookingId)));
    others[0]?.close();
    await enterPin({ simulator }, prompt);
    const paid = await stream.untilStatus("paid");
    for (const other of others.slice(1)) expect(await other.untilStatus("paid")).toEqual(paid);
    await expectLedgerIsDatabase({ service, simulator });
  });

  it("of an unknown booking is a 404 problem", async () => {
    const { service } = stack();
    const answer = await call(service.url, "/api/payment-status/bk_nothing", { headers: { Accept: "text/event-stream" } });
    expect(answer.status).toBe(404);
    expect(answer.headers["content-type"]).toContain("application/problem+json");
    expect(toProblem(answer).code).toBe("booking_not_found");
  });

  it("has the headers that keep proxies from buffering", async () => {
    const { service } = stack();
    const { bookingId } = await book(service.url);
    const abort = new AbortController();
    const { headers, statusCode, body } = await request(`${service.url}/api/payment-status/${bookingId}`, {
      headers: { Origin: SITE_ORIGIN, "Accept-Encoding": "gzip, br" },
      signal: abort.signal,
    });
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({
      "content-type": expect.stringMatching(/^text\/event-stream/),
      "cache-control": expect.stringContaining("no-transform"),
      "x-accel-buffering": "no",
      "access-control-allow-origin": SITE_ORIGIN,
    });
    expect(headers["content-encoding"]).toBeUndefined();
    expect(headers["content-length"]).toBeUndefined();
    body.on("error", () => undefined);
    abort.abort();
  });
});

describe.each(deployments)("a stream that is left open (%s)", (deployment) => {
  it("ends ten minutes after a failure", async () => {
    const stack = await stackForTest(await deploymentOptions(deployment));
    const { prompt, stream, booking } = await startPaying(stack);
    await post(prompt.callbackUrl, callbackBody(prompt, { code: 1032 }));
    const failed = await stream.untilStatus("failed");
    stack.clock.advance(10 * 60_000 + 1_000);
    const back = await listen(stack.service.url, booking.bookingId, failed.version);
    expect(back.status).toBe(204);
    await expectLedgerIsDatabase(stack);
  });
});

describe("the heartbeat", () => {
  it(`is a comment every ${HEARTBEAT_INTERVAL_MS / 1_000} s, which no listener sees as an event`, { timeout: 30_000 }, async () => {
    const { service } = await stackForTest();
    const { bookingId } = await book(service.url);
    const abort = new AbortController();
    const { body } = await request(`${service.url}/api/payment-status/${bookingId}`, {
      headers: { Origin: SITE_ORIGIN },
      signal: abort.signal,
    });
    let text = "";
    try {
      for await (const chunk of body) {
        text += String(chunk);
        if (/\n\n:/.test(text)) break;
      }
    } finally {
      abort.abort();
    }
    const [retry, event, comment, ...rest] = text.split("\n\n");
    expect(retry).toBe("retry: 2000");
    expect(event).toMatch(/^id: 1\ndata: \{/);
    expect(comment).toBe(":");
    expect(rest).toEqual([""]);
  });
});
