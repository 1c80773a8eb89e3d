import ipaddr from "ipaddr.js";

/** Where IANA gives out IPv6 addresses for the internet: anything else is special, whatever it is called. */
const GLOBAL_IPV6 = ipaddr.parseCIDR("2000::/3");

/** Whether an address is an ordinary one of the internet: not private, local, reserved, or a tunnel to such a one. */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  // An IPv4 address in an IPv6 one counts as IPv4.
  const address = ipaddr.process(text);
  if (address.range() !== "unicast") return false;
  return address.kind() === "ipv4" || address.match(GLOBAL_IPV6);
}
