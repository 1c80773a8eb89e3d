import { describe, expect, it } from "vitest";
import { booking, failed, over, paid, partPaid, payment, prompted, refunded } from "../../screens/canned-bookings.ts";
import type { CheckoutEvent, CheckoutState, CheckoutStatus } from "./checkout-state.ts";
import { awaitsNews, isKnown, maySubmit, next, promptEndsAtMs } from "./checkout-state.ts";

const NOW_MS = 1_800_000_000_000;
const ID = "b1";
const open = (status: "requested" | "prompted" | "confirming", version: number, requestedAt = NOW_MS) =>
  booking(ID, {
    version,
    payment_status: "pending",
    payment: { status, amount: 1_500, phone: "2547•••••678", requestedAt, promptExpiresAt: requestedAt + 60_000 },
  });
const seen = (view: ReturnType<typeof booking>): CheckoutEvent => ({ type: "booking", booking: view, atMs: NOW_MS });
const run = (...events: CheckoutEvent[]) => events.reduce<CheckoutState>(next, { name: "loading" });

const submitted: CheckoutEvent = { type: "submitted", atMs: NOW_MS };
const states: Record<CheckoutStatus, CheckoutState> = {
  loading: { name: "loading" },
  details: { name: "details" },
  unavailable: run({ type: "unavailable", problem: "no_connection" }),
  ready: run(seen(booking(ID))),
  sending: run(seen(booking(ID)), submitted),
  prompted: run(seen(open("prompted", 3))),
  confirming: run(seen(open("confirming", 4))),
  paid: run(seen(paid(ID, 5))),
  failed: run(seen(failed(ID, "cancelled", 5))),
  refunded: run(seen(refunded(ID))),
  lapsed: run(seen(over("lapsed", failed(ID, "cancelled", 5)))),
  cancelled: run(seen(over("cancelled", failed(ID, "cancelled", 5)))),
  manual: run(seen(booking(ID)), { type: "pay-manually" }),
};

const newer = (view: ReturnType<typeof booking>) => ({ ...view, version: 9 });
const events: Record<string, CheckoutEvent> = {
  "booking unpaid": seen(newer(booking(ID))),
  "booking requested": seen(newer(open("requested", 9, NOW_MS + 1))),
  "booking prompted": seen(newer(open("prompted", 9, NOW_MS + 1))),
  "booking confirming": seen(newer(open("confirming", 9, NOW_MS + 1))),
  "booking paid": seen(newer(paid(ID))),
  "booking failed": seen(newer(failed(ID, "wrong_pin"))),
  "booking refunded": seen(newer(refunded(ID))),
  "booking partly paid": seen(newer(partPaid(ID))),
  "booking lapsed": seen(newer(over("lapsed", failed(ID, "wrong_pin")))),
  "booking cancelled": seen(newer(over("cancelled", partPaid(ID)))),
  "booking stale": seen({ ...open("prompted", 0), version: 0 }),
  answered: { type: "answered", booking: newer(open("prompted", 9, NOW_MS + 1)), atMs: NOW_MS },
  submitted,
  "too-soon": { type: "too-soon", booking: newer(failed(ID, "no_answer")), retryAfterMs: 5_000, atMs: NOW_MS },
  refused: { type: "refused", problem: "too_many", retryAfterMs: 5_000, atMs: NOW_MS },
  "phone-refused": { type: "phone-refused" },
  "phone-edited": { type: "phone-edited" },
  unavailable: { type: "unavailable", problem: "not_found" },
  edit: { type: "edit" },
  "pay-manually": { type: "pay-manually" },
  back: { type: "back" },
  "ask-details": { type: "ask-details" },
  reset: { type: "reset" },
};

