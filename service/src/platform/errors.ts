import type { BookingView, FailureReason, Problem } from "../contract.ts";

type ErrorEntry = { status: number; title: string; detail: string; meaning: string };

/** Every error that a caller can get; docs/errors.md is generated from it. `detail` is for people, `meaning` for developers. */
export const errorTable = {
  booking_id_required: {
    status: 400,
    title: "Booking id missing",
    detail: "bookingId required",
    meaning: "The body has no `bookingId`. Create the booking first (`POST /api/bookings`).",
  },
  invalid_request: {
    status: 400,
    title: "Invalid request",
    detail: "Some fields are missing or invalid.",
    meaning: "`errors` lists each field and its problem.",
  },
  not_json: {
    status: 400,
    title: "Not JSON",
    detail: "The request body must be a JSON object.",
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
    title: "Wrong amount",
    detail: "The price on this page is not the booking's price. No money was taken.",
    meaning: "`amount` is optional. If it is given, it must equal `amountDue` of the booking: the server decides the price.",
  },
  session_type_not_found: {
    status: 404,
    title: "Session type not found",
    detail: "This session is not on the price list.",
    meaning: "No session type of the site has this code. `GET /api/v1/session-types` lists them.",
  },
  session_type_unknown: {
    status: 422,
    title: "Unknown session type",
    detail: "This session is not on the price list.",
    meaning: "`sessionType` must be a `code` from `GET /api/session-types`.",
  },
  site_key_missing: {
    status: 401,
    title: "Site key missing",
    detail: "A site key is required.",
    meaning: "A browser sends `X-Site-Key: pk_…`; a server sends `Authorization: Bearer sk_…`.",
  },
  site_key_unknown: {
    status: 401,
    title: "Unknown site key",
    detail: "This site key is unknown.",
    meaning:
      "The key is mistyped, belongs to another deployment, or was replaced or revoked. `somopay site list` shows the sites, `somopay keys list` their secret keys.",
  },
  secret_key_required: {
    status: 403,
    title: "Secret key required",
    detail: "This needs the site's secret key.",
    meaning: "Send `Authorization: Bearer sk_…` from your server. A browser sends `sessionType` instead of `amount` and `description`.",
  },
  key_read_only: {
    status: 403,
    title: "Key may only read",
    detail: "This key may only read.",
    meaning: "A key that begins with `rk_` reads and changes nothing. Send a secret key (`sk_…`), or make one: `somopay keys add`.",
  },
  origin_not_allowed: {
    status: 403,
    title: "Origin not allowed",
    detail: "This page is not allowed to use this site's bookings.",
    meaning: "Add the page's origin to `allowedOrigins` in the site file and run `somopay site add` again.",
  },
  booking_not_found: {
    status: 404,
    title: "Booking not found",
    detail: "We could not find this booking.",
    meaning: "The `bookingId` is mistyped or belongs to another deployment, or the key that was sent is another site's.",
  },
  not_found: { status: 404, title: "Not found", detail: "There is nothing at this address.", meaning: "Check the path and the method." },
  payment_not_found: {
    status: 404,
    title: "Payment not found",
    detail: "We could not find this payment.",
    meaning: "The payment id is mistyped, or the payment belongs to another site.",
  },
  code_invalid: {
    status: 400,
    title: "Not an M-Pesa code",
    detail: "Enter the code from the M-Pesa SMS, like UKN7RT61SV.",
    meaning: "`code` must be 8 to 12 letters and digits; capitals and spaces do not matter.",
  },
  codes_not_checked: {
    status: 409,
    title: "Codes cannot be checked",
    detail: "This site cannot check M-Pesa codes. Send the code to the site's owner.",
    meaning: "The site's M-Pesa account has no initiator. Set MPESA_INITIATOR_NAME and the others, or `mpesa.initiator` in the site file.",
  },
  code_check_open: {
    status: 409,
    title: "A code is being checked",
    detail: "We are still checking the last code. Please wait a moment.",
    meaning: "`booking` is the current view; its `receiptCheck` has the code. The outcome arrives on the stream.",
  },
  refunds_not_set_up: {
    status: 409,
    title: "Refunds are not set up",
    detail: "This site cannot refund payments: its M-Pesa account has no initiator.",
    meaning: "Set MPESA_INITIATOR_NAME, MPESA_INITIATOR_PASSWORD and MPESA_CERTIFICATE, or `mpesa.initiator` in the site file.",
  },
  not_refundable: {
    status: 409,
    title: "Not refundable",
    detail: "This payment cannot be refunded.",
    meaning: "Only a `paid` payment with a receipt can be refunded; `detail` says what is missing.",
  },
  refund_open: {
    status: 409,
    title: "A refund is in progress",
    detail: "A refund of this payment is already in progress.",
    meaning: "Read the payment: its `refunds` show the state. If Safaricom does not answer, try again after `Retry-After` seconds.",
  },
  refund_refused: {
    status: 502,
    title: "Refund refused",
    detail: "Safaricom refused the refund.",
    meaning: "`detail` has Safaricom's message. `misconfigured`: check the initiator's name, password, certificate and roles.",
  },
  attempt_open: {
    status: 409,
    title: "A payment is in progress",
    detail: "A payment for this booking is already in progress. Check your phone.",
    meaning: "`booking` is the current view; show it. No second prompt was sent.",
  },
  already_paid: {
    status: 409,
    title: "Already paid",
    detail: "This booking is already paid.",
    meaning: "`booking` is the current view with the receipt.",
  },
  receipt_used: {
    status: 409,
    title: "Receipt used",
    detail: "This receipt has paid for something else.",
    meaning: "A receipt counts once. `GET /api/v1/payments?receipt=…` shows the payment that has it.",
  },
  not_settleable: {
    status: 409,
    title: "Nothing to settle",
    detail: "This payment is settled already.",
    meaning: "Only a payment without a certain outcome can be settled; `detail` names its status.",
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
  callback_not_found: {
    status: 404,
    title: "Callback not found",
    detail: "We could not find this callback.",
    meaning: "The id is mistyped, the callback belongs to another site, or it is older than the retention.",
  },
  money_not_found: {
    status: 404,
    title: "Money not found",
    detail: "There is no unassigned money with this receipt.",
    meaning:
      "It is assigned already, came to another paybill, or was never reported. `amount` and `paybill` enter money from the statement.",
  },
  webhook_endpoint_not_found: {
    status: 404,
    title: "Webhook endpoint not found",
    detail: "There is no webhook endpoint with this id.",
    meaning: "The id is mistyped, or the endpoint was deleted or belongs to another site.",
  },
  webhook_delivery_not_found: {
    status: 404,
    title: "Webhook delivery not found",
    detail: "There is no webhook delivery with this id.",
    meaning: "The id is mistyped, the delivery belongs to another site, or it is older than 30 days.",
  },
  webhooks_not_set_up: {
    status: 409,
    title: "Webhooks are not set up",
    detail: "This service cannot store webhook secrets yet.",
    meaning: "The operator must set SECRETS_KEY: secrets are stored encrypted.",
  },
  site_name_taken: {
    status: 409,
    title: "Site name taken",
    detail: "Another site has this name.",
    meaning: "Names tell the sites of a service apart. Choose another one.",
  },
  key_not_found: {
    status: 404,
    title: "Key not found",
    detail: "There is no such key, or it has ended.",
    meaning: "The id is mistyped, the key was revoked or replaced, or it belongs to another site. `GET /api/v1/keys` lists them.",
  },
  keys_full: {
    status: 409,
    title: "Too many keys",
    detail: "A site may have up to 50 keys that are good. Revoke those that nobody uses.",
    meaning: "`GET /api/v1/keys` says when each was last used.",
  },
  account_not_storable: {
    status: 409,
    title: "No M-Pesa account can be stored",
    detail: "This service cannot store an M-Pesa account yet.",
    meaning: "The operator must set SECRETS_KEY: credentials are stored encrypted.",
  },
  account_refused: {
    status: 422,
    title: "Safaricom does not accept this account",
    detail: "Safaricom does not accept these keys for this shortcode.",
    meaning: "`detail` says what Safaricom answered. Only an account that Safaricom accepts is stored: nobody can enter another's paybill.",
  },
  mail_not_set_up: {
    status: 409,
    title: "No mail is sent",
    detail: "This service sends no mail.",
    meaning: "The operator must set SMTP_URL.",
  },
  no_receipt: {
    status: 409,
    title: "No receipt to send",
    detail: "There is no receipt to send for this booking.",
    meaning: "Nothing was paid for it, or the parent's address was erased. `detail` says which.",
  },
  webhook_endpoints_full: {
    status: 409,
    title: "Too many webhook endpoints",
    detail: "A site may have up to 10 webhook endpoints.",
    meaning: "Delete one that is no longer used.",
  },
  signed_out: {
    status: 401,
    title: "Not signed in",
    detail: "Please sign in.",
    meaning: "There is no session cookie, or its session has ended. Sign in at `/dashboard`.",
  },
  sign_in_wrong: {
    status: 401,
    title: "Sign-in refused",
    detail: "The e-mail address or the password is wrong.",
    meaning: "The answer is the same, and takes as long, whether the address is known or not.",
  },
  code_wrong: {
    status: 401,
    title: "Wrong code",
    detail: "This code is wrong, or was used already. Wait for the next one.",
    meaning: "A code of the authenticator app, or a backup code, counts once. After five wrong ones, sign in again.",
  },
  password_wrong: {
    status: 403,
    title: "Wrong password",
    detail: "This is not your password.",
    meaning: "`current` or `password` must be the password of the person who is signed in.",
  },
  password_required: {
    status: 403,
    title: "Password required",
    detail: "Enter your password again to do this.",
    meaning: "Needed if it was last given more than 15 minutes ago: `POST /dashboard/confirm`, then repeat the request.",
  },
  password_weak: {
    status: 422,
    title: "Weak password",
    detail: "Choose a longer or less common password.",
    meaning: "8 to 200 characters, and not one that many people use or that contains the address or the name; `detail` says which.",
  },
  cross_site_request: {
    status: 403,
    title: "Request from another page",
    detail: "This request came from another page.",
    meaning:
      "With a session cookie, only the service's own pages may call: `Sec-Fetch-Site` must be `same-origin`, or `Origin` that of PUBLIC_URL.",
  },
  https_required: {
    status: 409,
    title: "https required",
    detail: "The dashboard works only over https.",
    meaning: "PUBLIC_URL is http and not this machine's own address. Session cookies are not sent over http.",
  },
  forbidden_role: {
    status: 403,
    title: "Not allowed in this role",
    detail: "Your role does not allow this.",
    meaning: "`viewer` reads; `manager`, as a secret key, also decides; `owner` is only a person. `detail` says which role it takes.",
  },
  site_not_named: {
    status: 400,
    title: "Site not named",
    detail: "Say which site this is about.",
    meaning: "A call with a session cookie carries `SomoPay-Site: <siteId>`, or `?site=<siteId>` where no header can be set.",
  },
  site_not_found: {
    status: 404,
    title: "Site not found",
    detail: "You do not work at this site.",
    meaning: "The site does not exist, or the signed-in person is not among its staff.",
  },
  invitation_not_found: {
    status: 404,
    title: "Invitation not found",
    detail: "This invitation was used, replaced or has expired. Ask for another one.",
    meaning: "An invitation is good once, for 7 days, and ends when another one is made for the same address and site.",
  },
  reset_not_found: {
    status: 404,
    title: "Link not good",
    detail: "This link was used or has expired. Ask for another one.",
    meaning: "A link for a new password is good once, for an hour.",
  },
  two_factor_not_set_up: {
    status: 409,
    title: "No authenticator secrets can be stored",
    detail: "This service cannot store authenticator secrets yet.",
    meaning: "The operator must set SECRETS_KEY: secrets are stored encrypted.",
  },
  two_factor_state: {
    status: 409,
    title: "Two-factor sign-in is on or off already",
    detail: "Two-factor sign-in is on or off already.",
    meaning: "`detail` says which. Begin with `POST /dashboard/two-factor`, end with `DELETE`.",
  },
  staff_not_found: {
    status: 404,
    title: "Staff not found",
    detail: "There is nobody with this id at this site.",
    meaning: "The id is mistyped, or the person or invitation was removed or belongs to another site.",
  },
  staff_known: {
    status: 409,
    title: "Works here already",
    detail: "Somebody with this address works at this site already.",
    meaning: "Change the role with `PATCH /api/v1/staff/:id`.",
  },
  staff_full: {
    status: 409,
    title: "Too many staff",
    detail: "A site may have up to 100 people and open invitations.",
    meaning: "Remove those that are no longer needed.",
  },
  last_owner: {
    status: 409,
    title: "Last owner",
    detail: "A site needs an owner. Make somebody else an owner first.",
    meaning: "The last owner of a site cannot be removed or given another role.",
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
    meaning: "An unpaid booking lapses at its `expiresAt`. Create a new one. Money that still arrives counts.",
  },
  idempotency_in_progress: {
    status: 409,
    title: "Request in progress",
    detail: "The same request is still being processed.",
    meaning: "Repeat it with the same `Idempotency-Key` after `Retry-After` seconds.",
  },
  idempotency_conflict: {
    status: 409,
    title: "Key used for another request",
    detail: "This Idempotency-Key was already used for another request.",
    meaning: "Use a new key for each new request. Repeat a key only with the same body.",
  },
  body_too_large: {
    status: 413,
    title: "Body too large",
    detail: "The request body is too large.",
    meaning: "A request body may have up to 16 kB.",
  },
  too_many_requests: {
    status: 429,
    title: "Too many requests",
    detail: "Too many attempts. Please wait a little and try again.",
    meaning:
      "A phone, an address or a site reached its limit; `Retry-After` says when to try again. See LIMIT_PHONE, LIMIT_ADDRESS, LIMIT_SITE, LIMIT_API.",
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
    meaning: "Safaricom is busy or unreachable, and no prompt was sent; `Retry-After` says when to try again.",
  },
  unavailable: {
    status: 503,
    title: "Service unavailable",
    detail: "The service is unavailable right now. Please try again in a moment.",
    meaning: "The database is unreachable, or this copy is stopping. `/readyz` shows the details.",
  },
  too_many_streams: {
    status: 503,
    title: "Too many live connections",
    detail: "Too many live connections. Please try again in a moment.",
    meaning: "This copy, this booking or this address has reached its limit of open streams. Poll `GET /api/booking/:bookingId` instead.",
  },
  internal: {
    status: 500,
    title: "Something went wrong",
    detail: "Something went wrong on our side. Please try again in a moment.",
    meaning: "A bug in the service. Its log has the cause.",
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorTable;
export const errorCodes = Object.keys(errorTable) as ErrorCode[];

export type ErrorExtras = {
  detail?: string;
  reason?: FailureReason;
  errors?: { field: string; message: string }[];
  booking?: BookingView;
  retryAfterMs?: number;
  cause?: unknown;
};

/** Thrown for every answer that is not a success; the error handler turns it into a problem document. */
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
    const { reason, errors, booking, retryAfterMs } = this.extras;
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
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    };
  }
}
