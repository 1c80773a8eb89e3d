import type { BookingView } from "../contract.ts";
import type { PushReply } from "../daraja/daraja-types.ts";
import { ServiceError } from "../platform/errors.ts";
import type { IdempotencyClaim } from "../platform/idempotency.ts";
import { hashSecret } from "../platform/ids.ts";
import type { MpesaAccount } from "../sites/mpesa-account.ts";
import { publishBookingChanged } from "./payment-events.ts";
import { amountDueKes, amountPaidKes, beginAttempt, isOpen, type Attempt, type BookingFile, type PaymentEvent } from "./payment.ts";
import type { PaymentsDependencies } from "./payments-dependencies.ts";
import { recordOutcome, type Recorder } from "./record-outcome.ts";
import { encodeBody } from "./store/callback-inbox.ts";
import { viewBooking } from "./view-booking.ts";

/** `file`: the booking as the caller has read it. What has changed since is noticed at the commit. */
export type StartRequest = { file: BookingFile; phone: string; address: string; claim: IdempotencyClaim | null };

/** `settled` is false if the push's reply was unclear: the prompt may be on the phone, and the outcome comes later. */
export type StartResult = { view: BookingView; settled: boolean };

/**
 * Starts one attempt to pay: commits it, and only then sends the one push that it ever gets.
 * @throws ServiceError `already_paid`, `attempt_open`, `booking_lapsed`, `booking_cancelled`, `prompt_too_soon`, `amount_mismatch`, `too_many_requests`, `payment_refused`, `payment_unavailable`
 */
export async function startPayment(deps: PaymentsDependencies, { file, ...request }: StartRequest): Promise<StartResult> {
  await requirePayable(deps, file);
  await deps.limits.consume({ phone: request.phone, address: request.address, siteId: file.booking.siteId });
  const secret = deps.ids.secret();
  // Everything that the push needs is read before the commit: if the database goes away just then, no attempt may be left that was never sent.
  const account = await deps.accounts.ofSite(file.booking.siteId);
  const attempt = beginAttempt(file.booking, {
    id: deps.ids.next("pay"),
    phone: request.phone,
    callbackSecretHash: hashSecret(secret),
    amountKes: amountDueKes(file),
    mpesaAccountId: account?.id ?? null,
    nowMs: deps.now(),
  });
  await commitAttempt(deps, { file, attempt, claim: request.claim });
  const reply = await push(deps, file, attempt, { account, callbackUrl: `${deps.callbackUrl}/${secret}` });
  await recordReplyForSure(deps, attempt, reply);
  return answerFor(deps, attempt.id);
}

/** The first caller died after its commit. It may have sent the push, so none is sent again, and the attempt waits for Safaricom. */
export async function resumePayment(deps: PaymentsDependencies, attemptId: string): Promise<StartResult> {
  const file = await deps.store.loadByAttempt(attemptId);
  const attempt = file?.attempts.find(({ id }) => id === attemptId);
  if (attempt?.status === "requested") await recordReply(deps, attempt, { kind: "unclear", message: "the first caller did not finish" });
  return answerFor(deps, attemptId);
}

async function requirePayable(deps: PaymentsDependencies, file: BookingFile): Promise<void> {
  const booking = await viewBooking(deps, file);
  if (booking.amountDue === 0) throw new ServiceError("already_paid", { booking });
  if (file.attempts.some(isOpen)) throw new ServiceError("attempt_open", { booking });
  if (booking.booking_status === "lapsed") throw new ServiceError("booking_lapsed", { booking });
  if (booking.booking_status === "cancelled") throw new ServiceError("booking_cancelled", { booking });
  const { retryAfterMs } = booking;
  if (retryAfterMs !== undefined) throw new ServiceError("prompt_too_soon", { booking, retryAfterMs });
}

async function loadPayable(deps: PaymentsDependencies, bookingId: string): Promise<BookingFile> {
  const file = await deps.store.load(bookingId);
  if (!file) throw new ServiceError("booking_not_found");
  await requirePayable(deps, file);
  return file;
}

/** Another change of the booking may come first a few times; then the caller is told to look again. */
const MAX_ROUNDS = 3;

