import type { BookingView } from "../contract.ts";
import { viewBooking, type ViewParts } from "../bookings/booking-view.ts";
import type { DarajaClient } from "../daraja/daraja-client.ts";
import type { DarajaCredentials, PushReply } from "../daraja/daraja-types.ts";
import { isDatabaseDown } from "../platform/database.ts";
import { ServiceError } from "../platform/errors.ts";
import { hashSecret } from "../platform/ids.ts";
import type { IdempotencyClaim } from "../platform/idempotency.ts";
import type { RateLimits } from "./rate-limits.ts";
import { encodeBody, type CallbackInbox } from "./store/callback-inbox.ts";
import { publishBookingChanged } from "./payment-events.ts";
import { beginAttempt, isOpen, type Attempt, type BookingFile, type PaymentEvent } from "./payment.ts";
import { recordOutcome, type Recorder } from "./record-outcome.ts";

export type PaymentStarter = Recorder &
  ViewParts & {
    inbox: Pick<CallbackInbox, "store">;
    daraja: DarajaClient;
    limits: RateLimits;
    credentialsOf(siteId: string): Promise<DarajaCredentials | null>;
    /** Each attempt adds a secret of its own. */
    callbackUrl: string;
  };

export type StartRequest = { bookingId: string; phone: string; address: string; claim: IdempotencyClaim | null };

/** `settled` is false when the push's reply was unclear: the prompt may be on the phone, and the outcome will come by itself. */
export type StartResult = { view: BookingView; settled: boolean };

/**
 * Starts one attempt to pay: writes it down, and only then sends the one push that it ever gets.
 * @throws ServiceError `already_paid`, `attempt_open`, `booking_lapsed`, `too_many_requests`, `payment_refused`, `payment_unavailable`
 */
export async function startPayment(starter: PaymentStarter, request: StartRequest): Promise<StartResult> {
  const file = await loadPayable(starter, request.bookingId);
  await starter.limits.consume({ phone: request.phone, address: request.address, siteId: file.booking.siteId });
  const secret = starter.ids.secret();
  const own = { id: starter.ids.next("pay"), phone: request.phone, callbackSecretHash: hashSecret(secret), nowMs: starter.now() };
  const attempt = beginAttempt(file.booking, own);
  // All that the push needs is at hand before the commit: a database that goes away just then must not leave an attempt that was never sent.
  const credentials = await starter.credentialsOf(file.booking.siteId);
  await commitAttempt(starter, attempt, request.claim);
  const reply = await push(starter, file, attempt, { credentials, callbackUrl: `${starter.callbackUrl}/${secret}` });
  await recordReplyForSure(starter, attempt, reply);
  return answerFor(starter, attempt.id);
}

/** The first caller died after its commit. Whether it had sent the push is not known, so the attempt waits for Safaricom's word. */
export async function resumePayment(starter: PaymentStarter, attemptId: string): Promise<StartResult> {
  const file = await starter.store.loadByAttempt(attemptId);
  const attempt = file?.attempts.find(({ id }) => id === attemptId);
  if (attempt?.status === "requested") await recordReply(starter, attempt, { kind: "unclear", message: "the first caller did not finish" });
  return answerFor(starter, attemptId);
}

async function loadPayable(starter: PaymentStarter, bookingId: string): Promise<BookingFile> {
  const file = await starter.store.load(bookingId);
  if (!file) throw new ServiceError("booking_not_found");
  const booking = await viewBooking(starter, file);
  if (booking.payment_status === "paid" || file.booking.status === "booked") throw new ServiceError("already_paid", { booking });
  if (file.attempts.some(isOpen)) throw new ServiceError("attempt_open", { booking });
  if (file.booking.status === "lapsed") throw new ServiceError("booking_lapsed", { booking });
  return file;
}

/** Somebody else's change of the booking comes first at most a few times; then the caller is told to look. */
const MAX_ROUNDS = 3;

async function commitAttempt(starter: PaymentStarter, attempt: Attempt, claim: IdempotencyClaim | null): Promise<void> {
  const { store, ids, hub } = starter;
  for (let round = 1; round <= MAX_ROUNDS; round++) {
    const { booking } = await loadPayable(starter, attempt.bookingId);
    const history = {
      fromStatus: null,
      toStatus: attempt.status,
      event: "started",
      source: "start",
      note: null,
      atMs: attempt.requestedAtMs,
    };
    const change = { booking, attempt, before: null, session: null, webhook: null, claim };
    if ((await store.commit({ ...change, history: { id: ids.next("ph"), ...history } })) === "committed") {
      // Not waited for: a slow Redis must not stand between the commit and its push, where a copy that dies leaves an attempt nobody was sent.
      void publishBookingChanged(hub, booking.id);
      return;
    }
  }
  const file = await loadPayable(starter, attempt.bookingId);
  throw new ServiceError("attempt_open", { booking: await viewBooking(starter, file) });
}

