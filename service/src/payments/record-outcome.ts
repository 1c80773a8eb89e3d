import { publishBookingChanged } from "./payment-events.ts";
import { amountPaidKes, step, type Attempt, type BookingFile, type EventSource, type PaymentEvent, type Step } from "./payment.ts";
import type { Decision } from "./decision.ts";
import type { PaymentsDependencies } from "./payments-dependencies.ts";
import type { IdempotencyClaim } from "../platform/idempotency.ts";
import type { Change } from "./store/change.ts";

/** What recording an outcome needs. */
export type Recorder = Pick<PaymentsDependencies, "store" | "hub" | "ids" | "now" | "logger" | "metrics" | "composeWebhooks">;

/** Where an outcome comes from: the person who decided it, if one did, and the key of the request, noted in the same transaction. */
export type Report = { source: EventSource; claim?: IdempotencyClaim | null } & Partial<Decision>;

/** `unchanged`: a repetition, or a step that may not follow the current state. `receipt_taken`: the receipt has paid for something else. */
export type RecordResult = { kind: "recorded" | "unchanged" | "receipt_taken"; attempt: Attempt };

/** Two copies that write to one booking need one or two rounds; more mean a bug. */
const MAX_ROUNDS = 10;

/**
 * The only writer of outcomes, whoever reports them: the push's reply, a callback, a query, the clock, the owner. Reads the booking, lets the pure
 * rules decide, and writes attempt, history, booked session and webhooks in one transaction, guarded by the booking's version. Safe to repeat.
 */
export async function recordOutcome(
  recorder: Recorder,
  reported: { attemptId: string; event: PaymentEvent } & Report,
): Promise<RecordResult> {
  for (let round = 1; round <= MAX_ROUNDS; round++) {
    const file = await recorder.store.loadByAttempt(reported.attemptId);
    const before = file?.attempts.find(({ id }) => id === reported.attemptId);
    if (!file || !before) throw new Error(`attempt ${reported.attemptId} does not exist`);
    const next = step(file, reported.attemptId, reported.event, recorder.now());
    if (!next) return { kind: "unchanged", attempt: before };
    const result = await recorder.store.commit(await toChange(recorder, file, before, next, { ...reported, event: reported.event.type }));
    if (result === "committed") {
      await publishBookingChanged(recorder.hub, file.booking.id);
      noteStep(recorder, before, next, reported.source);
      return { kind: "recorded", attempt: next.attempt };
    }
    if (result === "receipt_taken") return { kind: "receipt_taken", attempt: before };
    if (result === "open_attempt") throw new Error(`attempt ${reported.attemptId} cannot be open again`);
  }
  throw new Error(`booking of attempt ${reported.attemptId} kept changing for ${MAX_ROUNDS} rounds`);
}

/** Everything that a step writes. `before` is null if the payment begins with it. */
export async function toChange(
  recorder: Recorder,
  file: BookingFile,
  before: Attempt | null,
  { attempt, bookingStatus }: Step,
  reported: { event: string } & Report,
): Promise<Change> {
  const { ids, now } = recorder;
  const { booking, attempts } = file;
  const isBooked = bookingStatus === "booked" && booking.status !== "booked";
  const atMs = now();
  const session = isBooked ? { id: ids.next("se"), bookedAtMs: atMs } : null;
  const others = attempts.filter(({ id }) => id !== attempt.id);
  const after: BookingFile = {
    booking: { ...booking, status: bookingStatus, version: booking.version + 1 },
    attempts: [...others, { ...attempt, sessionId: session?.id ?? attempt.sessionId }].toSorted(byAge),
  };
  return {
    booking,
    bookingStatus,
    amountPaidKes: amountPaidKes(after.attempts),
    attempt,
    before,
    history: {
      id: ids.next("ph"),
      fromStatus: before?.status ?? null,
      toStatus: attempt.status,
      event: reported.event,
      source: reported.source,
      note: reported.note ?? null,
      actor: reported.actor ?? null,
      atMs,
    },
    session,
    webhooks: await recorder.composeWebhooks({ before: file, after, paymentId: attempt.id, atMs }),
    claim: reported.claim ?? null,
  };
}

/** As the store returns them. */
function byAge(left: Attempt, right: Attempt): number {
  return left.requestedAtMs - right.requestedAtMs || (left.id < right.id ? -1 : 1);
}

/** Says in log and metrics what a step changed. */
export function noteStep(recorder: Recorder, before: Attempt, { attempt }: Step, source: EventSource): void {
  const { logger, metrics, now } = recorder;
  if (attempt.status === before.status) return;
  metrics.stepped(attempt, source, now());
  const facts = { paymentId: attempt.id, from: before.status, to: attempt.status, reason: attempt.reason, source };
  if (attempt.status === "paid" && attempt.surplusKes > 0)
    logger.warn(facts, "payment beyond what the booking needed: kept as surplus for the owner");
  else logger.info(facts, "payment status changed");
}
