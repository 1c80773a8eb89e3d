import { createBatcher } from "../../platform/batcher.ts";
import type { Clock } from "../../platform/clock.ts";
import { isDatabaseDown } from "../../platform/database.ts";
import type { Ids } from "../../platform/ids.ts";
import type { Logger } from "../../platform/logger.ts";
import type { Timers } from "../../platform/timers.ts";
import { noteGone, noteTry } from "../endpoints/endpoint-health.ts";
import type { EndpointStore } from "../endpoints/endpoint-store.ts";
import type { Endpoint } from "../endpoints/endpoint.ts";
import type { PostResult, WebhookClient } from "../sending/post-webhook.ts";
import type { ClaimedDelivery, DeliveryStore, TryOutcome } from "./delivery-store.ts";
import { nextTryAt } from "./retry-plan.ts";
import { signWebhook } from "./sign-webhook.ts";
import type { WebhookMetrics } from "./webhook-metrics.ts";

export type DelivererParts = {
  deliveries: DeliveryStore;
  endpoints: EndpointStore;
  client: WebhookClient;
  ids: Pick<Ids, "next">;
  now: Clock;
  timers: Timers;
  logger: Logger;
  metrics: WebhookMetrics;
  random?: () => number;
};

export type Deliverer = {
  /** Begins to send what is due, and returns without waiting for it. */
  round(): Promise<void>;
  /** Takes nothing more, and waits a moment for what is under way. What is cut off is sent again by another copy. */
  stop(): Promise<void>;
};

/** How many at once to one endpoint, from this copy. Quick answers make more, so that receivers which can keep up do; a failure or a slow one makes fewer. */
const FIRST_PLACES = 16;
const MOST_PLACES = 64;
/** A failing endpoint may take ten seconds for each: a few show whether it works again. */
const FEWEST_PLACES = 4;
const QUICK_MS = 1_000;
/** Longer than a try takes, and its outcome to be written: then its copy is dead, and another may send. */
const LEASE_MS = 30_000;
/** An endpoint of which everything that is due waits for an earlier message of its booking is looked at less often. */
const SHORTEST_REST_MS = 250;
const LONGEST_REST_MS = 4_000;
/** An endpoint whose secret cannot be read stays so until somebody acts. */
const REST_UNREADABLE_MS = 5 * 60_000;
const STOP_PATIENCE_MS = 2_000;
const RECORDED_TOGETHER_MAX = 200;
const RECORD_PATIENCE_MS = 2_000;
const GONE = 410;
const USER_AGENT = "SomoPay-Webhooks/1.0";

/** What this copy does for one endpoint. `endpoint`: as the last round has read it; null: then it had nothing due, or is disabled. */
type Lane = {
  endpoint: Endpoint | null;
  /** Read once a round: a rotation takes effect with the next. */
  secrets: Promise<string[]> | null;
  places: number;
  inFlight: number;
  isFilling: boolean;
  hasFailed: boolean;
  /** How many claims in a row found nothing. */
  empty: number;
  restsUntilMs: number;
};

/**
 * Sends webhooks: at least once, one booking's messages in order. Each endpoint has places of its own, so a slow or dead receiver holds up nobody else; and
 * what fails is taken out of its place until its next try, so it holds up its own booking only.
 */
