import { Router, type Request } from "express";
import { cancelBookingSchema, createBookingSchema, moveBookingSchema, type OwnerBooking } from "../contract.ts";
import { bookingsQuerySchema, type BookingsList } from "../payments/operator/bookings-list.ts";
import { cancelBooking, moveBooking, type BookingChanger } from "../payments/operator/change-booking.ts";
import { decisionOf } from "../payments/decision.ts";
import type { BookingFile } from "../payments/payment.ts";
import { parseOrThrow } from "../platform/error-handler.ts";
import { ServiceError } from "../platform/errors.ts";
import type { Answer } from "../platform/idempotency.ts";
import { sendAnswer } from "../platform/send-answer.ts";
import type { ApiCaller } from "../sites/api-caller.ts";
import { requireServer } from "../sites/site-access.ts";
import { writeOnce } from "../sites/write-once.ts";
import type { BookingsDependencies } from "./bookings-dependencies.ts";
import { createBooking } from "./create-booking.ts";

export type ServerBookingsParts = { deps: BookingsDependencies; list: BookingsList; changer: BookingChanger };

/** For the owner's server: bookings made, listed, moved and cancelled. */
export function createServerBookingsRouter({ deps, list, changer }: ServerBookingsParts): Router {
  const { store, sites, viewBooking } = deps;
  const router = Router();

  const toOwnerBooking = async (file: BookingFile): Promise<OwnerBooking> => {
    const { parentName, childName, email, createdAtMs } = file.booking;
    return { ...(await viewBooking(file)), parentName, childName, email, createdAt: createdAtMs };
  };
  /** @param committed the booking that a first caller had already written, under the same key */
  const change = (
    request: Request,
    wish: { [member: string]: unknown },
    work: (which: Which, caller: ApiCaller) => Promise<BookingFile>,
  ): Promise<Answer> =>
    writeOnce(deps, request, wish, async ({ id: siteId }, claim, committed, caller) => {
      const file = committed === null ? await work({ siteId, claim }, caller) : await store.load(committed);
      if (!file) throw new ServiceError("booking_not_found");
      return { status: 200, body: await viewBooking(file) };
    });

  router.post("/api/v1/bookings", async (request, response) => {
    const wish = parseOrThrow(createBookingSchema, request.body);
    const answer = await writeOnce(deps, request, { create: wish }, async (site, claim, committed) => {
      const file =
        committed === null
          ? { booking: await createBooking(deps, { site, isServer: true }, wish, claim), attempts: [] }
          : await store.load(committed);
      if (!file) throw new Error(`booking ${committed} does not exist`);
      return { status: 201, body: await viewBooking(file) };
    });
    sendAnswer(response, answer);
  });

  router.get("/api/v1/bookings", async (request, response) => {
    const site = await requireServer(sites, request);
    const { data, next } = await list.page(site.id, parseOrThrow(bookingsQuerySchema, request.query));
    response.set("Cache-Control", "no-store").json({ data: await Promise.all(data.map(toOwnerBooking)), next });
  });

  router.get("/api/v1/bookings/:bookingId", async (request, response) => {
    const site = await requireServer(sites, request);
    const file = await store.load(request.params.bookingId);
    if (file?.booking.siteId !== site.id) throw new ServiceError("booking_not_found");
    response.set("Cache-Control", "no-store").json(await toOwnerBooking(file));
  });

  router.post("/api/v1/bookings/:bookingId/move", async (request, response) => {
    const { bookingId } = request.params;
    const body = parseOrThrow(moveBookingSchema, request.body);
    const { date, time } = body;
    const answer = await change(request, { move: bookingId, ...body }, (which, caller) =>
      moveBooking(changer, { ...which, bookingId, date, time, decision: decisionOf(body, caller) }),
    );
    sendAnswer(response, answer);
  });

  router.post("/api/v1/bookings/:bookingId/cancel", async (request, response) => {
    const { bookingId } = request.params;
    const body = parseOrThrow(cancelBookingSchema, request.body);
    const answer = await change(request, { cancel: bookingId, ...body }, (which, caller) =>
      cancelBooking(changer, { ...which, bookingId, decision: decisionOf(body, caller) }),
    );
    sendAnswer(response, answer);
  });

  return router;
}

type Which = Required<Pick<Parameters<typeof cancelBooking>[1], "siteId" | "claim">>;
