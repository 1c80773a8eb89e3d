import { SomoPay } from "./somo-pay.ts";

const TAG = "somo-pay";

/** Defines the element once. A page that loads the script twice keeps the first, and its owner is told. */
export function registerSomoPay(): void {
  const present = customElements.get(TAG);
  if (!present) customElements.define(TAG, SomoPay);
  else if (present !== SomoPay)
    console.warn(`<${TAG}> is defined already, by "${present.name}": this page loads it twice, and the first one stays.`);
}
