import { RateLimiterRes, type RateLimiterAbstract } from "rate-limiter-flexible";
import type { Config } from "../config.ts";
import { ServiceError } from "../platform/errors.ts";
import { hashSecret } from "../platform/ids.ts";
import { createLimiter, type Limit } from "../platform/limiter.ts";
import type { RedisClient } from "../platform/redis.ts";
import type { PaymentMetrics } from "./payment-metrics.ts";

/** Against prompt bombing: how often payments may be started for a phone, from an address and for a site, and bookings made from an address. */
export type RateLimits = {
  /** @throws ServiceError `too_many_requests` with how long to wait */
  consume(start: { phone: string; address: string; siteId: string }): Promise<void>;
  /** @throws ServiceError `too_many_requests` */
  consumeBooking(address: string): Promise<void>;
  /** Before an M-Pesa code is looked up. @throws ServiceError `too_many_requests` */
  consumeCode(typed: { bookingId: string; address: string }): Promise<void>;
};

/** A parent compares times and children: ten bookings for each payment started is generous, and still a bound. */
const BOOKINGS_PER_START = 10;
/** A mistyped code is tried again a few times; many codes are guesses. */
const CODES_PER_BOOKING = { count: 5, durationS: 600 };

export function createRateLimits(limits: Omit<Config["limits"], "api">, redis: RedisClient | null, metrics: PaymentMetrics): RateLimits {
  const limiter = (name: string, limit: Limit): RateLimiterAbstract | null => createLimiter(name, limit, redis);
  const limiters = {
    phone: limiter("phone", limits.phone),
    address: limiter("address", limits.address),
    site: limiter("site", limits.site),
  };
  const bookings = limiter("bookings", limits.address && { ...limits.address, count: limits.address.count * BOOKINGS_PER_START });

  const codes = limiter("codes", limits.phone && CODES_PER_BOOKING);

  const take = async (name: keyof typeof limiters, key: string): Promise<void> => {
    try {
      await limiters[name]?.consume(hashSecret(key));
    } catch (error) {
      if (error instanceof RateLimiterRes) metrics.refusedStart(name);
      throw toServiceError(error);
    }
  };

  return {
    async consume({ phone, address, siteId }) {
      await take("address", address);
      await take("phone", phone);
      await take("site", siteId);
    },
    async consumeCode({ bookingId, address }) {
      await take("address", address);
      await codes?.consume(hashSecret(bookingId)).catch((error: unknown) => {
        throw toServiceError(error);
      });
    },
    async consumeBooking(address) {
      await bookings?.consume(hashSecret(address)).catch((error: unknown) => {
        throw toServiceError(error);
      });
    },
  };
}

function toServiceError(error: unknown): unknown {
  return error instanceof RateLimiterRes ? new ServiceError("too_many_requests", { retryAfterMs: error.msBeforeNext }) : error;
}
