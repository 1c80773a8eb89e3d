import { describe, expect, it } from "vitest";
import { hashSecret } from "../../service/src/platform/ids.ts";
import type { Booking } from "../../service/src/bookings/booking.ts";
import type { Attempt } from "../../service/src/payments/payment.ts";
import type { Delivery } from "../daraja-simulator/delivery.ts";
import type { LedgerEntry } from "../daraja-simulator/ledger.ts";
import type { PromptView } from "../daraja-simulator/prompt.ts";
import { audit, type Books, type Truth } from "./audit.ts";

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
  surplus: false,
  amountKes: 1_500,
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
const books: Books = {
  attempts: [attempt],
  bookings: [booking],
  sessions: [{ id: "se_1", pending_session_id: "bk_1", payment_id: "pay_1", amount: 1_500 }],
  history: [{ payment_id: "pay_1", from_status: "prompted", to_status: "paid", source: "callback", at: 2_000 }],
  callbacks: [{ id: "cb_1", secret_hash: hashSecret("secret"), verdict: "verified", note: null }],
  unassigned: [],
};
const stillOpen: Attempt = { ...attempt, status: "confirming", sessionId: null, receipt: null };

/** How many of each there are. */
function found(changed: { truth?: Partial<Truth>; books?: Partial<Books> }): Record<string, number> {
  const { lost, doubled, bookedWrongly, unsettled, callbacksForgotten, unheard } = audit(
    { ...truth, ...changed.truth },
    { ...books, ...changed.books },
  );
  const lists = { lost, doubled, bookedWrongly, unsettled, callbacksForgotten, unheard };
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
const listed = { receipt: "UKN2", amount: 1_500, payment_id: null };
const surplus: Attempt = {
  ...attempt,
  id: "pay_2",
  sessionId: null,
  checkoutRequestId: null,
  surplus: true,
  callbackSecretHash: "receipt:UKN2",
  receipt: "UKN2",
};
const surplusHistory = [...books.history, { payment_id: "pay_2", from_status: null, to_status: "paid", source: "c2b", at: 2_600 }];
const refundedHistory = [
  ...surplusHistory,
  { payment_id: "pay_2", from_status: "paid", to_status: "refunded", source: "reversal", at: 3_000 },
];

const unpaid = { bookings: [{ ...booking, status: "pending" as const }], sessions: [] };
const failed = { ...attempt, status: "failed" as const, reason: "cancelled" as const, sessionId: null, receipt: null, resultCode: "1032" };
const failedHistory = [{ payment_id: "pay_1", from_status: "prompted", to_status: "failed", source: "callback", at: 2_000 }];
const openHistory = [{ payment_id: "pay_1", from_status: "requested", to_status: "confirming", source: "push", at: 2_000 }];

describe("the audit", () => {
  it("finds nothing wrong with a payment that is where it belongs, and measures it", () => {
    expect(found({})).toEqual({});
    expect(audit(truth, books).settledAfterMs).toEqual({ callback: [1_000], other: [] });
  });

  const cases: [name: string, changed: Parameters<typeof found>[0], finds: Record<string, number>][] = [
    ["money whose attempt failed is lost", { books: { ...unpaid, attempts: [failed], history: failedHistory } }, { lost: 1 }],
    ["a prompt of no attempt is lost", { truth: { ledger: [] }, books: { ...unpaid, attempts: [], history: [] } }, { lost: 1 }],
    [
      "a second prompt for one attempt is doubled",
      { truth: { prompts: [prompt, { ...prompt, checkoutRequestId: "ws_2" }] } },
      { doubled: 1 },
    ],
    [
      "two sessions of one booking are doubled",
      { books: { sessions: [...books.sessions, { ...books.sessions[0]!, id: "se_2" }] } },
      { doubled: 1, bookedWrongly: 2 },
    ],
    ["two steps to paid are doubled", { books: { history: [...books.history, ...books.history] } }, { doubled: 1 }],
    ["paid without money is booked wrongly", { truth: { ledger: [] } }, { bookedWrongly: 1 }],
    ["another amount is booked wrongly", { truth: { ledger: [{ ...money, amountKes: 1_400 }] } }, { bookedWrongly: 1 }],
    ["another receipt is booked wrongly, and the ledger's is lost", { truth: { ledger: [byHand] } }, { lost: 1, bookedWrongly: 1 }],
    [
      "no receipt, though a callback told, is booked wrongly",
      { books: { attempts: [{ ...attempt, receipt: null }] } },
      { bookedWrongly: 1 },
    ],
    ["paid without a session is booked wrongly", { books: { sessions: [] } }, { bookedWrongly: 2 }],
    [
      "an open attempt that heard something is unsettled",
      { truth: { ledger: [] }, books: { ...unpaid, attempts: [stillOpen], history: openHistory } },
      { unsettled: 1 },
    ],
    ["an unread callback is unsettled", { books: { callbacks: [{ ...books.callbacks[0]!, verdict: null }] } }, { unsettled: 1 }],
    ["an answered callback that is not stored is forgotten", { books: { callbacks: [] } }, { callbacksForgotten: 1 }],
    [
      "an open attempt without money that neither reply nor callback reached is nobody's fault",
      {
        truth: { ledger: [], deliveries: [{ ...delivery, outcome: "no_answer", status: 0 }] },
        books: { ...unpaid, attempts: [{ ...stillOpen, checkoutRequestId: null }], history: openHistory, callbacks: [] },
      },
      { unheard: 1 },
    ],
    [
      "money that nobody told of is lost, whoever is to blame",
      {
        truth: { deliveries: [{ ...delivery, outcome: "no_answer", status: 0 }] },
        books: { ...unpaid, attempts: [{ ...stillOpen, checkoutRequestId: null }], history: openHistory, callbacks: [] },
      },
      { lost: 1, unsettled: 1 },
    ],
    ["money by hand that is nowhere is lost", { truth: { ledger: [money, byHand] } }, { lost: 1 }],
    ["money by hand on the owner's list has its place", { truth: { ledger: [money, byHand] }, books: { unassigned: [listed] } }, {}],
    ["a receipt on the list that nobody paid is wrong", { books: { unassigned: [listed] } }, { bookedWrongly: 1 }],
    [
      "money by hand that was assigned is with its payment only",
      {
        truth: { ledger: [money, byHand] },
        books: { attempts: [attempt, surplus], history: surplusHistory, unassigned: [{ ...listed, payment_id: "pay_2" }] },
      },
      {},
    ],
    [
      "one receipt on two attempts is doubled",
      { books: { attempts: [attempt, { ...surplus, receipt: "UKN1" }], history: surplusHistory } },
      { doubled: 1, bookedWrongly: 1 },
    ],
    [
      "money that was given back and still counts is wrong, and so is the reverse",
      {
        truth: { ledger: [{ ...money, reversedAt: 3_000 }, byHand] },
        books: { attempts: [attempt, { ...surplus, status: "refunded" }], history: refundedHistory },
      },
      { bookedWrongly: 2 },
    ],
    [
      "money that was given back has its place",
      {
        truth: { ledger: [money, { ...byHand, reversedAt: 3_000 }] },
        books: { attempts: [attempt, { ...surplus, status: "refunded" }], history: refundedHistory },
      },
      {},
    ],
    ["another booking's money is booked wrongly", { books: { attempts: [{ ...attempt, phone: "254700000002" }] } }, { bookedWrongly: 1 }],
  ];
  it.for(cases)("%s", ([, changed, finds]) => {
    expect(found(changed)).toEqual(finds);
  });
});
