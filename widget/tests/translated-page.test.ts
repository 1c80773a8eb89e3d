import { it } from "vitest";
import { booking } from "../screens/canned-bookings.ts";
import { describeInBrowser } from "./browser-set-up.ts";

describeInBrowser("a browser that translates the page", ({ service, open }) => {
  /** Such browsers put an element of their own in place of each text. */
  const translate = (element: Element) => {
    const walker = document.createTreeWalker(element.shadowRoot ?? document, NodeFilter.SHOW_TEXT);
    const texts: Text[] = [];
    while (walker.nextNode()) if (walker.currentNode instanceof Text && walker.currentNode.data.trim()) texts.push(walker.currentNode);
    for (const text of texts) {
      const font = document.createElement("font");
      font.textContent = "traduit";
      text.replaceWith(font);
    }
  };

  it("still shows every sentence that comes after it", async () => {
    service.bookings.set("translated", booking("translated"));
    const checkout = await open({ bookingId: "translated" });
    await checkout.shows("ready");
    await checkout.element.evaluate(translate);
    await checkout.page.locator("#phone").fill("0712");
    await checkout.page.keyboard.press("Enter");
    await checkout.page.locator("#hint", { hasText: /^\s*Enter a full Safaricom number/ }).waitFor();
    await checkout.element.evaluate(translate);
    await checkout.page.locator("[part=footer] button").last().click();
    await checkout.page.getByText("Kumbuka nambari hii kwenye kifaa hiki").waitFor();
    await checkout.page.getByRole("button", { name: "Lipa KES 1,500 kwa M-Pesa", exact: true }).waitFor();
    await checkout.close();
  });
});
