import { expect, it } from "vitest";
import { describeInBrowser } from "./browser-set-up.ts";
import { booking, failed, paid, payment, prompted } from "../screens/canned-bookings.ts";
import { problem, taken } from "./fake-service.ts";
import type { Reply } from "./fake-service.ts";

let count = 0;
/** An answer that tells nothing. (A dropped connection would not do: the browser repeats such a request by itself.) */
const proxyError: Reply = { status: 502, body: "<html>" };
const newId = () => `booking-${++count}`;

describeInBrowser("paying", ({ service, open }) => {
  it("goes from the phone number to the receipt, and the owner hears of it", async () => {
    const id = newId();
    service.bookings.set(id, booking(id));
    service.pay = () => {
      service.bookings.set(id, prompted(id));
      return taken(prompted(id));
    };
    const checkout = await open({ bookingId: id, attributes: 'amount="1500"' });
    await checkout.heading("Pay with M-Pesa").waitFor();
    expect(await checkout.element.textContent()).toBe("");
    await checkout.page.getByText("Maths, one hour").waitFor();
    await checkout.page.getByText("Tue 8 Dec, 10:00").waitFor();
    await checkout.payFrom("(0712) 345-678");
    await checkout.heading("Check your phone and enter your M-Pesa PIN").waitFor();
    await checkout.page.getByText("0712 ••• 678").waitFor();
    expect(service.payCalls.at(-1)?.body).toEqual({ bookingId: id, phone: "254712345678", amount: 1500 });
    await service.until(() => service.streamsOf(id) === 1);
    service.publish(paid(id));
    await checkout.heading("Payment received").waitFor();
    await checkout.page.getByText("UKN7QX41B2").waitFor();
    const heard = await checkout.heard();
    expect(heard.filter(({ type }) => type === "somopay-status").map(({ detail }) => detail.status)).toEqual([
      "ready",
      "sending",
      "prompted",
      "paid",
    ]);
    expect(heard.filter(({ type }) => type === "payment-confirmed").map(({ detail }) => detail)).toMatchObject([
      { bookingId: id, amountKes: 1500, receipt: "UKN7QX41B2", late: false },
    ]);
    expect(checkout.complaints).toEqual([]);
    expect(await checkout.element.evaluate((element) => element.matches(":state(paid)"))).toBe(true);
    await checkout.close();
  });

  it("works from a classic script too", async () => {
    const id = newId();
    service.bookings.set(id, booking(id));
    const checkout = await open({ bookingId: id, script: "classic" });
    await checkout.shows("ready");
    await checkout.button("Pay another way").click();
    await checkout.heading("Pay another way").waitFor();
    expect(checkout.complaints).toEqual([]);
    await checkout.close();
  });

  it("sends one request for two clicks, and pay() at the same time", async () => {
    const id = newId();
    const before = service.payCalls.length;
    service.bookings.set(id, booking(id));
    service.pay = () => taken(prompted(id));
    const checkout = await open({ bookingId: id });
    await checkout.phone.fill("0712345678");
    await checkout.button(/^Pay KES/).dblclick();
    await checkout.element.evaluate((element) => (element as HTMLElementTagNameMap["somo-pay"]).pay());
    await checkout.shows("prompted");
    expect(service.payCalls.length - before).toBe(1);
    await checkout.close();
  });

  it("says so beside the field when the number is none, and sends nothing", async () => {
    const id = newId();
    const before = service.payCalls.length;
    service.bookings.set(id, booking(id));
    const checkout = await open({ bookingId: id });
    await checkout.payFrom("0712 34");
    await checkout.page.getByText("Enter a full Safaricom number, for example 0712 345 678").waitFor();
    expect(await checkout.phone.getAttribute("aria-invalid")).toBe("true");
    expect(await checkout.focused()).toMatch(/^INPUT/);
    expect(await checkout.phone.inputValue()).toBe("0712 34");
    await checkout.phone.press("End");
    await checkout.phone.pressSequentially("5");
    await checkout.page.getByText("Enter a full Safaricom number").waitFor({ state: "detached" });
    expect(await checkout.phone.inputValue()).toBe("0712 345");
    expect(service.payCalls.length).toBe(before);
    await checkout.close();
  });

  it("repeats a request whose answer was lost with the same key, after looking whether it had arrived", async () => {
    const id = newId();
    const before = service.payCalls.length;
    service.bookings.set(id, booking(id));
    service.pay = (_, calls) => (calls - before === 1 ? proxyError : taken(prompted(id)));
    const checkout = await open({ bookingId: id });
    await checkout.payFrom("0712345678");
    await checkout.shows("prompted");
    const keys = service.payCalls.slice(before).map(({ key }) => key);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
    await checkout.close();
  });

  it("does not repeat a request that had arrived although its answer was lost", async () => {
    const id = newId();
    const before = service.payCalls.length;
    service.bookings.set(id, booking(id));
    service.streams = "silent";
    service.pay = () => {
      service.bookings.set(id, prompted(id));
      return proxyError;
    };
    const checkout = await open({ bookingId: id });
    await checkout.payFrom("0712345678");
    await checkout.shows("prompted");
    service.streams = "open";
    expect(service.payCalls.length - before).toBe(1);
    await checkout.close();
  });

  it("waits for the answer to the same request, and repeats it", async () => {
    const id = newId();
    const before = service.payCalls.length;
    service.bookings.set(id, booking(id));
    service.pay = (_, calls) =>
      calls - before === 1 ? { ...problem(409, "idempotency_in_progress"), headers: { "Retry-After": "1" } } : taken(prompted(id));
    const checkout = await open({ bookingId: id });
    await checkout.payFrom("0712345678");
    await checkout.shows("prompted");
    expect(new Set(service.payCalls.slice(before).map(({ key }) => key)).size).toBe(1);
    await checkout.close();
  });

  it("shows a payment that another tab has begun", async () => {
    const id = newId();
    service.bookings.set(id, booking(id));
    service.pay = () => problem(409, "attempt_open", { booking: prompted(id) });
    const checkout = await open({ bookingId: id });
    await checkout.payFrom("0712345678");
    await checkout.shows("prompted");
    expect((await checkout.heard()).filter(({ type }) => type === "payment-failed")).toEqual([]);
    await checkout.close();
  });

  it("tries again with one press, the same number and a new key", async () => {
    const id = newId();
    const before = service.payCalls.length;
    service.bookings.set(id, booking(id));
    service.pay = (_, calls) => taken(calls - before === 1 ? prompted(id) : { ...prompted(id, 0), version: 9 });
    const checkout = await open({ bookingId: id });
    await checkout.payFrom("0712345678");
    await checkout.shows("prompted");
    await service.until(() => service.streamsOf(id) === 1);
    service.publish(failed(id, "cancelled"));
    await checkout.heading("The payment was cancelled on the phone").waitFor();
    expect((await checkout.heard()).at(-1)).toMatchObject({ type: "payment-failed", detail: { reason: "cancelled" } });
    await checkout.button("Try again").click();
    await checkout.shows("prompted");
    const [first, second] = service.payCalls.slice(before);
    expect(second?.body["phone"]).toBe("254712345678");
    expect(second?.key).not.toBe(first?.key);
    await checkout.close();
  });

  it("lets another phone pay", async () => {
    const id = newId();
    service.bookings.set(id, booking(id));
    service.pay = () => taken(prompted(id));
    const checkout = await open({ bookingId: id });
    await checkout.payFrom("0712345678");
    await checkout.shows("prompted");
    await service.until(() => service.streamsOf(id) === 1);
    service.publish(failed(id, "pin_locked"));
    await checkout.button("Pay with another phone").click();
    await checkout.shows("ready");
    expect(await checkout.phone.inputValue()).toBe("");
    expect(await checkout.focused()).toMatch(/^INPUT/);
    await checkout.close();
  });

  it("notices money that arrives after it had said that the payment failed", async () => {
    const id = newId();
    service.bookings.set(id, failed(id, "expired"));
    const checkout = await open({ bookingId: id });
    await checkout.heading("The time to enter your PIN ran out").waitFor();
    await service.until(() => service.streamsOf(id) === 1);
    service.publish(paid(id, 6));
    await checkout.heading("Your payment arrived. Thank you!").waitFor();
    expect((await checkout.heard()).at(-1)).toMatchObject({ type: "payment-confirmed", detail: { late: true } });
    await checkout.close();
  });

  it("counts down before it lets anybody try again", async () => {
    const id = newId();
    service.bookings.set(id, booking(id));
    service.pay = () => ({ ...problem(429, "too_many_tries"), headers: { "Retry-After": "2" } });
    const checkout = await open({ bookingId: id });
    await checkout.payFrom("0712345678");
    expect(await checkout.button("Try again in 10 seconds").getAttribute("aria-disabled")).toBe("true");
    const before = service.payCalls.length;
    await checkout.button("Try again").click({ force: true });
    await checkout.page.getByText(/Try again in/).waitFor({ state: "hidden" });
    expect(service.payCalls.length).toBe(before);
    expect(await checkout.button(/^Try again$/).getAttribute("aria-disabled")).toBeNull();
    // Whoever cannot see the button hears that the wait is over.
    expect(await checkout.status.textContent()).toBe("Try again");
    await checkout.close();
  });

  it("explains to the owner's console what only the owner can mend", async () => {
    const id = newId();
    service.bookings.set(id, booking(id));
    service.readReply = problem(403, "origin_not_allowed");
    const checkout = await open({ bookingId: id });
    await checkout.heading("This page cannot take payments yet").waitFor();
    service.readReply = undefined;
    expect(checkout.complaints.join("\n")).toMatch(/does not allow http:\/\/127\.0\.0\.1:\d+\. Add it to the site's allowedOrigins/);
    await checkout.button("Try again").click();
    await checkout.shows("ready");
    await checkout.close();
  });

  it("carries on after a reload, from what the service knows", async () => {
    const id = newId();
    service.bookings.set(id, prompted(id));
    const checkout = await open({ bookingId: id });
    await checkout.shows("prompted");
    await checkout.page.reload();
    await checkout.shows("prompted");
    await service.until(() => service.streamsOf(id) === 1);
    service.publish(paid(id));
    await checkout.shows("paid");
    expect((await checkout.heard()).at(-1)?.type).toBe("payment-confirmed");
    await checkout.close();
  });

  it("offers help after 10 seconds, and not before", async () => {
    const [soon, later] = [newId(), newId()];
    service.bookings.set(soon, prompted(soon, 2));
    service.bookings.set(later, prompted(later, 25));
    const first = await open({ bookingId: soon });
    await first.shows("prompted");
    expect(await first.page.getByText("No prompt?").isVisible()).toBe(false);
    await first.close();
    const second = await open({ bookingId: later });
    await second.page.getByText("No prompt?").click();
    await second.page.getByText("Dial *234# to update your SIM.").waitFor();
    await second.close();
  });

  it("shows how to pay by hand, with copies, and notices the money", async () => {
    const id = newId();
    service.bookings.set(id, booking(id));
    const checkout = await open({ bookingId: id });
    await checkout.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await checkout.button("Pay another way").click();
    await checkout.button("Amount KES 1,500 Copy").click();
    await checkout.page.getByText("Copied", { exact: true }).waitFor();
    expect(await checkout.page.evaluate(() => navigator.clipboard.readText())).toBe("1500");
    await checkout.button("Back").click();
    await checkout.shows("ready");
    await checkout.button("Pay another way").click();
    await service.until(() => service.streamsOf(id) > 0);
    service.publish({ ...paid(id), payment: payment("paid", 1, { receipt: "UKN7QX41B3" }) });
    await checkout.page.getByText("UKN7QX41B3").waitFor();
    await checkout.close();
  });

  it("gives the receipt and the session to keep", async () => {
    const id = newId();
    service.bookings.set(id, paid(id));
    const checkout = await open({ bookingId: id });
    const link = (name: string) => checkout.page.getByRole("link", { name });
    const [receipt] = await Promise.all([checkout.page.waitForEvent("popup"), link("Save receipt").click()]);
    await receipt.getByRole("heading", { name: "Receipt" }).waitFor();
    expect(receipt.url()).toBe(`${service.origin}/api/booking/${id}/receipt?lang=en-GB`);
    expect(await receipt.evaluate(() => window.opener)).toBeNull();
    await receipt.close();
    const [session] = await Promise.all([checkout.page.waitForEvent("download"), link("Add to calendar").click()]);
    expect([session.url(), session.suggestedFilename()]).toEqual([`${service.origin}/api/booking/${id}/calendar.ics`, "AMANI-1042.ics"]);
    await checkout.shows("paid");
    await checkout.button("Kiswahili").click();
    expect(await link("Hifadhi risiti").getAttribute("href")).toMatch(/\/receipt\?lang=sw-KE$/);
    await checkout.close();
  });

  it("starts over with another booking, and forgets the number", async () => {
    const [first, second] = [newId(), newId()];
    service.bookings.set(first, paid(first));
    service.bookings.set(second, booking(second));
    const checkout = await open({ bookingId: first });
    await checkout.shows("paid");
    await checkout.element.evaluate((element, bookingId) => element.setAttribute("booking-id", bookingId), second);
    await checkout.shows("ready");
    expect(await checkout.phone.inputValue()).toBe("");
    await checkout.close();
  });

  it("speaks Swahili when the page does, and changes when the parent asks", async () => {
    const id = newId();
    service.bookings.set(id, booking(id));
    const checkout = await open({ bookingId: id, lang: "sw-KE" });
    await checkout.button("Lipa KES 1,500 kwa M-Pesa").waitFor();
    await checkout.button("English").click();
    await checkout.button("Pay KES 1,500 with M-Pesa").waitFor();
    await checkout.close();
  });

  it("warns by name when another script has taken the tag, and does not break the page", async () => {
    const id = newId();
    const checkout = await open({
      bookingId: id,
      javaScriptBefore: "customElements.define('somo-pay', class OlderSomoPay extends HTMLElement {})",
    });
    const warnings: string[] = [];
    checkout.page.on("console", (message) => warnings.push(message.text()));
    await checkout.page.reload();
    expect(warnings.join("\n")).toContain('<somo-pay> is defined already, by "OlderSomoPay"');
    expect(checkout.complaints).toEqual([]);
    await checkout.close();
  });
});
