/** Beside the way from the number to the receipt: codes, links, and an owner's own words. */
import { expect, it } from "vitest";
import { describeInBrowser } from "./browser-set-up.ts";
import { booking, failed, paid } from "../screens/canned-bookings.ts";
import { problem, taken } from "./fake-service.ts";

let count = 0;
const newId = () => `more-${++count}`;

describeInBrowser("the code from the SMS", ({ service, open }) => {
  it("is sent without blanks and in capitals, says that it is checked, and settles the booking", async () => {
    const id = newId();
    const view = failed(id, "unknown", 5, { receiptCheck: { status: "possible" } });
    const checking = { ...view, version: 6, receiptCheck: { status: "checking", code: "UKN7QX41B2" } } as const;
    service.bookings.set(id, view);
    service.checkCode = () => ({ status: 202, body: { success: true, data: checking } });
    const checkout = await open({ bookingId: id });
    await checkout.page.getByLabel("M-Pesa code from the SMS").fill("ukn7 qx41 b2");
    await checkout.button("Check code").click();
    await checkout.page.getByText("We are checking this code with M-Pesa…").first().waitFor();
    expect(service.codeCalls.at(-1)?.body).toEqual({ bookingId: id, code: "UKN7QX41B2" });
    expect(service.codeCalls.at(-1)?.key).toMatch(/^[0-9a-f]{32}$/);
    await service.until(() => service.streamsOf(id) === 1);
    service.publish({ ...view, version: 7, receiptCheck: { status: "not_this_payment", code: "UKN7QX41B2" } });
    await checkout.page.getByText("This code is for another payment. Contact Amani Tutors.").first().waitFor();
    service.publish(paid(id, 8));
    await checkout.heading("Your payment arrived. Thank you!").waitFor();
    await checkout.close();
  });

  it("is refused here when it is no whole code, and there when the service knows better", async () => {
    const id = newId();
    service.bookings.set(id, failed(id, "unknown", 5, { receiptCheck: { status: "possible" } }));
    service.checkCode = () => problem(400, "code_invalid");
    const checkout = await open({ bookingId: id });
    const before = service.codeCalls.length;
    await checkout.page.getByLabel("M-Pesa code from the SMS").fill("UKN7");
    await checkout.button("Check code").click();
    await checkout.page.getByText("This is not a full M-Pesa code.").first().waitFor();
    expect(service.codeCalls.length).toBe(before);
    await checkout.page.getByLabel("M-Pesa code from the SMS").fill("UKN7QX41B2");
    await checkout.button("Check code").click();
    await service.until(() => service.codeCalls.length === before + 1);
    await checkout.page.getByText("This is not a full M-Pesa code.").first().waitFor();
    service.checkCode = () => ({ ...problem(429, "too_many_tries"), headers: { "Retry-After": "3" } });
    await checkout.button("Check code").click();
    await expect.poll(() => checkout.page.locator("[role=status]").textContent()).toBe("Try again in 10 seconds");
    const refused = service.codeCalls.length;
    await checkout.page.keyboard.press("Enter");
    await checkout.page
      .locator("#code-hint")
      .getByText(/Try again in/)
      .waitFor({ state: "hidden" });
    expect(service.codeCalls.length).toBe(refused);
    await checkout.button("Check code").click();
    await service.until(() => service.codeCalls.length === refused + 1);
    await checkout.close();
  });

  it("says what is wrong with a code when the field has the focus already", async () => {
    const id = newId();
    service.bookings.set(id, booking(id, { receiptCheck: { status: "possible" } }));
    const checkout = await open({ bookingId: id });
    await checkout.button("Pay another way").click();
    await checkout.page.getByText("I have paid").click();
    await checkout.page.getByLabel("M-Pesa code from the SMS").fill("UKN7");
    await checkout.page.keyboard.press("Enter");
    await expect.poll(() => checkout.page.locator("[role=status]").textContent()).toContain("This is not a full M-Pesa code.");
    expect(await checkout.focused()).toBe("INPUT");
    await checkout.close();
  });

  it("waits behind a fold where the numbers to pay by hand stand, and stays in sight once a code was sent", async () => {
    const id = newId();
    const view = booking(id, { receiptCheck: { status: "possible" } });
    const checking = { ...view, version: 2, receiptCheck: { status: "checking", code: "UKN7QX41B2" } } as const;
    service.bookings.set(id, view);
    service.checkCode = () => ({ status: 202, body: { success: true, data: checking } });
    const checkout = await open({ bookingId: id });
    await checkout.button("Pay another way").click();
    const field = checkout.page.getByLabel("M-Pesa code from the SMS");
    await field.waitFor({ state: "hidden" });
    await checkout.page.getByText("I have paid").click();
    await field.fill("UKN7QX41B2");
    await checkout.button("Check code").click();
    await checkout.page.getByText("We are checking this code with M-Pesa…").first().waitFor();
    // Who comes back finds the answer without unfolding it again.
    await checkout.button("Back").click();
    await checkout.button("Pay another way").click();
    await field.waitFor();
    await checkout.close();
  });

  it("has no field where the site cannot check codes", async () => {
    const id = newId();
    service.bookings.set(id, failed(id, "unknown"));
    const checkout = await open({ bookingId: id });
    await checkout.page.getByText("Send the M-Pesa code from the SMS to Amani Tutors, with the booking number AMANI-1042.").waitFor();
    expect(await checkout.page.getByRole("textbox").count()).toBe(0);
    await checkout.close();
  });
});

