/** A second site, whose M-Pesa account is its own. The test's first site uses the environment's. */
import { bookingViewSchema, type BookingView } from "../../service/src/contract.ts";
import type { SiteFile } from "../../service/src/sites/site-file.ts";
import { createSiteStore, type SiteStore } from "../../service/src/sites/site-store.ts";
import { createIds } from "../../service/src/platform/ids.ts";
import { siteFile, type Stack } from "../fixtures.ts";
import { bookingWish, call, type Answer } from "./calls.ts";

export const SECRETS_KEY = "ab".repeat(32);

const credentials = { consumerKey: "baraka-key", consumerSecret: "baraka-secret", shortcode: "600111", passkey: "baraka-passkey" };
const initiator = { name: "baraka-api", password: "Baraka-initiator-1" };

const ORIGIN = "https://baraka.example";
const KEY = "pk_baraka_site_1";

/** Safaricom knows the account; what a site file says of it. */
export function openAccount({ simulator }: Pick<Stack, "simulator">): NonNullable<SiteFile["mpesa"]> {
  const { control } = simulator;
  control.addAccount({ ...credentials, initiator, businessName: "BARAKA TUTORS" });
  return { ...credentials, initiator: { ...initiator, certificate: control.certificate } };
}

export function secondSite(mpesa: SiteFile["mpesa"]): SiteFile {
  return {
    ...siteFile,
    name: "Baraka Tutors",
    allowedOrigins: [ORIGIN],
    publishableKey: KEY,
    secretKey: "sk_baraka_not_a_real_secret_1",
    mpesa,
  };
}

/** A site store with a key of its own, as an operator has who does not know the service's. */
export function storeWithKey({ service }: Pick<Stack, "service">, secretsKey: string): SiteStore {
  const { database } = service.service;
  return createSiteStore({ database, ids: createIds(Date.now), now: Date.now, secretsKey: Buffer.from(secretsKey, "hex") });
}

const AS_ITS_PAGE = { Origin: ORIGIN, "X-Site-Key": KEY };

export async function bookAtSecondSite({ service }: Pick<Stack, "service">): Promise<BookingView> {
  const answer = await call(service.url, "/api/bookings", { body: bookingWish, headers: AS_ITS_PAGE });
  if (answer.status !== 201) throw new Error(`booking was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return bookingViewSchema.parse(answer.body);
}

export function payAtSecondSite({ service }: Pick<Stack, "service">, bookingId: string, phone: string): Promise<Answer> {
  return call(service.url, "/api/pay/mpesa", { body: { bookingId, phone }, headers: AS_ITS_PAGE });
}
