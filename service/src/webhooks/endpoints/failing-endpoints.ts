import type { AttentionItem } from "../../contract.ts";
import type { PlacedItem } from "../../payments/operator/attention.ts";
import type { DeliveryList } from "../delivery/delivery-list.ts";
import type { EndpointStore } from "./endpoint-store.ts";
import { hostOf, type Endpoint } from "./endpoint.ts";

type Parts = { endpoints: Pick<EndpointStore, "troubled" | "all" | "ofSite">; deliveries: Pick<DeliveryList, "undelivered"> };

/** Endpoints that need their owner, newest first, in words, each with the commands that settle it. `siteId` null: of all sites. */
export async function listFailingEndpoints({ endpoints, deliveries }: Parts, siteId: string | null): Promise<PlacedItem[]> {
  const troubled = await endpoints.troubled(siteId);
  const known = siteId === null ? await endpoints.all() : await endpoints.ofSite(siteId);
  const counts = await deliveries.undelivered(known.map(({ id }) => id));
  const isListed = ({ id, disabledWhy }: Endpoint): boolean =>
    troubled.some((one) => one.id === id) || (disabledWhy === null && (counts.get(id)?.failed ?? 0) > 0);
  return known
    .filter(isListed)
    .map((endpoint) => ({
      at: { atMs: endpoint.failingSinceMs ?? endpoint.updatedAtMs, id: endpoint.id },
      item: toItem(endpoint, counts.get(endpoint.id) ?? { failed: 0, waiting: 0 }),
    }))
    .toSorted((left, right) => right.at.atMs - left.at.atMs || (left.at.id < right.at.id ? 1 : -1));
}

function toItem(endpoint: Endpoint, { failed, waiting }: { failed: number; waiting: number }): AttentionItem {
  const { id } = endpoint;
  const undelivered = `${waiting} messages wait${failed > 0 ? `, ${failed} have failed for good` : ""}`;
  const enable = `somopay webhooks enable ${id}`;
  const redeliver = `somopay webhooks redeliver ${id}`;
  const disable = `somopay webhooks disable ${id}`;
  return {
    kind: "webhook",
    what: `webhook to ${hostOf(endpoint)} ${stateOf(endpoint)}. ${undelivered}`,
    commands: endpoint.status === "disabled" ? [enable, disable] : [redeliver, disable],
  };
}

function stateOf({ disabledWhy, failingSinceMs, lastFailure }: Endpoint): string {
  if (disabledWhy === "gone") return "is disabled: it answered 410";
  if (disabledWhy === "failing") return "is disabled: it has failed for five days";
  if (failingSinceMs === null) return "works again";
  return `has failed since ${new Date(failingSinceMs).toISOString()}: ${lastFailure ?? "no answer"}`;
}
