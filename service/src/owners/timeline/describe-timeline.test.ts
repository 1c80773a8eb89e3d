import { describe, expect, it } from "vitest";
import { newAttempt, newBooking, START_MS } from "../../payments/testing.ts";
import { timelineSchema } from "../owners-contract.ts";
import { describeTimeline } from "./describe-timeline.ts";
import { english } from "../../words/english.ts";
import { swahili } from "../../words/swahili.ts";
import type { BookingRecords, HistoryRecord } from "./timeline-store.ts";

const booking = newBooking();
const attempt = newAttempt(booking, { status: "paid", receipt: "UKN7RT61SV", phone: "254711000001" });
const file = { booking, attempts: [attempt] };
const nothing: BookingRecords = { history: [], callbacks: [], refunds: [], checks: [], deliveries: [], session: null };
const step = (event: string, source: string, facts: Partial<HistoryRecord> = {}): HistoryRecord => ({
  payment_id: attempt.id,
  event,
  source,
  note: null,
  actor: null,
  at: START_MS + 1,
  ...facts,
});
const textOf = (event: string, source: string, facts: Partial<HistoryRecord> = {}, change: Partial<typeof attempt> = {}): string => {
  const entries = describeTimeline(
    english,
    { booking, attempts: [{ ...attempt, ...change }] },
    { ...nothing, history: [step(event, source, facts)] },
    null,
  );
  return entries.map(({ kind, text }) => `${kind}: ${text}`)[1] ?? "";
};

