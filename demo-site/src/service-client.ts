import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { bookingViewSchema, problemSchema, type BookingView, type Problem } from "../../service/src/contract.ts";

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

/** A parent waits for this call. */
const TIMEOUT_MS = 8_000;
const IN_PROGRESS_TRIES = 3;
const IN_PROGRESS_WAIT_MS = 1_000;

const hashesSchema = z.record(z.string(), z.string());

/** The calls that an owner's server makes. @param url the service's origin, as this server reaches it */
export function createServiceClient(url: string, secretKey: string): ServiceClient {
  return {
    async createBooking(booking, idempotencyKey) {
      const headers = { Authorization: `Bearer ${secretKey}`, "Content-Type": "application/json", "Idempotency-Key": idempotencyKey };
      for (let tries = 1; ; tries++) {
        try {
          return await call(`${url}/api/bookings`, { method: "POST", headers, body: JSON.stringify(booking) });
        } catch (error) {
          if (!isInProgress(error) || tries >= IN_PROGRESS_TRIES) throw error;
          await wait(IN_PROGRESS_WAIT_MS);
        }
      }
    },
    async booking(bookingId) {
      try {
        return await call(`${url}/api/booking/${encodeURIComponent(bookingId)}`, {});
      } catch (error) {
        if (error instanceof ServiceRefusalError && error.problem.status === 404) return null;
        throw error;
      }
    },
    async widgetHash(version, file) {
      const { response, body } = await exchange(`${url}/widget/${version}/integrity.json`, {});
      const hash = parse(hashesSchema, body, response)[file];
      if (hash === undefined) throw new ServiceAwayError(`the service has no ${file} of version ${version}`);
      return hash;
    },
  };
}

function isInProgress(error: unknown): boolean {
  return error instanceof ServiceRefusalError && error.problem.code === "idempotency_in_progress";
}

async function call(url: string, init: RequestInit): Promise<BookingView> {
  const { response, body } = await exchange(url, init);
  if (response.ok) return parse(bookingViewSchema, body, response);
  const problem = parse(problemSchema, body, response);
  // 429 and 5xx are temporary: for the parent they are the same as no answer.
  if (response.status >= 500 || response.status === 429)
    throw new ServiceAwayError(`the service answered ${response.status}: ${problem.detail}`);
  throw new ServiceRefusalError(problem);
}

async function exchange(url: string, init: RequestInit): Promise<{ response: Response; body: unknown }> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await response.text();
    return { response, body: text === "" ? null : (JSON.parse(text) as unknown) };
  } catch (error) {
    throw new ServiceAwayError(`the service at ${new URL(url).origin} gave no answer`, { cause: error });
  }
}

function parse<Output>(schema: z.ZodType<Output>, body: unknown, response: Response): Output {
  const result = schema.safeParse(body);
  if (!result.success) throw new ServiceAwayError(`the service answered ${response.status} in an unexpected form`, { cause: result.error });
  return result.data;
}
