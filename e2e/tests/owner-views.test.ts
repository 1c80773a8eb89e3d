/** What owners look at, over HTTP: the overview, the search, timelines, the live list and files. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { overviewSchema, searchAnswerSchema, timelineSchema, calendarSchema } from "../../service/src/owners/owners-contract.ts";
import { DAY_MS, nairobiDate } from "../../service/src/platform/nairobi-day.ts";
import { book, newPhone, type Answer } from "../factories/calls.ts";
import { callbackBody, post } from "../factories/callbacks.ts";
import { openLive } from "../factories/live-list.ts";
import { SECRETS_KEY } from "../factories/own-account.ts";
import { askForRefund, callAsOwner, refundEnds } from "../factories/owner.ts";
import { payByHand, receiptOf, registerPaybill } from "../factories/paybill.ts";
import { enterPin, startPaying } from "../factories/paying.ts";
import { callbacksRead, readRows, theAttempt } from "../factories/records.ts";
import { until } from "../factories/until.ts";
import { addEndpoint } from "../factories/webhooks.ts";
import { deploymentOptions, deployments, SECRET_KEY, stackForTest, type Stack } from "../fixtures.ts";

const tomorrow = (): string => nairobiDate(Date.now() + DAY_MS);

/** A paid booking, for a lesson of tomorrow. */
async function paidBooking(stack: Stack, wish: object = {}) {
  const paying = await startPaying(stack, { wish: { date: tomorrow(), ...wish } });
  const receipt = await enterPin(stack, paying.prompt);
  await paying.stream.untilStatus("paid");
  const { id: paymentId } = await theAttempt(stack, paying.booking.bookingId);
  return { ...paying, receipt, paymentId };
}

