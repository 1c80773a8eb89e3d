import { Router } from "express";
import { z } from "zod";
import {
  assignRequestSchema,
  dismissCallbackSchema,
  keepMoneySchema,
  settleRequestSchema,
  type OwnerUnassignedMoney,
} from "../../contract.ts";
import { parseOrThrow } from "../../platform/error-handler.ts";
import { ServiceError } from "../../platform/errors.ts";
import { maskPhone } from "../../platform/masking.ts";
import { pageShape, toPage } from "../../platform/page.ts";
import { sendAnswer } from "../../platform/send-answer.ts";
import { requireServer } from "../../sites/site-access.ts";
import { writeOnce, type WriteParts } from "../../sites/write-once.ts";
import { wordsFor } from "../../words/words.ts";
import { normaliseReference } from "../c2b/match-payment.ts";
import type { UnassignedMoney } from "../c2b/unassigned-money-store.ts";
import type { PaymentsDependencies } from "../payments-dependencies.ts";
import { viewBooking } from "../view-booking.ts";
import { assignMoney, type EnteredMoney } from "./assign-money.ts";
import type { AttentionStore } from "./attention-store.ts";
import { attentionQuerySchema, listAttention, type FailingEndpoints } from "./attention.ts";
import { callbacksQuerySchema, type CallbackList } from "./callback-list.ts";
import { decisionOf } from "../decision.ts";
import { filterShape } from "./list-filters.ts";
import type { PaymentsList } from "./payments-list.ts";
import { settlePayment, type SettledOutcome } from "./settle-payment.ts";
import { scopeOf, type SiteScope } from "./site-scope.ts";

export type DecisionsParts = WriteParts & {
  deps: PaymentsDependencies;
  payments: PaymentsList;
  attention: AttentionStore;
  failingEndpoints: FailingEndpoints;
  callbacks: CallbackList;
};

export const unassignedMoneyQuerySchema = z.strictObject({
  receipt: filterShape.receipt,
  from: filterShape.from,
  to: filterShape.to,
  ...pageShape,
});

