import { Router, type Request } from "express";
import { codeRequestSchema, payRequestSchema, type BookingView } from "../contract.ts";
import { ServiceError } from "../platform/errors.ts";
import { parseOrThrow } from "../platform/error-handler.ts";
import { sendAnswer } from "../platform/send-answer.ts";
import { answerOnce, hashRequest, parseIdempotencyKey, type Answer, type IdempotencyKeys } from "../platform/idempotency.ts";
import { lastEventId } from "../platform/sse.ts";
import type { SiteDirectory } from "../sites/site-directory.ts";
import { requireBookingSite } from "../sites/site-access.ts";
import { startReceiptCheck } from "./receipt-checks/check-receipt.ts";
import type { PaybillQr } from "./c2b/paybill-qr.ts";
import { parseKenyanPhone } from "./phone-number.ts";
import { resumePayment, startPayment, type StartResult } from "./start-payment.ts";
import type { PaymentStreams } from "./stream-payment.ts";
import { amountDueKes, type BookingFile } from "./payment.ts";
import type { PaymentsDependencies } from "./payments-dependencies.ts";
import { viewBooking } from "./view-booking.ts";

type Parts = {
  deps: PaymentsDependencies;
  qr: PaybillQr;
  streams: PaymentStreams;
  sites: SiteDirectory;
  keys: IdempotencyKeys;
};

/** What a parent's browser requests while paying. A booking's id is the key to it; the page must be on one of its site's origins. */
export function createPaymentsRouter(parts: Parts): Router {
  const { deps, qr, streams, sites, keys } = parts;
  const router = Router();

  const loadAllowed = async (request: Request, bookingId: string): Promise<BookingFile> => {
    const file = await streams.read(bookingId);
    if (!file) throw new ServiceError("booking_not_found");
    await requireBookingSite(sites, request, file.booking.siteId);
    return file;
  };

  router.post("/api/pay/mpesa", async (request, response) => {
    if (isWithoutBooking(request.body)) throw new ServiceError("booking_id_required");
    const body = parseOrThrow(payRequestSchema, request.body);
    const file = await loadAllowed(request, body.bookingId);
    const { booking } = file;
    const phone = parseKenyanPhone(body.phone);
    if (phone === null) throw new ServiceError("phone_invalid", { errors: [{ field: "phone", message: "not a Kenyan mobile number" }] });
    // A booking that is paid has its own answer, below.
    const dueKes = amountDueKes(file);
    if (body.amount !== undefined && body.amount !== dueKes && dueKes > 0) throw new ServiceError("amount_mismatch");

    const key = parseIdempotencyKey(request.get("Idempotency-Key"));
    const claim = key === null ? null : { scope: `pay:${booking.id}`, key };
    const answer = await answerOnce(keys, claim, hashRequest({ phone, amount: body.amount }), (committed) =>
      asAnswer(committed === null ? startPayment(deps, { file, phone, address: request.ip ?? "", claim }) : resumePayment(deps, committed)),
    );
    sendAnswer(response, answer);
  });

  router.post("/api/pay/code", async (request, response) => {
    if (isWithoutBooking(request.body)) throw new ServiceError("booking_id_required");
    const { bookingId, code } = parseOrThrow(codeRequestSchema, request.body);
    await loadAllowed(request, bookingId);
    const key = parseIdempotencyKey(request.get("Idempotency-Key"));
    const claim = key === null ? null : { scope: `code:${bookingId}`, key };
    const answer = await answerOnce(keys, claim, hashRequest({ code }), async (committed) => {
      const file = committed === null ? null : await deps.store.load(bookingId);
      const data = file
        ? await viewBooking(deps, file)
        : await startReceiptCheck(deps, { bookingId, code, address: request.ip ?? "", claim });
      return { status: 202, body: { success: true, data } };
    });
    sendAnswer(response, answer);
  });

  router.get("/api/booking/:bookingId", async (request, response) => {
    const file = await loadAllowed(request, request.params.bookingId);
    const view: BookingView = await viewBooking(deps, file);
    response.set("Cache-Control", "no-store").json(view);
  });

  router.get("/api/booking/:bookingId/qr", async (request, response) => {
    const { booking } = await loadAllowed(request, request.params.bookingId);
    const png = await qr(booking);
    if (!png) throw new ServiceError("not_found", { detail: "There is no QR code for this booking." });
    response.set("Cache-Control", "private, max-age=3600").type("image/png").send(png);
  });

  router.get("/api/payment-status/:bookingId", async (request, response) => {
    const file = await loadAllowed(request, request.params.bookingId);
    await streams.open(file, { lastSeen: lastEventId(request), address: request.ip ?? "" }, response);
  });

  return router;
}

function isWithoutBooking(body: unknown): boolean {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return false;
  const bookingId: unknown = "bookingId" in body ? body.bookingId : undefined;
  return bookingId === undefined || bookingId === null || bookingId === "";
}

/** A refusal by Safaricom is the answer of an attempt that was made: it is repeated under the same key. */
export async function asAnswer(start: Promise<StartResult>): Promise<Answer> {
  try {
    const { view, settled } = await start;
    return { status: settled ? 200 : 202, body: { success: true, data: view } };
  } catch (error) {
    const isRefusal = error instanceof ServiceError && (error.code === "payment_refused" || error.code === "payment_unavailable");
    if (!isRefusal) throw error;
    const { retryAfterMs } = error.extras;
    return { status: error.status, body: error.toProblem(), ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }
}
