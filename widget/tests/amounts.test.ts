/** Part payments, money that comes too late or is too much, and bookings that are no longer to be paid. */
import { expect, it } from "vitest";
import { describeInBrowser } from "./browser-set-up.ts";
import { booking, failed, over, paid, partPaid, payment, prompted, refunded } from "../screens/canned-bookings.ts";
import { problem, taken } from "./fake-service.ts";

let count = 0;
const newId = () => `amounts-${++count}`;
const CAN_BOOK = 'site-key="pk_test" session-type="maths-60"';
const asksForTheRest = (id: string, version: number) =>
  partPaid(id, version, { payment_status: "pending", payment: payment("prompted", 1, { amount: 500 }) });

describeInBrowser("a part payment", ({ service, open }) => {
  it("leads to the rest, and paid is said only when that has arrived", async () => {
    const id = newId();
    service.bookings.set(id, booking(id));
    service.pay = (_, calls) => taken(calls === 1 ? prompted(id) : asksForTheRest(id, 6));
    service.payCalls.length = 0;
    const checkout = await open({ bookingId: id, attributes: 'amount="1500"' });
    await checkout.payFrom("0712345678");
    await checkout.shows("prompted");
    await service.until(() => service.streamsOf(id) === 1);
    service.publish(partPaid(id, 5));
    await checkout.button("Pay KES 500 with M-Pesa").waitFor();
    expect(await checkout.focused()).toBe("H2 Pay with M-Pesa");
    expect(await checkout.page.getByRole("heading", { level: 2 }).getAttribute("aria-describedby")).toBe("fact");
    await checkout.page.locator("#fact", { hasText: "KES 1,000 received, KES 500 to go" }).waitFor();
    // The price stays what it was.
    await checkout.page.getByText("KES 1,500", { exact: true }).waitFor();
    await checkout.payFrom("0712345678");
    await checkout.page.locator("#text", { hasText: "It asks for KES 500, account AMANI-1042" }).waitFor();
    expect(service.payCalls.map(({ body }) => body["amount"])).toEqual([1_500, 500]);
    service.publish(paid(id, 7));
    await checkout.heading("Payment received").waitFor();
    await checkout.page.locator("#text", { hasText: "Your session is booked" }).waitFor();
    expect((await checkout.heard()).filter(({ type }) => type === "payment-confirmed")).toHaveLength(1);
    expect(checkout.complaints).toEqual([]);
    await checkout.close();
  });

  it("stands above why the rest is not paid, and the link to WhatsApp names the rest", async () => {
    const id = newId();
    service.bookings.set(id, partPaid(id, 7, { payment: payment("failed", 30, { amount: 500, reason: "insufficient_funds" }) }));
    const checkout = await open({ bookingId: id, attributes: 'share-url="/pay"' });
    await checkout.heading("There is not enough money in your M-Pesa").waitFor();
    await checkout.page.locator("#fact", { hasText: "KES 1,000 received, KES 500 to go" }).waitFor();
    await checkout.page.locator("#money", { hasText: "No money was taken this time." }).waitFor();
    const address = await checkout.page.getByRole("link", { name: "Ask someone else to pay, by WhatsApp" }).getAttribute("href");
    expect(new URL(address ?? "").searchParams.get("text")).toMatch(/^Please pay KES\s500 for Maths/);
    await checkout.close();
  });

  it("changes the amount to pay by hand, and is said to those who do not see it", async () => {
    const id = newId();
    service.bookings.set(id, booking(id));
    const checkout = await open({ bookingId: id });
    await checkout.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await checkout.button("Pay another way").click();
    await checkout.button("Amount KES 1,500 Copy").waitFor();
    await service.until(() => service.streamsOf(id) === 1);
    service.publish(partPaid(id));
    await checkout.button("Amount KES 500 Copy").waitFor();
    await checkout.shows("manual");
    await expect.poll(() => checkout.status.textContent()).toMatch(/^KES\s1,000 received, KES\s500 to go\. Pay another way/);
    await checkout.close();
  });
});

