import { isIP } from "node:net";
import { isPublicAddress } from "./public-address.ts";

/** `host:port` of receivers that may be private and use http: WEBHOOK_ALLOW_HOSTS. Hosts as `URL` writes them. */
export type AllowedHosts = ReadonlySet<string>;

const HTTPS_PORT = 443;
/** Below are the system's own services, which a webhook must not talk to. */
const FIRST_FREE_PORT = 1_024;
/** Names that never lead to a public host. */
const PRIVATE_NAME = /(?:^|\.)(?:localhost|localdomain|local|internal|intranet|lan|home|corp|private|onion|home\.arpa)$/;

/** What is wrong with a receiver's address, as the end of a sentence that begins with it; null: nothing. The host's addresses are checked when connecting. */
export function problemWithUrl(text: string, allowedHosts: AllowedHosts): string | null {
  if (!URL.canParse(text) || /[\s\p{Cc}\p{Cf}]/u.test(text)) return "must be an address such as https://www.example.com/webhooks";
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") return "must begin with https://";
  if (url.username !== "" || url.password !== "") return "must not contain a user name or password";
  if (url.hash !== "") return "must not contain a #";
  if (allowedHosts.has(hostAndPort(url))) return null;
  if (url.protocol !== "https:") return "must begin with https://";
  const port = portOf(url);
  if (port !== HTTPS_PORT && port < FIRST_FREE_PORT) return `must use port ${HTTPS_PORT}, or one from ${FIRST_FREE_PORT} on`;
  return isPublicName(unbracket(url.hostname)) ? null : "must name a public host";
}

function isPublicName(host: string): boolean {
  if (isIP(host) > 0) return isPublicAddress(host);
  const name = host.replace(/\.$/, "");
  return name.includes(".") && !PRIVATE_NAME.test(name);
}

export function hostAndPort(url: URL): string {
  return `${url.hostname}:${portOf(url)}`;
}

function portOf({ port, protocol }: URL): number {
  return port === "" ? (protocol === "https:" ? HTTPS_PORT : 80) : Number(port);
}

/** `URL` keeps an IPv6 address in brackets. */
export function unbracket(hostname: string): string {
  return hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
}

/** One of WEBHOOK_ALLOW_HOSTS, as it is compared; null: it is not `host:port`. */
export function parseAllowedHost(text: string): string | null {
  const port = /:(\d{1,5})$/.exec(text)?.[1];
  if (port === undefined || Number(port) > 65_535 || /[/?#@\s]/.test(text) || !URL.canParse(`http://${text}`)) return null;
  return `${new URL(`http://${text}`).hostname}:${Number(port)}`;
}