describe("a timeline", () => {
  it.each([
    ["started", "start", "prompt: A payment of KES 1,500 was started for 2547•••••001."],
    ["push_accepted", "push", "prompt: Safaricom sent the prompt to 2547•••••001."],
    ["push_refused", "push", "prompt: Safaricom did not send the prompt."],
    ["push_unclear", "push", "prompt: Safaricom's reply was unclear. The prompt may be on the phone."],
    ["prompt_over", "timer", "prompt: The prompt's time was over, and no result had come."],
    ["paid", "callback", "answer: Safaricom reported: KES 1,500 was paid, receipt UKN7RT61SV."],
    ["paid", "query", "query: Safaricom answered, when asked: KES 1,500 was paid, receipt UKN7RT61SV."],
    ["paid", "c2b", "money: Safaricom reported the money: KES 1,500 was paid, receipt UKN7RT61SV."],
    ["paid", "code", "receipt_check: The code from the SMS was right: KES 1,500 was paid, receipt UKN7RT61SV."],
    ["paid", "owner", "decision: Decided by hand: KES 1,500 was paid, receipt UKN7RT61SV."],
    ["failed", "callback", "answer: Safaricom reported: it was not paid then."],
    ["gave_up", "timer", "query: Nothing was decided for 10 minutes: it counts as failed. Money that comes later still counts."],
    ["money_came", "c2b", "money: KES 1,500 came without a prompt from 2547•••••001, receipt UKN7RT61SV."],
    ["money_came", "operator", "decision: Assigned by hand to this booking: KES 1,500, receipt UKN7RT61SV."],
    ["kept", "owner", "decision: Decided by hand: KES 1,500 stays as it is."],
    ["moved", "owner", "decision: The booking was moved to another time."],
    ["refunded", "reversal", ""],
  ])("says what %s by %s means", (event, source, text) => {
    expect(textOf(event, source)).toBe(text);
  });

  it("says why a payment failed, and of what the booking did not need", () => {
    expect(textOf("failed", "query", {}, { status: "failed", reason: "wrong_pin" })).toBe(
      "query: Safaricom answered, when asked: the PIN was wrong.",
    );
    expect(textOf("paid", "callback", {}, { surplusKes: 500 })).toContain("The booking did not need KES 500 of it.");
  });

  it("names who decided, and why", () => {
    const history = [
      step("kept", "owner", { actor: "person:Grace", note: "The parent agreed" }),
      step("failed", "callback", { note: "DS timeout" }),
    ];
    const [, kept, failed] = describeTimeline(english, file, { ...nothing, history }, null);
    expect(kept).toMatchObject({ actor: "person:Grace", reason: "The parent agreed" });
    expect(failed).toMatchObject({ actor: null, reason: null, text: "Safaricom reported: it was not paid then: DS timeout." });
  });

  it("speaks Kiswahili, and has words of its own for reasons that it knows", () => {
    const history = [
      step("started", "start"),
      step("push_refused", "push", { at: START_MS + 2, note: "no answer came" }),
      step("paid", "callback", { at: START_MS + 3 }),
      step("kept", "owner", { at: START_MS + 4 }),
    ];
    const [made, ...steps] = describeTimeline(swahili, file, { ...nothing, history }, null).map(({ text }) => text);
    expect(made).toMatch(/aliweka nafasi kwa ajili ya .*, \w+, \d+ \w+ 20\d\d, \d\d:\d\d, KES 1,500\.$/);
    expect(steps).toEqual([
      "Malipo ya KES 1,500 yalianzishwa kwa 2547•••••001.",
      "Safaricom haikutuma ombi: hakuna jibu lililokuja.",
      "Safaricom iliripoti: KES 1,500 zililipwa, risiti UKN7RT61SV.",
      "Iliamuliwa na mtu: KES 1,500 zinabaki kama zilivyo.",
    ]);
  });

  it("puts entries in order, and a callback before what it led to", () => {
    const at = START_MS + 5;
    const callback = {
      payment_id: attempt.id,
      kind: "stk",
      received_at: at,
      body: "{}",
      body_encoding: "utf8",
      truncated: 0,
      verdict: "verified",
      note: null,
      receipt: null,
    };
    const records = {
      ...nothing,
      history: [step("paid", "callback", { at }), step("started", "start")],
      callbacks: [callback],
      session: { booked_at: at, cancelled_at: null },
    };
    expect(describeTimeline(english, file, records, null).map(({ kind }) => kind)).toEqual([
      "booking",
      "prompt",
      "callback",
      "answer",
      "booking",
    ]);
  });

  it("of one payment leaves the others out", () => {
    const other = newAttempt(booking, { requestedAtMs: START_MS + 10 });
    const history = [step("started", "start"), step("started", "start", { payment_id: other.id })];
    const both = { booking, attempts: [attempt, other] };
    expect(describeTimeline(english, both, { ...nothing, history }, null)).toHaveLength(3);
    expect(describeTimeline(english, both, { ...nothing, history }, other.id)).toHaveLength(2);
  });

  it("shows strangers' text as one short line, and raw callbacks without what a browser must not see", () => {
    const evil = `<script>alert(1)</script>\u202e${"x".repeat(10_000)}\r\n=1+1`;
    const secret = "ab".repeat(32);
    const body = `{"ResultDesc":"${evil}","PhoneNumber":254711000001,"CheckoutRequestID":"ws_CO_23112026101530711000001","url":"/callbacks/stk/${secret}"}`;
    const stored = {
      payment_id: attempt.id,
      kind: "stk",
      received_at: START_MS,
      verdict: "unverified",
      note: evil,
      receipt: null,
      truncated: 0,
    };
    const records: BookingRecords = {
      ...nothing,
      history: [step("push_refused", "push", { note: evil })],
      callbacks: [
        { ...stored, body, body_encoding: "utf8" },
        { ...stored, body: Buffer.from(`\u0000${body}`).toString("base64"), body_encoding: "base64" },
      ],
      checks: [{ receipt: evil, status: "not_this_payment", note: evil, requested_at: START_MS, ended_at: START_MS }],
      deliveries: [
        {
          payment_id: null,
          type: "payment.paid",
          url: null,
          status: "failed",
          attempts: 10,
          last_status: 500,
          last_problem: evil,
          last_answer: evil,
          last_attempt_at: START_MS,
          delivered_at: null,
          created_at: START_MS,
        },
      ],
    };
    const named = { ...booking, parentName: evil, childName: evil, sessionName: evil };
    const entries = describeTimeline(english, { booking: named, attempts: [attempt] }, records, null);
    const { data } = timelineSchema.parse(JSON.parse(JSON.stringify({ data: entries, actions: [] })));
    expect(data).toHaveLength(7);
    for (const { text } of data) {
      expect(text).not.toMatch(/[\u202e\r\n]/);
      expect(text.length).toBeLessThan(800);
    }
    for (const { raw = "" } of data) {
      expect(raw.length).toBeLessThan(11_000);
      expect(raw).not.toMatch(/254711000001|711000001|ws_CO_2|abababab/);
    }
  });
});