/** Where each event leads from each state; a state that is missing here stays as it is. */
const leadsTo: Record<string, Partial<Record<CheckoutStatus, CheckoutStatus>>> = {
  "booking unpaid": {
    loading: "ready",
    unavailable: "ready",
    prompted: "ready",
    confirming: "ready",
    failed: "ready",
    lapsed: "ready",
    cancelled: "ready",
  },
  "booking requested": {
    loading: "sending",
    unavailable: "sending",
    ready: "sending",
    prompted: "sending",
    confirming: "sending",
    failed: "sending",
    lapsed: "sending",
    cancelled: "sending",
  },
  "booking prompted": {
    loading: "prompted",
    unavailable: "prompted",
    ready: "prompted",
    sending: "prompted",
    confirming: "prompted",
    failed: "prompted",
    lapsed: "prompted",
    cancelled: "prompted",
  },
  "booking confirming": {
    loading: "confirming",
    unavailable: "confirming",
    ready: "confirming",
    sending: "confirming",
    prompted: "confirming",
    failed: "confirming",
    lapsed: "confirming",
    cancelled: "confirming",
  },
  "booking paid": {
    loading: "paid",
    unavailable: "paid",
    ready: "paid",
    sending: "paid",
    prompted: "paid",
    confirming: "paid",
    failed: "paid",
    refunded: "paid",
    lapsed: "paid",
    cancelled: "paid",
    manual: "paid",
  },
  "booking failed": {
    loading: "failed",
    unavailable: "failed",
    ready: "failed",
    sending: "failed",
    prompted: "failed",
    confirming: "failed",
    lapsed: "failed",
    cancelled: "failed",
  },
  "booking refunded": {
    loading: "refunded",
    unavailable: "refunded",
    ready: "refunded",
    sending: "refunded",
    prompted: "refunded",
    confirming: "refunded",
    failed: "refunded",
    paid: "refunded",
    lapsed: "refunded",
    cancelled: "refunded",
    manual: "refunded",
  },
  "booking lapsed": {
    loading: "lapsed",
    unavailable: "lapsed",
    ready: "lapsed",
    sending: "lapsed",
    prompted: "lapsed",
    confirming: "lapsed",
    failed: "lapsed",
    paid: "lapsed",
    refunded: "lapsed",
    cancelled: "lapsed",
    manual: "lapsed",
  },
  "booking cancelled": {
    loading: "cancelled",
    unavailable: "cancelled",
    ready: "cancelled",
    sending: "cancelled",
    prompted: "cancelled",
    confirming: "cancelled",
    failed: "cancelled",
    paid: "cancelled",
    refunded: "cancelled",
    lapsed: "cancelled",
    manual: "cancelled",
  },
  "booking partly paid": {
    loading: "ready",
    unavailable: "ready",
    sending: "ready",
    prompted: "ready",
    confirming: "ready",
    failed: "ready",
    lapsed: "ready",
    cancelled: "ready",
  },
  "booking stale": { loading: "prompted", unavailable: "prompted" },
  answered: {
    loading: "prompted",
    unavailable: "prompted",
    ready: "prompted",
    sending: "prompted",
    confirming: "prompted",
    failed: "prompted",
    lapsed: "prompted",
    cancelled: "prompted",
  },
  submitted: { ready: "sending", failed: "sending" },
  "too-soon": {
    loading: "failed",
    unavailable: "failed",
    ready: "failed",
    sending: "ready",
    prompted: "failed",
    confirming: "failed",
    lapsed: "failed",
    cancelled: "failed",
  },
  refused: { sending: "failed" },
  "phone-refused": { sending: "ready" },
  "phone-edited": {},
  unavailable: { loading: "unavailable" },
  edit: { failed: "ready" },
  "pay-manually": { ready: "manual", prompted: "manual", failed: "manual" },
  back: { manual: "ready" },
  "ask-details": { loading: "details", unavailable: "details" },
  reset: {
    details: "loading",
    unavailable: "loading",
    ready: "loading",
    sending: "loading",
    prompted: "loading",
    confirming: "loading",
    paid: "loading",
    failed: "loading",
    refunded: "loading",
    lapsed: "loading",
    cancelled: "loading",
    manual: "loading",
  },
};

describe("every event in every state", () => {
  for (const [eventName, event] of Object.entries(events)) {
    for (const [from, state] of Object.entries(states)) {
      const row = leadsTo[eventName] ?? {};
      // While details are asked for, a booking or its absence is news as it is on an empty screen.
      const to = row[from as CheckoutStatus] ?? (from === "details" ? row.loading : undefined) ?? from;
      it(`${from} + ${eventName} = ${to}`, () => {
        expect(state.name).toBe(from);
        expect(next(state, event).name).toBe(to);
      });
    }
  }
});