export function createDeliverer(parts: DelivererParts): Deliverer {
  const { deliveries, endpoints, client, ids, now, timers, logger, metrics, random = Math.random } = parts;
  const lanes = new Map<string, Lane>();
  const underWay = new Set<Promise<void>>();
  const cutOff = new AbortController();
  let isStopping = false;
  // Outcomes that come together are written together.
  const outcomes = createBatcher<TryOutcome, void>(
    async (batch) => {
      await deliveries.record(batch);
      return batch.map(() => ({ status: "fulfilled", value: undefined }));
    },
    { most: RECORDED_TOGETHER_MAX, patienceMs: RECORD_PATIENCE_MS, timers },
  );

  const openLane = (endpoint: Endpoint): Lane => {
    const lane = lanes.get(endpoint.id) ?? {
      endpoint,
      secrets: null,
      places: FIRST_PLACES,
      inFlight: 0,
      isFilling: false,
      hasFailed: false,
      empty: 0,
      restsUntilMs: 0,
    };
    lane.endpoint = endpoint;
    lane.secrets = null;
    lane.hasFailed = endpoint.failingSinceMs !== null;
    if (lane.hasFailed) lane.places = FEWEST_PLACES;
    lanes.set(endpoint.id, lane);
    return lane;
  };
  const closeOthers = (due: readonly Endpoint[]): void => {
    const open = new Set(due.map(({ id }) => id));
    for (const [id, lane] of lanes) {
      if (open.has(id)) continue;
      lane.endpoint = null;
      if (lane.inFlight === 0) lanes.delete(id);
    }
  };

  /** Takes as many as there are places. */
  const fill = async (lane: Lane): Promise<void> => {
    const { endpoint } = lane;
    const free = lane.places - lane.inFlight;
    // A few at a time cost as much as many.
    if (endpoint === null || isStopping || lane.isFilling || free < lane.places / 2 || now() < lane.restsUntilMs) return;
    lane.isFilling = true;
    try {
      const secrets = await readSecrets(endpoint, lane);
      if (secrets === null) return;
      const leaseId = ids.next("lease");
      const claimed = await deliveries.claim({ endpointId: endpoint.id, most: free, nowMs: now(), leaseId, leaseMs: LEASE_MS });
      if (claimed.length > 0) lane.empty = 0;
      else if (lane.inFlight === 0) lane.restsUntilMs = now() + Math.min(LONGEST_REST_MS, SHORTEST_REST_MS * 2 ** lane.empty++);
      for (const delivery of claimed) {
        lane.inFlight += 1;
        const sending = deliver(endpoint, lane, { delivery, leaseId, secrets })
          .catch((error: unknown) =>
            logger.warn({ err: error, endpointId: endpoint.id }, "a webhook's outcome could not be stored; it is sent again"),
          )
          .finally(() => {
            lane.inFlight -= 1;
            lane.restsUntilMs = 0;
            underWay.delete(sending);
            refill(lane);
          });
        underWay.add(sending);
      }
    } finally {
      lane.isFilling = false;
    }
  };
  /** The next round finds the same, if the database is away. */
  const refill = (lane: Lane): void => {
    const filling = fill(lane)
      .catch(() => undefined)
      .finally(() => underWay.delete(filling));
    underWay.add(filling);
  };

  const readSecrets = async (endpoint: Endpoint, lane: Lane): Promise<string[] | null> => {
    try {
      lane.secrets ??= endpoints.secretsOf(endpoint.id, now());
      return await lane.secrets;
    } catch (error) {
      lane.secrets = null;
      if (isDatabaseDown(error)) throw error;
      lane.restsUntilMs = now() + REST_UNREADABLE_MS;
      logger.error({ err: error, endpointId: endpoint.id }, "a webhook endpoint's secret cannot be read");
      return null;
    }
  };

  const deliver = async (
    endpoint: Endpoint,
    lane: Lane,
    { delivery, leaseId, secrets }: { delivery: ClaimedDelivery; leaseId: string; secrets: string[] },
  ): Promise<void> => {
    const { id, messageId, payload } = delivery;
    // Claimed while this copy was being stopped.
    if (cutOff.signal.aborted) return deliveries.release(id, leaseId, now());
    const atMs = now();
    const signed = signWebhook(secrets, { id: messageId, body: payload, atMs });
    const headers = { "content-type": "application/json", "user-agent": USER_AGENT, ...signed };
    const result = await client.post({ url: endpoint.url, headers, body: payload, signal: cutOff.signal });
    if (cutOff.signal.aborted && result.problem !== null) return deliveries.release(id, leaseId, now());
    const tookMs = now() - atMs;
    metrics.tried(endpoint.id, result, tookMs);
    if (result.problem !== null) lane.places = Math.max(FEWEST_PLACES, Math.floor(lane.places / 2));
    else lane.places = tookMs < QUICK_MS ? Math.min(MOST_PLACES, lane.places + 1) : Math.max(FEWEST_PLACES, lane.places - 1);
    await outcomes.add(toOutcome(delivery, leaseId, result));
    await noteHealth(endpoint, lane, result);
  };

  const toOutcome = (delivery: ClaimedDelivery, leaseId: string, { status, problem, answer }: PostResult): TryOutcome => {
    const tries = delivery.tries + 1;
    const isDelivered = problem === null;
    const nextTryAtMs = isDelivered ? null : nextTryAt(tries, now(), random());
    return { id: delivery.id, leaseId, isDelivered, tries, nextTryAtMs, atMs: now(), status, problem, answer };
  };

  const noteHealth = async (endpoint: Endpoint, lane: Lane, { status, problem }: PostResult): Promise<void> => {
    // Written only when it changes: most messages are delivered to endpoints that work.
    const isNews = problem !== null || lane.hasFailed || endpoint.failingSinceMs !== null;
    lane.hasFailed = problem !== null;
    if (isNews) await noteTry(parts, endpoint, problem);
    if (status === GONE) await noteGone(parts, endpoint);
  };

  return {
    async round() {
      const due = await endpoints.due(now());
      closeOthers(due);
      const results = await Promise.allSettled(due.map((endpoint) => fill(openLane(endpoint))));
      const failed = results.find((result) => result.status === "rejected");
      if (failed) throw failed.reason;
    },
    async stop() {
      isStopping = true;
      const patience = Promise.withResolvers<void>();
      const callOff = timers.after(STOP_PATIENCE_MS, patience.resolve);
      await Promise.race([Promise.all(underWay), patience.promise]);
      callOff();
      cutOff.abort();
      // What ends may have begun something.
      while (underWay.size > 0) await Promise.all(underWay);
      await outcomes.idle();
      await client.close();
    },
  };
}
