import { z } from "zod";
import { ApiError, ConnectionError, createClient, type BookingView, type Problem } from "../../service/client/src/index.ts";

/** The service gave no usable answer: it is down, slow or failing. Whether it did the work is unknown. */
export class ServiceAwayError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ServiceAwayError";
  }
}

/** The service understood the request and refused it. */
export class ServiceRefusalError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(`${problem.code}: ${problem.detail}`);
    this.name = "ServiceRefusalError";
    this.problem = problem;
  }
}

export type NewBooking = { sessionType: string; date: string; time: string; parentName: string; childName: string; email: string };

export type ServiceClient = {
  /**
   * Repeating it with the same key and body gives the same booking.
   * @throws ServiceAwayError, ServiceRefusalError
   */
  createBooking(booking: NewBooking, idempotencyKey: string): Promise<BookingView>;
  /**
   * @returns null if there is no such booking
   * @throws ServiceAwayError, ServiceRefusalError
   */
  booking(bookingId: string): Promise<BookingView | null>;
  /**
   * The hash of one of the widget's files, for an `integrity` attribute.
   * @throws ServiceAwayError also if the service has no such file
   */
  widgetHash(version: string, file: string): Promise<string>;
};

/** A parent waits for each call. */
const TIMEOUT_MS = 8_000;
const MAX_RETRIES = 2;

const hashesSchema = z.record(z.string(), z.string());

/** The calls of this server, as an owner's makes them: with the client package. @param url the service's origin, as this server reaches it */
export function createServiceClient(url: string, secretKey: string): ServiceClient {
  const somopay = createClient({ url, secretKey, timeoutMs: TIMEOUT_MS, maxRetries: MAX_RETRIES });
  return {
    createBooking: (booking, idempotencyKey) => somopay.bookings.create(booking, { idempotencyKey }).catch(rethrow),
    booking: (bookingId) =>
      somopay.bookings.get(bookingId).catch((error: unknown) => {
        if (error instanceof ApiError && error.code === "booking_not_found") return null;
        return rethrow(error);
      }),
    async widgetHash(version, file) {
      const hash = (await readHashes(url, version))[file];
      if (hash === undefined) throw new ServiceAwayError(`the service has no ${file} of version ${version}`);
      return hash;
    },
  };
}

/** For a parent, a busy or failing service is the same as none. */
function rethrow(error: unknown): never {
  if (error instanceof ConnectionError) throw new ServiceAwayError(error.message, { cause: error });
  if (!(error instanceof ApiError)) throw error;
  const { status, message, problem } = error;
  if (status >= 500 || status === 429) throw new ServiceAwayError(`the service answered ${status}: ${message}`, { cause: error });
  throw new ServiceRefusalError(problem);
}

/** A public file: it needs no key. */
async function readHashes(url: string, version: string): Promise<Record<string, string>> {
  try {
    const response = await fetch(`${url}/widget/${version}/integrity.json`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return hashesSchema.parse(await response.json());
  } catch (error) {
    throw new ServiceAwayError(`the service at ${new URL(url).origin} gave no hashes of version ${version}`, { cause: error });
  }
}
