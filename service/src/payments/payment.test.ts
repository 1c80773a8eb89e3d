import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { paymentStatuses, type BookingStatus, type PaymentStatus } from "../contract.ts";
import {
  amountDueKes,
  amountPaidKes,
  queryAgainAt,
  retryAfterMs,
  bookingPaymentStatus,
  CLOCKS_APART_MS,
  FIRST_QUERY_AFTER_MS,
  isOpen,
  isStepAllowed,
  mayStillBePaid,
  PROMPT_LIFE_MS,
  SETTLED_CODE,
  shownAttempt,
  step,
  type Attempt,
  type BookingFile,
  type PaymentEvent,
} from "./payment.ts";
import { sessionStartMs } from "../bookings/booking.ts";
import { newAttempt, newBooking, START_MS } from "./testing.ts";

const NOW_MS = START_MS + 30_000;
const CHECKOUT_ID = "ws_CO_1";

const pairs = paymentStatuses.flatMap((from) => paymentStatuses.map((to) => [from, to] as const));
/** The design's words, one by one: whatever is not here is not allowed. */
const allowed = new Set([
  "requested prompted",
  "requested confirming",
  "requested paid",
  "requested failed",
  "prompted confirming",
  "prompted paid",
  "prompted failed",
  "confirming paid",
  "confirming failed",
  "failed paid",
  "paid refunded",
]);

describe("the table of steps", () => {
  test.each(pairs)("%s → %s", (from, to) => {
    expect(isStepAllowed(from, to)).toBe(allowed.has(`${from} ${to}`));
  });
});

const events = {
  push_accepted: { type: "push_accepted", checkoutRequestId: CHECKOUT_ID, merchantRequestId: "m-1" },
  push_refused: { type: "push_refused", reason: "busy", code: "500.003.02", retryAfterMs: 60_000 },
  push_unclear: { type: "push_unclear" },
  prompt_over: { type: "prompt_over" },
  paid: { type: "paid", receipt: "UKN1A2B3C4", paidAtMs: START_MS + 20_000, checkoutRequestId: CHECKOUT_ID },
  failed: { type: "failed", reason: "cancelled", code: "1032", checkoutRequestId: CHECKOUT_ID },
  gave_up: { type: "gave_up" },
  settled_not_paid: { type: "settled_not_paid" },
  refunded: { type: "refunded" },
  kept: { type: "kept" },
} as const satisfies Record<PaymentEvent["type"], PaymentEvent>;

/** What each event makes of each status; null: nothing. The attempts know their prompt's id once there was a prompt. */
const outcomes: Record<PaymentEvent["type"], Record<PaymentStatus, PaymentStatus | null>> = {
  push_accepted: { requested: "prompted", prompted: null, confirming: null, paid: null, failed: null, refunded: null },
  push_refused: { requested: "failed", prompted: "failed", confirming: "failed", paid: null, failed: null, refunded: null },
  push_unclear: { requested: "confirming", prompted: "confirming", confirming: null, paid: null, failed: null, refunded: null },
  prompt_over: { requested: "confirming", prompted: "confirming", confirming: null, paid: null, failed: null, refunded: null },
  paid: { requested: "paid", prompted: "paid", confirming: "paid", paid: null, failed: "paid", refunded: null },
  failed: { requested: "failed", prompted: "failed", confirming: "failed", paid: null, failed: null, refunded: null },
  gave_up: { requested: "failed", prompted: "failed", confirming: "failed", paid: null, failed: null, refunded: null },
  settled_not_paid: { requested: "failed", prompted: "failed", confirming: "failed", paid: null, failed: "failed", refunded: null },
  refunded: { requested: null, prompted: null, confirming: null, paid: "refunded", failed: null, refunded: null },
  kept: { requested: null, prompted: null, confirming: null, paid: "paid", failed: null, refunded: null },
};

