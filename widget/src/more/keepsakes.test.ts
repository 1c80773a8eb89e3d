import { describe, expect, it } from "vitest";
import { booking, paid } from "../../screens/canned-bookings.ts";
import { labelsIn, wordsIn } from "../language.ts";
import { calendarFile, receiptText } from "./keepsakes.ts";
import { moreWords } from "./words.ts";

const view = paid("b1");
const receiptIn = (language: string, shown = view, merchant = "") =>
  receiptText(shown, merchant, labelsIn(language, {}), wordsIn(moreWords, language, {}));

describe("the receipt", () => {
  it("says what was paid, for what, and when in Nairobi", () => {
    expect(receiptIn("en", view, "Amani Tutors").split("\r\n")).toEqual([
      "Amani Tutors",
      "",
      "M-Pesa receipt: UKN7QX41B2",
      "Amount: KES 1,500",
      "Session: Maths, one hour",
      "When: Tue 8 Dec, 10:00",
      "Account number: AMANI-1042",
      "Paid: Mon 23 Nov, 10:02",
      "",
    ]);
  });

  it("leaves out what the service did not say, and speaks Swahili", () => {
    const text = receiptIn("sw", booking("b1", { payment_status: "paid" }));
    expect(text).not.toContain(labelsIn("sw", {}).receipt);
    expect(text).toContain("Lini: Jumanne 8 Des, 10:00");
  });
});

describe("the calendar file", () => {
  it("puts the session at its time in Nairobi, wherever the parent is", () => {
    const file = calendarFile(view, "Amani Tutors", Date.UTC(2026, 10, 23, 7, 2, 3));
    expect(file).toContain("DTSTART:20261208T070000Z\r\n");
    expect(file).toContain("DTSTAMP:20261123T070203Z\r\n");
  });

  it("cannot be broken out of by a lesson's name", () => {
    const name = "Maths;\r\nATTACH:https://example.com, \\one";
    const file = calendarFile({ ...view, session: { ...view.session, name } }, "", 0);
    expect(file).toContain("SUMMARY:Maths\\; ATTACH:https://example.com\\, \\\\one\r\n");
    expect(file.split("\r\n").filter((line) => line.startsWith("ATTACH"))).toEqual([]);
  });
});
