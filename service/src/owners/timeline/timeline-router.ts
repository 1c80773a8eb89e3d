import { Router } from "express";
import { ServiceError } from "../../platform/errors.ts";
import type { Attempt, BookingFile } from "../../payments/payment.ts";
import { scopeOf } from "../../payments/operator/site-scope.ts";
import { REFUND_ANSWER_AWAITED_MS } from "../../payments/refunds/refund-payment.ts";
import { requireServer } from "../../sites/site-access.ts";
import type { Words } from "../../words/english.ts";
import { wordsFor } from "../../words/words.ts";
import type { Timeline } from "../owners-contract.ts";
import type { OwnersDependencies } from "../owners-dependencies.ts";
import { describeTimeline } from "./describe-timeline.ts";
import { possibleActions } from "./possible-actions.ts";
import type { TimelineStore } from "./timeline-store.ts";

type Parts = OwnersDependencies & { timeline: TimelineStore };

/** What happened to a booking or to one of its payments, and what can be done about it now. */
export function createTimelineRouter(parts: Parts): Router {
  const { sites, payments } = parts;
  const router = Router();

  router.get("/api/v1/bookings/:bookingId/timeline", async (request, response) => {
    const site = await requireServer(sites, request);
    const file = await payments.store.load(request.params.bookingId);
    if (file?.booking.siteId !== site.id) throw new ServiceError("booking_not_found");
    response.set("Cache-Control", "no-store").json(await timelineOf(parts, wordsFor(request), file, null));
  });

  router.get("/api/v1/payments/:paymentId/timeline", async (request, response) => {
    const site = await requireServer(sites, request);
    const { paymentId } = request.params;
    const file = await payments.store.loadByAttempt(paymentId);
    if (file?.booking.siteId !== site.id) throw new ServiceError("payment_not_found");
    response.set("Cache-Control", "no-store").json(await timelineOf(parts, wordsFor(request), file, paymentId));
  });

  return router;
}

async function timelineOf(parts: Parts, words: Words, file: BookingFile, only: string | null): Promise<Timeline> {
  const { sites, payments, timeline, canMail } = parts;
  const { shortcode } = await scopeOf(sites, file.booking.siteId);
  const waiting = shortcode === null ? [] : await payments.unassignedMoney.list({ shortcode }, { limit: 1 });
  const facts = { refundable: await refundableOf(parts, file), hasUnassigned: waiting.length > 0, canMail };
  return { data: describeTimeline(words, file, await timeline.read(file), only), actions: possibleActions(words, file, facts, only) };
}

/** As `startRefund` would decide at this moment. */
async function refundableOf({ payments, now }: Parts, { attempts }: BookingFile): Promise<Set<string>> {
  const refundable = new Set<string>();
  for (const attempt of attempts) if (attempt.status === "paid" && (await canRefund(attempt))) refundable.add(attempt.id);
  return refundable;

  async function canRefund(attempt: Attempt): Promise<boolean> {
    if (!(await payments.accounts.ofPayment(attempt))?.credentials.initiator) return false;
    const newest = (await payments.refunds.ofPayment(attempt.id)).at(-1);
    const isOpen = newest !== undefined && newest.endedAtMs === null && newest.requestedAtMs >= now() - REFUND_ANSWER_AWAITED_MS;
    return !isOpen;
  }
}
