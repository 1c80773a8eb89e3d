import type { CreateBooking } from "../contract.ts";
import { ServiceError } from "../platform/errors.ts";
import type { IdempotencyClaim } from "../platform/idempotency.ts";
import type { Caller } from "../sites/site-access.ts";
import { defaultExpiryMs, sessionStartMs, type Booking } from "./booking.ts";
import type { BookingsDependencies } from "./bookings-dependencies.ts";

/** Five collisions in a row among 10^11 references mean that the random source is broken. */
const MAX_REFERENCE_DRAWS = 5;

/** A browser, or the site's server. */
export type Booker = Pick<Caller, "site" | "isServer">;

/**
 * Creates an unpaid booking at the server's price.
 * @throws ServiceError `session_type_unknown`, `secret_key_required`, `date_in_past`, `invalid_request`
 */
export async function createBooking(
  { ids, now, store, bookingLifeMs }: Pick<BookingsDependencies, "ids" | "now" | "store" | "bookingLifeMs">,
  caller: Booker,
  wish: CreateBooking,
  claim: IdempotencyClaim | null,
): Promise<Booking> {
  const price = priceOf(caller, wish);
  const nowMs = now();
  const expiresAtMs = expiryOf(caller, wish, nowMs) ?? defaultExpiryMs(wish, nowMs, bookingLifeMs);
  if (!caller.isServer && sessionStartMs(wish) <= nowMs) throw new ServiceError("date_in_past");
  for (let draws = 1; draws <= MAX_REFERENCE_DRAWS; draws++) {
    const booking: Booking = {
      id: ids.next("bk"),
      siteId: caller.site.id,
      reference: ids.reference(),
      status: "pending",
      version: 1,
      parentName: wish.parentName,
      childName: wish.childName,
      email: wish.email,
      date: wish.date,
      time: wish.time,
      createdAtMs: nowMs,
      expiresAtMs,
      ...price,
    };
    if ((await store.insertBooking(booking, claim)) === "inserted") return booking;
  }
  throw new Error("no free booking reference was drawn");
}

function priceOf({ site, isServer }: Booker, wish: CreateBooking): Pick<Booking, "sessionType" | "sessionName" | "amountKes"> {
  if (wish.amount !== undefined || wish.description !== undefined) return namedPrice(isServer, wish);
  if (wish.sessionType === undefined) throw invalid("sessionType", "is required");
  const type = site.sessionTypes.find(({ code }) => code === wish.sessionType);
  if (!type) throw new ServiceError("session_type_unknown");
  return { sessionType: type.code, sessionName: type.name, amountKes: type.amountKes };
}

/** The owner's server may name the amount itself; a browser never. */
function namedPrice(isServer: boolean, { amount, description, sessionType }: CreateBooking) {
  if (!isServer) throw new ServiceError("secret_key_required");
  if (amount === undefined) throw invalid("amount", "is required with description");
  if (description === undefined) throw invalid("description", "is required with amount");
  if (sessionType !== undefined) throw invalid("sessionType", "must not be given with amount and description");
  return { sessionType: null, sessionName: description, amountKes: amount };
}

const SHORTEST_EXPIRY_MS = 60_000;
const LONGEST_EXPIRY_MS = 400 * 24 * 60 * 60_000;

/** The owner's server may say when an unpaid booking lapses, from a minute to 400 days ahead; a browser may not. */
function expiryOf({ isServer }: Booker, { expiresAt }: CreateBooking, nowMs: number): number | null {
  if (expiresAt === undefined) return null;
  if (!isServer) throw new ServiceError("secret_key_required", { detail: "Only the site's server may say when a booking expires." });
  const isInRange = expiresAt >= nowMs + SHORTEST_EXPIRY_MS && expiresAt <= nowMs + LONGEST_EXPIRY_MS;
  if (!isInRange) throw invalid("expiresAt", "must be UTC milliseconds, from a minute to 400 days ahead");
  return expiresAt;
}

function invalid(field: string, message: string): ServiceError {
  return new ServiceError("invalid_request", { errors: [{ field, message }], detail: `${field}: ${message}` });
}
