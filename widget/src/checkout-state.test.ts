import { describe, expect, it } from "vitest";
import { booking, failed, paid, payment, prompted } from "../screens/canned-bookings.ts";
import type { CheckoutEvent, CheckoutState, CheckoutStatus } from "./checkout-state.ts";
import { awaitsNews, isKnown, maySubmit, next, promptEndsAtMs } from "./checkout-state.ts";

const NOW_MS = 1_800_000_000_000;
const ID = "b1";
const open = (status: "requested" | "prompted" | "confirming", version: number, requestedAt = NOW_MS) =>
  booking(ID, {
    version,
    payment_status: "pending",
    payment: { status, phone: "2547•••••678", requestedAt, promptExpiresAt: requestedAt + 60_000 },
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
  refunded: run(seen(booking(ID, { version: 6, payment: payment("refunded") }))),
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
  "booking refunded": seen(newer(booking(ID, { payment: payment("refunded") }))),
  "booking stale": seen({ ...open("prompted", 0), version: 0 }),
  answered: { type: "answered", booking: newer(open("prompted", 9, NOW_MS + 1)), atMs: NOW_MS },
  submitted,
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
  "booking unpaid": { loading: "ready", unavailable: "ready", prompted: "ready", confirming: "ready", failed: "ready" },
  "booking requested": {
    loading: "sending",
    unavailable: "sending",
    ready: "sending",
    prompted: "sending",
    confirming: "sending",
    failed: "sending",
  },
  "booking prompted": {
    loading: "prompted",
    unavailable: "prompted",
    ready: "prompted",
    sending: "prompted",
    confirming: "prompted",
    failed: "prompted",
  },
  "booking confirming": {
    loading: "confirming",
    unavailable: "confirming",
    ready: "confirming",
    sending: "confirming",
    prompted: "confirming",
    failed: "confirming",
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
    manual: "paid",
  },
  "booking failed": {
    loading: "failed",
    unavailable: "failed",
    ready: "failed",
    sending: "failed",
    prompted: "failed",
    confirming: "failed",
  },
  "booking refunded": {
    loading: "refunded",
    unavailable: "refunded",
    ready: "refunded",
    sending: "refunded",
    prompted: "refunded",
    confirming: "refunded",
    paid: "refunded",
    failed: "refunded",
    manual: "refunded",
  },
  "booking stale": { loading: "prompted", unavailable: "prompted" },
  answered: {
    loading: "prompted",
    unavailable: "prompted",
    ready: "prompted",
    sending: "prompted",
    confirming: "prompted",
    failed: "prompted",
  },
  submitted: { ready: "sending", failed: "sending" },
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
    expect(run(seen({ ...failed(ID, "cancelled"), payment_status: "paid" })).name).toBe("paid");
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
    expect(listening.map((state) => state.name).sort()).toEqual(["confirming", "failed", "manual", "prompted", "sending"]);
    expect(awaitsNews(next(states.failed, { type: "edit" }))).toBe(true);
  });
});
