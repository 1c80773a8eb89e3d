import { Router, type Request } from "express";
import type { Clock } from "../platform/clock.ts";
import { parseOrThrow } from "../platform/error-handler.ts";
import { ServiceError } from "../platform/errors.ts";
import type { Answer, IdempotencyClaim, IdempotencyKeys } from "../platform/idempotency.ts";
import type { Ids } from "../platform/ids.ts";
import { sendAnswer } from "../platform/send-answer.ts";
import { requireServer } from "../sites/site-access.ts";
import type { SiteDirectory } from "../sites/site-directory.ts";
import { writeOnce } from "../sites/write-once.ts";
import { deliveriesQuerySchema, type DeliveryList } from "./delivery/delivery-list.ts";
import type { DeliveryStore } from "./delivery/delivery-store.ts";
import type { EndpointStore } from "./endpoints/endpoint-store.ts";
import { ENDPOINTS_OF_A_SITE_MAX, newEndpoint, newWebhookSecret, toEndpointView, type Endpoint } from "./endpoints/endpoint.ts";
import { problemWithUrl, type AllowedHosts } from "./sending/webhook-url.ts";
import { changeEndpointSchema, createEndpointSchema, redeliverWindowSchema, TEST_TYPE, type TestMessage } from "./webhook-contract.ts";

export type WebhooksRouterParts = {
  endpoints: EndpointStore;
  deliveries: DeliveryStore;
  list: DeliveryList;
  sites: SiteDirectory;
  keys: IdempotencyKeys;
  ids: Ids;
  now: Clock;
  allowedHosts: AllowedHosts;
  /** Whether secrets can be stored. */
  hasSecretsKey: boolean;
  /** Called after an endpoint was added. */
  onAdded(): void;
};

/** What an answer is made from: never the secret, which idempotency keys must not hold. */
type Work = (siteId: string, claim: IdempotencyClaim | null, committed: string | null) => Promise<object>;

