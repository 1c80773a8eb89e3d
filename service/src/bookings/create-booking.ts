import type { CreateBooking } from "../contract.ts";
import { ServiceError } from "../platform/errors.ts";
import type { IdempotencyClaim } from "../platform/idempotency.ts";
import type { Caller } from "../sites/site-access.ts";
import type { Booking } from "./booking.ts";
import type { BookingsDependencies } from "./bookings-dependencies.ts";

/** Five collisions in a row among 10^11 references mean that the random source is broken. */
const MAX_REFERENCE_DRAWS = 5;

/**
 * Creates an unpaid booking at the server's price.
 * @throws ServiceError `session_type_unknown`, `secret_key_required`, `invalid_request`
 */
export async function createBooking(
  { ids, now, store }: Pick<BookingsDependencies, "ids" | "now" | "store">,
  caller: Caller,
  wish: CreateBooking,
  claim: IdempotencyClaim | null,
): Promise<Booking> {
  const price = priceOf(caller, wish);
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
      createdAtMs: now(),
      ...price,
    };
    if ((await store.insertBooking(booking, claim)) === "inserted") return booking;
  }
  throw new Error("no free booking reference was drawn");
}

function priceOf({ site, isServer }: Caller, wish: CreateBooking): Pick<Booking, "sessionType" | "sessionName" | "amountKes"> {
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

function invalid(field: string, message: string): ServiceError {
  return new ServiceError("invalid_request", { errors: [{ field, message }], detail: `${field}: ${message}` });
}