describeInBrowser("money that is too much or too late", ({ service, open }) => {
  it("is named when it is more than the price", async () => {
    const id = newId();
    service.bookings.set(id, paid(id, 5, { amountPaid: 2_000, surplus: 500 }));
    const checkout = await open({ bookingId: id });
    await checkout.page.locator("#text", { hasText: "Your session is booked" }).waitFor();
    await checkout.page.getByText("You paid KES 500 more than the price. You will get it back from Amani Tutors").waitFor();
    await checkout.close();
  });

  it("is received, and books nothing, when it comes after the lapse", async () => {
    const id = newId();
    service.bookings.set(id, over("lapsed", failed(id, "no_answer")));
    const checkout = await open({ bookingId: id });
    await checkout.heading("The time to pay is over").waitFor();
    await service.until(() => service.streamsOf(id) === 1);
    service.publish(over("lapsed", paid(id, 8)));
    await checkout.heading("Your payment arrived. Thank you!").waitFor();
    await checkout.page
      .locator("#text", { hasText: "This time is no longer free: Amani Tutors will agree another one with you, or refund you." })
      .waitFor();
    await checkout.page.getByRole("link", { name: "Save receipt" }).waitFor();
    expect(await checkout.page.getByRole("link", { name: "Add to calendar" }).count()).toBe(0);
    expect(await checkout.page.getByText("Your session is booked").count()).toBe(0);
    expect((await checkout.heard()).at(-1)).toMatchObject({
      type: "payment-confirmed",
      detail: { late: true, booking: { booking_status: "lapsed" } },
    });
    await checkout.close();
  });

  it("books the session after the lapse when the service says so", async () => {
    const id = newId();
    service.bookings.set(id, over("lapsed", failed(id, "no_answer")));
    const checkout = await open({ bookingId: id });
    await checkout.shows("lapsed");
    await service.until(() => service.streamsOf(id) === 1);
    service.publish(paid(id, 8));
    await checkout.page.locator("#text", { hasText: "Your session is booked" }).waitFor();
    await checkout.page.getByRole("link", { name: "Add to calendar" }).waitFor();
    await checkout.close();
  });

  it("of a cancelled booking is not called more than the price", async () => {
    const id = newId();
    service.bookings.set(id, over("cancelled", paid(id, 5, { surplus: 1_500 })));
    const checkout = await open({ bookingId: id });
    await checkout.page
      .locator("#text", { hasText: "This booking was cancelled: Amani Tutors will agree another time with you" })
      .waitFor();
    expect(await checkout.page.getByText("more than the price").count()).toBe(0);
    await checkout.close();
  });

  it("can be paid again after a part was given back", async () => {
    const id = newId();
    service.bookings.set(id, { ...refunded(id), booking_status: "pending" });
    const checkout = await open({ bookingId: id });
    await checkout.heading("This payment was refunded").waitFor();
    await checkout.button("Pay KES 1,500 with M-Pesa").click();
    await checkout.shows("ready");
    await checkout.close();
  });
});