/** For the owner's server: its webhook endpoints, and what was sent to them. */
export function createWebhooksRouter(parts: WebhooksRouterParts): Router {
  const { endpoints, deliveries, list, sites, ids, now } = parts;
  const router = Router();
  const ROOT = "/api/v1/webhook-endpoints";
  const write = (request: Request, status: number, wish: { [member: string]: unknown }, work: Work): Promise<Answer> =>
    writeOnce(parts, request, wish, async ({ id }, claim, committed) => ({ status, body: await work(id, claim, committed) }));
  const siteOf = async (request: Request): Promise<string> => (await requireServer(sites, request)).id;
  const endpointOf = async (siteId: string, endpointId: string): Promise<Endpoint> => {
    const endpoint = await endpoints.byId(siteId, endpointId);
    if (!endpoint) throw new ServiceError("webhook_endpoint_not_found");
    return endpoint;
  };
  const deliveryOf = async (siteId: string, deliveryId: string) => {
    const delivery = await list.one(siteId, deliveryId);
    if (!delivery) throw new ServiceError("webhook_delivery_not_found");
    return delivery;
  };
  const viewOf = async (siteId: string, endpointId: string) => toEndpointView(await endpointOf(siteId, endpointId), now());

  router.post(ROOT, async (request, response) => {
    const body = parseOrThrow(createEndpointSchema, request.body);
    const answer = await write(request, 201, { create: "webhook-endpoint", ...body }, async (siteId, claim, committed) => {
      const id = committed ?? (await create(parts, siteId, { url: body.url, events: body.events ?? null, claim }));
      return viewOf(siteId, id);
    });
    sendAnswer(response.set("Cache-Control", "no-store"), await withSecret(parts, answer));
  });

  router.get(ROOT, async (request, response) => {
    const found = await endpoints.ofSite(await siteOf(request));
    response.set("Cache-Control", "no-store").json({ data: found.map((endpoint) => toEndpointView(endpoint, now())) });
  });

  router.get(`${ROOT}/:endpointId`, async (request, response) => {
    const view = await viewOf(await siteOf(request), request.params.endpointId);
    response.set("Cache-Control", "no-store").json(view);
  });

  router.patch(`${ROOT}/:endpointId`, async (request, response) => {
    const { endpointId } = request.params;
    const body = parseOrThrow(changeEndpointSchema, request.body);
    const answer = await write(request, 200, { change: endpointId, ...body }, async (siteId) => {
      await endpointOf(siteId, endpointId);
      const { url, events, status } = body;
      if (url !== undefined) requireUrl(parts, url);
      const change = { ...(url !== undefined && { url }), ...(events !== undefined && { events }), ...(status && { status }) };
      await endpoints.change(endpointId, change, now());
      return viewOf(siteId, endpointId);
    });
    sendAnswer(response.set("Cache-Control", "no-store"), answer);
  });

  router.delete(`${ROOT}/:endpointId`, async (request, response) => {
    const { endpointId } = request.params;
    const answer = await writeOnce(parts, request, { delete: endpointId }, async ({ id: siteId }, claim, committed) => {
      if (committed === null && !(await endpoints.delete(siteId, endpointId, claim))) throw new ServiceError("webhook_endpoint_not_found");
      return { status: 204, body: null };
    });
    sendAnswer(response, answer);
  });

  router.post(`${ROOT}/:endpointId/rotate-secret`, async (request, response) => {
    const { endpointId } = request.params;
    const answer = await write(request, 200, { rotate: endpointId }, async (siteId, claim, committed) => {
      await endpointOf(siteId, endpointId);
      requireSecretsKey(parts);
      if (committed === null) await endpoints.rotateSecret(endpointId, newWebhookSecret(), { atMs: now(), claim });
      return viewOf(siteId, endpointId);
    });
    sendAnswer(response.set("Cache-Control", "no-store"), await withSecret(parts, answer));
  });

  router.post(`${ROOT}/:endpointId/test`, async (request, response) => {
    const { endpointId } = request.params;
    const answer = await write(request, 202, { test: endpointId }, async (siteId, claim, committed) => {
      if (committed !== null) return deliveryOf(siteId, committed);
      const endpoint = await endpointOf(siteId, endpointId);
      const atMs = now();
      const message: TestMessage = {
        type: TEST_TYPE,
        timestamp: new Date(atMs).toISOString(),
        data: { endpointId, text: "Your endpoint receives SomoPay's webhooks." },
      };
      return deliveryOf(
        siteId,
        await deliveries.insertTest(endpoint, { id: ids.next("msg"), payload: JSON.stringify(message), atMs, claim }),
      );
    });
    sendAnswer(response, answer);
  });

  router.post(`${ROOT}/:endpointId/redeliver`, async (request, response) => {
    const { endpointId } = request.params;
    const { since, until, which } = parseOrThrow(redeliverWindowSchema, request.body);
    const answer = await write(request, 202, { redeliverTo: endpointId, since, until, which }, async (siteId, claim, committed) => {
      if (committed !== null) return { redelivered: Number(committed) };
      await endpointOf(siteId, endpointId);
      const atMs = now();
      const window = { endpointId, sinceMs: since, untilMs: until ?? atMs, which, atMs, claim };
      return { redelivered: await list.redeliverWindow(window) };
    });
    sendAnswer(response, answer);
  });

  router.get(`${ROOT}/:endpointId/deliveries`, async (request, response) => {
    const siteId = await siteOf(request);
    const { id } = await endpointOf(siteId, request.params.endpointId);
    const query = parseOrThrow(deliveriesQuerySchema, request.query);
    response.set("Cache-Control", "no-store").json(await list.page(siteId, id, query));
  });

  router.get("/api/v1/webhook-deliveries", async (request, response) => {
    const siteId = await siteOf(request);
    const query = parseOrThrow(deliveriesQuerySchema, request.query);
    response.set("Cache-Control", "no-store").json(await list.page(siteId, null, query));
  });

  router.get("/api/v1/webhook-deliveries/:deliveryId", async (request, response) => {
    const delivery = await deliveryOf(await siteOf(request), request.params.deliveryId);
    response.set("Cache-Control", "no-store").json(delivery);
  });

  router.post("/api/v1/webhook-deliveries/:deliveryId/redeliver", async (request, response) => {
    const { deliveryId } = request.params;
    const answer = await write(request, 202, { redeliver: deliveryId }, async (siteId, claim, committed) => {
      if (committed === null && !(await list.redeliver(siteId, deliveryId, { atMs: now(), claim })))
        throw new ServiceError("webhook_delivery_not_found");
      return deliveryOf(siteId, deliveryId);
    });
    sendAnswer(response, answer);
  });

  return router;
}

async function create(
  parts: WebhooksRouterParts,
  siteId: string,
  { url, events, claim }: Pick<Endpoint, "url" | "events"> & { claim: IdempotencyClaim | null },
): Promise<string> {
  requireSecretsKey(parts);
  requireUrl(parts, url);
  const atMs = parts.now();
  const endpoint = newEndpoint({ id: parts.ids.next("we"), siteId, url, events, isFromSiteFile: false, atMs });
  const options = { most: ENDPOINTS_OF_A_SITE_MAX, claim };
  if (!(await parts.endpoints.insert(endpoint, newWebhookSecret(), options))) throw new ServiceError("webhook_endpoints_full");
  parts.onAdded();
  return endpoint.id;
}

function requireSecretsKey({ hasSecretsKey }: WebhooksRouterParts): void {
  if (!hasSecretsKey) throw new ServiceError("webhooks_not_set_up");
}

function requireUrl({ allowedHosts }: WebhooksRouterParts, url: string): void {
  const problem = problemWithUrl(url, allowedHosts);
  if (problem !== null)
    throw new ServiceError("invalid_request", { errors: [{ field: "url", message: problem }], detail: `url ${problem}` });
}

/** Added after the answer was stored for repetitions: a repetition reads the secret again. */
async function withSecret({ endpoints, now }: WebhooksRouterParts, answer: Answer): Promise<Answer> {
  const { body } = answer;
  if (answer.status >= 300 || typeof body !== "object" || body === null || !("id" in body) || typeof body.id !== "string") return answer;
  const [secret] = await endpoints.secretsOf(body.id, now());
  return { ...answer, body: { ...body, secret } };
}
