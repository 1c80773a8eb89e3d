import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { expect, expectTypeOf, it } from "vitest";
import type { PaymentConfirmedEvent } from "@somopay/widget";
// The built module, as a page's bundler and a page's server load it.
import { SomoPay } from "@somopay/widget/react";
import type { SomoPayProps } from "@somopay/widget/react";

it("loads on a server, and renders the tag with its attributes and what stands in it", () => {
  expect(typeof globalThis.window).toBe("undefined");
  const help = createElement("span", { slot: "help" }, "Questions? 0700 000 000");
  const props = {
    bookingId: "bk_1",
    sessionType: "maths-1h",
    slots: ["2026-12-08T10:00"],
    labels: { pay: "Donate" },
    siteKey: "pk_1",
    service: "https://pay.example",
    amount: 1_500,
    lang: "sw",
    className: "wide",
  } as const;
  const page = renderToString(createElement(SomoPay, { ...props, theme: undefined, onPaymentConfirmed: () => undefined }, help));
  expect(page).toBe(
    `<somo-pay booking-id="bk_1" session-type="maths-1h" slots="[&quot;2026-12-08T10:00&quot;]" site-key="pk_1" service="https://pay.example" amount="1500" lang="sw" class="wide"><span slot="help">Questions? 0700 000 000</span></somo-pay>`,
  );
});

it("has the types of the element", () => {
  expectTypeOf<SomoPayProps["bookingId"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<SomoPayProps["amount"]>().toEqualTypeOf<number | undefined>();
  expectTypeOf<SomoPayProps["onPaymentConfirmed"]>().toEqualTypeOf<((event: PaymentConfirmedEvent) => void) | undefined>();
  // Methods and what can only be read are no props.
  expectTypeOf<Extract<keyof SomoPayProps, "pay" | "reset" | "open" | "status" | "updateComplete" | "renderRoot">>().toBeNever();
  // @ts-expect-error -- a price is a number
  expect(createElement(SomoPay, { amount: "1500" })).toBeDefined();
  // @ts-expect-error -- there is no such event
  expect(createElement(SomoPay, { onPaymentLost: () => undefined })).toBeDefined();
});
