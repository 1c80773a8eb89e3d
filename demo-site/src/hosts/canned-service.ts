import { join } from "node:path";
import { json, Router, type Response } from "express";
import { everyScreen, SESSION_TYPE, type Screen } from "../../../widget/screens/every-screen.ts";

/** The steps that a parent takes to reach some screens. */
const STEPS_FILE = join(import.meta.dirname, "../../../widget/screens/take-steps.js");

/** A service with one booking for each screen, which takes no payment. For the developer pages. */
export function createCannedService(): Router {
  const router = Router();
  router.get("/hosts/take-steps.js", (_request, response) => response.sendFile(STEPS_FILE));
  router.get("/api/booking/:name", (request, response, next) => {
    const view = screenOf(request.params.name)?.booking;
    if (view) response.json(view);
    else next();
  });
  // No stream: a browser opens at most six connections to one origin, and these pages have more elements than that.
  router.get("/api/payment-status/:name", (_request, response) => void response.status(204).end());
  router.get("/api/session-types", (_request, response) => response.json([SESSION_TYPE]));
  router.post("/api/pay/mpesa", json({ type: "application/json" }), (request, response, next) => {
    const screen = screenOf(bookingIdIn(request.body));
    const refusal = screen?.refusal;
    if (refusal === "lost") request.socket.destroy();
    else if (refusal) {
      if (refusal.retryAfterSeconds) response.set("Retry-After", String(refusal.retryAfterSeconds));
      refuse(response, refusal.status, refusal.code, refusal.status === 409 ? screen?.booking : undefined);
    } else next();
  });
  router.use("/api", (_request, response) => refuse(response, 404, "booking_not_found"));
  return router;
}

const screenOf = (name: string): Screen | undefined => everyScreen().find((screen) => screen.name === name);

const bookingIdIn = (body: unknown): string =>
  typeof body === "object" && body !== null && "bookingId" in body && typeof body.bookingId === "string" ? body.bookingId : "";

function refuse(response: Response, status: number, code: string, booking?: Screen["booking"]): void {
  const detail = "This page only shows looks: nothing can be paid here.";
  const problem = { type: "about:blank", title: "Not here", status, code, detail, error: detail, booking };
  response.status(status).type("application/problem+json").send(JSON.stringify(problem));
}