function attemptIn(status: PaymentStatus, facts: Partial<Attempt> = {}): BookingFile & { attempt: Attempt } {
  const isPaid = status === "paid" || status === "refunded";
  const booking = newBooking({ status: isPaid ? "booked" : "pending" });
  const attempt = newAttempt(booking, {
    status,
    ...(status !== "requested" && { checkoutRequestId: CHECKOUT_ID, merchantRequestId: "m-1", promptExpiresAtMs: START_MS + 60_000 }),
    ...(isPaid && { receipt: "UKN0000001", paidAtMs: START_MS + 10_000, sessionId: "se_1", resultCode: "0" }),
    ...(status === "failed" && { reason: "no_answer", resultCode: "1037" }),
    ...(!isOpen({ status }) && { endedAtMs: START_MS + 10_000 }),
    ...facts,
  });
  return { booking, attempts: [attempt], attempt };
}

describe("every event in every status", () => {
  const cases = Object.entries(outcomes).flatMap(([type, row]) => Object.entries(row).map(([from, to]) => ({ type, from, to })));
  test.each(cases)("$type on $from: $to", ({ type, from, to }) => {
    const event = Object.values(events).find((candidate) => candidate.type === type);
    const status = paymentStatuses.find((candidate) => candidate === from);
    if (!event || !status) throw new Error("not in the table");
    const file = attemptIn(status);
    expect(step(file, file.attempt.id, event, NOW_MS)?.attempt.status ?? null).toBe(to);
  });

  it("refuses an attempt of another booking", () => {
    expect(() => step(attemptIn("requested"), "pay_elsewhere", events.push_unclear, NOW_MS)).toThrow(/is not of booking/);
  });
});

describe("what a step writes down", () => {
  const after = (status: PaymentStatus, event: PaymentEvent, facts: Partial<Attempt> = {}): Attempt => {
    const file = attemptIn(status, facts);
    const next = step(file, file.attempt.id, event, NOW_MS);
    if (!next) throw new Error("nothing changed");
    return next.attempt;
  };

  it("knows how long the prompt lives, and when to ask", () => {
    expect(after("requested", events.push_accepted)).toMatchObject({
      checkoutRequestId: CHECKOUT_ID,
      merchantRequestId: "m-1",
      promptExpiresAtMs: NOW_MS + PROMPT_LIFE_MS,
      nextQueryAtMs: NOW_MS + FIRST_QUERY_AFTER_MS,
      endedAtMs: null,
    });
  });

  it("keeps the reason, the code and the wait of a refusal", () => {
    expect(after("requested", events.push_refused)).toMatchObject({
      reason: "busy",
      resultCode: "500.003.02",
      retryAtMs: NOW_MS + 60_000,
      endedAtMs: NOW_MS,
    });
  });

  it("adopts the prompt's id from a callback that came before the push's reply", () => {
    expect(after("requested", events.failed)).toMatchObject({
      status: "failed",
      reason: "cancelled",
      checkoutRequestId: CHECKOUT_ID,
      retryAtMs: null,
    });
    expect(after("requested", events.paid)).toMatchObject({ status: "paid", checkoutRequestId: CHECKOUT_ID });
  });

  it("keeps the id that is known when an outcome names none", () => {
    expect(after("prompted", { ...events.paid, checkoutRequestId: null }).checkoutRequestId).toBe(CHECKOUT_ID);
  });

  it("forgets the failure once the money came after all", () => {
    const late = after("failed", events.paid, { retryAtMs: NOW_MS + 1 });
    expect(late).toMatchObject({
      status: "paid",
      reason: null,
      resultCode: "0",
      retryAtMs: null,
      receipt: "UKN1A2B3C4",
      endedAtMs: NOW_MS,
    });
    expect(late.paidAtMs).toBe(START_MS + 20_000);
  });

  it("takes the present for the time of a payment that nobody dated", () => {
    expect(after("confirming", { ...events.paid, paidAtMs: null }).paidAtMs).toBe(NOW_MS);
  });

  it("gives a lost payment the reason unknown", () => {
    expect(after("confirming", events.gave_up)).toMatchObject({ status: "failed", reason: "unknown", endedAtMs: NOW_MS });
  });

  it("learns the prompt's id from a late reply, and asks about an attempt that is still open", () => {
    const learnt = after("confirming", events.push_accepted, { checkoutRequestId: null, merchantRequestId: null });
    expect(learnt).toMatchObject({ status: "confirming", checkoutRequestId: CHECKOUT_ID, nextQueryAtMs: START_MS + FIRST_QUERY_AFTER_MS });
    expect(after("failed", events.push_accepted, { checkoutRequestId: null, resultCode: "1032" })).toMatchObject({
      status: "failed",
      nextQueryAtMs: null,
    });
  });

  it("learns the receipt of a payment that a query had found, once", () => {
    const known = after("paid", events.paid, { receipt: null });
    expect(known).toMatchObject({ status: "paid", receipt: "UKN1A2B3C4", paidAtMs: START_MS + 20_000, sessionId: "se_1" });
    const file = attemptIn("paid");
    expect(step(file, file.attempt.id, { ...events.paid, receipt: "UKN9999999" }, NOW_MS)).toBeNull();
  });
});

