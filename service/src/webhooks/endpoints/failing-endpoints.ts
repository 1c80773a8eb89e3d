import type { AttentionItem } from "../../contract.ts";
import type { PlacedItem } from "../../payments/operator/attention.ts";
import type { Words } from "../../words/english.ts";
import { momentOf, storedNote } from "../../words/words.ts";
import type { DeliveryList } from "../delivery/delivery-list.ts";
import type { EndpointStore } from "./endpoint-store.ts";
import { hostOf, type Endpoint } from "./endpoint.ts";

type Parts = { endpoints: Pick<EndpointStore, "troubled" | "all" | "ofSite">; deliveries: Pick<DeliveryList, "undelivered"> };

/** Endpoints that need their owner, newest first, in words, each with the commands that settle it. `siteId` null: of all sites. */
export async function listFailingEndpoints({ endpoints, deliveries }: Parts, words: Words, siteId: string | null): Promise<PlacedItem[]> {
  const troubled = await endpoints.troubled(siteId);
  const known = siteId === null ? await endpoints.all() : await endpoints.ofSite(siteId);
  const counts = await deliveries.undelivered(known.map(({ id }) => id));
  const isListed = ({ id, disabledWhy }: Endpoint): boolean =>
    troubled.some((one) => one.id === id) || (disabledWhy === null && (counts.get(id)?.failed ?? 0) > 0);
  return known
    .filter(isListed)
    .map((endpoint) => ({
      at: { atMs: endpoint.failingSinceMs ?? endpoint.updatedAtMs, id: endpoint.id },
      item: toItem(words, endpoint, counts.get(endpoint.id) ?? { failed: 0, waiting: 0 }),
    }))
    .toSorted((left, right) => right.at.atMs - left.at.atMs || (left.at.id < right.at.id ? 1 : -1));
}

function toItem(words: Words, endpoint: Endpoint, { failed, waiting }: { failed: number; waiting: number }): AttentionItem {
  const { id } = endpoint;
  const enable = `somopay webhooks enable ${id}`;
  const redeliver = `somopay webhooks redeliver ${id}`;
  const disable = `somopay webhooks disable ${id}`;
  const { webhook, undelivered } = words.attention;
  return {
    kind: "webhook",
    what: webhook(hostOf(endpoint), stateOf(words, endpoint), undelivered(waiting, failed)),
    commands: endpoint.status === "disabled" ? [enable, disable] : [redeliver, disable],
  };
}

function stateOf(words: Words, { disabledWhy, failingSinceMs, lastFailure }: Endpoint): string {
  const say = words.attention;
  if (disabledWhy === "gone") return say.webhookGone;
  if (disabledWhy === "failing") return say.webhookFailing;
  if (failingSinceMs === null) return say.webhookWorks;
  return say.webhookFailsSince(momentOf(words, failingSinceMs), lastFailure === null ? say.noAnswer : storedNote(words, lastFailure));
}
