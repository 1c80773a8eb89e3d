import type { Booking } from "../../bookings/booking.ts";
import type { DarajaClient } from "../../daraja/daraja-client.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/logger.ts";
import type { SiteAccounts } from "../../sites/mpesa-account.ts";
import type { PaybillOfSite } from "./paybill-of-site.ts";

/** The PNG that M-Pesa's app scans to pay a booking by hand; null: it cannot be paid so, or Safaricom makes none just now. */
export type PaybillQr = (booking: Booking) => Promise<Buffer | null>;

type Parts = {
  daraja: Pick<DarajaClient, "qrCode">;
  paybillOf: PaybillOfSite;
  accounts: Pick<SiteAccounts, "ofSite">;
  merchantOf(siteId: string): Promise<string>;
  now: Clock;
  logger: Logger;
};

/** A booking's code never changes, so a page that is opened again asks Safaricom only once. */
const KEPT_MAX = 500;
/** If Safaricom makes no codes (the app lacks the product, say), it is not asked again for this long. */
const RETRY_AFTER_MS = 60_000;

export function createPaybillQr({ daraja, paybillOf, accounts, merchantOf, now, logger }: Parts): PaybillQr {
  const kept = new Map<string, Promise<Buffer | null>>();
  const retryAtMs = new Map<string, number>();

  const make = async (booking: Booking, paybill: string): Promise<Buffer | null> => {
    const credentials = (await accounts.ofSite(booking.siteId))?.credentials;
    if (!credentials) return null;
    const request = { merchant: await merchantOf(booking.siteId), paybill, reference: booking.reference, amountKes: booking.amountKes };
    const answer = await daraja.qrCode(credentials, request);
    if (answer.kind === "image") return answer.png;
    logger.warn({ message: answer.message }, "Safaricom made no QR code; parents see the numbers only");
    retryAtMs.set(paybill, now() + RETRY_AFTER_MS);
    return null;
  };

  return async (booking) => {
    const paybill = await paybillOf(booking.siteId);
    if (paybill === null || booking.status !== "pending" || (retryAtMs.get(paybill) ?? 0) > now()) return null;
    const making = kept.get(booking.id) ?? make(booking, paybill);
    kept.delete(booking.id);
    kept.set(booking.id, making);
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT_MAX) break;
      kept.delete(oldest);
    }
    const png = await making.catch(() => null);
    if (png === null) kept.delete(booking.id);
    return png;
  };
}