describeInBrowser("an owner", ({ service, open }) => {
  it("puts other words in, and a language of their own that parents can choose", async () => {
    const id = newId();
    service.bookings.set(id, booking(id));
    const checkout = await open({ bookingId: id });
    await checkout.shows("ready");
    await checkout.element.evaluate((element: HTMLElementTagNameMap["somo-pay"]) => {
      element.labels = { pay: "Give {amount}", fr: { name: "Français", pay: "Payer {amount}" } };
    });
    await checkout.button("Give KES 1,500").waitFor();
    await checkout.button("Français").click();
    await checkout.button("Payer KES 1,500").waitFor();
    await checkout.close();
  });

  it("lets the parent send the booking to somebody else where a page can open it", async () => {
    const id = newId();
    service.bookings.set(id, failed(id, "insufficient_funds"));
    const checkout = await open({ bookingId: id, attributes: 'share-url="/pay?booking=1"' });
    const address = await checkout.page.getByRole("link", { name: "Ask someone else to pay, by WhatsApp" }).getAttribute("href");
    const text = new URL(address ?? "").searchParams.get("text");
    expect(text).toMatch(
      /^Please pay KES\s1,500 for Maths, one hour by M-Pesa \(booking AMANI-1042\): http:\/\/127\.0\.0\.1:\d+\/pay\?booking=1&somopay-shared=1$/,
    );
    await checkout.close();
  });

  it("shows why nothing is paid on a page with any address, and offers that page where it names the booking", async () => {
    const id = newId();
    service.bookings.set(id, failed(id, "insufficient_funds"));
    for (const named of [false, true]) {
      const address = `?off=100%&%E0%A4%A${named ? `&booking=${id}` : ""}`;
      const checkout = await open({ bookingId: id, javaScriptBefore: `history.replaceState(null, "", ${JSON.stringify(address)})` });
      await checkout.button("Try again").waitFor();
      const link = checkout.page.getByRole("link", { name: "Ask someone else to pay, by WhatsApp" });
      expect(await link.count()).toBe(named ? 1 : 0);
      await checkout.close();
    }
  });

  it("tells whoever was asked to pay nothing of another's phone, unless money may have moved", async () => {
    const [id, unsure] = [newId(), newId()];
    service.bookings.set(id, failed(id, "insufficient_funds"));
    service.bookings.set(unsure, failed(unsure, "unknown"));
    const shared = { javaScriptBefore: "history.replaceState(null, '', '?somopay-shared=1')" };
    const asked = await open({ bookingId: id, ...shared });
    await asked.heading("Pay with M-Pesa").waitFor();
    expect(await asked.page.getByText("not enough money").count()).toBe(0);
    await asked.button("Pay KES 1,500 with M-Pesa").click();
    await asked.shows("ready");
    await asked.payFrom("0612");
    await asked.page.getByText("Enter a full Safaricom number").waitFor();
    await asked.close();
    const warned = await open({ bookingId: unsure, ...shared });
    await warned.heading("We could not confirm the payment").waitFor();
    await warned.close();
  });

  it("never gets an empty card for a property of a wrong kind, and the default for null and undefined", async () => {
    const id = newId();
    service.bookings.set(id, failed(id, "insufficient_funds"));
    const checkout = await open({ bookingId: id });
    await checkout.button("Try again").waitFor();
    const wordsWith = (name: string, value: unknown) =>
      checkout.element.evaluate(
        async (element: HTMLElement & { updateComplete?: Promise<void> }, set) => {
          const before: unknown = Reflect.get(element, set.name);
          Reflect.set(element, set.name, set.value);
          await element.updateComplete;
          const shown = element.shadowRoot?.querySelectorAll("[part=trigger], [part=title], [part=button]") ?? [];
          const words = [...shown].map(({ textContent }) => textContent?.trim());
          Reflect.set(element, set.name, before);
          await element.updateComplete;
          return words;
        },
        { name, value },
      );
    for (const name of ["slots", "theme", "merchant", "amount", "shareUrl", "labels", "mode", "siteKey", "sessionType"]) {
      for (const value of [5, "", "%", "https://", {}, [], { tryAgain: null, en: null, sw: null }]) {
        const words = await wordsWith(name, value);
        expect(words.length > 0 && words.every(Boolean), `${name} = ${JSON.stringify(value)}`).toBe(true);
      }
      for (const value of [null, undefined]) {
        expect(await wordsWith(name, value), `${name} = ${value}`).toEqual(["There is not enough money in your M-Pesa", "Try again"]);
      }
    }
    await checkout.button("Try again").waitFor();
    expect(checkout.complaints).toEqual([]);
    await checkout.close();

    const booker = await open({ attributes: 'site-key="pk_test" session-type="maths-60"' });
    await booker.heading("Book a session").waitFor();
    for (const value of [5, "%", {}, [7], ["10:00"], ["2026-13-01T10:00"], "2026-12-08T10:00"]) {
      await booker.element.evaluate(async (element: HTMLElementTagNameMap["somo-pay"], slots) => {
        Reflect.set(element, "slots", slots);
        await element.updateComplete;
      }, value);
      await booker.page.getByLabel("Date").waitFor();
    }
    await booker.close();
  });

  it("may set properties before the script is there", async () => {
    const id = newId();
    service.bookings.set(id, booking(id));
    const checkout = await open({
      bookingId: id,
      javaScriptBefore: `new MutationObserver((_, observer) => {
        const element = document.querySelector("somo-pay");
        if (!element) return;
        observer.disconnect();
        element.early = customElements.get("somo-pay") === undefined;
        element.labels = { pay: "Early {amount}" };
      }).observe(document, { childList: true, subtree: true })`,
    });
    await checkout.button("Early KES 1,500").waitFor();
    expect(await checkout.element.evaluate((element) => "early" in element && element.early)).toBe(true);
    await checkout.close();
  });
});

describeInBrowser("the number", ({ service, open }) => {
  it("is remembered on this device only when the parent ticks that, and forgotten when they untick it", async () => {
    const id = newId();
    service.bookings.set(id, booking(id));
    service.pay = () => taken(failed(id, "cancelled", 3));
    const checkout = await open({ bookingId: id });
    const stored = () => checkout.page.evaluate(() => localStorage.getItem("somopay-phone"));
    await checkout.phone.fill("0712345678");
    expect(await stored()).toBeNull();
    await checkout.page.getByLabel("Remember this number on this device").check();
    await checkout.button(/^Pay KES/).click();
    await checkout.shows("failed");
    expect(await stored()).toBe("0712 345 678");
    service.bookings.set(id, booking(id, { version: 9 }));
    await checkout.page.reload();
    await checkout.shows("ready");
    expect(await checkout.phone.inputValue()).toBe("0712 345 678");
    await checkout.page.getByLabel("Remember this number on this device").uncheck();
    expect(await stored()).toBeNull();
    await checkout.close();
  });
});