describe("a failure after which money may come", () => {
  const MINUTE_MS = 60_000;
  const failedWith = (code: string, status: PaymentStatus = "prompted"): Attempt => {
    const file = attemptIn(status, { nextQueryAtMs: START_MS + FIRST_QUERY_AFTER_MS });
    const next = step(file, file.attempt.id, { ...events.failed, code }, NOW_MS);
    if (!next) throw new Error("nothing changed");
    return next.attempt;
  };

  test.each(["1019", "1036", "1037"])("%s is asked about after 2 minutes and after 10, and then no more", (code) => {
    const attempt = failedWith(code);
    expect(attempt.nextQueryAtMs).toBe(NOW_MS + 2 * MINUTE_MS);
    expect(queryAgainAt(attempt, NOW_MS + 2 * MINUTE_MS - 1)).toBe(NOW_MS + 2 * MINUTE_MS);
    expect(queryAgainAt(attempt, NOW_MS + 2 * MINUTE_MS)).toBe(NOW_MS + 10 * MINUTE_MS);
    expect(queryAgainAt(attempt, NOW_MS + 10 * MINUTE_MS)).toBeNull();
  });

  test.each(["1", "17", "1025", "1032", "2001", "8006", "2028"])("%s is somebody's no, and not asked about", (code) => {
    expect(failedWith(code).nextQueryAtMs).toBeNull();
  });

  it("needs the prompt's id to ask by", () => {
    const file = attemptIn("requested");
    const next = step(file, file.attempt.id, { ...events.failed, code: "1037", checkoutRequestId: null }, NOW_MS);
    expect(next?.attempt).toMatchObject({ status: "failed", nextQueryAtMs: null });
  });

  it("has nothing left to ask once it is paid", () => {
    const attempt = failedWith("1037");
    const next = step({ booking: newBooking(), attempts: [attempt] }, attempt.id, events.paid, NOW_MS + 1);
    expect(next?.attempt).toMatchObject({ status: "paid", nextQueryAtMs: null });
  });

  it("that nobody had heard of is asked about as soon as its id is known", () => {
    const file = attemptIn("failed", { reason: "unknown", resultCode: null, checkoutRequestId: null });
    expect(step(file, file.attempt.id, events.push_accepted, NOW_MS)?.attempt).toMatchObject({
      status: "failed",
      checkoutRequestId: CHECKOUT_ID,
      nextQueryAtMs: NOW_MS,
    });
  });
});