const read = async <Schema extends z.ZodType>(stack: Stack, path: string, schema: Schema): Promise<z.output<Schema>> => {
  const answer = await callAsOwner(stack.service.url, path);
  if (answer.status !== 200) throw new Error(`${path} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  expect(answer.headers["cache-control"]).toContain("no-store");
  return schema.parse(answer.body);
};
const search = (stack: Stack, q: string) => read(stack, `/api/v1/search?q=${encodeURIComponent(q)}`, searchAnswerSchema);

describe.each(deployments)("an owner (%s)", (deployment) => {
  it("sees today's money, the next lessons, and what waits", async () => {
    const stack = await stackForTest({ ...(await deploymentOptions(deployment)), initiator: true });
    await registerPaybill(stack);
    const { booking } = await paidBooking(stack);
    await payByHand(stack, { phone: newPhone(), accountNumber: "NOBODY", amountKes: 700 });
    await until("the money to be listed", async () => (await readRows(stack.service.service.database)).unassigned.length > 0);
    const { today, days, attention, reasons } = await read(stack, "/api/v1/overview", overviewSchema);
    expect(today).toMatchObject({ received: 1_500, payments: 1, lessons: [] });
    expect(today.next).toMatchObject([
      { bookingId: booking.bookingId, booking_status: "booked", payment_status: "paid", durationMinutes: 60 },
    ]);
    expect(days).toHaveLength(30);
    expect(days.at(-1)).toMatchObject({ date: today.date, started: 1, paid: 1, failed: 0 });
    expect([attention, reasons]).toEqual([1, []]);
    const calendar = await read(stack, `/api/v1/calendar?from=${today.date}&to=${tomorrow()}`, calendarSchema);
    expect(calendar).toMatchObject({ data: [{ reference: booking.reference }], next: null });
  });

  it("is spoken to in Kiswahili, if that is asked for", async () => {
    const stack = await stackForTest(await deploymentOptions(deployment));
    await registerPaybill(stack);
    const { booking } = await paidBooking(stack);
    await payByHand(stack, { phone: newPhone(), accountNumber: "NOBODY", amountKes: 700 });
    await until("the money to be listed", async () => (await readRows(stack.service.service.database)).unassigned.length > 0);
    const headers = { "Accept-Language": "sw-KE, en;q=0.5" };
    const texts = async (path: string): Promise<string> =>
      JSON.stringify((await callAsOwner(stack.service.url, path, undefined, headers)).body);
    expect(await texts("/api/v1/attention")).toMatch(/: KES 700 kutoka .*, akaunti \\"NOBODY\\", si za nafasi yoyote: hakuna nafasi/);
    const timeline = await texts(`/api/v1/bookings/${booking.bookingId}/timeline`);
    expect(timeline).toContain("Kipindi kilithibitishwa.");
    expect(timeline).toContain("SomoPay haimwambii mzazi.");
    expect(await texts("/api/v1/attention")).not.toBe(JSON.stringify((await callAsOwner(stack.service.url, "/api/v1/attention")).body));
  });

  it("gets long answers compressed, and the live list as it comes", async () => {
    const stack = await stackForTest(await deploymentOptions(deployment));
    await paidBooking(stack);
    const headers = { Authorization: `Bearer ${SECRET_KEY}`, "Accept-Encoding": "gzip" };
    const overview = await fetch(`${stack.service.url}/api/v1/overview`, { headers });
    expect(overview.headers.get("Content-Encoding")).toBe("gzip");
    expect(overviewSchema.parse(await overview.json()).today.payments).toBe(1);
    const ended = new AbortController();
    const live = await fetch(`${stack.service.url}/api/v1/live`, { headers, signal: ended.signal });
    expect(live.headers.get("Content-Type")).toMatch(/^text\/event-stream/);
    expect(live.headers.get("Content-Encoding")).toBeNull();
    ended.abort();
  });

  it("finds a payment by whatever the parent says", async () => {
    const stack = await stackForTest({ ...(await deploymentOptions(deployment)), initiator: true });
    await registerPaybill(stack);
    const names = { parentName: "Mama Achieng' Ŵairimu", childName: "Otieno Achieng" };
    const { booking, receipt, phone } = await paidBooking(stack, names);
    const money = receiptOf(await payByHand(stack, { phone: newPhone(), accountNumber: "Achieng", amountKes: 700 }));
    await until("the money to be listed", async () => (await readRows(stack.service.service.database)).unassigned.length > 0);
    const sms = `${receipt} Confirmed. Ksh1,500.00 sent to AMANI TUTORS for account ${booking.reference} on 28/11/26 at 7:01 PM New M-PESA balance is Ksh3,250.00.`;
    const found: [string, object][] = [
      [sms, { kind: "sms", data: [{ matched: "receipt" }] }],
      [receipt.toLowerCase(), { kind: "receipt" }],
      [` ${booking.reference.slice(0, 4)}-${booking.reference.slice(4)} `, { kind: "reference", data: [{ matched: "reference" }] }],
      [phone.replace("254", "0"), { kind: "phone" }],
      [phone.slice(-3), { kind: "phone", data: [{ phone: `2547•••••${phone.slice(-3)}` }] }],
      ["did mama ACHIENG", { kind: "name", data: [] }],
      ["mama achieng", { kind: "name", unassigned: [{ receipt: money, account: "Achieng" }] }],
      ["wairi otie", { kind: "name", unassigned: [] }],
      [money, { kind: "receipt", data: [], unassigned: [{ receipt: money }] }],
    ];
    for (const [q, expected] of found) {
      const answer = await search(stack, q);
      expect([q, answer]).toMatchObject([q, expected]);
      if (!("data" in expected)) expect([q, answer.data]).toMatchObject([q, [{ bookingId: booking.bookingId, receipts: [receipt] }]]);
    }
    expect((await callAsOwner(stack.service.url, "/api/v1/search?q=%20")).status).toBe(400);
    expect((await callAsOwner(stack.service.url, `/api/v1/search?q=${"x".repeat(1_001)}`)).status).toBe(400);
  });

  it("reads what happened to a payment, in words, and what can be done", async () => {
    const stack = await stackForTest({ ...(await deploymentOptions(deployment)), initiator: true, environment: { SECRETS_KEY } });
    const { url } = stack.service;
    await addEndpoint(url, { url: "https://www.example.com/webhooks" });
    const paying = await startPaying(stack, { wish: { date: tomorrow() } });
    // Somebody says that another amount came: it is not believed.
    await post(paying.prompt.callbackUrl, callbackBody(paying.prompt, { code: 0, amountKes: 1 }));
    const receipt = await enterPin(stack, paying.prompt);
    await paying.stream.untilStatus("paid");
    const { bookingId } = paying.booking;
    const { id: paymentId } = await theAttempt(stack, bookingId);
    await callbacksRead(stack, 2);
    const before = await read(stack, `/api/v1/payments/${paymentId}/timeline`, timelineSchema);
    const actions = before.actions.map(({ action }) => action);
    expect(actions).toEqual(["refund", "move", "cancel"]);
    expect(before.actions[0]?.consequence).toMatch(
      /^KES 1,500 goes back to 2547•••••\d{3} by M-Pesa, all of receipt .+ is then cancelled\. It cannot be undone\.$/,
    );

    await askForRefund(url, paymentId);
    await refundEnds(url, paymentId, "done");
    const { data, actions: after } = await read(stack, `/api/v1/bookings/${bookingId}/timeline`, timelineSchema);
    expect(data.map(({ at }) => at)).toEqual(data.map(({ at }) => at).toSorted((left, right) => left - right));
    const texts = data.map(({ text }) => text);
    const told = [
      /^The booking was made by Wanjiru Kamau, for Amani Kamau: Maths, one hour, .*, KES 1,500\.$/,
      /^A payment of KES 1,500 was started for 2547•••••\d{3}\.$/,
      /^Safaricom sent the prompt to 2547•••••\d{3}\.$/,
      /^Safaricom's callback came and was not believed; Safaricom is asked instead: /,
      new RegExp(`KES 1,500 was paid, receipt ${receipt}\\.$`),
      /^The session was booked\.$/,
      new RegExp(`^Safaricom was asked to give KES 1,500 back, receipt ${receipt}\\.$`),
      /^Safaricom gave KES 1,500 back\.$/,
      /^The session was cancelled, because its money was given back\.$/,
      /^The message payment\.paid (?:waits to be|could not be|was) delivered to https:\/\/www\.example\.com\/webhooks/,
    ];
    for (const line of told) expect(texts).toContainEqual(expect.stringMatching(line));
    // The raw callbacks are there, without what no browser may see.
    const raw = data.flatMap(({ raw: body }) => body ?? []);
    expect(raw.length).toBeGreaterThan(1);
    expect(raw.join()).toContain("ResultCode");
    const all = JSON.stringify(data);
    expect(all).not.toContain(paying.phone);
    expect(all).not.toContain(paying.prompt.checkoutRequestId);
    expect(after.map(({ action }) => action)).toEqual([]);
  });

  it("watches payments as they come", async () => {
    const stack = await stackForTest(await deploymentOptions(deployment));
    const { url } = stack.service;
    const earlier = await book(url);
    const live = await openLive(url, SECRET_KEY);
    await live.until((text) => text.includes(earlier.reference));
    const { booking, prompt } = await startPaying(stack);
    const events = (text: string) =>
      text
        .split("\n")
        .flatMap((line) => (line.startsWith("data: ") ? [z.record(z.string(), z.unknown()).parse(JSON.parse(line.slice(6)))] : []));
    const has = (text: string, status: string) =>
      events(text).some(({ bookingId, payment_status }) => bookingId === booking.bookingId && payment_status === status);
    await live.until((text) => has(text, "pending"));
    await enterPin(stack, prompt);
    const text = await live.until((all) => has(all, "paid"));
    expect(events(text).at(-1)).toMatchObject({
      reference: booking.reference,
      parentName: "Wanjiru Kamau",
      amount: 1_500,
      amountPaid: 1_500,
      booking_status: "booked",
    });
    live.close();
  });

  it("saves everything as files that no spreadsheet runs", async () => {
    const stack = await stackForTest({ ...(await deploymentOptions(deployment)), initiator: true });
    const { url } = stack.service;
    const names = { parentName: '=HYPERLINK("https://evil.example")', childName: '@SUM(1), "Amani" \u202egnp.exe' };
    const { receipt, booking, paymentId } = await paidBooking(stack, names);
    await askForRefund(url, paymentId);
    await refundEnds(url, paymentId, "done");
    const file = (name: string, query = ""): Promise<Answer> => callAsOwner(url, `/api/v1/exports/${name}.csv${query}`);
    const bookings = await file("bookings");
    expect(bookings.headers["content-type"]).toBe("text/csv; charset=utf-8");
    expect(bookings.headers["content-disposition"]).toBe('attachment; filename="somopay-bookings.csv"');
    const text = String(bookings.body);
    expect(text.startsWith("Made,Reference,Status,Parent")).toBe(true);
    expect(text).toContain(`"'=HYPERLINK(""https://evil.example"")","'@SUM(1), ""Amani"" gnp.exe"`);
    expect(String((await file("payments")).body)).toContain(receipt);
    expect(String((await file("refunds")).body)).toContain(`done,1500,${receipt},${booking.reference}`);
    expect(String((await file("money")).body).split("\r\n")).toHaveLength(2);
    const today = nairobiDate(stack.clock.now());
    expect(String((await file("payments", `?from=${today}&to=${today}`)).body)).toContain(receipt);
    expect(String((await file("payments", `?from=${tomorrow()}`)).body)).not.toContain(receipt);
    expect((await file("payments", `?from=${tomorrow()}&to=${today}`)).status).toBe(400);
  });
});
