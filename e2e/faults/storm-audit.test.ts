import { describe, expect, it } from "vitest";
import { hashSecret } from "../../service/src/platform/ids.ts";
import type { Booking } from "../../service/src/bookings/booking.ts";
import type { Attempt } from "../../service/src/payments/payment.ts";
import type { Delivery } from "../daraja-simulator/delivery.ts";
import type { LedgerEntry } from "../daraja-simulator/ledger.ts";
import type { PromptView } from "../daraja-simulator/prompt.ts";
import type { HistoryRow, Rows } from "../factories/records.ts";
import { auditStorm, type Truth } from "./storm-audit.ts";

const callbackUrl = "http://127.0.0.1:1/callbacks/stk/secret";
const shortcode = "174379";
const phone = "254700000001";

const attempt: Attempt = {
  id: "pay_1",
  siteId: "si_1",
  bookingId: "bk_1",
  sessionId: "se_1",
  status: "paid",
  reason: null,
  surplusKes: 0,
  amountKes: 1_500,
  mpesaAccountId: `env:${shortcode}`,
  phone,
  callbackSecretHash: hashSecret("secret"),
  checkoutRequestId: "ws_1",
  merchantRequestId: "m_1",
  receipt: "UKN1",
  resultCode: "0",
  retryAtMs: null,
  requestedAtMs: 0,
  promptExpiresAtMs: null,
  paidAtMs: 2_000,
  endedAtMs: 2_000,
  nextQueryAtMs: null,
  queriedAtMs: null,
  queries: 0,
  keptAtMs: null,
};
const booking: Booking = {
  id: "bk_1",
  siteId: "si_1",
  reference: "AAAA2222",
  status: "booked",
  version: 4,
  parentName: "Wanjiru Kamau",
  childName: "Amani Kamau",
  email: "wanjiru@example.com",
  sessionType: "maths-1h",
  sessionName: "Maths",
  date: "2026-12-08",
  time: "10:00",
  amountKes: 1_500,
  createdAtMs: 0,
  expiresAtMs: 1,
};
const prompt: PromptView = {
  checkoutRequestId: "ws_1",
  merchantRequestId: "m_1",
  shortcode,
  businessName: "AMANI TUTORS",
  phone,
  amountKes: 1_500,
  accountReference: "AAAA2222",
  callbackUrl,
  text: "",
  state: "closed",
  acceptedAt: 0,
  outcome: { code: "0", at: 1_000, receipt: "UKN1" },
};
const money: LedgerEntry = {
  receipt: "UKN1",
  payerPhone: phone,
  shortcode,
  amountKes: 1_500,
  accountReference: "AAAA2222",
  checkoutRequestId: "ws_1",
  kind: "stk",
  at: 1_000,
};
const delivery: Delivery = {
  id: 1,
  kind: "stk_callback",
  url: callbackUrl,
  shortcode,
  phone,
  body: "{}",
  checkoutRequestId: "ws_1",
  receipt: "UKN1",
  outcome: "answered",
  status: 200,
  startedAt: 1_000,
  durationMs: 5,
};
const truth: Truth = { ledger: [money], prompts: [prompt], deliveries: [delivery], bookingOfPayer: new Map([[phone, "bk_1"]]) };
const paidStep: HistoryRow = {
  payment_id: "pay_1",
  from_status: "prompted",
  to_status: "paid",
  event: "paid",
  source: "callback",
  note: null,
  actor: null,
  at: 2_000,
};
const callback = {
  id: "cb_1",
  secret_hash: hashSecret("secret"),
  body: "{}",
  body_encoding: "utf8",
  truncated: 0,
  payment_id: "pay_1",
  verdict: "verified",
  note: null,
};
const rows: Rows = {
  attempts: [attempt],
  bookings: [booking],
  sessions: [{ id: "se_1", pending_session_id: "bk_1", payment_id: "pay_1", amount: 1_500, cancelled_at: null }],
  history: [paidStep],
  callbacks: [callback],
  unassigned: [],
  refunds: [],
  checks: [],
};
const stillOpen: Attempt = { ...attempt, status: "confirming", sessionId: null, receipt: null };