describe("money that had come by itself before the prompt's own word", () => {
  const byItself = { ...events.paid, checkoutRequestId: null };
  const withoutReceipt = { ...events.paid, receipt: null };
  const unclaimed = { status: "paid", receipt: "UKN1A2B3C4", resultCode: null, paidAtMs: START_MS + 20_000, endedAtMs: START_MS } as const;

  it("counts for the prompt, and the prompt's word is noted when it comes", () => {
    const file = attemptIn("confirming");
    const paid = step(file, file.attempt.id, byItself, NOW_MS);
    expect(paid).toMatchObject({ bookingStatus: "booked", attempt: { status: "paid", receipt: "UKN1A2B3C4", resultCode: null } });
    const later = { booking: { ...file.booking, status: "booked" as const }, attempts: paid ? [paid.attempt] : [] };
    expect(step(later, file.attempt.id, events.paid, NOW_MS)).toMatchObject({ attempt: { resultCode: "0" } });
    expect(step(later, file.attempt.id, withoutReceipt, NOW_MS)?.attempt.resultCode).toBe("0");
    expect(step(later, file.attempt.id, { ...events.paid, receipt: "UKN9999999" }, NOW_MS)).toBeNull();
  });

  it("is asked about until the prompt's own word is known, whichever it is", () => {
    const file = attemptIn("confirming", { nextQueryAtMs: NOW_MS + 7 });
    const paid = step(file, file.attempt.id, byItself, NOW_MS);
    if (!paid) throw new Error("nothing changed");
    expect(paid.attempt.nextQueryAtMs).toBe(NOW_MS + 7);
    const later = { booking: { ...file.booking, status: "booked" as const }, attempts: [paid.attempt] };
    expect(step(later, file.attempt.id, withoutReceipt, NOW_MS)?.attempt).toMatchObject({ resultCode: "0", nextQueryAtMs: null });
    const failed = step(later, file.attempt.id, events.failed, NOW_MS);
    expect(failed?.attempt).toMatchObject({ status: "paid", resultCode: "1032", nextQueryAtMs: null });
    expect(failed && step({ ...later, attempts: [failed.attempt] }, file.attempt.id, events.failed, NOW_MS)).toBeNull();
  });

  it("decides nothing about a failed prompt before the prompt that has it was asked about", () => {
    const { booking, attempts, attempt } = attemptIn("failed");
    const other = newAttempt(booking, { ...unclaimed, phone: attempt.phone, checkoutRequestId: "ws_CO_2", nextQueryAtMs: NOW_MS + 7 });
    expect(step({ booking, attempts: [...attempts, other] }, attempt.id, withoutReceipt, NOW_MS)).toBeNull();
    expect(step({ booking, attempts: [...attempts, other] }, attempt.id, { ...events.paid, receipt: "UKN9999999" }, NOW_MS)).not.toBeNull();
  });

  describe("and a failed prompt turns out to be paid, and no receipt is told", () => {
    const { booking, attempts, attempt } = attemptIn("failed");
    const byHand = newAttempt(booking, { ...unclaimed, phone: "2547*****001" });
    const told = { ...attempt, resultCode: "0", nextQueryAtMs: null };

    it("is not counted again, and the failed attempt notes that it was told", () => {
      const next = step({ booking, attempts: [...attempts, byHand] }, attempt.id, withoutReceipt, NOW_MS);
      expect(next?.attempt).toEqual(told);
    });

    test.each([
      ["from a payer whose number is hashed", { phone: "" }],
      ["that was refunded since", { status: "refunded" as const }],
      ["dated as early as two clocks may differ", { paidAtMs: attempt.requestedAtMs - CLOCKS_APART_MS }],
    ])("is not counted again beside money %s", (_what, facts) => {
      const next = step({ booking, attempts: [...attempts, { ...byHand, ...facts }] }, attempt.id, withoutReceipt, NOW_MS);
      expect(next?.attempt).toEqual(told);
    });

    it("is not counted when the same word comes again", () => {
      expect(step({ booking, attempts: [told, byHand] }, attempt.id, withoutReceipt, NOW_MS)).toBeNull();
    });

    it("counts for one such prompt only: a second one was paid with money of its own", () => {
      const second = newAttempt(booking, { ...attempt, id: "pay_second", callbackSecretHash: "another" });
      const next = step({ booking, attempts: [told, second, byHand] }, second.id, withoutReceipt, NOW_MS);
      expect(next?.attempt).toMatchObject({ id: second.id, status: "paid", receipt: null });
    });

    it("is counted beside it once the prompt's receipt is told, and is another", () => {
      const next = step({ booking, attempts: [told, byHand] }, attempt.id, { ...events.paid, receipt: "UKN9999999" }, NOW_MS);
      expect(next?.attempt).toMatchObject({ id: attempt.id, status: "paid", receipt: "UKN9999999" });
    });
  });

  test.each([
    ["from another phone", { phone: "2547*****999" }],
    ["of another amount", { amountKes: 1 }],
    ["that moved before the prompt", { paidAtMs: START_MS - CLOCKS_APART_MS - 1 }],
    ["that answered another prompt for sure", { resultCode: "0" }],
  ])("is counted beside money %s", (_what, facts) => {
    const { booking, attempts, attempt } = attemptIn("failed");
    const other = newAttempt(booking, { ...unclaimed, phone: attempt.phone, ...facts });
    const next = step({ booking, attempts: [...attempts, other] }, attempt.id, withoutReceipt, NOW_MS);
    expect(next?.attempt).toMatchObject({ id: attempt.id, status: "paid", receipt: null });
  });
});

