"use client";
import { createElement, forwardRef, useEffect, useImperativeHandle, useLayoutEffect, useRef } from "react";
import type { LitElement } from "lit";
import type { HTMLAttributes } from "react";
import type { SomoPay as SomoPayElement } from "@somopay/widget";

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the only way to see `readonly` in a type
type IsSame<One, Other> = (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;

/** What the element has beyond any element that Lit makes. */
type OwnMember = Exclude<keyof SomoPayElement, keyof LitElement>;
/** Of these, what a page may set: neither methods nor what can only be read. */
type OwnProperty = {
  [Key in OwnMember]: SomoPayElement[Key] extends (...args: never) => unknown
    ? never
    : IsSame<Pick<SomoPayElement, Key>, Readonly<Pick<SomoPayElement, Key>>> extends true
      ? never
      : Key;
}[OwnMember];

/** The element declares its events for the whole page; these are their names. */
type OwnEvent = Extract<keyof HTMLElementEventMap, `payment-${string}` | `somopay-${string}`>;
type Pascal<Name extends string> = Name extends `${infer First}-${infer Rest}` ? `${Capitalize<First>}${Pascal<Rest>}` : Capitalize<Name>;

/**
 * Every property of `<somo-pay>` by its own name, `onPaymentConfirmed`, `onPaymentFailed` and the other events as `on…`, and whatever any
 * HTML element takes (`lang`, `className`, `style`, children for the slots).
 */
export type SomoPayProps = { [Key in OwnProperty]?: SomoPayElement[Key] | undefined } & {
  [Name in OwnEvent as `on${Pascal<Name>}`]?: ((event: HTMLElementEventMap[Name]) => void) | undefined;
} & Omit<HTMLAttributes<SomoPayElement>, OwnProperty>;

/** Names with a hyphen, by property. The types see to it that none is missing. */
const attributeNames: { [Key in OwnProperty as Key extends Lowercase<Key> ? never : Key]: string } = {
  bookingId: "booking-id",
  siteKey: "site-key",
  sessionType: "session-type",
  shareUrl: "share-url",
};
/** The same each time, so that the element sees no change. */
const NO_LABELS = {};
const OWN_EVENT = /^on(?=(?:Payment|Somopay)[A-Z])/;
/** A server has nothing to lay out, and React 18 says so in its log. */
const useCommit = typeof window === "undefined" ? useEffect : useLayoutEffect;

/**
 * `<somo-pay>` for React 18 and 19. It fetches the element's code when it is first shown in a browser, unless a script tag has brought it;
 * on a server it renders the empty tag. Name the `service` when no script tag of the service is in the page. A `ref` is the element itself.
 */
export const SomoPay = forwardRef<SomoPayElement, SomoPayProps>(function SomoPay(props, forwarded) {
  const element = useRef<SomoPayElement>(null);
  const { labels = NO_LABELS, ...others } = props;
  const { attributes, listeners } = sort(others);

  useImperativeHandle<SomoPayElement | null, SomoPayElement | null>(forwarded, () => element.current);
  // After each rendering, so that no listener sees what an earlier one knew.
  useCommit(() => {
    const target = element.current;
    // The one property that no attribute can hold.
    if (target) target.labels = labels;
    for (const [name, listener] of listeners) target?.addEventListener(name, listener);
    return () => {
      for (const [name, listener] of listeners) target?.removeEventListener(name, listener);
    };
  });
  // After the first listeners are there: they hear everything.
  useEffect(() => {
    if (!customElements.get("somo-pay")) void import("@somopay/widget");
  }, []);

  return createElement("somo-pay", { ...attributes, ref: element });
});

type Sorted = { attributes: Record<string, unknown>; listeners: [name: string, listener: EventListener][] };

/** React 18 sets attributes only and knows no events of custom elements, and a server can only write attributes: so this serves all three. */
function sort(props: Omit<SomoPayProps, "labels">): Sorted {
  const sorted: Sorted = { attributes: {}, listeners: [] };
  const names: Record<string, string> = { ...attributeNames, className: "class" };
  for (const [name, value] of Object.entries(props)) {
    if (!OWN_EVENT.test(name))
      sorted.attributes[names[name] ?? name] = Array.isArray(value) && name === "slots" ? JSON.stringify(value) : value;
    else if (typeof value === "function") sorted.listeners.push([kebab(name.replace(OWN_EVENT, "")), value as EventListener]);
  }
  return sorted;
}

/** `PaymentConfirmed` is the event `payment-confirmed`. */
function kebab(name: string): string {
  return name.replaceAll(/(?!^)[A-Z]/g, "-$&").toLowerCase();
}
