/** The operator's commands for webhooks: `somopay webhooks list | enable | disable | redeliver`. */
import type { Database } from "../platform/database.ts";
import { createDeliveryList } from "../webhooks/delivery/delivery-list.ts";
import { createEndpointStore } from "../webhooks/endpoints/endpoint-store.ts";

type Write = (line: string) => void;

const NO_ENDPOINT = "There is no webhook endpoint with this id. See: somopay webhooks list";

/** Lists every endpoint and how it does. */
export async function listWebhooks(database: Database, write: Write): Promise<boolean> {
  const endpoints = await createEndpointStore(database, null).all();
  const counts = await createDeliveryList(database).undelivered(endpoints.map(({ id }) => id));
  if (endpoints.length === 0) write("There are no webhook endpoints yet.");
  for (const { id, siteId, url, status, disabledWhy, failingSinceMs } of endpoints) {
    const { waiting, failed } = counts.get(id) ?? { waiting: 0, failed: 0 };
    const state = disabledWhy ?? (failingSinceMs === null ? "works" : `failing since ${new Date(failingSinceMs).toISOString()}`);
    write([id, siteId, url, status, state, `${waiting} waiting`, `${failed} failed`].join("\t"));
  }
  return true;
}

/** Enabled, it gets what has happened meanwhile, in order. Disabled, it gets nothing, and is on no list. Returns whether it exists. */
export async function setWebhookStatus(
  database: Database,
  { endpointId, status }: { endpointId: string; status: "enabled" | "disabled" },
  write: Write,
): Promise<boolean> {
  const exists = await createEndpointStore(database, null).change(endpointId, { status }, Date.now());
  const done = status === "enabled" ? "Enabled: what has waited is sent now, in order." : "Disabled: nothing is sent to it.";
  write(exists ? done : NO_ENDPOINT);
  return exists;
}

/** Sends now what waits or has failed, since a time or all of it, and all that the endpoint never got. Returns whether it exists. */
export async function redeliverWebhooks(
  database: Database,
  { endpointId, sinceMs }: { endpointId: string; sinceMs: number | null },
  write: Write,
): Promise<boolean> {
  const atMs = Date.now();
  const endpoint = await createEndpointStore(database, null).byId(null, endpointId);
  if (!endpoint) {
    write(NO_ENDPOINT);
    return false;
  }
  // Without a time not what was before the endpoint: nobody expects that.
  const window = { endpointId, sinceMs: sinceMs ?? endpoint.createdAtMs, untilMs: atMs, which: "undelivered", atMs } as const;
  const count = await createDeliveryList(database).redeliverWindow(window);
  const note = endpoint.status === "disabled" ? ` Enable it first: somopay webhooks enable ${endpointId}` : "";
  write(`${count} messages are sent by the running service now, in order.${note}`);
  return true;
}