describe("a person who settles", () => {
  it("an attempt that nobody decided as not paid ends its queries; money that comes later still counts", () => {
    const file = attemptIn("failed");
    const undecided = { ...file.attempt, reason: "unknown" as const, resultCode: null, nextQueryAtMs: NOW_MS + 5 };
    const settled = step({ booking: file.booking, attempts: [undecided] }, undecided.id, { type: "settled_not_paid" }, NOW_MS);
    expect(settled?.attempt).toMatchObject({ status: "failed", reason: "rejected", resultCode: SETTLED_CODE, nextQueryAtMs: null });
    if (!settled) throw new Error("nothing was settled");
    expect(mayStillBePaid(settled.attempt)).toBe(false);
    const late = step({ booking: file.booking, attempts: [settled.attempt] }, undecided.id, events.paid, NOW_MS);
    expect(late).toMatchObject({ bookingStatus: "booked", attempt: { status: "paid" } });
  });

  it("changes nothing about a payment that is paid, or that its payer has cancelled", () => {
    for (const [status, reason] of [
      ["paid", null],
      ["failed", "cancelled"],
    ] as const) {
      const { booking, attempt } = attemptIn(status);
      const attempts = [{ ...attempt, reason, resultCode: "1032" }];
      expect(step({ booking, attempts }, attempt.id, { type: "settled_not_paid" }, NOW_MS)).toBeNull();
    }
  });
});

describe("money for a booking", () => {
  it("that is pending books it", () => {
    const file = attemptIn("failed");
    expect(step(file, file.attempt.id, events.paid, NOW_MS)).toMatchObject({
      bookingStatus: "booked",
      attempt: { status: "paid", surplusKes: 0 },
    });
  });

  it("that is booked is surplus", () => {
    const { attempts, booking, attempt } = attemptIn("failed");
    const first = newAttempt(booking, { status: "paid", sessionId: "se_1" });
    const file = { booking: { ...booking, status: "booked" as const }, attempts: [first, ...attempts] };
    expect(step(file, attempt.id, events.paid, NOW_MS)).toMatchObject({
      bookingStatus: "booked",
      attempt: { status: "paid", surplusKes: attempt.amountKes, receipt: "UKN1A2B3C4" },
    });
  });

  it("that has lapsed books it while the session is ahead and its place free; otherwise the money is kept for the owner", () => {
    const { attempts, booking, attempt } = attemptIn("failed");
    const lapsed = { booking: { ...booking, status: "lapsed" as const }, attempts };
    const kept = { bookingStatus: "lapsed", attempt: { status: "paid", surplusKes: 0 } };
    expect(step(lapsed, attempt.id, events.paid, NOW_MS)).toMatchObject({ bookingStatus: "booked" });
    expect(step({ ...lapsed, isPlaceTaken: true }, attempt.id, events.paid, NOW_MS)).toMatchObject(kept);
    expect(step(lapsed, attempt.id, events.paid, sessionStartMs(booking))).toMatchObject(kept);
  });

  it("that was cancelled is surplus, and books nothing", () => {
    const { attempts, booking, attempt } = attemptIn("failed");
    const cancelled = { booking: { ...booking, status: "cancelled" as const }, attempts };
    expect(step(cancelled, attempt.id, events.paid, NOW_MS)).toMatchObject({
      bookingStatus: "cancelled",
      attempt: { status: "paid", surplusKes: attempt.amountKes },
    });
  });
});

