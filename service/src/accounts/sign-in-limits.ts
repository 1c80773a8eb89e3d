import { isIPv6 } from "node:net";
import { RateLimiterRes, type RateLimiterAbstract } from "rate-limiter-flexible";
import { ServiceError } from "../platform/errors.ts";
import { hashSecret } from "../platform/ids.ts";
import { createLimiter, type Limit } from "../platform/limiter.ts";
import type { RedisClient } from "../platform/redis.ts";

/** Somebody who tries a password or a code. */
export type Trying = {
  email: string;
  address: string;
  /** The browser, if this person has signed in with it before. */
  deviceId: string | null;
};

/**
 * Counts passwords and codes that were tried, before they are looked at, so that many at once get no further. A lock ends by itself. A browser in which
 * the person has signed in before has its own count: strangers' tries do not lock it out.
 */
export type SignInLimits = {
  /** Returns how to take the try back, if it was right. @throws ServiceError `too_many_requests` */
  takePassword(trying: Trying): Promise<GiveBack>;
  /** @throws ServiceError `too_many_requests` */
  takeCode(trying: Trying): Promise<GiveBack>;
  /** For a link's token, and for what sends mail. @throws ServiceError `too_many_requests` */
  takeLink(address: string): Promise<GiveBack>;
  /** Whether another link for a new password may be mailed to this address. */
  mayMailReset(email: string): Promise<boolean>;
  /** Whether this site may mail another invitation to this address: nobody's mailbox must be filled with them. */
  mayMailInvitation(siteId: string, email: string): Promise<boolean>;
};

export type GiveBack = () => Promise<void>;

const QUARTER_OF_AN_HOUR_S = 900;
const HOUR_S = 3_600;
/** Whoever forgets a password tries five or six. At 40 an hour, a guess among the 3,000 commonest takes days, and those are refused anyway. */
const PASSWORDS_PER_ACCOUNT = { count: 10, durationS: QUARTER_OF_AN_HOUR_S };
/** A whole school may share an address. */
const PASSWORDS_PER_ADDRESS = { count: 100, durationS: QUARTER_OF_AN_HOUR_S };
/** Three of a million codes are right at any time: at 40 a day, whoever has the password gets in with a chance of one in 23 within a year. */
const CODES_PER_ACCOUNT = { count: 10, durationS: 6 * HOUR_S };
const LINKS_PER_ADDRESS = { count: 60, durationS: HOUR_S };
const MAILS_PER_ACCOUNT = { count: 3, durationS: HOUR_S };
/** A school invites its teachers in one go. */
const INVITATIONS_PER_SITE = { count: 100, durationS: 24 * HOUR_S };

const TOO_MANY = "Too many tries. Wait as long as Retry-After says, or use a browser in which you have signed in before.";

/** @param onLocked called for each password or code that is not looked at */
export function createSignInLimits(redis: RedisClient | null, onLocked: () => void = () => undefined): SignInLimits {
  const counted = (taking: Promise<GiveBack>): Promise<GiveBack> =>
    taking.catch((error: unknown) => {
      if (error instanceof ServiceError) onLocked();
      throw error;
    });
  const limiter = (name: string, limit: NonNullable<Limit>): RateLimiterAbstract => {
    const made = createLimiter(name, limit, redis);
    if (!made) throw new Error(`the limit ${name} is never off`);
    return made;
  };
  const passwords = {
    account: limiter("sign-in-account", PASSWORDS_PER_ACCOUNT),
    device: limiter("sign-in-device", PASSWORDS_PER_ACCOUNT),
    address: limiter("sign-in-address", PASSWORDS_PER_ADDRESS),
  };
  const codes = { account: limiter("code-account", CODES_PER_ACCOUNT), device: limiter("code-device", CODES_PER_ACCOUNT), address: null };
  const links = limiter("link-address", LINKS_PER_ADDRESS);
  const resets = limiter("reset-mail", MAILS_PER_ACCOUNT);
  const invitations = { address: limiter("invitation-mail", MAILS_PER_ACCOUNT), site: limiter("invitation-site", INVITATIONS_PER_SITE) };
  return {
    takePassword: (trying) => counted(take(passwords, trying)),
    takeCode: (trying) => counted(take(codes, trying)),
    takeLink: (address) => consume(links, networkOf(address)),
    mayMailReset: (email) => may(resets, hashSecret(email)),
    mayMailInvitation: async (siteId, email) => (await may(invitations.site, siteId)) && may(invitations.address, hashSecret(email)),
  };
}

type Counters = { account: RateLimiterAbstract; device: RateLimiterAbstract; address: RateLimiterAbstract | null };

async function take({ account, device, address }: Counters, trying: Trying): Promise<GiveBack> {
  if (trying.deviceId !== null) return consume(device, trying.deviceId);
  const network = networkOf(trying.address);
  const giveBackAddress = address === null ? null : await consume(address, network);
  const giveBackAccount = await consume(account, hashSecret(trying.email));
  return async () => {
    await giveBackAccount();
    await giveBackAddress?.();
  };
}

async function may(limiter: RateLimiterAbstract, key: string): Promise<boolean> {
  try {
    await limiter.consume(key);
    return true;
  } catch (error) {
    if (error instanceof RateLimiterRes) return false;
    throw error;
  }
}

async function consume(limiter: RateLimiterAbstract, key: string): Promise<GiveBack> {
  try {
    await limiter.consume(key);
    return async () => void (await limiter.reward(key));
  } catch (error) {
    if (error instanceof RateLimiterRes)
      throw new ServiceError("too_many_requests", { retryAfterMs: error.msBeforeNext, detail: TOO_MANY });
    throw error;
  }
}

/** A subscriber has 2^64 IPv6 addresses, which count as one. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  if (!isIPv6(plain)) return plain;
  const [head = "", tail] = plain.split("::");
  const front = head === "" ? [] : head.split(":");
  const back = tail === undefined || tail === "" ? [] : tail.split(":");
  const missing = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length);
  const groups = [...front, ...Array.from({ length: missing }, () => "0"), ...back];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":");
}
