/** The button and link that open a dialog, and the form of somebody who has no booking yet. */
import { AxeBuilder } from "@axe-core/playwright";
import { expect, it } from "vitest";
import { describeInBrowser } from "./browser-set-up.ts";
import { booking, paid, prompted } from "../screens/canned-bookings.ts";
import { PARENT } from "./checkout-page.ts";
import type { CheckoutPage } from "./checkout-page.ts";
import { problem, taken } from "./fake-service.ts";

let count = 0;
const newId = () => `ways-${++count}`;
const DETAILS = 'site-key="pk_test" session-type="maths-60"';
const dialogOf = ({ page }: CheckoutPage) => page.getByRole("dialog");

describeInBrowser("the dialog", ({ service, open }) => {
  it("opens full screen on a phone, holds the focus, and gives it back on Escape", async () => {
    const id = newId();
    service.bookings.set(id, booking(id));
    const checkout = await open({ bookingId: id, attributes: 'mode="button"' });
    await checkout.shows("ready");
    await checkout.button("Pay KES 1,500 with M-Pesa").click();
    await dialogOf(checkout).waitFor();
    expect(await checkout.focused()).toBe("H2 Pay with M-Pesa");
    expect(await dialogOf(checkout).boundingBox()).toMatchObject({ x: 0, y: 0, width: 360, height: 900 });
    expect(await checkout.page.evaluate(() => document.documentElement.style.overflow)).toBe("hidden");
    await checkout.page.keyboard.press("Escape");
    await dialogOf(checkout).waitFor({ state: "detached" });
    expect(await checkout.focused()).toBe("BUTTON Pay KES\u00a01,500 with M-Pesa");
    // The browser closes the dialog first, and tells it after that.
    await expect.poll(() => checkout.page.evaluate(() => document.documentElement.style.overflow)).toBe("");
    expect((await checkout.heard()).map(({ type }) => type)).toEqual(["somopay-status", "somopay-open", "somopay-close"]);
    expect(checkout.complaints).toEqual([]);
    await checkout.close();
  });

  it("closes on the browser's back, stays on the page, and pays on", async () => {
    const id = newId();
    service.bookings.set(id, booking(id));
    service.pay = () => taken(prompted(id));
    const checkout = await open({ bookingId: id, attributes: 'mode="link"' });
    const address = checkout.page.url();
    await checkout.element.evaluate((element: HTMLElementTagNameMap["somo-pay"]) => element.open());
    await dialogOf(checkout).waitFor();
    await dialogOf(checkout).getByLabel("M-Pesa phone number").fill("0712345678");
    await dialogOf(checkout)
      .getByRole("button", { name: /^Pay KES/ })
      .click();
    await checkout.shows("prompted");
    await checkout.page.goBack();
    await dialogOf(checkout).waitFor({ state: "detached" });
    expect(checkout.page.url()).toBe(address);
    await service.until(() => service.streamsOf(id) === 1);
    service.publish(paid(id));
    await checkout.button("Payment received").click();
    await dialogOf(checkout).getByText("UKN7QX41B2").waitFor();
    await dialogOf(checkout).getByRole("button", { name: "Close" }).click();
    await dialogOf(checkout).waitFor({ state: "detached" });
    expect((await checkout.heard()).filter(({ type }) => type === "payment-confirmed")).toHaveLength(1);
    await checkout.close();
  });

  it("closes when the page puts the card into itself, and lets the page scroll and go back", async () => {
    const id = newId();
    service.bookings.set(id, booking(id));
    const checkout = await open({ bookingId: id, attributes: 'mode="button"' });
    await checkout.button(/^Pay KES/).click();
    await dialogOf(checkout).getByLabel("M-Pesa phone number").fill("0712345678");
    await checkout.element.evaluate((element: HTMLElementTagNameMap["somo-pay"]) => {
      element.mode = "inline";
    });
    await dialogOf(checkout).waitFor({ state: "detached" });
    const page = () => checkout.page.evaluate(() => [document.documentElement.style.overflow, JSON.stringify(history.state)]);
    await expect.poll(page).toEqual(["", "null"]);
    expect(await checkout.page.getByLabel("M-Pesa phone number").inputValue()).toBe("0712 345 678");
    expect((await checkout.heard()).map(({ type }) => type)).toEqual(["somopay-status", "somopay-open", "somopay-close"]);
    await checkout.element.evaluate((element: HTMLElementTagNameMap["somo-pay"]) => {
      element.mode = "link";
    });
    await checkout.button(/^Pay KES/).click();
    await dialogOf(checkout).getByLabel("M-Pesa phone number").waitFor();
    expect(checkout.complaints).toEqual([]);
    await checkout.close();
  });

  it("takes one step of the browser's history, also after a reload", async () => {
    const id = newId();
    service.bookings.set(id, booking(id));
    const checkout = await open({ bookingId: id, attributes: 'mode="button"' });
    const steps = () => checkout.page.evaluate(() => history.length);
    const before = await steps();
    await checkout.button(/^Pay KES/).click();
    await dialogOf(checkout).getByLabel("M-Pesa phone number").waitFor();
    await checkout.page.reload();
    await checkout.button(/^Pay KES/).click();
    await dialogOf(checkout).getByLabel("M-Pesa phone number").waitFor();
    expect(await steps()).toBe(before + 1);
    await checkout.page.goBack();
    await dialogOf(checkout).waitFor({ state: "detached" });
    await expect.poll(() => checkout.page.evaluate(() => JSON.stringify(history.state))).toBe("null");
    await checkout.close();
  });
});