describe("money that was given back", () => {
  it("cancels a booked booking once nothing of it is left, and not before", () => {
    const booking = newBooking({ status: "booked" });
    const parts = [1_000, 500].map((amountKes) => newAttempt(booking, { status: "paid", amountKes, receipt: `UKN${amountKes}` }));
    const [first, second] = parts;
    if (!first || !second) throw new Error("two parts");
    const after = step({ booking, attempts: parts }, first.id, { type: "refunded" }, NOW_MS);
    expect(after).toMatchObject({ bookingStatus: "booked", attempt: { status: "refunded" } });
    const left = { booking, attempts: [{ ...first, status: "refunded" as const }, second] };
    expect(step(left, second.id, { type: "refunded" }, NOW_MS)).toMatchObject({ bookingStatus: "cancelled" });
  });
});

describe("when the next prompt may be sent", () => {
  const booking = newBooking();
  const failed = (facts: Partial<Attempt>) => newAttempt(booking, { status: "failed", promptExpiresAtMs: NOW_MS + 34_000, ...facts });
  test.each([
    ["after a refusal that names a wait, when that is over", failed({ reason: "busy", retryAtMs: NOW_MS + 120_000 }), 120_000],
    ["after no answer, when the first prompt's life is over", failed({ reason: "no_answer" }), 34_000],
    ["after an unreachable phone, when the first prompt's life is over", failed({ reason: "unreachable" }), 34_000],
    [
      "after no answer and without the push's reply, a prompt's life after the request",
      failed({ reason: "no_answer", promptExpiresAtMs: null, requestedAtMs: NOW_MS - 20_000 }),
      40_000,
    ],
    ["at once after the payer cancelled", failed({ reason: "cancelled" }), 0],
    ["at once when the wait is over", failed({ reason: "busy", retryAtMs: NOW_MS }), 0],
  ])("%s", (_what, attempt, waitMs) => {
    expect(retryAfterMs({ booking, attempts: [attempt, newAttempt(booking, { status: "paid", amountKes: 1 })] }, NOW_MS)).toBe(waitMs);
  });
});

/** Any event at all, with ids and receipts that differ. */
const anyEvent: fc.Arbitrary<PaymentEvent> = fc.oneof(
  fc.record({
    type: fc.constant("push_accepted" as const),
    checkoutRequestId: fc.constantFrom("ws_CO_1", "ws_CO_2"),
    merchantRequestId: fc.option(fc.constant("m-1")),
  }),
  fc.record({
    type: fc.constant("push_refused" as const),
    reason: fc.constantFrom("busy" as const, "rejected" as const),
    code: fc.constant(null),
  }),
  fc.constantFrom<PaymentEvent>({ type: "push_unclear" }, { type: "prompt_over" }, { type: "gave_up" }),
  fc.record({
    type: fc.constant("paid" as const),
    receipt: fc.option(fc.constantFrom("UKN1A2B3C4", "UKN1A2B3C5")),
    paidAtMs: fc.option(fc.constant(START_MS)),
    checkoutRequestId: fc.option(fc.constantFrom("ws_CO_1", "ws_CO_2")),
  }),
  fc.record({
    type: fc.constant("failed" as const),
    reason: fc.constantFrom("cancelled" as const, "no_answer" as const),
    code: fc.constantFrom("1032", "1037"),
    checkoutRequestId: fc.option(fc.constantFrom("ws_CO_1", "ws_CO_2")),
  }),
);

type Happening = { attempt: number; event: PaymentEvent | "booking lapses" };
const anyHistory = fc.array(
  fc.record({
    attempt: fc.nat({ max: 2 }),
    event: fc.oneof({ weight: 12, arbitrary: anyEvent }, { weight: 1, arbitrary: fc.constant("booking lapses" as const) }),
  }),
  { maxLength: 25 },
);

