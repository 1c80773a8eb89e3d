/** For tests: endpoints and messages in a real database. */
import type { Database } from "../platform/database.ts";
import { writeWebhooks } from "../payments/store/webhook-rows.ts";
import { newId, SITE_ID, START_MS } from "../payments/testing.ts";
import { createEndpointStore, type EndpointStore } from "./endpoints/endpoint-store.ts";
import { newEndpoint, newWebhookSecret, type Endpoint } from "./endpoints/endpoint.ts";

export const SECRETS_KEY = Buffer.alloc(32, 7);

function testEndpoint(facts: Partial<Endpoint> = {}): Endpoint {
  // A delivery's id has the end of its endpoint's, which is random in a real one.
  const id = `we_${newId("a-long-end")}`;
  const url = `https://www.example.com/${id}`;
  return { ...newEndpoint({ id, siteId: SITE_ID, url, events: null, isFromSiteFile: false, atMs: START_MS }), ...facts };
}

export function webhooksUnderTest(database: Database) {
  const endpoints: EndpointStore = createEndpointStore(database, SECRETS_KEY);
  return {
    endpoints,
    async added(facts: Partial<Endpoint> = {}): Promise<Endpoint> {
      const endpoint = testEndpoint(facts);
      await endpoints.insert(endpoint, newWebhookSecret(), { most: 1_000, claim: null });
      return endpoint;
    },
    /** Writes messages with a change of a booking. Returns their ids. */
    async told(bookingId: string, version: number, types: readonly string[], atMs = START_MS): Promise<string[]> {
      const webhooks = types.map((type) => ({ id: newId("msg"), type, paymentId: null, payload: `{"type":"${type}"}`, createdAtMs: atMs }));
      const booking = { id: bookingId, siteId: SITE_ID, version: version - 1 };
      await database.knex.transaction((trx) => writeWebhooks(trx, [{ booking, webhooks }]));
      return webhooks.map(({ id }) => id);
    },
  };
}