describeInBrowser("a booking that is no longer to be paid", ({ service, open }) => {
  for (const [status, code, title] of [
    ["lapsed", "booking_lapsed", "The time to pay is over"],
    ["cancelled", "booking_cancelled", "This booking was cancelled"],
  ] as const) {
    it(`is shown by its own screen when the service refuses a prompt with ${code}`, async () => {
      const id = newId();
      service.bookings.set(id, booking(id));
      service.pay = () => problem(409, code, { booking: over(status, booking(id)) });
      const checkout = await open({ bookingId: id });
      await checkout.payFrom("0712345678");
      await checkout.heading(title).waitFor();
      await checkout.page.locator("#money", { hasText: "No money was taken." }).waitFor();
      await checkout.page.locator("#text", { hasText: "Contact Amani Tutors for another time." }).waitFor();
      // Nothing there leads back to the form.
      expect(await checkout.page.getByRole("textbox").count()).toBe(0);
      expect(await checkout.page.locator("somo-pay [part=button], somo-pay [part=secondary-button]").count()).toBe(0);
      await checkout.element.evaluate((element: HTMLElementTagNameMap["somo-pay"]) => element.pay());
      await checkout.shows(status);
      expect((await checkout.heard()).filter(({ type }) => type === "payment-failed")).toEqual([]);
      await checkout.close();
    });
  }

  it("says it while the form is open, once the service has told", async () => {
    const id = newId();
    service.bookings.set(id, failed(id, "cancelled"));
    const checkout = await open({ bookingId: id });
    await checkout.button("Try again").waitFor();
    await service.until(() => service.streamsOf(id) === 1);
    service.publish(over("lapsed", failed(id, "cancelled")));
    await checkout.heading("The time to pay is over").waitFor();
    await expect
      .poll(() => checkout.status.textContent())
      .toBe("The time to pay is over. No money was taken. Contact Amani Tutors for another time.");
    await checkout.close();
  });

  it("promises nothing and takes the code when the PIN may have been entered", async () => {
    const id = newId();
    service.bookings.set(id, over("lapsed", failed(id, "unknown", 5, { receiptCheck: { status: "possible" } })));
    service.checkCode = () => taken(paid(id, 9));
    const checkout = await open({ bookingId: id });
    await checkout.page.locator("#text", { hasText: "If you entered your PIN, your money is not lost." }).waitFor();
    expect(await checkout.page.getByText("No money was taken").count()).toBe(0);
    await checkout.page.getByLabel("M-Pesa code from the SMS").fill("UKN7QX41B2");
    await checkout.button("Check code").click();
    await checkout.heading("Your payment arrived. Thank you!").waitFor();
    await checkout.close();
  });

  it("says what was received of a part payment, and keeps the code behind its fold", async () => {
    const id = newId();
    service.bookings.set(id, over("lapsed", partPaid(id, 5, { receiptCheck: { status: "possible" } })));
    const checkout = await open({ bookingId: id });
    await checkout.page
      .locator("#text", { hasText: "KES 1,000 was received. Amani Tutors will agree another time with you, or refund you." })
      .waitFor();
    await checkout.page.getByText("I have paid").click();
    await checkout.page.getByLabel("M-Pesa code from the SMS").waitFor();
    await checkout.close();
  });

  it("asks not to answer a prompt of a booking that was cancelled", async () => {
    const id = newId();
    service.bookings.set(id, prompted(id));
    const checkout = await open({ bookingId: id });
    await checkout.shows("prompted");
    await service.until(() => service.streamsOf(id) === 1);
    service.publish(over("cancelled", prompted(id)));
    await checkout.page.locator("#text", { hasText: "If a prompt is on your phone, do not enter your PIN." }).waitFor();
    await checkout.close();
  });

  it("can be booked again where the page books", async () => {
    const id = newId();
    service.bookings.set(id, over("lapsed", booking(id)));
    const checkout = await open({ bookingId: id, attributes: CAN_BOOK });
    await checkout.page.locator("#text", { hasText: "Book again, or contact Amani Tutors." }).waitFor();
    await checkout.button("Book again").click();
    await checkout.heading("Book a session").waitFor();
    await checkout.close();
  });

  it("is named on the button of a dialog", async () => {
    const id = newId();
    service.bookings.set(id, over("lapsed", booking(id)));
    const checkout = await open({ bookingId: id, attributes: 'mode="button"' });
    await checkout.button("The time to pay is over").click();
    await checkout.page.getByRole("dialog").locator("#money", { hasText: "No money was taken." }).waitFor();
    await checkout.close();
  });
});

describeInBrowser("another prompt that would come too soon", ({ service, open }) => {
  it("is counted down on the form's button, without a failure, and may be sent after that", async () => {
    const id = newId();
    const last = failed(id, "no_answer");
    service.bookings.set(id, last);
    const before = service.payCalls.length;
    service.pay = (_, calls) =>
      calls - before === 1
        ? { ...problem(409, "prompt_too_soon", { booking: { ...last, retryAfterMs: 3_600 } }), headers: { "Retry-After": "4" } }
        : taken(prompted(id, 1, 9));
    const checkout = await open({ bookingId: id });
    // Nobody has typed a number here yet.
    await checkout.button("Try again").click();
    await checkout.payFrom("0712345678");
    expect(await checkout.button("Try again in 10 seconds").getAttribute("aria-disabled")).toBe("true");
    await checkout.page.getByText("Another prompt cannot be sent yet.").first().waitFor();
    await expect.poll(() => checkout.status.textContent()).toMatch(/^Another prompt cannot be sent yet\. .* Try again in 10 seconds$/);
    expect(await checkout.phone.inputValue()).toBe("0712 345 678");
    await checkout.button("Pay KES 1,500 with M-Pesa").click();
    await checkout.shows("prompted");
    const statuses = (await checkout.heard()).filter(({ type }) => type === "somopay-status").map(({ detail }) => detail.status);
    expect(statuses).toEqual(["failed", "ready", "sending", "ready", "sending", "prompted"]);
    expect(new Set(service.payCalls.slice(before).map(({ key }) => key)).size).toBe(2);
    await checkout.close();
  });
});

describeInBrowser("a stream that was refused once", ({ service, open }) => {
  it("is opened again without the parent doing anything", async () => {
    const id = newId();
    service.streams = "closed";
    service.bookings.set(id, prompted(id));
    const checkout = await open({ bookingId: id });
    await checkout.shows("prompted");
    const reads = service.reads.length;
    await service.until(() => service.reads.length > reads);
    service.streams = "open";
    await service.until(() => service.streamsOf(id) === 1);
    expect(service.streamsOf(id)).toBe(1);
    service.publish(paid(id));
    await checkout.shows("paid");
    await checkout.close();
  });
});