async function commitAttempt(
  deps: PaymentsDependencies,
  begun: Pick<StartRequest, "file" | "claim"> & { attempt: Attempt },
): Promise<void> {
  const { store, ids, hub } = deps;
  const { attempt, claim } = begun;
  for (let round = 1; round <= MAX_ROUNDS; round++) {
    const file = round === 1 ? begun.file : await loadPayable(deps, attempt.bookingId);
    // Money that came meanwhile changes what is due, and the prompt must not ask for more.
    if (amountDueKes(file) !== attempt.amountKes) throw new ServiceError("amount_mismatch", { booking: await viewBooking(deps, file) });
    const { booking } = file;
    const history = {
      fromStatus: null,
      toStatus: attempt.status,
      event: "started",
      source: "start",
      note: null,
      actor: null,
      atMs: attempt.requestedAtMs,
    };
    const unchanged = { bookingStatus: booking.status, amountPaidKes: amountPaidKes(file.attempts) };
    const change = { booking, ...unchanged, attempt, before: null, session: null, webhooks: [], claim };
    if ((await store.commit({ ...change, history: { id: ids.next("ph"), ...history } })) === "committed") {
      // Not awaited: a slow Redis must not delay the push. A copy that dies between commit and push leaves an attempt without a prompt.
      void publishBookingChanged(hub, booking.id);
      return;
    }
  }
  const file = await loadPayable(deps, attempt.bookingId);
  throw new ServiceError("attempt_open", { booking: await viewBooking(deps, file) });
}

async function push(
  deps: PaymentsDependencies,
  { booking }: BookingFile,
  attempt: Attempt,
  { account, callbackUrl }: { account: MpesaAccount | null; callbackUrl: string },
): Promise<PushReply> {
  if (!account) {
    const message = "the site has no M-Pesa account, or it cannot be read";
    return { kind: "refused", reason: "misconfigured", code: null, message };
  }
  const beganAtMs = deps.now();
  const reply = await deps.daraja.push(account.credentials, {
    amountKes: attempt.amountKes,
    phone: attempt.phone,
    accountReference: booking.reference,
    description: booking.sessionName,
    callbackUrl,
  });
  deps.metrics.pushed(reply.kind, deps.now() - beganAtMs);
  return reply;
}

/**
 * Until it is stored, only this process knows the reply. Whatever keeps it from being recorded, it goes where callbacks go: to the inbox, or with the
 * database away to the fsynced journal. Any copy records it from there. Without it, a payment whose callback is lost could never be queried.
 * @throws the error, so that the caller is told
 */
async function recordReplyForSure(deps: PaymentsDependencies, attempt: Attempt, reply: PushReply): Promise<void> {
  try {
    await recordReply(deps, attempt, reply);
  } catch (error) {
    await keepReply(deps, attempt, reply);
    throw error;
  }
}

async function keepReply({ inbox, ids, now, logger }: PaymentsDependencies, attempt: Attempt, reply: PushReply): Promise<void> {
  const kept = { id: ids.next("cb"), receivedAtMs: now(), kind: "push", remoteAddress: "", truncated: false } as const;
  const body = encodeBody(Buffer.from(JSON.stringify(reply)));
  await inbox.store({ ...kept, ...body, secretHash: attempt.callbackSecretHash }).catch((error: unknown) => {
    // The callback, the payer's code or the owner can still settle it.
    logger.error({ err: error, paymentId: attempt.id }, "a push's reply could be stored neither in the database nor in the journal");
  });
}

/** Also for a reply that was stored in the journal. Safe to repeat. */
export async function recordReply(deps: Recorder, attempt: Attempt, reply: PushReply): Promise<void> {
  if (reply.kind !== "accepted")
    deps.logger.warn({ paymentId: attempt.id, answer: reply.kind, message: reply.message }, "push not accepted");
  await recordOutcome(deps, {
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

async function answerFor(deps: PaymentsDependencies, attemptId: string): Promise<StartResult> {
  const file = await deps.store.loadByAttempt(attemptId);
  const attempt = file?.attempts.find(({ id }) => id === attemptId);
  if (!file || !attempt) throw new Error(`attempt ${attemptId} does not exist`);
  const view = await viewBooking(deps, file);
  // Only a refused push is an error of this call. If a callback has failed the attempt meanwhile, that is an outcome to show.
  if (attempt.status === "failed" && attempt.checkoutRequestId === null && attempt.reason !== "unknown") throw refusal(attempt, view);
  return { view, settled: attempt.status !== "confirming" };
}

function refusal({ reason }: Attempt, booking: BookingView): ServiceError {
  const extras = { booking, ...(reason && { reason }) };
  if (reason === "busy") return new ServiceError("payment_unavailable", { ...extras, retryAfterMs: booking.retryAfterMs ?? 10_000 });
  return new ServiceError("payment_refused", extras);
}
