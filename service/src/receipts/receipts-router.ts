import { Router, type Request } from "express";
import { toBookingView } from "../bookings/booking-view.ts";
import type { BookingView } from "../contract.ts";
import type { BookingFile } from "../payments/payment.ts";
import type { PaymentStore } from "../payments/store/payment-store.ts";
import type { Clock } from "../platform/clock.ts";
import { ServiceError } from "../platform/errors.ts";
import { requireBookingSite } from "../sites/site-access.ts";
import type { SiteDirectory } from "../sites/site-directory.ts";
import type { Site } from "../sites/site.ts";
import { calendarFile } from "./calendar-file.ts";
import { paymentLines, RECEIPT_POLICY, receiptPage } from "./receipt-page.ts";
import { receiptLabelsIn } from "./receipt-labels.ts";

export type ReceiptsParts = { store: Pick<PaymentStore, "load">; sites: SiteDirectory; now: Clock };

/** The duration of a session that is not on the price list. */
const DEFAULT_MINUTES = 60;

/**
 * Serves the receipt page and the calendar file. The service creates them, not the widget, because a URL can be opened, printed and shared in every
 * browser. Browsers inside other apps cannot save a file that a page creates.
 */
export function createReceiptsRouter({ store, sites, now }: ReceiptsParts): Router {
  const router = Router();

  const loadBooking = async (request: Request, bookingId: string): Promise<{ file: BookingFile; view: BookingView; site: Site }> => {
    const file = await store.load(bookingId);
    const site = file && (await sites.byId(file.booking.siteId));
    if (!site) throw new ServiceError("booking_not_found");
    await requireBookingSite(sites, request, site.id);
    return { file, view: toBookingView(file, { nowMs: now() }), site };
  };

  router.get("/api/booking/:bookingId/receipt", async (request, response) => {
    const { file, view, site } = await loadBooking(request, request.params.bookingId);
    const payments = paymentLines(file);
    if (payments.length === 0) throw new ServiceError("not_found", { detail: "There is no receipt: this booking is not paid." });
    const { lang } = request.query;
    const words = receiptLabelsIn(typeof lang === "string" ? lang : "");
    response
      .set({ "Cache-Control": "no-store", "Content-Security-Policy": RECEIPT_POLICY, "Content-Language": words.locale })
      .type("html")
      .send(receiptPage({ view, payments, merchant: site.name }, words));
  });

  router.get("/api/booking/:bookingId/calendar.ics", async (request, response) => {
    const { view, site } = await loadBooking(request, request.params.bookingId);
    if (view.booking_status !== "booked") throw new ServiceError("not_found", { detail: "Nothing is booked." });
    const { durationMinutes = DEFAULT_MINUTES } = site.sessionTypes.find(({ code }) => code === view.session.sessionType) ?? {};
    response
      // Not an attachment: Safari on a phone then offers to add it to the calendar, and other browsers save it anyway.
      .set({ "Cache-Control": "no-store", "Content-Disposition": `inline; filename="${view.reference}.ics"` })
      .type("text/calendar; charset=utf-8")
      .send(calendarFile({ view, merchant: site.name, durationMinutes, nowMs: now() }));
  });

  return router;
}
