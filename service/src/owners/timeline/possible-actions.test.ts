import { describe, expect, it } from "vitest";
import type { Booking } from "../../bookings/booking.ts";
import type { Attempt } from "../../payments/payment.ts";
import { newAttempt, newBooking } from "../../payments/testing.ts";
import { english } from "../../words/english.ts";
import { possibleActions, type ActionFacts } from "./possible-actions.ts";

const paid: Partial<Attempt> = { status: "paid", receipt: "UKN7RT61SV" };
/** The names of what is possible, and its consequences. */
function actionsOf(facts: Partial<Booking>, attempts: Partial<Attempt>[], known: Partial<ActionFacts> = {}) {
  const booking = newBooking(facts);
  const made = attempts.map((attempt) => newAttempt(booking, attempt));
  const all = { refundable: new Set(made.map(({ id }) => id)), hasUnassigned: false, canMail: false, ...known };
  return Object.fromEntries(
    possibleActions(english, { booking, attempts: made }, all, null).map(({ action, consequence }) => [action, consequence]),
  );
}

describe("what an owner can do", () => {
  it("about a booked session: give the money back, move it, cancel it", () => {
    const actions = actionsOf({ status: "booked" }, [paid]);
    expect(Object.keys(actions)).toEqual(["refund", "move", "cancel"]);
    expect(actions["refund"]).toBe(
      "KES 1,500 goes back to 2547•••••001 by M-Pesa, all of receipt UKN7RT61SV; the session on Tuesday, 8 December 2026, 10:00 is then cancelled. It cannot be undone.",
    );
    expect(actions["cancel"]).toContain("KES 1,500 stays on the list of what needs attention until you give it back.");
  });

  it("about a failed try: settle it while something is due, and not once the booking is paid", () => {
    const failed = { status: "failed", reason: "insufficient_funds" } as const;
    expect(actionsOf({}, [failed])).toHaveProperty("settle");
    expect(actionsOf({ status: "booked" }, [failed, paid])).not.toHaveProperty("settle");
    expect(actionsOf({ status: "booked" }, [{ ...failed, reason: "unknown" }, paid])).toHaveProperty("settle");
  });

  it("about surplus: also keep it; and giving it back cancels nothing", () => {
    const surplus = { ...paid, receipt: "UKN7RT61SW", surplusKes: 1_500 };
    const actions = actionsOf({ status: "booked" }, [paid, surplus]);
    expect(Object.keys(actions)).toEqual(["refund", "settle", "move", "cancel"]);
    expect(actions["refund"]).toContain("KES 1,500 stays, and so does the session.");
    expect(actionsOf({ status: "booked" }, [paid, { ...surplus, keptAtMs: 1 }])).not.toHaveProperty("settle");
  });

  it("about a prompt on the phone: settle and move, and not cancel", () => {
    expect(Object.keys(actionsOf({}, [{ status: "prompted" }]))).toEqual(["settle", "move"]);
  });

  it("about an unpaid booking: assign money, if there is some", () => {
    expect(Object.keys(actionsOf({}, []))).toEqual(["move", "cancel"]);
    const { assign } = actionsOf({}, [{ status: "failed", reason: "cancelled" }], { hasUnassigned: true });
    expect(assign).toBe("Money that came without a booking counts for this one, of which KES 1,500 is due and books the session.");
    expect(actionsOf({ status: "lapsed" }, [], { hasUnassigned: true })["assign"]).not.toContain("books the session");
  });

  it("about a lapsed booking that was paid: move it, which books it", () => {
    expect(actionsOf({ status: "lapsed" }, [paid])["move"]).toContain("is booked at the time that you choose");
  });

  it("about a cancelled booking: give its money back, or say that it stays", () => {
    expect(Object.keys(actionsOf({ status: "cancelled" }, [paid]))).toEqual(["refund", "settle"]);
    expect(actionsOf({ status: "cancelled" }, [paid])["refund"]).toContain("nothing is paid for this booking then");
    expect(actionsOf({ status: "cancelled" }, [{ status: "refunded", receipt: "UKN7RT61SV" }])).toEqual({});
  });

  it("is no refund without a receipt, an initiator, or while one is under way", () => {
    expect(actionsOf({ status: "booked" }, [{ status: "paid" }])).not.toHaveProperty("refund");
    expect(actionsOf({ status: "booked" }, [paid], { refundable: new Set() })).not.toHaveProperty("refund");
  });

  it("is to send the receipt again, if the service sends mail and the address is still there", () => {
    expect(actionsOf({ status: "booked" }, [paid], { canMail: true })["resend_receipt"]).toBe(
      "The receipt goes once more to wanjiru@example.com.",
    );
    expect(actionsOf({ status: "booked", email: "(erased)" }, [paid], { canMail: true })).not.toHaveProperty("resend_receipt");
    expect(actionsOf({}, [], { canMail: true })).not.toHaveProperty("resend_receipt");
  });
});
