import { Router } from "express";
import { z } from "zod";
import { refundRequestSchema } from "../../contract.ts";
import { parseOrThrow } from "../../platform/error-handler.ts";
import { ServiceError } from "../../platform/errors.ts";
import { answerOnce, hashRequest, parseIdempotencyKey, type Answer, type IdempotencyKeys } from "../../platform/idempotency.ts";
import { pageShape, slicePage } from "../../platform/page.ts";
import { sendAnswer } from "../../platform/send-answer.ts";
import { requireCaller, requireServer } from "../../sites/site-access.ts";
import type { SiteDirectory } from "../../sites/site-directory.ts";
import type { PaymentsDependencies } from "../payments-dependencies.ts";
import { actorOf } from "../decision.ts";
import { paymentsQuerySchema, type PaymentsList } from "./payments-list.ts";
import { startRefund, toRefundView, viewRefund } from "../refunds/refund-payment.ts";

export const refundsQuerySchema = z.strictObject(pageShape);

type Parts = { deps: PaymentsDependencies; payments: PaymentsList; sites: SiteDirectory; keys: IdempotencyKeys };

/** For the owner's server: the site's payments and refunds. */
export function createOwnerPaymentsRouter(parts: Parts): Router {
  const { deps, payments, sites, keys } = parts;
  const router = Router();

  router.get("/api/v1/payments", async (request, response) => {
    const site = await requireServer(sites, request);
    response.set("Cache-Control", "no-store").json(await payments.page(site.id, parseOrThrow(paymentsQuerySchema, request.query)));
  });

  router.get("/api/v1/payments/:paymentId", async (request, response) => {
    const site = await requireServer(sites, request);
    const payment = await payments.one(site.id, request.params.paymentId);
    if (!payment) throw new ServiceError("payment_not_found");
    const refunds = (await deps.refunds.ofPayment(payment.paymentId)).map(toRefundView);
    response.set("Cache-Control", "no-store").json({ ...payment, refunds });
  });

  router.get("/api/v1/payments/:paymentId/refunds", async (request, response) => {
    const site = await requireServer(sites, request);
    const wish = parseOrThrow(refundsQuerySchema, request.query);
    const payment = await payments.one(site.id, request.params.paymentId);
    if (!payment) throw new ServiceError("payment_not_found");
    const newestFirst = (await deps.refunds.ofPayment(payment.paymentId)).toReversed();
    const page = slicePage(newestFirst, wish, ({ requestedAtMs, id }) => ({ atMs: requestedAtMs, id }), toRefundView);
    response.set("Cache-Control", "no-store").json(page);
  });

  router.post("/api/v1/payments/:paymentId/refunds", async (request, response) => {
    const caller = await requireCaller(sites, request, "manager");
    const { site } = caller;
    const { paymentId } = request.params;
    // All of it is optional, so an empty body is fine.
    const { remarks, reason, actor } = parseOrThrow(refundRequestSchema, request.body ?? {});
    const key = parseIdempotencyKey(request.get("Idempotency-Key"));
    const decision = { actor: actorOf(caller, actor), note: reason ?? null };
    const claim = key === null ? null : { scope: `refund:${site.id}`, key };
    const answer = await answerOnce(keys, claim, hashRequest({ paymentId, remarks, reason, actor }), async (committed) =>
      committed === null
        ? asRefundAnswer(startRefund(deps, { paymentId, siteId: site.id, remarks, decision, claim }))
        : { status: 202, body: await viewRefund(deps, committed) },
    );
    sendAnswer(response, answer);
  });

  return router;
}

/** A refusal by Safaricom is the answer of a refund that was requested: it is repeated under the same key. */
async function asRefundAnswer(start: ReturnType<typeof startRefund>): Promise<Answer> {
  try {
    return { status: 202, body: await start };
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code !== "refund_refused") throw error;
    return { status: error.status, body: error.toProblem() };
  }
}