describe("what is true of two views of a booking", () => {
  it("ignores the older one", () => {
    const state = run(seen(open("confirming", 4)));
    expect(next(state, seen(open("prompted", 3)))).toBe(state);
  });

  it("does not take the attempt before ours for its outcome", () => {
    const before = failed(ID, "cancelled", 5);
    const sending = run(seen(before), submitted);
    expect(next(sending, seen({ ...before, version: 6 })).name).toBe("sending");
    expect(next(sending, seen(open("prompted", 7))).name).toBe("prompted");
  });

  it("follows our own attempt although the answer to our request is lost", () => {
    const requested = next(run(seen(booking(ID)), submitted), seen(open("requested", 2, NOW_MS + 1)));
    expect(requested.name).toBe("sending");
    const givenUp = next(requested, { type: "refused", problem: "no_connection", atMs: NOW_MS });
    expect(givenUp.name).toBe("sending");
    expect(next(givenUp, seen(open("prompted", 3, NOW_MS + 1))).name).toBe("prompted");
    const refused = { ...open("requested", 3, NOW_MS + 1), payment_status: "failed" } as const;
    const ended = { ...refused, payment: { ...payment("failed"), requestedAt: NOW_MS + 1, reason: "busy" as const } };
    expect(next(requested, seen(ended))).toMatchObject({ name: "failed", problem: "busy" });
  });

  it("never leaves an open attempt unseen behind a refusal", () => {
    const refused = run(seen(booking(ID)), submitted, { type: "refused", problem: "no_connection", atMs: NOW_MS });
    expect(refused.name).toBe("failed");
    expect(next(refused, seen(open("confirming", 4))).name).toBe("confirming");
  });

  it("believes the answer to our own request even when it shows nothing new", () => {
    const before = failed(ID, "cancelled", 5);
    expect(next(run(seen(before), submitted), { type: "answered", booking: before, atMs: NOW_MS }).name).toBe("failed");
  });

  it("leaves the form alone when the dismissed attempt is reported again", () => {
    const before = failed(ID, "cancelled", 5);
    const form = run(seen(before), { type: "edit" });
    expect(next(form, seen({ ...before, version: 6 })).name).toBe("ready");
  });

  it("calls money late only after it had said that the payment failed", () => {
    const late = next(states.failed, seen(newer(paid(ID))));
    expect(late).toMatchObject({ name: "paid", late: true });
    expect(next(states.prompted, seen(newer(paid(ID))))).toMatchObject({ late: false });
    expect(next(next(states.failed, { type: "edit" }), seen(newer(paid(ID))))).toMatchObject({ late: true });
    expect(next(late, seen({ ...paid(ID), version: 10 }))).toMatchObject({ late: true });
  });

  it("shows a payment as received although a later attempt for it failed", () => {
    expect(run(seen(paid(ID, 6, { payment: payment("failed", 1, { reason: "cancelled" }) }))).name).toBe("paid");
  });

  it("says paid only for the full amount, never for one payment alone", () => {
    expect(run(seen(partPaid(ID))).name).toBe("ready");
    expect(run(seen(paid(ID))).name).toBe("paid");
  });

  it("shows the rest of a part payment: its prompt, why it failed, and paid at last", () => {
    const rest = { amount: 500, requestedAt: NOW_MS + 1 };
    const form = run(seen(partPaid(ID, 5)));
    const asked = next(form, seen(partPaid(ID, 6, { payment_status: "pending", payment: { ...payment("prompted"), ...rest } })));
    expect(asked.name).toBe("prompted");
    const refused = partPaid(ID, 7, { payment: { ...payment("failed"), ...rest, reason: "wrong_pin" } });
    const failedRest = next(asked, seen(refused));
    expect(failedRest).toMatchObject({ name: "failed", problem: "wrong_pin" });
    expect(next(failedRest, seen(paid(ID, 8))).name).toBe("paid");
  });

  it("leaves why an attempt failed once its own money has arrived after all, as a part", () => {
    const before = failed(ID, "no_answer", 5);
    const late = partPaid(ID, 6, { payment: { ...payment("paid"), requestedAt: before.payment?.requestedAt ?? 0, amount: 1_000 } });
    expect(next(run(seen(before)), seen(late)).name).toBe("ready");
  });

  it("keeps a refusal on the screen when the part payment before it is read again", () => {
    const refused = run(seen(partPaid(ID, 5)), submitted, { type: "refused", problem: "too_many", retryAfterMs: 5_000, atMs: NOW_MS });
    expect(next(refused, seen({ ...partPaid(ID, 6), payment: isKnown(refused) ? refused.booking.payment : null }))).toMatchObject({
      name: "failed",
      problem: "too_many",
    });
  });

  it("goes on sending the rest while the part before it is read again", () => {
    const part = partPaid(ID, 5);
    expect(next(run(seen(part), submitted), seen({ ...part, version: 6 })).name).toBe("sending");
  });

  it("keeps paying by hand on the screen when only a part has arrived", () => {
    const manual = next(states.manual, seen(newer(partPaid(ID))));
    expect(manual).toMatchObject({ name: "manual", booking: { amountDue: 500 } });
    expect(next(manual, seen({ ...paid(ID), version: 10 })).name).toBe("paid");
  });

  it("says paid although the session is not booked", () => {
    for (const status of ["lapsed", "cancelled"] as const) {
      expect(run(seen(over(status, paid(ID)))), status).toMatchObject({ name: "paid", booking: { booking_status: status } });
    }
  });

  it("calls money late that arrives after the lapse", () => {
    expect(next(states.lapsed, seen(newer(paid(ID))))).toMatchObject({ name: "paid", late: true });
    expect(next(run(seen(over("lapsed", booking(ID)))), seen(newer(paid(ID))))).toMatchObject({ name: "paid", late: true });
  });

  it("leads nowhere from lapsed and cancelled by what the parent does", () => {
    for (const state of [states.lapsed, states.cancelled]) {
      for (const type of ["edit", "back", "pay-manually", "phone-edited", "phone-refused"] as const)
        expect(next(state, { type })).toBe(state);
      expect(next(state, submitted)).toBe(state);
      expect(maySubmit(state, NOW_MS)).toBe(false);
    }
  });

  it("shows the booking of a refusal that found it lapsed or cancelled", () => {
    for (const status of ["lapsed", "cancelled"] as const) {
      const state = run(seen(booking(ID)), submitted, { type: "answered", booking: over(status, booking(ID)), atMs: NOW_MS });
      expect(state.name).toBe(status);
    }
  });

  it("follows a prompt that is open although the time to pay is over, and not one whose booking was cancelled", () => {
    expect(run(seen(over("lapsed", open("prompted", 4)))).name).toBe("prompted");
    expect(run(seen(over("cancelled", open("prompted", 4)))).name).toBe("cancelled");
  });

  it("waits for an open prompt that the service does not show, because another payment booked the session", () => {
    expect(run(seen(paid(ID, 6, { payment_status: "pending", amountPaid: 1_000, amountDue: 500 }))).name).toBe("confirming");
  });

  it("shows a refund also behind a later attempt that failed", () => {
    const view = { ...refunded(ID), payment: payment("failed", 1, { reason: "cancelled" }) };
    expect(run(seen(view)).name).toBe("refunded");
  });

  it("lets the parent pay again after a part was given back, and shows what comes of it", () => {
    const given = { ...refunded(ID, 6), booking_status: "pending" } as const;
    expect(next(states.refunded, { type: "edit" })).toBe(states.refunded);
    const form = next(run(seen(given)), { type: "edit" });
    expect(form.name).toBe("ready");
    expect(next(form, seen({ ...given, version: 7 })).name).toBe("ready");
    const sending = next(form, submitted);
    expect(next(sending, seen({ ...given, version: 7 })).name).toBe("sending");
    const ended = { ...given, version: 8, payment: { ...payment("failed"), requestedAt: NOW_MS + 1, reason: "busy" as const } };
    expect(next(sending, seen(ended))).toMatchObject({ name: "failed", problem: "busy" });
  });

  it("returns from paying by hand to what the booking shows by then", () => {
    const manual = next(states.prompted, { type: "pay-manually" });
    expect(next(next(manual, seen(open("confirming", 8))), { type: "back" }).name).toBe("confirming");
  });

  it("does not offer paying by hand where the service names no way", () => {
    const { payManually: _, ...view } = booking(ID);
    expect(run(seen(view), { type: "pay-manually" }).name).toBe("ready");
  });
});