/** What a store does with a step: the payment that books is tied to its session. */
function applyTo(file: BookingFile, { attempt: index, event }: Happening, nowMs: number): { file: BookingFile; booked: boolean } {
  if (event === "booking lapses") {
    const status: BookingStatus = file.booking.status === "pending" ? "lapsed" : file.booking.status;
    return { file: { ...file, booking: { ...file.booking, status } }, booked: false };
  }
  const attempt = file.attempts[index];
  const next = attempt && step(file, attempt.id, event, nowMs);
  if (!next) return { file, booked: false };
  const booked = next.bookingStatus === "booked" && file.booking.status !== "booked";
  const changed = booked ? { ...next.attempt, sessionId: "se_1" } : next.attempt;
  const booking = { ...file.booking, status: next.bookingStatus };
  return { booked, file: { booking, attempts: file.attempts.map((old) => (old.id === changed.id ? changed : old)) } };
}

function freshFile(): BookingFile {
  const booking = newBooking();
  return { booking, attempts: [0, 1, 2].map((index) => newAttempt(booking, { requestedAtMs: START_MS + index })) };
}

/** Plays a history and hands each step to the check. */
function play(
  history: Happening[],
  check: (before: BookingFile, after: BookingFile, happening: Happening) => void,
): { file: BookingFile; bookedTimes: number } {
  let file = freshFile();
  let bookedTimes = 0;
  for (const [index, happening] of history.entries()) {
    const before = deepFreeze(file);
    const result = applyTo(before, happening, NOW_MS + index);
    file = result.file;
    if (result.booked) bookedTimes += 1;
    check(before, file, happening);
  }
  return { file, bookedTimes };
}

function deepFreeze(file: BookingFile): BookingFile {
  for (const part of [file.booking, file.attempts, ...file.attempts]) Object.freeze(part);
  return Object.freeze(file);
}

describe("whatever happens, in any order", () => {
  it("money stays: an attempt that is paid is never anything else but refunded, and keeps its receipt", () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        play(history, (before, after) => {
          for (const [index, attempt] of before.attempts.entries()) {
            if (attempt.status !== "paid") continue;
            const now = after.attempts[index];
            expect(["paid", "refunded"]).toContain(now?.status);
            if (attempt.receipt !== null) expect(now?.receipt).toBe(attempt.receipt);
            expect(now?.surplusKes).toBe(attempt.surplusKes);
          }
        });
      }),
    );
  });

  it("a booking is booked at most once, only when its full amount has arrived, and shows as paid only then", () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const { file, bookedTimes } = play(history, (before, after) => {
          const isNewlyBooked = after.booking.status === "booked" && before.booking.status !== "booked";
          if (isNewlyBooked) expect(amountPaidKes(after.attempts)).toBeGreaterThanOrEqual(after.booking.amountKes);
          const isFull = amountPaidKes(after.attempts) >= after.booking.amountKes;
          expect(bookingPaymentStatus(after) === "paid").toBe(isFull);
        });
        expect(bookedTimes).toBeLessThanOrEqual(1);
        expect(file.attempts.filter(({ sessionId }) => sessionId !== null)).toHaveLength(bookedTimes);
      }),
    );
  });

  it("paid money is what the booking needed and its surplus, to the shilling", () => {
    fc.assert(
      fc.property(anyHistory, fc.array(fc.integer({ min: 1, max: 2_000 }), { minLength: 3, maxLength: 3 }), (history, amounts) => {
        let file: BookingFile = freshFile();
        file = { ...file, attempts: file.attempts.map((attempt, index) => ({ ...attempt, amountKes: amounts[index] ?? 1 })) };
        const withoutRefunds = history.filter(({ event }) => event === "booking lapses" || event.type !== "refunded");
        for (const [index, happening] of withoutRefunds.entries()) file = applyTo(file, happening, NOW_MS + index).file;
        const paidKes = amountPaidKes(file.attempts);
        const surplusKes = file.attempts.reduce((sumKes, attempt) => sumKes + attempt.surplusKes, 0);
        expect(surplusKes).toBe(Math.max(0, paidKes - file.booking.amountKes));
        expect(amountDueKes(file)).toBe(Math.max(0, file.booking.amountKes - paidKes));
      }),
    );
  });

  it("an event that is repeated changes nothing", () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        play(history, (_before, after, happening) => {
          expect(applyTo(after, happening, NOW_MS + 1_000).file).toEqual(after);
        });
      }),
    );
  });

  it("only steps of the table are taken, and one attempt at a time", () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        play(history, (before, after) => {
          const changed = before.attempts.flatMap((old, index) =>
            old === after.attempts[index] ? [] : [{ old, now: after.attempts[index] }],
          );
          expect(changed.length).toBeLessThanOrEqual(1);
          for (const { old, now } of changed) {
            if (now && now.status !== old.status) expect(allowed.has(`${old.status} ${now.status}`)).toBe(true);
          }
        });
      }),
    );
  });

  it("an ended attempt has its end, its reason or its payment, and nothing left to ask once that is sure", () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const { file } = play(history, () => undefined);
        for (const attempt of file.attempts) {
          expect(attempt.endedAtMs === null).toBe(isOpen(attempt));
          expect(attempt.reason !== null).toBe(attempt.status === "failed");
          expect(attempt.paidAtMs !== null).toBe(attempt.status === "paid");
          const isSure = attempt.resultCode === "0" || (attempt.status === "failed" && !mayStillBePaid(attempt));
          if (isSure) expect(attempt.nextQueryAtMs).toBeNull();
        }
      }),
    );
  });

  it("what belongs to the attempt from its start never changes", () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const start = freshFile();
        let file = start;
        for (const [index, happening] of history.entries()) file = applyTo(file, happening, NOW_MS + index).file;
        const constant = ({ id, siteId, bookingId, amountKes, phone, callbackSecretHash, requestedAtMs }: Attempt) => [
          id,
          siteId,
          bookingId,
          amountKes,
          phone,
          callbackSecretHash,
          requestedAtMs,
        ];
        expect(file.attempts.map(constant)).toEqual(start.attempts.map(constant));
      }),
    );
  });
});