/** For the owner's server: what waits for a person's decision, and the decisions. */
export function createDecisionsRouter(parts: DecisionsParts): Router {
  const { deps, payments, attention, failingEndpoints, callbacks, sites } = parts;
  const { unassignedMoney, accounts } = deps;
  const router = Router();

  router.get("/api/v1/attention", async (request, response) => {
    const scope = await scopeOf(sites, (await requireServer(sites, request)).id);
    const wish = parseOrThrow(attentionQuerySchema, request.query);
    const lists = { words: wordsFor(request), attention, unassignedMoney, failingEndpoints };
    response.set("Cache-Control", "no-store").json(await listAttention(lists, scope, wish));
  });

  router.get("/api/v1/callbacks", async (request, response) => {
    const scope = await scopeOf(sites, (await requireServer(sites, request)).id);
    response.set("Cache-Control", "no-store").json(await callbacks.page(scope, parseOrThrow(callbacksQuerySchema, request.query)));
  });

  router.post("/api/v1/callbacks/:callbackId/replay", async (request, response) => {
    const { callbackId } = request.params;
    const answer = await writeOnce(parts, request, { replay: callbackId }, async (site, claim, committed) => {
      if (committed === null && !(await callbacks.replay(await scopeOf(sites, site.id), callbackId, claim)))
        throw new ServiceError("callback_not_found");
      return { status: 202, body: {} };
    });
    sendAnswer(response, answer);
  });

  router.post("/api/v1/callbacks/:callbackId/dismiss", async (request, response) => {
    const { callbackId } = request.params;
    const body = parseOrThrow(dismissCallbackSchema, request.body);
    const answer = await writeOnce(parts, request, { dismiss: callbackId, ...body }, async ({ id }, claim, committed, caller) => {
      const decision = { ...decisionOf(body, caller), atMs: deps.now(), claim };
      if (committed === null && !(await callbacks.dismiss(await scopeOf(sites, id), callbackId, decision)))
        throw new ServiceError("callback_not_found");
      return { status: 200, body: {} };
    });
    sendAnswer(response, answer);
  });

  router.get("/api/v1/unassigned-money", async (request, response) => {
    const { shortcode } = await scopeOf(sites, (await requireServer(sites, request)).id);
    const { limit, after, ...filter } = parseOrThrow(unassignedMoneyQuerySchema, request.query);
    const found = shortcode === null ? [] : await unassignedMoney.list({ shortcode, ...filter }, { limit, after });
    const page = toPage(found, limit, ({ receivedAtMs, receipt }) => ({ atMs: receivedAtMs, id: receipt }), toOwnerMoney);
    response.set("Cache-Control", "no-store").json(page);
  });

  router.post("/api/v1/unassigned-money/:receipt/assign", async (request, response) => {
    const body = parseOrThrow(assignRequestSchema, request.body);
    const { receipt } = request.params;
    const answer = await writeOnce(parts, request, { assign: receipt, ...body }, async (site, claim, committed, caller) => {
      const scope = await scopeOf(sites, site.id);
      const enter = enteredMoney(scope, body.amount, deps.now());
      const wish = { receipt, ...body, enter, scope, decision: decisionOf(body, caller), claim, committed };
      const assignment = await assignMoney({ ...deps, accounts }, wish);
      if (assignment === "no_such_money") throw new ServiceError("money_not_found");
      const bookingId = assignment === "no_such_booking" ? null : await deps.store.bookingIdByReference(normaliseReference(body.reference));
      const file = bookingId === null ? null : await deps.store.load(bookingId);
      if (!file) throw new ServiceError("booking_not_found");
      return { status: 200, body: { assignment, booking: await viewBooking(deps, file) } };
    });
    sendAnswer(response, answer);
  });

  router.post("/api/v1/unassigned-money/:receipt/keep", async (request, response) => {
    const { receipt } = request.params;
    const body = parseOrThrow(keepMoneySchema, request.body);
    const answer = await writeOnce(parts, request, { keep: receipt, ...body }, async (site, claim, committed, caller) => {
      const { shortcode } = await scopeOf(sites, site.id);
      const code = receipt.toUpperCase();
      const money = committed === null ? await unassignedMoney.find(code) : await unassignedMoney.read(code);
      if (!money || money.shortcode !== shortcode) throw new ServiceError("money_not_found");
      if (committed === null) await unassignedMoney.markKept(code, decisionOf(body, caller), { atMs: deps.now(), claim });
      return { status: 200, body: toOwnerMoney(money) };
    });
    sendAnswer(response, answer);
  });

  router.post("/api/v1/payments/:paymentId/settle", async (request, response) => {
    const { paymentId } = request.params;
    const body = parseOrThrow(settleRequestSchema, request.body);
    const answer = await writeOnce(parts, request, { settle: paymentId, ...body }, async ({ id: siteId }, claim, committed, caller) => {
      const settlement = { paymentId, siteId, outcome: outcomeOf(body), decision: decisionOf(body, caller), claim };
      if (committed === null) await settlePayment(deps, settlement);
      return { status: 200, body: await payments.one(siteId, paymentId) };
    });
    sendAnswer(response, answer);
  });

  return router;
}

function outcomeOf(body: z.infer<typeof settleRequestSchema>): SettledOutcome {
  return body.outcome === "paid" ? { kind: "paid", receipt: body.receipt } : { kind: body.outcome };
}

/** The statement of the site's own paybill shows it. */
function enteredMoney({ shortcode }: SiteScope, amountKes: number | undefined, nowMs: number): EnteredMoney | null {
  return amountKes === undefined || shortcode === null ? null : { amountKes, shortcode, payer: "", paidAtMs: nowMs };
}

function toOwnerMoney({ receipt, amountKes, accountNumber, payer, why, paidAtMs }: UnassignedMoney): OwnerUnassignedMoney {
  return { receipt, amount: amountKes, currency: "KES", accountNumber, payer: maskPhone(payer), why, paidAt: paidAtMs };
}
