import { Router } from "express";
import { cannedBookings } from "./canned-bookings.ts";

/** A service that shows one booking for each screen and takes no payment: for pages that compare looks. */
export function createCannedService(now: () => number): Router {
  const router = Router();
  router.get("/api/booking/:name", (request, response, next) => {
    const view = cannedBookings(now()).get(request.params.name);
    if (view) response.json(view);
    else next();
  });
  // No stream: a browser opens six connections to one origin, and these pages have more elements than that.
  router.get("/api/payment-status/:name", (_request, response) => void response.status(204).end());
  router.use("/api", (_request, response) => {
    const detail = "This page only shows looks: nothing can be paid here.";
    const problem = { type: "about:blank", title: "Not here", status: 404, code: "booking_not_found", detail, error: detail };
    response.status(404).type("application/problem+json").send(JSON.stringify(problem));
  });
  return router;
}
