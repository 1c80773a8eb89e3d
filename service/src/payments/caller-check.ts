import type { Config } from "../config.ts";
import { createAddressList } from "../platform/address-list.ts";
import type { Logger } from "../platform/logger.ts";
import type { PaymentMetrics } from "./payment-metrics.ts";

/** A proxy has a few addresses. Whoever calls from more is somebody else, and must not fill the log. */
const MAX_LOGGED_ADDRESSES = 20;

type Parts = { callbackIps: Config["mpesa"]["callbackIps"]; metrics: Pick<PaymentMetrics, "callbackFromElsewhere">; logger: Logger };

/**
 * Whether a callback's caller is trusted. Safaricom's addresses are a hint: behind a proxy that TRUST_PROXY does not name, every callback comes from the
 * proxy, and refusing it would lose a report of money. So unless MPESA_CALLBACK_IPS requires them, a caller from elsewhere is only counted and logged.
 * Ask it only about callbacks on one of our secret addresses: others may come from anybody.
 */
export function createCallerCheck({ callbackIps, metrics, logger }: Parts): (address: string) => boolean {
  if (callbackIps === null) return () => true;
  const { known, isRequired } = callbackIps;
  const isKnown = createAddressList(known);
  const logged = new Set<string>();
  return (address) => {
    if (isKnown(address)) return true;
    metrics.callbackFromElsewhere();
    if (!logged.has(address) && logged.size < MAX_LOGGED_ADDRESSES) {
      logged.add(address);
      const what = isRequired ? "not on the list of MPESA_CALLBACK_IPS, so it is not trusted" : "not one of Safaricom's";
      logger.warn(
        { remoteAddress: address },
        `callback from an address that is ${what}; if it is your proxy, \`somopay doctor\` says how to set TRUST_PROXY`,
      );
    }
    return !isRequired;
  };
}
