/**
 * Opens connections to receivers of webhooks, whose addresses strangers choose. Addresses are classified here, where the connection is made, because what was
 * checked earlier may lead elsewhere by now: names resolve anew, and an address has many spellings.
 */
import { lookup, Resolver } from "node:dns/promises";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { buildConnector } from "undici";
import { isPublicAddress } from "./public-address.ts";
import { unbracket, type AllowedHosts } from "./webhook-url.ts";

/** The receiver's host is not one that webhooks may be sent to. Says nothing of where its name leads: that may be a secret of the deployment's network. */
export class HostRefusedError extends Error {}

export type Dial = (target: { address: string; port: number; tls: { servername: string } | null }) => Promise<Socket>;

export type ConnectorParts = {
  allowedHosts: AllowedHosts;
  /** Every address of a public name. For tests. */
  resolve?: (name: string) => Promise<string[]>;
  /** For tests. */
  dial?: Dial;
};

/** A name has one or two addresses; each may take a few seconds of the ten that a try has. */
const ADDRESSES_TRIED = 3;
const CONNECT_TIMEOUT_MS = 3_000;
const DNS_TIMEOUT_MS = 2_000;

export function createGuardedConnector(parts: ConnectorParts): buildConnector.connector {
  return (options, callback) => {
    void answer(connect(parts, options), callback);
  };
}

async function answer(connecting: Promise<Socket>, callback: buildConnector.Callback): Promise<void> {
  const [result] = await Promise.allSettled([connecting]);
  if (result.status === "fulfilled") callback(null, result.value);
  else callback(result.reason instanceof Error ? result.reason : new Error(String(result.reason)), null);
}

async function connect(parts: ConnectorParts, { hostname, protocol, port }: buildConnector.Options): Promise<Socket> {
  const { allowedHosts, dial = dialForReal } = parts;
  const isTls = protocol === "https:";
  const portNumber = Number(port) || (isTls ? 443 : 80);
  const isAllowed = allowedHosts.has(`${hostname}:${portNumber}`);
  const host = unbracket(hostname);
  const addresses = await addressesOf(parts, host, isAllowed);
  // All of them, not only the one that is used: a name that mixes both is made to deceive.
  if (!isAllowed && (!isTls || addresses.some((address) => !isPublicAddress(address))))
    throw new HostRefusedError("the host is not public");
  const tls = isTls ? { servername: isIP(host) > 0 ? "" : host } : null;
  let failure: unknown = new Error("the host has no address");
  for (const address of addresses.slice(0, ADDRESSES_TRIED)) {
    try {
      return checked(await dial({ address, port: portNumber, tls }), isAllowed);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** Where the connection really leads. */
function checked(socket: Socket, isAllowed: boolean): Socket {
  if (isAllowed || isPublicAddress(socket.remoteAddress ?? "")) return socket;
  socket.destroy();
  throw new HostRefusedError("the host is not public");
}

async function addressesOf({ resolve = resolvePublicName }: ConnectorParts, host: string, isAllowed: boolean): Promise<string[]> {
  if (isIP(host) > 0) return [host];
  // Exempt hosts may stand in a file of this machine.
  const found = isAllowed ? (await lookup(host, { all: true })).map(({ address }) => address) : await resolve(host);
  // IPv4 first: many servers have no way to IPv6 and would wait in vain.
  return found.toSorted((left, right) => isIP(left) - isIP(right));
}

/** Asks the name servers, not the system's `lookup`: that has four threads for everything, and slow names would block the journal. */
async function resolvePublicName(name: string): Promise<string[]> {
  const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: 2 });
  const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  const addresses = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
  if (addresses.length === 0) throw answers.find((answer) => answer.status === "rejected")?.reason ?? new Error("the host has no address");
  return addresses;
}

const dialForReal: Dial = ({ address, port, tls }) =>
  new Promise((resolve, reject) => {
    const target = { host: address, port };
    const socket = tls ? connectTls({ ...target, servername: tls.servername, ALPNProtocols: ["http/1.1"] }) : connectTcp(target);
    const timer = setTimeout(() => socket.destroy(new Error("connecting took too long")), CONNECT_TIMEOUT_MS);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    socket.once("error", fail);
    socket.once(tls ? "secureConnect" : "connect", () => {
      clearTimeout(timer);
      socket.off("error", fail);
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
