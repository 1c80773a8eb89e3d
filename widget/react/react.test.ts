import { createElement } from "react";
import { z } from "zod";
import manifest from "../custom-elements.json" with { type: "json" };
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

it("writes every attribute that the element documents", () => {
  const documented = attributesIn(manifest);
  expect(documented.length).toBeGreaterThan(8);
  const propertyOf = (attribute: string) => attribute.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  const props: Record<string, unknown> = Object.fromEntries(documented.map((attribute) => [propertyOf(attribute), "x"]));
  const page = renderToString(createElement(SomoPay, props));
  expect(documented.filter((attribute) => !page.includes(` ${attribute}="x"`))).toEqual([]);
});

/** Checked when this file is compiled, by `npm run check`; at run time the component takes such props like any other. */
it("has props of the element's types", () => {
  expectTypeOf<SomoPayProps["bookingId"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<SomoPayProps["amount"]>().toEqualTypeOf<number | undefined>();
  expectTypeOf<SomoPayProps["onPaymentConfirmed"]>().toEqualTypeOf<((event: PaymentConfirmedEvent) => void) | undefined>();
  // Methods and what can only be read are no props.
  expectTypeOf<Extract<keyof SomoPayProps, "pay" | "reset" | "open" | "status" | "updateComplete" | "renderRoot">>().toBeNever();
  // @ts-expect-error -- a price is a number
  expect(renderToString(createElement(SomoPay, { amount: "1500" }))).toBe('<somo-pay amount="1500"></somo-pay>');
  // @ts-expect-error -- there is no such event
  expect(renderToString(createElement(SomoPay, { onPaymentLost: () => undefined }))).toBe("<somo-pay></somo-pay>");
});

function attributesIn(value: unknown): string[] {
  const schema = z.object({
    modules: z.array(
      z.object({
        declarations: z.array(
          z.object({ attributes: z.array(z.object({ name: z.string(), description: z.string().optional() })).optional() }),
        ),
      }),
    ),
  });
  const declarations = schema.parse(value).modules.flatMap((module) => module.declarations);
  // An attribute without a description is internal.
  return declarations.flatMap(({ attributes = [] }) => attributes.filter(({ description }) => description).map(({ name }) => name));
}
