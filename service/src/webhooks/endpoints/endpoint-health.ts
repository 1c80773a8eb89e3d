import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/logger.ts";
import type { DisabledReason } from "../webhook-contract.ts";
import type { EndpointStore } from "./endpoint-store.ts";
import { hostOf, type Endpoint } from "./endpoint.ts";

export type HealthParts = { endpoints: EndpointStore; now: Clock; logger: Logger };

const HOUR_MS = 60 * 60_000;
/** A failing endpoint is said once more after this time. */
const TOLD_AGAIN_AFTER_MS = 24 * HOUR_MS;
/** Longer than any message is retried: nobody looks after it any more. */
const DISABLED_AFTER_MS = 5 * 24 * HOUR_MS;

/** Notes how a try ended, and tells the owner of the first failure. The owner's list shows every failing endpoint by itself. */
export async function noteTry({ endpoints, now, logger }: HealthParts, endpoint: Endpoint, problem: string | null): Promise<void> {
  if (problem === null) {
    await endpoints.noteSuccess(endpoint.id);
    return;
  }
  if (await endpoints.noteFailure(endpoint.id, problem, now()))
    logger.warn({ ...factsOf(endpoint), problem }, "a webhook failed; retrying");
}

/** The receiver answered 410: it wants nothing more. */
export async function noteGone(parts: HealthParts, endpoint: Endpoint): Promise<void> {
  await disable(parts, endpoint, "gone", "a webhook endpoint is disabled: it answered 410");
}

/** Says which endpoints have failed for a day, and disables those that have failed for five. Any copy may do it. */
export async function checkEndpoints(parts: HealthParts): Promise<void> {
  const { endpoints, now, logger } = parts;
  const failing = await endpoints.failingSince(now() - TOLD_AGAIN_AFTER_MS);
  for (const endpoint of failing) {
    const { id, failingSinceMs, toldFailingAtMs, lastFailure } = endpoint;
    if (failingSinceMs !== null && failingSinceMs <= now() - DISABLED_AFTER_MS)
      await disable(parts, endpoint, "failing", "a webhook endpoint is disabled: it has failed for five days");
    else if (toldFailingAtMs === null && (await endpoints.noteTold(id, now())))
      logger.warn({ ...factsOf(endpoint), problem: lastFailure }, "a webhook endpoint has failed for a day");
  }
}

async function disable({ endpoints, now, logger }: HealthParts, endpoint: Endpoint, why: DisabledReason, message: string): Promise<void> {
  if (await endpoints.disable(endpoint.id, why, now())) logger.warn(factsOf(endpoint), message);
}

function factsOf(endpoint: Endpoint) {
  return { siteId: endpoint.siteId, endpointId: endpoint.id, host: hostOf(endpoint) };
}
