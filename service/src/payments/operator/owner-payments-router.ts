import { Router, type Request } from "express";
import { refundRequestSchema, settleRequestSchema } from "../../contract.ts";
import { parseOrThrow } from "../../platform/error-handler.ts";
import { ServiceError } from "../../platform/errors.ts";
import { answerOnce, hashRequest, parseIdempotencyKey, type Answer, type IdempotencyKeys } from "../../platform/idempotency.ts";
import { requireSite } from "../../sites/site-access.ts";
import type { SiteDirectory } from "../../sites/site-directory.ts";
import type { Site } from "../../sites/site.ts";
import type { PaymentsDependencies } from "../payments-dependencies.ts";
import { sendAnswer } from "../payments-router.ts";
import type { AttentionStore } from "./attention-store.ts";
import { listAttention } from "./attention.ts";
import { settlePayment } from "./settle-payment.ts";
import { paymentsQuerySchema, type PaymentsList } from "./payments-list.ts";
import { startRefund, toRefundView, viewRefund } from "../refunds/refund-payment.ts";

type Parts = { deps: PaymentsDependencies; payments: PaymentsList; attention: AttentionStore; sites: SiteDirectory; keys: IdempotencyKeys };

/** For the owner's server: the site's payments, refunds, and what waits for a decision. */
export function createOwnerPaymentsRouter(parts: Parts): Router {
  const { deps, payments, attention, sites, keys } = parts;
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

  router.post("/api/v1/payments/:paymentId/refunds", async (request, response) => {
    const site = await requireServer(sites, request);
    const { paymentId } = request.params;
    // `remarks` is optional, so an empty body is fine.
    const { remarks } = parseOrThrow(refundRequestSchema, request.body ?? {});
    const key = parseIdempotencyKey(request.get("Idempotency-Key"));
    const claim = key === null ? null : { scope: `refund:${site.id}`, key };
    const answer = await answerOnce(keys, claim, hashRequest({ paymentId, remarks }), async (committed) =>
      committed === null
        ? asRefundAnswer(startRefund(deps, { paymentId, siteId: site.id, remarks, claim }))
        : { status: 202, body: await viewRefund(deps, committed) },
    );
    sendAnswer(response, answer);
  });

  router.post("/api/v1/payments/:paymentId/settle", async (request, response) => {
    const site = await requireServer(sites, request);
    const { paymentId } = request.params;
    const body = parseOrThrow(settleRequestSchema, request.body);
    const decision = { note: body.reason, actor: body.actor ?? "the owner's server" };
    const receipt = body.outcome === "paid" ? body.receipt : null;
    const key = parseIdempotencyKey(request.get("Idempotency-Key"));
    const claim = key === null ? null : { scope: `settle:${site.id}`, key };
    const answer = await answerOnce(keys, claim, hashRequest({ paymentId, ...body }), async () => {
      await settlePayment(deps, { paymentId, siteId: site.id, receipt, decision });
      return { status: 200, body: await payments.one(site.id, paymentId) };
    });
    sendAnswer(response, answer);
  });

  router.get("/api/v1/attention", async (request, response) => {
    const site = await requireServer(sites, request);
    const data = await listAttention({ attention, unassignedMoney: deps.unassignedMoney }, site.id);
    response.set("Cache-Control", "no-store").json({ data });
  });

  return router;
}

/** @throws ServiceError if the caller is not the site's server */
async function requireServer(sites: SiteDirectory, request: Request): Promise<Site> {
  const { site, isServer } = await requireSite(sites, request);
  if (!isServer)
    throw new ServiceError("secret_key_required", { detail: "Only the site's server, with the secret key, may ask for this." });
  return site;
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
