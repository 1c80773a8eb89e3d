import type { Attempt, BookingFile, PaymentEvent } from "./payment.ts";
import { step } from "./payment.ts";
import { publishBookingChanged } from "./payment-events.ts";
import { noteStep, toChange, type Recorder } from "./record-outcome.ts";
import type { Change } from "./store/change.ts";

/** An outcome that a callback has reported, with the booking as it was read for the whole group. */
export type ReportedTogether = {
  file: BookingFile;
  attempt: Attempt;
  event: PaymentEvent;
  /** A rule's words for the owner. */
  note: string | null;
  processed: NonNullable<Change["processed"]>;
};

/**
 * Records outcomes of different bookings that were reported together: as `recordOutcome`, by the same rules, in one transaction. What cannot be recorded
 * like that is left out, and recorded by itself: a repetition, a booking with something to find out first, or all of them, if one was changed meanwhile.
 * @returns the callbacks whose outcome is recorded
 */
export async function recordTogether(recorder: Recorder, reports: readonly ReportedTogether[]): Promise<Set<string>> {
  const nowMs = recorder.now();
  const planned = await Promise.all(
    reports.map(async ({ file, attempt, event, note, processed }) => {
      const next = step(file, attempt.id, event, nowMs);
      // Whether a lapsed booking's place is taken was not read, and a fact that is learnt without a step is rare.
      if (!next || next.attempt.status === attempt.status || file.booking.status === "lapsed") return [];
      const reported = { event: event.type, source: "callback", ...(note !== null && { note }) } as const;
      return [{ before: attempt, next, change: { ...(await toChange(recorder, file, attempt, next, reported)), processed } }];
    }),
  );
  const plain = onePerBooking(planned.flat());
  if (plain.length === 0 || !(await recorder.store.commitTogether(plain.map(({ change }) => change)))) return new Set();
  await Promise.all(plain.map(({ change }) => publishBookingChanged(recorder.hub, change.booking.id)));
  for (const { before, next } of plain) noteStep(recorder, before, next, "callback");
  return new Set(plain.map(({ change }) => change.processed.callbackId));
}

/** Only the first: the others must see what it has changed. */
function onePerBooking<Planned extends { change: Change }>(planned: readonly Planned[]): Planned[] {
  const seen = new Set<string>();
  return planned.filter(({ change: { booking } }) => {
    if (seen.has(booking.id)) return false;
    seen.add(booking.id);
    return true;
  });
}
