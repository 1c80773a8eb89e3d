import type { Config } from "../config.ts";
import type { Hop } from "../platform/caller-address.ts";

/** `claimed`: the address that the doctor's own request claimed in X-Forwarded-For, as a dishonest caller would. */
export type SeenCaller = { hops: readonly Hop[]; claimed: string; isHttps: boolean; trustProxy: Config["trustProxy"] };

/** Whether the service takes the right address for the caller's: limits by address and MPESA_CALLBACK_IPS depend on it. */
export function verifyCallerAddress({ hops, claimed, isHttps, trustProxy }: SeenCaller): { ok: boolean; message: string } {
  // Each proxy adds the address that it saw, behind what the caller wrote. A proxy that replaces the header leaves nothing of the claim.
  const claim = hops.findIndex(({ address }) => address === claimed);
  const real = hops.slice(0, claim === -1 ? hops.length : claim);
  const caller = real.at(-1);
  // As Express does: the first that is not trusted, or the last of all.
  const seen = hops.find(({ isTrusted }) => !isTrusted) ?? hops.at(-1);
  if (!caller || !seen) return { ok: false, message: "the service saw no address at all" };
  const proxies = real.length - 1;

  if (isHttps && proxies === 0)
    return {
      ok: false,
      message: `the proxy that ends TLS does not tell the caller's address: let it add X-Forwarded-For (nginx: proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for), then run the doctor again`,
    };
  if (seen === caller) return { ok: true, message: `${caller.address}, through ${countOf(proxies)}; TRUST_PROXY is right` };
  if (real.includes(seen))
    return {
      ok: false,
      message: `the service takes ${seen.address}, a proxy, for the caller ${caller.address}: all parents share one limit, and Safaricom's callbacks seem to come from elsewhere. Set TRUST_PROXY=${proxies}`,
    };
  if (Array.isArray(trustProxy))
    return {
      ok: true,
      message: `not checked from here: the doctor's own address, ${caller.address}, is one that TRUST_PROXY trusts. It came through ${countOf(proxies)}`,
    };
  return {
    ok: false,
    message: `the service trusts whatever address a caller claims, so limits and MPESA_CALLBACK_IPS can be evaded: ${proxies === 0 ? "unset TRUST_PROXY" : `set TRUST_PROXY=${proxies}`}`,
  };
}

function countOf(proxies: number): string {
  return proxies === 0 ? "no proxy" : proxies === 1 ? "1 proxy" : `${proxies} proxies`;
}
