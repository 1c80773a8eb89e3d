import { BlockList, isIP, isIPv6 } from "node:net";

/**
 * Checks whether an address is on a list of addresses and networks (`196.201.214.200`, `10.0.0.0/8`, also IPv6).
 * @param entries null allows every address
 */
export function createAddressList(entries: readonly string[] | null): (address: string) => boolean {
  if (!entries) return () => true;
  const list = new BlockList();
  for (const entry of entries) {
    const [address = "", prefix] = entry.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return (address) => {
    // Node shows an IPv4 caller of a dual-stack socket as ::ffff:1.2.3.4.
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
    // If TRUST_PROXY trusts too much, an "address" may be any text.
    return isIP(plain) !== 0 && list.check(plain, isIPv6(plain) ? "ipv6" : "ipv4");
  };
}
