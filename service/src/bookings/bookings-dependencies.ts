import type { BookingView } from "../contract.ts";
import type { BookingFile } from "../payments/payment.ts";
import type { RateLimits } from "../payments/rate-limits.ts";
import type { PaymentStore } from "../payments/store/payment-store.ts";
import type { Clock } from "../platform/clock.ts";
import type { IdempotencyKeys } from "../platform/idempotency.ts";
import type { Ids } from "../platform/ids.ts";
import type { SiteDirectory } from "../sites/site-directory.ts";

/** Everything that the bookings feature works with. */
export type BookingsDependencies = {
  /** Bookings and their payments are written by one store: a payment changes both in one transaction. */
  store: PaymentStore;
  viewBooking(file: BookingFile): Promise<BookingView>;
  sites: SiteDirectory;
  keys: IdempotencyKeys;
  limits: RateLimits;
  /** An unpaid booking lives until its session, but no longer than this, if nothing else is said. */
  bookingLifeMs: number;
  ids: Ids;
  now: Clock;
};
