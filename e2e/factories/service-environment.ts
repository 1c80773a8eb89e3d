import { sandboxAccount } from "../daraja-simulator/accounts.ts";

/** The settings of the simulator's built-in account. */
export function accountEnvironment(mpesaBaseUrl: string) {
  return {
    MPESA_BASE_URL: mpesaBaseUrl,
    MPESA_CONSUMER_KEY: sandboxAccount.consumerKey,
    MPESA_CONSUMER_SECRET: sandboxAccount.consumerSecret,
    MPESA_SHORTCODE: sandboxAccount.shortcode,
    MPESA_PASSKEY: sandboxAccount.passkey,
  };
}

/** No limit on starting payments, and none on queries that a test would reach. */
export const withoutLimits = { MPESA_QUERIES_PER_MINUTE: "6000", LIMIT_ADDRESS: "0", LIMIT_PHONE: "0", LIMIT_SITE: "0", LIMIT_API: "0" };
