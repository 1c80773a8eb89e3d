import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { toBookingView } from "../bookings/booking-view.ts";
import type { Booking } from "../bookings/booking.ts";
import type { Attempt, BookingFile } from "../payments/payment.ts";
import { newAttempt, newBooking, START_MS } from "../payments/testing.ts";
import { paymentLines, RECEIPT_POLICY, receiptPage } from "./receipt-page.ts";
import { receiptLabelsIn } from "./receipt-labels.ts";

function pageOf(attempt: Partial<Attempt> = {}, booking: Partial<Booking> = {}, merchant = "Amani Tutors", language = "en"): string {
  const made = newBooking({ status: "booked", reference: "AMANI-1042", ...booking });
  const paid = newAttempt(made, { status: "paid", receipt: "UKN7QX41B2", paidAtMs: START_MS + 120_000, ...attempt });
  return pageOfFile({ booking: made, attempts: [paid] }, merchant, language);
}

function pageOfFile(file: BookingFile, merchant = "Amani Tutors", language = "en"): string {
  const view = toBookingView(file, { nowMs: START_MS });
  return receiptPage({ view, payments: paymentLines(file), merchant }, receiptLabelsIn(language));
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
      "Paid on: Mon 23 Nov 2026, 10:02",
      "Paid from: 07••\u00a0•••\u00a0001",
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
        "Siku na saa: Jumanne 8 Des 2026, 10:00",
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

  const parts = (booking: Booking, ...payments: Partial<Attempt>[]): BookingFile => ({
    booking,
    attempts: payments.map((facts, index) =>
      newAttempt(booking, { status: "paid", receipt: `UKN7QX41B${index}`, paidAtMs: START_MS + index * 60_000, ...facts }),
    ),
  });

  it("lists each part payment with its receipt, and says how much of the price they are", () => {
    expect(readIn(pageOfFile(parts(newBooking(), { amountKes: 1_000 })))).toEqual(
      expect.arrayContaining(["KES\u00a01,000", "KES\u00a01,000 of KES\u00a01,500 paid so far.", "M-Pesa receipt: UKN7QX41B0"]),
    );
    const whole = readIn(pageOfFile(parts(newBooking({ status: "booked" }), { amountKes: 1_000 }, { amountKes: 500 })));
    expect(whole).toEqual(
      expect.arrayContaining([
        "KES\u00a01,500",
        "UKN7QX41B0: KES\u00a01,000 · Mon 23 Nov 2026, 10:00 · 07••\u00a0•••\u00a0001",
        "UKN7QX41B1: KES\u00a0500 · Mon 23 Nov 2026, 10:01 · 07••\u00a0•••\u00a0001",
      ]),
    );
    expect(whole.join()).not.toContain("so far");
  });

  it("shows what was really paid, never the price, and what was beyond it", () => {
    const lines = readIn(pageOfFile(parts(newBooking({ status: "booked" }), { amountKes: 2_000, surplusKes: 500 })));
    expect(lines).toEqual(expect.arrayContaining(["KES\u00a02,000", "KES\u00a0500 of it is more than the price."]));
    expect(readIn(pageOfFile(parts(newBooking({ status: "lapsed" }), { amountKes: 1 })))).toContain("KES\u00a01");
  });

  it("says that nothing is booked where the money came after the lapse", () => {
    const lines = readIn(pageOfFile(parts(newBooking({ status: "lapsed" }), { amountKes: 1_500 })));
    expect(lines).toContain("Paid, but no session is booked yet. Please ask for another time.");
  });

  it("shows a payment that went back beside the one that stayed", () => {
    const lines = readIn(
      pageOfFile(parts(newBooking({ status: "booked" }), { amountKes: 1_500 }, { amountKes: 1_500, status: "refunded" })),
    );
    expect(lines).toContain("KES\u00a01,500");
    expect(lines.filter((line) => line.endsWith("refunded"))).toHaveLength(1);
  });

  it("exists only for a booking that money came for", () => {
    const booking = newBooking();
    for (const status of ["requested", "prompted", "confirming", "failed"] as const)
      expect(paymentLines({ booking, attempts: [newAttempt(booking, { status })] })).toEqual([]);
    expect(paymentLines({ booking, attempts: [] })).toEqual([]);
  });
});
