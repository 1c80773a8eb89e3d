/** What the descriptions of the routes are made of. */
import { z } from "zod";
import { bookingViewSchema, problemSchema, sessionTypeViewSchema } from "../contract.ts";
import { errorTable, type ErrorCode } from "../platform/errors.ts";

export const named = {
  BookingView: bookingViewSchema.meta({ id: "BookingView" }),
  Problem: problemSchema.extend({ booking: bookingViewSchema.optional() }).meta({ id: "Problem" }),
  SessionType: sessionTypeViewSchema.meta({ id: "SessionType" }),
};

export const json = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { "application/json": { schema } },
});

/** The errors of a route, grouped by status: OpenAPI allows one description per status. */
export function problems(...codes: ErrorCode[]) {
  const byStatus = Map.groupBy(codes, (code) => errorTable[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, ofStatus]) => [
      String(status),
      {
        description: ofStatus.map((code) => `\`${code}\`: ${errorTable[code].detail}`).join(" "),
        content: { "application/problem+json": { schema: named.Problem } },
      },
    ]),
  );
}

export const idempotencyKey = z.object({
  "Idempotency-Key": z.string().max(200).optional().meta({
    description:
      "A new key for each new request. Repeating a request with its key returns the same answer and never sends a second prompt.",
  }),
});
export const siteKey = z.object({
  "X-Site-Key": z.string().optional().meta({ description: "The publishable key, sent by a browser." }),
  Authorization: z.string().optional().meta({ description: "`Bearer sk_…`, sent by a server." }),
});
export const secretKey = z.object({ Authorization: z.string().meta({ description: "`Bearer sk_…`" }) });
export const paymentPath = z.object({ paymentId: z.string() });
export const bookingPath = z.object({ bookingId: z.string() });
export const secretPath = z.object({ secret: z.string() });