it("money is kept once: who says so again changes nothing", () => {
  const booking = newBooking({ status: "booked" });
  const attempt = newAttempt(booking, { status: "paid", surplusKes: 500 });
  const kept = step({ booking, attempts: [attempt] }, attempt.id, events.kept, NOW_MS);
  expect(kept).toMatchObject({ attempt: { status: "paid", keptAtMs: NOW_MS }, bookingStatus: "booked" });
  const again = { booking, attempts: [{ ...attempt, keptAtMs: NOW_MS }] };
  expect(step(again, attempt.id, events.kept, NOW_MS + 1)).toBeNull();
});

describe("what a booking shows", () => {
  const booking = newBooking();
  const withStatus = (status: PaymentStatus, sessionId: string | null = null) => newAttempt(booking, { status, sessionId });

  test.each([
    [[], "unpaid"],
    [["requested"], "pending"],
    [["prompted"], "pending"],
    [["confirming"], "pending"],
    [["paid"], "paid"],
    [["refunded"], "refunded"],
    [["refunded", "failed"], "refunded"],
    [["failed"], "failed"],
    [["failed", "prompted"], "pending"],
    [["failed", "failed"], "failed"],
  ] as const)("%j is %s", (statuses, shown) => {
    expect(bookingPaymentStatus({ booking, attempts: statuses.map((status) => withStatus(status)) })).toBe(shown);
  });

  test.each([
    [[1_000], "partial"],
    [[1_000, 500], "paid"],
    [[2_000], "paid"],
    [[1_499], "partial"],
  ] as const)("payments of %j on a price of 1,500 are %s", (amounts, shown) => {
    const attempts = amounts.map((amountKes) => newAttempt(booking, { status: "paid", amountKes }));
    expect(bookingPaymentStatus({ booking, attempts })).toBe(shown);
    expect(bookingPaymentStatus({ booking, attempts: [...attempts, withStatus("failed")] })).toBe(shown);
    expect(bookingPaymentStatus({ booking, attempts: [...attempts, withStatus("prompted")] })).toBe(shown === "paid" ? "paid" : "pending");
  });

  it("is the payment that booked it, whatever came after", () => {
    const booked = withStatus("paid", "se_1");
    const attempts = [withStatus("failed"), booked, withStatus("failed")];
    expect(shownAttempt({ booking, attempts })).toBe(booked);
    expect(bookingPaymentStatus({ booking, attempts })).toBe("paid");
  });
});
