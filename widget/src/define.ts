/** Defines `<somo-pay>`: all that the script does, and the first thing that importing the package does. */
import { SomoPay } from "./somo-pay.ts";

const TAG = "somo-pay";

/** Once. A page that loads the script twice keeps the first, and its owner is told when the two are not the same version. */
function define(): void {
  const present = customElements.get(TAG);
  if (!present) customElements.define(TAG, SomoPay);
  else if (!("version" in present && present.version === SomoPay.version))
    console.warn(`<${TAG}> is defined already, by "${present.name}": this page loads it twice, and the first one stays.`);
}

// On a server there is nothing to define it for.
if (typeof window !== "undefined") define();