async function push(
  starter: PaymentStarter,
  { booking }: BookingFile,
  attempt: Attempt,
  { credentials, callbackUrl }: { credentials: DarajaCredentials | null; callbackUrl: string },
): Promise<PushReply> {
  if (!credentials) return { kind: "refused", reason: "misconfigured", code: null, message: "the site has no M-Pesa credentials" };
  const beganAtMs = starter.now();
  const reply = await starter.daraja.push(credentials, {
    amountKes: attempt.amountKes,
    phone: attempt.phone,
    accountReference: booking.reference,
    description: booking.sessionName,
    callbackUrl,
  });
  starter.metrics.pushed(reply.kind, starter.now() - beganAtMs);
  return reply;
}

/**
 * Until it is written down, the reply is known to this process alone. With the database away it goes where callbacks go: to the fsynced journal, and is
 * recorded from there when the database is back, by whichever copy.
 * @throws when the database is away: the caller hears so
 */
async function recordReplyForSure(starter: PaymentStarter, attempt: Attempt, reply: PushReply): Promise<void> {
  try {
    await recordReply(starter, attempt, reply);
  } catch (error) {
    if (isDatabaseDown(error)) await keepReply(starter, attempt, reply);
    throw error;
  }
}

async function keepReply({ inbox, ids, now, logger }: PaymentStarter, attempt: Attempt, reply: PushReply): Promise<void> {
  const kept = { id: ids.next("cb"), receivedAtMs: now(), kind: "push", remoteAddress: "", truncated: false } as const;
  const body = encodeBody(Buffer.from(JSON.stringify(reply)));
  await inbox.store({ ...kept, ...body, secretHash: attempt.callbackSecretHash }).catch((error: unknown) => {
    // The callback, the payer's code or the owner settles it still.
    logger.error({ err: error, paymentId: attempt.id }, "a push's reply could be stored neither in the database nor in the journal");
  });
}

/** Also for a reply that the journal kept. Safe to repeat. */
export async function recordReply(starter: Recorder, attempt: Attempt, reply: PushReply): Promise<void> {
  if (reply.kind !== "accepted")
    starter.logger.warn({ paymentId: attempt.id, answer: reply.kind, message: reply.message }, "push not accepted");
  await recordOutcome(starter, {
    attemptId: attempt.id,
    event: toEvent(reply),
    source: "push",
    ...(reply.kind !== "accepted" && { note: reply.message }),
  });
}

function toEvent(reply: PushReply): PaymentEvent {
  switch (reply.kind) {
    case "accepted":
      return { type: "push_accepted", checkoutRequestId: reply.checkoutRequestId, merchantRequestId: reply.merchantRequestId };
    case "refused": {
      const { reason, code, retryAfterMs } = reply;
      return { type: "push_refused", reason, code, ...(retryAfterMs !== undefined && { retryAfterMs }) };
    }
    case "unclear":
      return { type: "push_unclear" };
  }
}

async function answerFor(starter: PaymentStarter, attemptId: string): Promise<StartResult> {
  const file = await starter.store.loadByAttempt(attemptId);
  const attempt = file?.attempts.find(({ id }) => id === attemptId);
  if (!file || !attempt) throw new Error(`attempt ${attemptId} does not exist`);
  const view = await viewBooking(starter, file);
  // Only a refusal by the push itself is an error of this call: a callback may have failed the attempt meanwhile, and that is an outcome to show.
  if (attempt.status === "failed" && attempt.checkoutRequestId === null && attempt.reason !== "unknown") throw refusal(attempt, view);
  return { view, settled: attempt.status !== "confirming" };
}

function refusal({ reason }: Attempt, booking: BookingView): ServiceError {
  const extras = { booking, ...(reason && { reason }) };
  if (reason === "busy") return new ServiceError("payment_unavailable", { ...extras, retryAfterMs: booking.retryAfterMs ?? 10_000 });
  return new ServiceError("payment_refused", extras);
}
