import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";
import { Router, type Request } from "express";
import type { Clock } from "./clock.ts";

export const CALLER_ADDRESS_PATH = "/caller-address";
export const CALLER_ADDRESS_HEADER = "X-SomoPay-Doctor";

/** From the nearest to the farthest: who is connected to the service, then what X-Forwarded-For says, backwards. */
export type Hop = { address: string; isTrusted: boolean };

/** Room for a clock that is a little wrong, and for a slow proxy. */
const TICKET_LIFE_MS = 60_000;
/** The longest chain of proxies that anybody needs to see. */
const MAX_HOPS = 20;
/** An IPv6 address with an IPv4 one inside. X-Forwarded-For may hold any text. */
const ADDRESS_MAX = 45;

/**
 * Lets the doctor ask, through the proxies in front, which address the service sees. For everybody else there is nothing here, with the same 404 as
 * anywhere: a stranger could find out whether the service trusts an address that he makes up, and where the proxies are. A ticket is made with
 * SECRETS_KEY, is good for a minute, and for one question of each copy, so that one that was overheard is of little use.
 */
export function createCallerAddressRouter(secretsKey: Buffer | null, now: Clock): Router {
  const router = Router();
  if (secretsKey === null) return router;
  const used = new Map<string, number>();
  router.get(CALLER_ADDRESS_PATH, (request, response, next) => {
    const ticket = checkTicket(secretsKey, request.get(CALLER_ADDRESS_HEADER) ?? "", now());
    if (ticket === null || used.has(ticket.nonce)) return next();
    for (const [nonce, untilMs] of used) if (untilMs < now()) used.delete(nonce);
    used.set(ticket.nonce, ticket.issuedAtMs + TICKET_LIFE_MS);
    response.set("Cache-Control", "no-store").json({ hops: hopsOf(request) });
  });
  return router;
}

function hopsOf(request: Request): Hop[] {
  const forwarded = (request.get("X-Forwarded-For") ?? "").split(",").map((part) => part.trim());
  const chain = [request.socket.remoteAddress ?? "", ...forwarded.filter((part) => part !== "").toReversed()].slice(0, MAX_HOPS);
  const isTrusted = request.app.get("trust proxy fn") as (address: string, hop: number) => boolean;
  return chain.map((address, hop) => ({ address: plain(address).slice(0, ADDRESS_MAX), isTrusted: isTrusted(address, hop) }));
}

/** Node shows an IPv4 caller of a dual-stack socket as ::ffff:1.2.3.4. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "");
}

/** `time.nonce.signature`. The key is derived, so that no ticket helps against what SECRETS_KEY encrypts. */
export function newTicket(secretsKey: Buffer, nowMs: number): string {
  const text = `${nowMs}.${randomBytes(16).toString("hex")}`;
  return `${text}.${sign(secretsKey, text)}`;
}

function checkTicket(secretsKey: Buffer, ticket: string, nowMs: number): { issuedAtMs: number; nonce: string } | null {
  const [, text, time, nonce, signature] = /^((\d{1,16})\.([0-9a-f]{32}))\.([0-9a-f]{64})$/.exec(ticket) ?? [];
  if (text === undefined || nonce === undefined || signature === undefined) return null;
  if (!timingSafeEqual(Buffer.from(signature), Buffer.from(sign(secretsKey, text)))) return null;
  const issuedAtMs = Number(time);
  return Math.abs(nowMs - issuedAtMs) <= TICKET_LIFE_MS ? { issuedAtMs, nonce } : null;
}

function sign(secretsKey: Buffer, text: string): string {
  const key = Buffer.from(hkdfSync("sha256", secretsKey, "", "somopay doctor: caller's address", 32));
  return createHmac("sha256", key).update(text).digest("hex");
}
