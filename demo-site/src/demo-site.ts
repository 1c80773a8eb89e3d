import { join } from "node:path";
import { createDemoApp } from "./app.ts";
import { createBookingDesk } from "./booking-desk.ts";
import { openBookingsFile } from "./bookings-file.ts";
import { listen, type Listening } from "./listen.ts";
import { createServiceClient } from "./service-client.ts";

export type DemoSiteOptions = {
  port: number;
  /** Default: every address of this machine. */
  host?: string;
  /** The payment service's origin, as browsers reach it. */
  serviceUrl: string;
  /** The same service as this server reaches it. Default `serviceUrl`. */
  serviceInternalUrl?: string;
  publishableKey: string;
  secretKey: string;
  /** `whsec_…`, as creating the endpoint at `WEBHOOK_PATH` answered. Default null: the service is asked instead. */
  webhookSecret?: string | null;
  /** The simulated phones, such as `http://127.0.0.1:4010/phone`; null shows no phone beside the payment. */
  phoneUrl: string | null;
  /** The folder of the list of bookings. */
  dataDir: string;
  /** UTC milliseconds. Default `Date.now`. */
  now?: () => number;
};

/** Starts the tutoring site alone. @throws StartError if the port is taken */
export async function startDemoSite(options: DemoSiteOptions): Promise<Listening> {
  const { serviceUrl, serviceInternalUrl = serviceUrl, phoneUrl, publishableKey, webhookSecret = null, now = Date.now } = options;
  const client = createServiceClient(serviceInternalUrl, options.secretKey);
  const desk = createBookingDesk(await openBookingsFile(join(options.dataDir, "amani-bookings.json")), client, now);
  const app = createDemoApp({ addresses: { serviceUrl, phoneUrl }, publishableKey, desk, client, webhookSecret, now });
  return listen(app, options.port, "DEMO_PORT", options.host);
}
