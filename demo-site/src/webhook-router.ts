import express, { Router } from "express";
import { verifyWebhook, WebhookError } from "../../service/client/src/index.ts";
import type { BookingDesk } from "./booking-desk.ts";

/** Where SomoPay sends its messages. */
export const WEBHOOK_PATH = "/webhooks/somopay";
/** A message is a few kB. */
const MAX_BODY = "64kb";

/** Comes before everything that parses bodies: the signature is of the body as it came. @param secret `whsec_…` of this endpoint */
export function createWebhookRouter(desk: Pick<BookingDesk, "learn">, secret: string): Router {
  const router = Router();
  router.post(WEBHOOK_PATH, express.raw({ type: () => true, limit: MAX_BODY }), async (request, response) => {
    try {
      const body: unknown = request.body;
      const { data } = verifyWebhook(Buffer.isBuffer(body) ? body : "", request.headers, secret);
      if ("booking" in data) await desk.learn(data.booking);
      // Also for a test, and for a booking that is not ours: there is nothing to try again.
      response.status(204).end();
    } catch (error) {
      if (!(error instanceof WebhookError)) throw error;
      console.warn(`A webhook was refused: ${error.message}`);
      response.status(400).end();
    }
  });
  return router;
}
