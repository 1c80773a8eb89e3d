import { Router, type Request } from "express";
import type { z } from "zod";
import {
  assignRequestSchema,
  cancelBookingSchema,
  dismissCallbackSchema,
  keepMoneySchema,
  moveBookingSchema,
  settleRequestSchema,
  type OwnerUnassignedMoney,
} from "../../contract.ts";
import { parseOrThrow } from "../../platform/error-handler.ts";
import { ServiceError } from "../../platform/errors.ts";
import { answerOnce, hashRequest, parseIdempotencyKey, type Answer, type IdempotencyKeys } from "../../platform/idempotency.ts";
import { maskPhone } from "../../platform/masking.ts";
import { requireServer } from "../../sites/site-access.ts";
import type { SiteDirectory } from "../../sites/site-directory.ts";
import type { Site } from "../../sites/site.ts";
import { normaliseReference } from "../c2b/match-payment.ts";
import type { UnassignedMoney } from "../c2b/unassigned-money-store.ts";
import type { PaymentsDependencies } from "../payments-dependencies.ts";
import { sendAnswer } from "../payments-router.ts";
import { OWNERS_SERVER, type Decision } from "../record-outcome.ts";
import type { BookingChanges } from "../store/booking-changes.ts";
import { viewBooking } from "../view-booking.ts";
import { assignMoney, type EnteredMoney } from "./assign-money.ts";
import type { AttentionStore } from "./attention-store.ts";
import { listAttention } from "./attention.ts";
import type { CallbackList } from "./callback-list.ts";
import { cancelBooking, moveBooking } from "./change-booking.ts";
import type { PaymentsList } from "./payments-list.ts";
import { settlePayment, type SettledOutcome } from "./settle-payment.ts";
import { scopeOf, type SiteScope } from "./site-scope.ts";

export type DecisionsParts = {
  deps: PaymentsDependencies;
  payments: PaymentsList;
  attention: AttentionStore;
  callbacks: CallbackList;
  changes: BookingChanges;
  bookingLifeMs: number;
  sites: SiteDirectory;
  keys: IdempotencyKeys;
};

