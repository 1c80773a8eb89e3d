import { expect, it } from "vitest";
import { booking } from "../screens/canned-bookings.ts";
import { describeInBrowser } from "./browser-set-up.ts";

describeInBrowser("the element's own members", ({ service, open }) => {
  it("hide none that every HTML element has", async () => {
    service.bookings.set("members", booking("members"));
    const checkout = await open({ bookingId: "members" });
    await checkout.shows("ready");
    const { own, hidden } = await checkout.element.evaluate((element) => {
      const prototype: object = Object.getPrototypeOf(element) as object;
      const own = [...Object.getOwnPropertyNames(prototype), ...Object.getOwnPropertyNames(element)];
      // Called by the browser; HTMLElement itself has none of them.
      const callbacks = /^(constructor|connectedCallback|disconnectedCallback|attributeChangedCallback)$/;
      return { own, hidden: own.filter((name) => !callbacks.test(name) && name in HTMLElement.prototype) };
    });
    expect(own).toEqual(expect.arrayContaining(["bookingId", "pay", "status"]));
    expect(hidden).toEqual([]);
    await checkout.close();
  });
});