describeInBrowser("both", ({ service, open }) => {
  for (const theme of ["light", "dark"]) {
    it(`meet no barrier that axe knows of: ${theme}`, async () => {
      const id = newId();
      service.bookings.set(id, booking(id));
      const inDialog = await open({ bookingId: id, attributes: `mode="button" theme="${theme}"` });
      await inDialog.button(/^Pay KES/).click();
      await dialogOf(inDialog).waitFor();
      expect((await new AxeBuilder({ page: inDialog.page }).analyze()).violations).toEqual([]);
      await inDialog.close();
      const details = await open({ attributes: `${DETAILS} theme="${theme}"` });
      await details.button("Continue to payment").click();
      await details.page.getByText("Enter your name").waitFor();
      expect((await new AxeBuilder({ page: details.page }).analyze()).violations).toEqual([]);
      await details.close();
    });
  }
});

describeInBrowser("without a booking", ({ service, open }) => {
  it("asks for the details, books once although an answer is lost, tells the owner, and goes on to the payment", async () => {
    const id = newId();
    const before = service.bookCalls.length;
    service.book = (_, calls) => {
      service.bookings.set(id, booking(id));
      return calls - before === 1 ? { status: 502, body: "<html>" } : { status: 201, body: booking(id) };
    };
    const checkout = await open({ attributes: `${DETAILS} slots='["2026-12-08T10:00","2026-12-09T16:30"]'` });
    await checkout.heading("Book a session").waitFor();
    await checkout.page.getByText("KES 1,500").waitFor();
    await checkout.fillDetails();
    await checkout.page.getByText("Tuesday 8 December").waitFor();
    await checkout.page.getByRole("radio", { name: "10:00" }).check();
    await checkout.button("Continue to payment").click();
    await checkout.shows("ready");
    const calls = service.bookCalls.slice(before);
    expect(new Set(calls.map(({ key }) => key)).size).toBe(1);
    expect(calls).toHaveLength(2);
    expect(calls[0]?.body).toEqual({
      sessionType: "maths-60",
      ...PARENT,
      date: "2026-12-08",
      time: "10:00",
    });
    expect((await checkout.heard()).find(({ type }) => type === "somopay-booked")?.detail).toMatchObject({ bookingId: id });

    // Whoever comes back goes on with the same booking.
    service.bookings.set(id, prompted(id));
    await checkout.page.reload();
    await checkout.shows("prompted");
    service.bookings.set(id, paid(id));
    await checkout.page.reload();
    await checkout.button("Book another session").click();
    await checkout.heading("Book a session").waitFor();
    await checkout.close();
  });

  it("says beside each field what is missing, moves the focus there, and sends nothing", async () => {
    const before = service.bookCalls.length;
    const checkout = await open({ attributes: DETAILS });
    await checkout.heading("Book a session").waitFor();
    await checkout.fillDetails();
    await checkout.page.getByLabel("E-mail").fill("wanjiru");
    await checkout.button("Continue to payment").click();
    await checkout.page.getByText("Enter an e-mail address, for example wanjiru@example.com").waitFor();
    await checkout.page.locator("#date-wrong").getByText("Choose a date").waitFor();
    await checkout.page.locator("#time-wrong").getByText("Choose a time").waitFor();
    expect(await checkout.page.getByLabel("Date").evaluate((field) => field.matches(":focus"))).toBe(true);
    expect(service.bookCalls.length).toBe(before);
    await checkout.close();
  });

  it("keeps what was typed when the service refuses it", async () => {
    service.book = () => problem(400, "validation", { errors: [{ field: "date", message: "past" }] });
    const checkout = await open({ attributes: DETAILS });
    await checkout.heading("Book a session").waitFor();
    await checkout.fillDetails();
    await checkout.page.getByLabel("Date").fill("2099-01-05");
    await checkout.page.getByLabel("Time").fill("10:00");
    await checkout.button("Continue to payment").click();
    await checkout.page.getByText("Something here was not accepted").waitFor();
    expect(await checkout.page.getByLabel("Your name").inputValue()).toBe(PARENT.parentName);
    await checkout.close();
  });

  it("says beside the date, or the choice of times, that the time has passed", async () => {
    service.book = () => problem(422, "date_in_past");
    const checkout = await open({ attributes: DETAILS });
    await checkout.heading("Book a session").waitFor();
    await checkout.fillDetails();
    await checkout.page.getByLabel("Date").fill("2099-01-05");
    await checkout.page.getByLabel("Time").fill("10:00");
    await checkout.button("Continue to payment").click();
    await checkout.page.locator("#date-wrong").getByText("This time has passed. Choose another one.").waitFor();
    expect(await checkout.page.getByLabel("Date").evaluate((field) => field.matches(":focus"))).toBe(true);
    expect(await checkout.page.getByText("Something here was not accepted").count()).toBe(0);
    await checkout.close();
    const slots = await open({ attributes: `${DETAILS} slots='["2020-12-08T10:00"]'` });
    await slots.heading("Book a session").waitFor();
    await slots.fillDetails();
    await slots.button("Continue to payment").click();
    await slots.page.locator("#slot-wrong").getByText("Choose a time").waitFor();
    expect(await slots.page.getByRole("radio").evaluate((field) => field.matches(":focus"))).toBe(true);
    await slots.page.getByRole("radio", { name: "10:00" }).check();
    await slots.button("Continue to payment").click();
    await slots.page.locator("#slot-wrong").getByText("This time has passed. Choose another one.").waitFor();
    await slots.close();
  });
});
