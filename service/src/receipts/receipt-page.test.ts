import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { toBookingView } from "../bookings/booking-view.ts";
import type { Booking } from "../bookings/booking.ts";
import type { Attempt } from "../payments/payment.ts";
import { newAttempt, newBooking, START_MS } from "../payments/testing.ts";
import { hasReceipt, RECEIPT_POLICY, receiptPage } from "./receipt-page.ts";
import { receiptLabelsIn } from "./receipt-labels.ts";

function pageOf(attempt: Partial<Attempt> = {}, booking: Partial<Booking> = {}, merchant = "Amani Tutors", language = "en"): string {
  const made = newBooking({ status: "booked", reference: "AMANI-1042", ...booking });
  const paid = newAttempt(made, { status: "paid", receipt: "UKN7QX41B2", paidAtMs: START_MS + 120_000, ...attempt });
  const view = toBookingView({ booking: made, attempts: [paid] }, { nowMs: START_MS });
  if (!hasReceipt(view)) throw new Error("there is no receipt");
  return receiptPage(view, merchant, receiptLabelsIn(language));
}

/** The visible text of the page, line by line. */
const readIn = (page: string): string[] =>
  page
    .replaceAll(/<(style|script)>[^]*?<\/\1>/g, "")
    .replaceAll("</dt><dd>", ": ")
    .replaceAll(/<[^>]*>/g, "")
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

describe("the receipt", () => {
  it("shows payee, amount, time in Nairobi, phone and session", () => {
    expect(readIn(pageOf())).toEqual([
      "Receipt · UKN7QX41B2 · Amani Tutors",
      "Amani Tutors",
      "Receipt",
      "KES\u00a01,500",
      "M-Pesa receipt: UKN7QX41B2",
      "Paid: Mon 23 Nov 2026, 10:02",
      "From phone: 07••\u00a0•••\u00a0001",
      "Session: Maths, one hour",
      "When: Tue 8 Dec 2026, 10:00",
      "Booking number: AMANI-1042",
      "Print or save as PDF",
    ]);
  });

  it("in Kiswahili, shows a refund, and where to find a receipt code that is unknown here", () => {
    const lines = readIn(pageOf({ status: "refunded", receipt: null }, {}, "Amani Tutors", "sw-KE"));
    expect(lines).toEqual(
      expect.arrayContaining([
        "Malipo haya yamerudishwa.",
        "Risiti ya M-Pesa: Nambari iko kwenye SMS ya M-Pesa.",
        "Lini: Jumanne 8 Des 2026, 10:00",
      ]),
    );
  });

  it("escapes names", () => {
    const page = pageOf({}, { sessionName: `<img src=x onerror="alert(1)">&'` }, "</title><script>alert(2)</script>");
    expect(page).toContain("<dd>&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp;&#39;</dd>");
    expect(page.match(/<script>/g)).toHaveLength(1);
    expect(page).not.toContain("</title><");
  });

  it("has only the style and script that its policy allows", () => {
    const page = pageOf();
    for (const element of ["style", "script"]) {
      const text = new RegExp(`<${element}>([^]*?)</${element}>`).exec(page)?.[1] ?? "";
      expect(RECEIPT_POLICY).toContain(`${element}-src 'sha256-${createHash("sha256").update(text).digest("base64")}'`);
    }
    expect(page).not.toMatch(/style=|onclick=|https?:/);
  });

  it("exists only for a paid or refunded booking", () => {
    const booking = newBooking();
    for (const status of ["requested", "prompted", "confirming", "failed"] as const)
      expect(hasReceipt(toBookingView({ booking, attempts: [newAttempt(booking, { status })] }, { nowMs: START_MS }))).toBe(false);
    expect(hasReceipt(toBookingView({ booking, attempts: [] }, { nowMs: START_MS }))).toBe(false);
  });
});