type Changed = { truth?: Partial<Truth>; rows?: Partial<Rows> };

/** How many of each there are. */
function found(changed: Changed): Record<string, number> {
  const { lost, doubled, bookedWrongly, unsettled, callbacksForgotten, unreported } = auditStorm(
    { ...truth, ...changed.truth },
    { ...rows, ...changed.rows },
  );
  const lists = { lost, doubled, bookedWrongly, unsettled, callbacksForgotten, unreported };
  return Object.fromEntries(Object.entries(lists).flatMap(([name, list]) => (list.length > 0 ? [[name, list.length]] : [])));
}

const byHand: LedgerEntry = {
  receipt: "UKN2",
  payerPhone: phone,
  shortcode,
  amountKes: 1_500,
  accountReference: "",
  kind: "c2b",
  at: 2_500,
};
const unpaid = { bookings: [{ ...booking, status: "pending" as const }], sessions: [] };
const failed = { ...attempt, status: "failed" as const, reason: "cancelled" as const, sessionId: null, receipt: null, resultCode: "1032" };
const failedHistory = [{ ...paidStep, to_status: "failed" }];
const openHistory = [{ ...paidStep, from_status: "requested", to_status: "confirming", source: "push" }];
const gaveUp = { ...stillOpen, status: "failed" as const, reason: "unknown" as const, checkoutRequestId: null };
const unanswered: Truth["deliveries"] = [{ ...delivery, outcome: "no_answer", status: 0 }];