/** For the owner's server: what waits for a person's decision, and the decisions. */
export function createDecisionsRouter(parts: DecisionsParts): Router {
  const { deps, payments, attention, callbacks, changes, bookingLifeMs, sites, keys } = parts;
  const { unassignedMoney, accounts } = deps;
  const router = Router();
  const decide = decideOnce(sites, keys);
  const changer = { ...deps, changes, bookingLifeMs };

  router.get("/api/v1/attention", async (request, response) => {
    const scope = await scopeOf(sites, (await requireServer(sites, request)).id);
    response.set("Cache-Control", "no-store").json({ data: await listAttention({ attention, unassignedMoney }, scope) });
  });

  router.get("/api/v1/callbacks", async (request, response) => {
    const scope = await scopeOf(sites, (await requireServer(sites, request)).id);
    response.set("Cache-Control", "no-store").json({ data: await callbacks.list(scope) });
  });

  router.post("/api/v1/callbacks/:callbackId/replay", async (request, response) => {
    const scope = await scopeOf(sites, (await requireServer(sites, request)).id);
    if (!(await callbacks.replay(scope, request.params.callbackId))) throw new ServiceError("callback_not_found");
    response.status(202).json({});
  });

  router.post("/api/v1/callbacks/:callbackId/dismiss", async (request, response) => {
    const { callbackId } = request.params;
    const body = parseOrThrow(dismissCallbackSchema, request.body);
    const answer = await decide(request, { dismiss: callbackId, ...body }, async ({ id }) => {
      const decision = { ...decisionOf(body), atMs: deps.now() };
      if (!(await callbacks.dismiss(await scopeOf(sites, id), callbackId, decision))) throw new ServiceError("callback_not_found");
      return {};
    });
    sendAnswer(response, answer);
  });

  router.get("/api/v1/unassigned-money", async (request, response) => {
    const { shortcode } = await scopeOf(sites, (await requireServer(sites, request)).id);
    const data = shortcode === null ? [] : (await unassignedMoney.list(shortcode)).map(toOwnerMoney);
    response.set("Cache-Control", "no-store").json({ data });
  });

  router.post("/api/v1/unassigned-money/:receipt/assign", async (request, response) => {
    const body = parseOrThrow(assignRequestSchema, request.body);
    const { receipt } = request.params;
    const answer = await decide(request, { receipt, ...body }, async (site) => {
      const scope = await scopeOf(sites, site.id);
      const enter = enteredMoney(scope, body.amount, deps.now());
      const assignment = await assignMoney({ ...deps, accounts }, { receipt, ...body, enter, scope, decision: decisionOf(body) });
      if (assignment === "no_such_money") throw new ServiceError("money_not_found");
      const bookingId = assignment === "no_such_booking" ? null : await deps.store.bookingIdByReference(normaliseReference(body.reference));
      const file = bookingId === null ? null : await deps.store.load(bookingId);
      if (!file) throw new ServiceError("booking_not_found");
      return { assignment, booking: await viewBooking(deps, file) };
    });
    sendAnswer(response, answer);
  });

  router.post("/api/v1/unassigned-money/:receipt/keep", async (request, response) => {
    const { receipt } = request.params;
    const body = parseOrThrow(keepMoneySchema, request.body);
    const answer = await decide(request, { keep: receipt, ...body }, async (site) => {
      const { shortcode } = await scopeOf(sites, site.id);
      const money = await unassignedMoney.find(receipt.toUpperCase());
      if (!money || money.shortcode !== shortcode) throw new ServiceError("money_not_found");
      await unassignedMoney.markKept(money.receipt, decisionOf(body), deps.now());
      return toOwnerMoney(money);
    });
    sendAnswer(response, answer);
  });

  router.post("/api/v1/payments/:paymentId/settle", async (request, response) => {
    const { paymentId } = request.params;
    const body = parseOrThrow(settleRequestSchema, request.body);
    const answer = await decide(request, { paymentId, ...body }, async ({ id: siteId }) => {
      await settlePayment(deps, { paymentId, siteId, outcome: outcomeOf(body), decision: decisionOf(body) });
      return payments.one(siteId, paymentId);
    });
    sendAnswer(response, answer);
  });

  router.post("/api/v1/bookings/:bookingId/move", async (request, response) => {
    const { bookingId } = request.params;
    const body = parseOrThrow(moveBookingSchema, request.body);
    const answer = await decide(request, { move: bookingId, ...body }, async ({ id: siteId }) =>
      viewBooking(deps, await moveBooking(changer, { bookingId, siteId, date: body.date, time: body.time, decision: decisionOf(body) })),
    );
    sendAnswer(response, answer);
  });

  router.post("/api/v1/bookings/:bookingId/cancel", async (request, response) => {
    const { bookingId } = request.params;
    const body = parseOrThrow(cancelBookingSchema, request.body);
    const answer = await decide(request, { cancel: bookingId, ...body }, async ({ id: siteId }) =>
      viewBooking(deps, await cancelBooking(changer, { bookingId, siteId, decision: decisionOf(body) })),
    );
    sendAnswer(response, answer);
  });

  return router;
}

/** Answers a repeated decision with its first answer, if it comes with an Idempotency-Key. */
function decideOnce(sites: SiteDirectory, keys: IdempotencyKeys) {
  return async (request: Request, wish: { [member: string]: unknown }, decide: (site: Site) => Promise<unknown>): Promise<Answer> => {
    const site = await requireServer(sites, request);
    const key = parseIdempotencyKey(request.get("Idempotency-Key"));
    const claim = key === null ? null : { scope: `decide:${site.id}`, key };
    return answerOnce(keys, claim, hashRequest(wish), async () => ({ status: 200, body: await decide(site) }));
  };
}

function outcomeOf(body: z.infer<typeof settleRequestSchema>): SettledOutcome {
  return body.outcome === "paid" ? { kind: "paid", receipt: body.receipt } : { kind: body.outcome };
}

function decisionOf({ reason, actor }: { reason: string; actor?: string | undefined }): Decision {
  return { note: reason, actor: actor ?? OWNERS_SERVER };
}

/** The statement of the site's own paybill shows it. */
function enteredMoney({ shortcode }: SiteScope, amountKes: number | undefined, nowMs: number): EnteredMoney | null {
  return amountKes === undefined || shortcode === null ? null : { amountKes, shortcode, payer: "", paidAtMs: nowMs };
}

function toOwnerMoney({ receipt, amountKes, accountNumber, payer, why, paidAtMs }: UnassignedMoney): OwnerUnassignedMoney {
  return { receipt, amount: amountKes, currency: "KES", accountNumber, payer: maskPhone(payer), why, paidAt: paidAtMs };
}
