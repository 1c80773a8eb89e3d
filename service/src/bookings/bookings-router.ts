import { Router } from "express";
import { createBookingSchema } from "../contract.ts";
import { parseOrThrow } from "../platform/error-handler.ts";
import { answerOnce, hashRequest, parseIdempotencyKey } from "../platform/idempotency.ts";
import type { BookingFile } from "../payments/payment.ts";
import { toSessionTypeView } from "../sites/session-types-router.ts";
import { requireSite } from "../sites/site-access.ts";
import type { BookingsDependencies } from "./bookings-dependencies.ts";
import { createBooking } from "./create-booking.ts";

/** The price list, and bookings made from it. */
export function createBookingsRouter(deps: BookingsDependencies): Router {
  const { sites, keys, store, limits, viewBooking } = deps;
  const router = Router();

  router.get("/api/session-types", async (request, response) => {
    const { site } = await requireSite(sites, request);
    response.json(site.sessionTypes.map(toSessionTypeView));
  });

  router.post("/api/bookings", async (request, response) => {
    const caller = await requireSite(sites, request);
    const wish = parseOrThrow(createBookingSchema, request.body);
    const key = parseIdempotencyKey(request.get("Idempotency-Key"));
    const claim = key === null ? null : { scope: `bookings:${caller.site.id}`, key };
    const answer = await answerOnce(keys, claim, hashRequest(wish), async (committed) => {
      const file = committed === null ? await book() : await store.load(committed);
      if (!file) throw new Error(`booking ${committed} does not exist`);
      return { status: 201, body: await viewBooking(file) };
    });
    response.status(answer.status).json(answer.body);

    async function book(): Promise<BookingFile> {
      if (!caller.isServer) await limits.consumeBooking(request.ip ?? "");
      return { booking: await createBooking(deps, caller, wish, claim), attempts: [] };
    }
  });

  return router;
}