describe("the storm audit", () => {
  it("finds nothing wrong with a payment that is where it belongs, and measures it", () => {
    expect(found({})).toEqual({});
    const audit = auditStorm(truth, rows);
    expect(audit.settledAfterMs).toEqual({ callback: [1_000], other: [] });
    expect(audit).toMatchObject({ inLedger: 1, paidInDatabase: 1, callbacksAnswered: 1, callbacksStored: 1 });
    expect(audit.places.booked).toEqual({ payments: 1, kes: 1_500 });
  });

  it("measures apart what a query found", () => {
    const history = [{ ...paidStep, source: "query" }];
    expect(auditStorm(truth, { ...rows, history }).settledAfterMs).toEqual({ callback: [], other: [1_000] });
  });

  const cases: [name: string, changed: Changed, finds: Record<string, number>][] = [
    ["money whose attempt failed is lost", { rows: { ...unpaid, attempts: [failed], history: failedHistory } }, { lost: 1 }],
    ["a prompt of no attempt is lost", { truth: { ledger: [] }, rows: { ...unpaid, attempts: [], history: [] } }, { lost: 1 }],
    [
      "a second prompt for one attempt is doubled",
      { truth: { prompts: [prompt, { ...prompt, checkoutRequestId: "ws_2" }] } },
      { doubled: 1 },
    ],
    [
      "a prompt that was paid twice is doubled, and its second money is lost",
      { truth: { ledger: [money, { ...money, receipt: "UKN3" }] } },
      { doubled: 1, lost: 1 },
    ],
    [
      "two sessions of one booking are doubled",
      { rows: { sessions: [...rows.sessions, { ...rows.sessions[0]!, id: "se_2" }] } },
      { doubled: 1, bookedWrongly: 1 },
    ],
    ["paid without money is booked wrongly", { truth: { ledger: [] } }, { bookedWrongly: 1 }],
    [
      "money by hand is for the booking of its payer",
      { truth: { ledger: [{ ...byHand, receipt: "UKN1" }], bookingOfPayer: new Map([[phone, "bk_2"]]) } },
      { bookedWrongly: 1 },
    ],
    [
      "money of a phone that booked nothing is booked wrongly",
      { truth: { ledger: [{ ...byHand, receipt: "UKN1" }], bookingOfPayer: new Map() } },
      { bookedWrongly: 1 },
    ],
    [
      "an attempt that names another attempt's prompt is booked wrongly",
      {
        truth: { prompts: [prompt, { ...prompt, checkoutRequestId: "ws_2", callbackUrl: "http://127.0.0.1:1/callbacks/stk/other" }] },
        rows: { attempts: [{ ...attempt, checkoutRequestId: "ws_2" }] },
      },
      { bookedWrongly: 1, lost: 1 },
    ],
    [
      "an open attempt with a callback is unsettled",
      { truth: { ledger: [] }, rows: { ...unpaid, attempts: [stillOpen], history: openHistory } },
      { unsettled: 1 },
    ],
    ["an unread callback is unsettled", { rows: { callbacks: [{ ...callback, verdict: null }] } }, { unsettled: 1 }],
    [
      "a callback that could not be processed is unsettled",
      { rows: { callbacks: [{ ...callback, note: "could not be processed: 5 tries" }] } },
      { unsettled: 1 },
    ],
    ["an answered callback that is not stored is forgotten", { rows: { callbacks: [] } }, { callbacksForgotten: 1 }],
    [
      "an open attempt without money, reply and callback is unreported",
      {
        truth: { ledger: [], deliveries: unanswered },
        rows: { ...unpaid, attempts: [{ ...stillOpen, checkoutRequestId: null }], history: openHistory, callbacks: [] },
      },
      { unreported: 1 },
    ],
    [
      "an attempt that was given up without money, reply and callback is unreported",
      { truth: { ledger: [], deliveries: unanswered }, rows: { ...unpaid, attempts: [gaveUp], history: failedHistory, callbacks: [] } },
      { unreported: 1 },
    ],
    [
      "money of which no reply and no callback told is lost",
      {
        truth: { deliveries: unanswered },
        rows: { ...unpaid, attempts: [{ ...stillOpen, checkoutRequestId: null }], history: openHistory, callbacks: [] },
      },
      { lost: 1, unsettled: 1 },
    ],
    ["money by hand that is nowhere is lost", { truth: { ledger: [money, byHand] } }, { lost: 1 }],
    [
      "money by hand on the owner's list has its place",
      { truth: { ledger: [money, byHand] }, rows: { unassigned: [{ receipt: "UKN2", amount: 1_500, payment_id: null }] } },
      {},
    ],
    ["another payer's money is booked wrongly", { rows: { attempts: [{ ...attempt, phone: "254700000002" }] } }, { bookedWrongly: 1 }],
    ["money that Safaricom gave back is booked wrongly", { truth: { ledger: [{ ...money, reversedAt: 3_000 }] } }, { bookedWrongly: 1 }],
    [
      "money that was given back has its place",
      {
        truth: { ledger: [{ ...money, reversedAt: 3_000 }] },
        rows: {
          attempts: [{ ...attempt, status: "refunded" }],
          history: [paidStep, { ...paidStep, from_status: "paid", to_status: "refunded", source: "reversal", at: 3_000 }],
          refunds: [{ payment_id: "pay_1", status: "done" }],
        },
      },
      {},
    ],
  ];
  it.for(cases)("%s", ([, changed, finds]) => {
    expect(found(changed)).toEqual(finds);
  });

  it("says what is known of the booking whose money is lost", () => {
    const { lost } = auditStorm(truth, { ...rows, ...unpaid, attempts: [failed], history: failedHistory });
    expect(lost).toEqual([
      "KES 1500, receipt UKN1, for booking bk_1 are in no payment and on no list: booking pending; pay_1 failed cancelled 1032 no receipt, queried 0 times",
    ]);
  });

  it.for([
    ["none", []],
    ["lost", [{ ...delivery, outcome: "lost" as const }]],
    ["not taken", unanswered],
  ] as const)("says of an unreported attempt that its callback was: %s", ([callbackWas, deliveries]) => {
    const attempts = [{ ...stillOpen, checkoutRequestId: null }];
    const lostDeliveries = deliveries.map((each) => ({ ...each, status: 0 }));
    const { unreported } = auditStorm(
      { ...truth, ledger: [], deliveries: lostDeliveries },
      { ...rows, ...unpaid, attempts, history: openHistory, callbacks: [] },
    );
    expect(unreported).toMatchObject([{ promptWentOut: true, callback: callbackWas }]);
  });
});
