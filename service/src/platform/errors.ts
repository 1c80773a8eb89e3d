import type { BookingView, FailureReason, Problem } from "../contract.ts";

type ErrorEntry = { status: number; title: string; detail: string; meaning: string };

/** Every error that a caller can get, in one place; docs/errors.md is made from it. `detail` is for people, `meaning` for the developer. */
export const errorTable = {
  booking_id_required: {
    status: 400,
    title: "Booking missing",
    detail: "bookingId required",
    meaning: "The body has no `bookingId`. Create the booking first (`POST /api/bookings`).",
  },
  invalid_request: {
    status: 400,
    title: "Invalid request",
    detail: "Some fields are missing or not right.",
    meaning: "`errors` lists each field and what is wrong with it.",
  },
  not_json: {
    status: 400,
    title: "Not JSON",
    detail: "The body must be a JSON object.",
    meaning: "Send `Content-Type: application/json` and one JSON object in UTF-8.",
  },
  phone_invalid: {
    status: 400,
    title: "Not a Kenyan mobile number",
    detail: "Enter a Safaricom number, like 0712 345 678.",
    meaning: "`phone` must be a Kenyan mobile number: 07…, 01…, 2547…, 2541…, with or without +.",
  },
  amount_mismatch: {
    status: 422,
    title: "Amount differs",
    detail: "The amount is not the booking's amount. Nothing was charged.",
    meaning: "`amount` is optional; when it is given, it must be the booking's. The server decides the price.",
  },
  session_type_unknown: {
    status: 422,
    title: "Unknown session type",
    detail: "This session type is not on the site's price list.",
    meaning: "`sessionType` must be a `code` of `GET /api/session-types`.",
  },
  site_key_missing: {
    status: 401,
    title: "Site key missing",
    detail: "A site key is required.",
    meaning: "From a browser send `X-Site-Key: pk_…`; from a server send `Authorization: Bearer sk_…`.",
  },
  site_key_unknown: {
    status: 401,
    title: "Unknown site key",
    detail: "This site key is not known.",
    meaning: "The key is mistyped, of another deployment, or was replaced. `somopay site list` shows the sites.",
  },
  secret_key_required: {
    status: 403,
    title: "Secret key required",
    detail: "Only the site's server may name the amount.",
    meaning: "`amount` with `description` needs the secret key; a browser sends `sessionType`.",
  },
  origin_not_allowed: {
    status: 403,
    title: "Origin not allowed",
    detail: "This page may not use this booking's site.",
    meaning: "Add the page's origin to `allowedOrigins` of the site file and run `somopay site add` again.",
  },
  booking_not_found: {
    status: 404,
    title: "Booking not found",
    detail: "There is no such booking.",
    meaning: "The `bookingId` is mistyped or of another deployment.",
  },
  not_found: { status: 404, title: "Not found", detail: "There is nothing at this address.", meaning: "Check the path and the method." },
  payment_not_found: {
    status: 404,
    title: "Payment not found",
    detail: "There is no such payment.",
    meaning: "The payment's id is mistyped, or the payment is another site's.",
  },
  code_invalid: {
    status: 400,
    title: "Not an M-Pesa code",
    detail: "Enter the code from the M-Pesa SMS, like UKN7RT61SV.",
    meaning: "`code` must be 8 to 12 letters and digits; capitals and blanks do not matter.",
  },
  codes_not_checked: {
    status: 409,
    title: "Codes are not checked here",
    detail: "This site cannot check M-Pesa codes. Send the code to the site's owner.",
    meaning: "The site's M-Pesa account has no initiator: see MPESA_INITIATOR_NAME, or `mpesa.initiator` in the site file.",
  },
  code_check_open: {
    status: 409,
    title: "A code is being checked",
    detail: "M-Pesa is still looking up the last code. Wait a moment.",
    meaning: "`booking` is the current view; its `receiptCheck` says which code. Its outcome comes on the stream.",
  },
  refunds_not_set_up: {
    status: 409,
    title: "Refunds are not set up",
    detail: "Money cannot be given back from here: the M-Pesa account has no initiator.",
    meaning: "Set MPESA_INITIATOR_NAME, MPESA_INITIATOR_PASSWORD and MPESA_CERTIFICATE, or `mpesa.initiator` in the site file.",
  },
  not_refundable: {
    status: 409,
    title: "Not refundable",
    detail: "This payment cannot be given back.",
    meaning: "Only a `paid` payment with a receipt can; `detail` says what is missing.",
  },
  refund_open: {
    status: 409,
    title: "A refund is under way",
    detail: "Safaricom has been asked to give this payment back and has not answered yet.",
    meaning: "Read the payment: its `refunds` say how it stands. Without an answer it may be asked again after `Retry-After` seconds.",
  },
  refund_refused: {
    status: 502,
    title: "Refund refused",
    detail: "Safaricom refused to give the money back.",
    meaning: "`detail` has Safaricom's words. `misconfigured`: check the initiator's name, password, certificate and rights.",
  },
  attempt_open: {
    status: 409,
    title: "A payment is under way",
    detail: "A payment for this booking is already under way. Check the phone.",
    meaning: "`booking` is the current view: show it. No second prompt was sent.",
  },
  already_paid: {
    status: 409,
    title: "Already paid",
    detail: "This booking is already paid.",
    meaning: "`booking` is the current view with the receipt.",
  },
  booking_cancelled: {
    status: 409,
    title: "Booking cancelled",
    detail: "This booking was cancelled. Please book again.",
    meaning: "The owner cancelled it, or all of its money was given back. `booking` is the current view.",
  },
  prompt_too_soon: {
    status: 409,
    title: "Too soon for another prompt",
    detail: "M-Pesa cannot send another prompt yet. Please wait a moment.",
    meaning:
      "The last prompt may still be on the phone, or Safaricom would refuse a new one. Try again after `Retry-After` seconds; `booking.retryAfterMs` is exact.",
  },
  date_in_past: {
    status: 422,
    title: "Date in the past",
    detail: "This time has passed. Please choose another one.",
    meaning: "A browser cannot book a session that has started. A server, with the secret key, can.",
  },
  booking_lapsed: {
    status: 409,
    title: "Booking lapsed",
    detail: "This booking was not paid in time. Please book again.",
    meaning: "A booking that nobody paid lapses after a day. Create a new one.",
  },
  idempotency_in_progress: {
    status: 409,
    title: "Request under way",
    detail: "The same request is still being worked on.",
    meaning: "Repeat it with the same `Idempotency-Key` after `Retry-After` seconds.",
  },
  idempotency_conflict: {
    status: 409,
    title: "Key used for another request",
    detail: "This Idempotency-Key was used with another body.",
    meaning: "Use a fresh key for each new request.",
  },
  body_too_large: { status: 413, title: "Body too large", detail: "The body is too large.", meaning: "Bodies may have up to 16 kB." },
  too_many_requests: {
    status: 429,
    title: "Too many tries",
    detail: "Too many payments were started. Please wait a little.",
    meaning:
      "A limit on a phone, an address or a site was reached; `Retry-After` says when it is over. See LIMIT_PHONE, LIMIT_ADDRESS, LIMIT_SITE.",
  },
  payment_refused: {
    status: 502,
    title: "Payment refused",
    detail: "M-Pesa refused to start the payment. No money was taken.",
    meaning: "`reason` says why. `misconfigured`: run `somopay doctor`.",
  },
  payment_unavailable: {
    status: 503,
    title: "M-Pesa is busy",
    detail: "M-Pesa is busy. No money was taken. Try again in a moment.",
    meaning: "Safaricom is busy or cannot be reached, and certainly sent no prompt; `Retry-After` says when to try again.",
  },
  unavailable: {
    status: 503,
    title: "Not available",
    detail: "The service cannot do this right now. Nothing was lost; try again in a moment.",
    meaning: "The database cannot be reached, or this copy is stopping. `/readyz` says more.",
  },
  too_many_streams: {
    status: 503,
    title: "Too many live connections",
    detail: "Too many live connections. Ask for the booking instead.",
    meaning: "This copy, or this booking, has as many open streams as it takes. Poll `GET /api/booking/:bookingId`.",
  },
  internal: {
    status: 500,
    title: "Something went wrong",
    detail: "Something went wrong on our side. Nothing was lost.",
    meaning: "A fault of the service; its log has the cause under the same `requestId`.",
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorTable;

export type ErrorExtras = {
  detail?: string;
  reason?: FailureReason;
  errors?: { field: string; message: string }[];
  booking?: BookingView;
  retryAfterMs?: number;
  cause?: unknown;
};

/** An answer that is not a success; the error handler turns it into a problem document. */
export class ServiceError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly extras: ErrorExtras;

  constructor(code: ErrorCode, extras: ErrorExtras = {}) {
    super(extras.detail ?? errorTable[code].detail, extras.cause === undefined ? undefined : { cause: extras.cause });
    this.name = "ServiceError";
    this.code = code;
    this.status = errorTable[code].status;
    this.extras = extras;
  }

  toProblem(): Problem {
    const { reason, errors, booking } = this.extras;
    return {
      type: `/docs/errors#${this.code}`,
      title: errorTable[this.code].title,
      status: this.status,
      detail: this.message,
      code: this.code,
      error: this.message,
      ...(reason && { reason }),
      ...(errors && { errors }),
      ...(booking && { booking }),
    };
  }
}
