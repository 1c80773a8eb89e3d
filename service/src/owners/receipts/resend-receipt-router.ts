import { Router } from "express";
import type { RateLimiterAbstract } from "rate-limiter-flexible";
import { z } from "zod";
import { toBookingView } from "../../bookings/booking-view.ts";
import type { QueueMail } from "../../mail/mail-outbox.ts";
import type { PaymentStore } from "../../payments/store/payment-store.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database.ts";
import { parseOrThrow } from "../../platform/error-handler.ts";
import { ServiceError } from "../../platform/errors.ts";
import { noteClaim } from "../../platform/idempotency.ts";
import { consumeOrThrow, type Limit } from "../../platform/limiter.ts";
import { sendAnswer } from "../../platform/send-answer.ts";
import { writeOnce, type WriteParts } from "../../sites/write-once.ts";
import { receiptLabelsIn } from "../../receipts/receipt-labels.ts";
import { isAddress, receiptMail } from "../../receipts/receipt-mail.ts";
import { paymentLines } from "../../receipts/receipt-page.ts";

export const resendReceiptSchema = z.strictObject({ lang: z.enum(["en", "sw"]).default("en").describe("The language of the mail.") });
export const resentReceiptSchema = z.object({ to: z.string().describe("The parent's address.") });

/** A parent who has lost the receipt asks for it once or twice. */
export const RECEIPT_MAILS: Limit = { count: 5, durationS: 24 * 60 * 60 };

export type ResendReceiptParts = WriteParts & {
  store: Pick<PaymentStore, "load">;
  database: Database;
  mail: { isSetUp: boolean; queueMail: QueueMail };
  /** Of RECEIPT_MAILS, by booking. */
  limiter: RateLimiterAbstract | null;
  publicUrl: string;
  now: Clock;
};

/** For owners: a booking's receipt, once more by mail. */
export function createResendReceiptRouter(parts: ResendReceiptParts): Router {
  const { store, database, mail, limiter, publicUrl, now } = parts;
  const router = Router();

  router.post("/api/v1/bookings/:bookingId/resend-receipt", async (request, response) => {
    const { bookingId } = request.params;
    // All of it is optional, so an empty body is fine.
    const { lang } = parseOrThrow(resendReceiptSchema, request.body ?? {});
    const answer = await writeOnce(parts, request, { resendReceipt: bookingId, lang }, async (site, claim, committed) => {
      const file = await store.load(bookingId);
      if (file?.booking.siteId !== site.id) throw new ServiceError("booking_not_found");
      if (!mail.isSetUp) throw new ServiceError("mail_not_set_up");
      const payments = paymentLines(file);
      if (payments.length === 0) throw new ServiceError("no_receipt", { detail: "Nothing was paid for this booking." });
      const { email } = file.booking;
      if (!isAddress(email)) throw new ServiceError("no_receipt", { detail: "The parent's address is not there any more." });
      if (committed === null) {
        await consumeOrThrow(limiter, bookingId, "This receipt was sent often enough today.");
        const url = `${publicUrl}/api/booking/${bookingId}/receipt?lang=${lang}`;
        const text = receiptMail(
          { view: toBookingView(file, { nowMs: now() }), payments, merchant: site.name, url },
          receiptLabelsIn(lang),
        );
        await database.knex.transaction(async (trx) => {
          const mailId = await mail.queueMail(trx, { to: email, siteId: site.id, ...text });
          await noteClaim(trx, claim, mailId);
        });
      }
      return { status: 202, body: { to: email } };
    });
    sendAnswer(response.set("Cache-Control", "no-store"), answer);
  });

  return router;
}