describe("when another prompt may be sent", () => {
  it("waits as long as the service asked for", () => {
    const state = run(seen(failed(ID, "busy", 5, { retryAfterMs: 118_000 })));
    expect(maySubmit(state, NOW_MS + 117_999)).toBe(false);
    expect(next(state, { type: "submitted", atMs: NOW_MS + 117_999 })).toBe(state);
    expect(maySubmit(state, NOW_MS + 118_000)).toBe(true);
  });

  it("keeps the wait of a refusal when the booking is read again, and on the form", () => {
    const refused = run(seen(booking(ID)), submitted, { type: "refused", problem: "too_many", retryAfterMs: 60_000, atMs: NOW_MS });
    expect(maySubmit(next(refused, seen(booking(ID))), NOW_MS + 59_000)).toBe(false);
    expect(maySubmit(next(refused, { type: "edit" }), NOW_MS + 59_000)).toBe(false);
  });

  it("waits on the form when another prompt cannot be sent yet, and where the parent pressed the button", () => {
    const view = failed(ID, "no_answer", 6);
    const tooSoon: CheckoutEvent = { type: "too-soon", booking: view, retryAfterMs: 40_000, atMs: NOW_MS };
    expect(run(seen(view), { type: "edit" }, submitted, tooSoon)).toMatchObject({ name: "ready", retryAtMs: NOW_MS + 40_000 });
    expect(run(seen(view), submitted, tooSoon)).toMatchObject({ name: "failed", problem: "no_answer", retryAtMs: NOW_MS + 40_000 });
    const exact = { ...tooSoon, retryAfterMs: undefined, booking: { ...view, retryAfterMs: 38_500 } };
    expect(run(seen(booking(ID)), submitted, exact)).toMatchObject({ name: "ready", retryAtMs: NOW_MS + 38_500 });
  });

  it("shows the news of the booking that came with a wait", () => {
    const tooSoon: CheckoutEvent = { type: "too-soon", booking: over("lapsed", booking(ID)), retryAfterMs: 40_000, atMs: NOW_MS };
    expect(run(seen(booking(ID)), submitted, tooSoon).name).toBe("lapsed");
  });

  it("takes a refusal's booking as the truth", () => {
    const event: CheckoutEvent = {
      type: "refused",
      problem: "busy",
      booking: failed(ID, "misconfigured", 4),
      retryAfterMs: 3_000,
      atMs: NOW_MS,
    };
    const state = run(seen(booking(ID)), submitted, event);
    expect(state).toMatchObject({ name: "failed", problem: "misconfigured", retryAtMs: NOW_MS + 3_000 });
  });
});

