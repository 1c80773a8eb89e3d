import type { Clock } from "../../platform/clock.ts";
import type { EndpointStore } from "./endpoint-store.ts";

/** After this time every copy writes messages for a site that has got its first endpoint. */
const FRESH_FOR_MS = 2_000;

/** The sites whose servers want to be told, cached for a moment: every outcome of a payment looks. */
export type SitesWithEndpoints = {
  has(siteId: string): Promise<boolean>;
  /** This copy has just added an endpoint. */
  expire(): void;
};

export function createSitesWithEndpoints(store: Pick<EndpointStore, "sites">, now: Clock): SitesWithEndpoints {
  let known: Promise<Set<string>> | null = null;
  let readAtMs = 0;
  return {
    async has(siteId) {
      if (!known || now() - readAtMs >= FRESH_FOR_MS) {
        readAtMs = now();
        // Not the old answer if it fails: the payment's own statements fail then too, and it is recorded once the database is back.
        const reading = store.sites();
        reading.catch(() => {
          if (known === reading) known = null;
        });
        known = reading;
      }
      return (await known).has(siteId);
    },
    expire: () => void (known = null),
  };
}