describe("the prompt's end on this device's clock", () => {
  const endOf = (state: CheckoutState) => (isKnown(state) ? promptEndsAtMs(state) : undefined);

  it("counts from our own request, whatever the device's time is", () => {
    for (const skewMs of [-3_600_000, 0, 3_600_000]) {
      const state = next(states.sending, { type: "answered", booking: open("prompted", 3, NOW_MS + skewMs), atMs: NOW_MS + 900 });
      expect(endOf(state)).toBe(NOW_MS + 60_000);
    }
  });

  it("believes a plausible clock after a reload, and takes the prompt for new on any other", () => {
    expect(endOf(run(seen(open("prompted", 3, NOW_MS - 40_000))))).toBe(NOW_MS + 20_000);
    expect(endOf(run(seen(open("prompted", 3, NOW_MS - 7_200_000))))).toBe(NOW_MS + 60_000);
    expect(endOf(run(seen(open("prompted", 3, NOW_MS + 7_200_000))))).toBe(NOW_MS + 60_000);
  });

  it("stays where it is as news of the same attempt comes in", () => {
    const state = run(seen(open("prompted", 3, NOW_MS - 7_200_000)));
    expect(endOf(next(state, { type: "booking", booking: open("prompted", 4, NOW_MS - 7_200_000), atMs: NOW_MS + 30_000 }))).toBe(
      NOW_MS + 60_000,
    );
  });

  it("is not known when the service does not say", () => {
    const view = prompted(ID);
    const silent = { ...view, payment: { ...payment("prompted"), promptExpiresAt: undefined } };
    expect(endOf(run(seen(silent)))).toBeUndefined();
  });
});

describe("listening", () => {
  it("goes on exactly while something may still happen", () => {
    const listening = Object.values(states).filter(awaitsNews);
    expect(listening.map((state) => state.name).sort()).toEqual([
      "cancelled",
      "confirming",
      "failed",
      "lapsed",
      "manual",
      "prompted",
      "sending",
    ]);
    expect(awaitsNews(next(states.failed, { type: "edit" }))).toBe(true);
  });
});
