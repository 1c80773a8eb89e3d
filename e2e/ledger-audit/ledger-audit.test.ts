import { describe, expect, it, test } from "vitest";
import { auditLedger, holdsAlways, rules, sentencesOf, type RuleName } from "./ledger-audit.ts";
import type { HistoryStep, LedgerEntry, Payment, Snapshot } from "./snapshot.ts";

const PHONE = "254700000001";
const PRICE_KES = 1_500;

/** Money by prompt for a booked lesson; a second payment that was given back; money on the owner's list. */
const money: LedgerEntry = { receipt: "UKN1", amountKes: PRICE_KES, payerPhone: PHONE, bookingId: "bk_1", isReversed: false };
const givenBack: LedgerEntry = { ...money, receipt: "UKN2", isReversed: true };
const listed: LedgerEntry = { ...money, receipt: "UKN3", amountKes: 700 };
const ledger = [money, givenBack, listed];

const payment: Payment = {
  id: "pay_1",
  bookingId: "bk_1",
  sessionId: "se_1",
  status: "paid",
  surplusKes: 0,
  amountKes: PRICE_KES,
  phone: PHONE,
  receipt: "UKN1",
};
const refunded: Payment = { ...payment, id: "pay_2", sessionId: null, status: "refunded", surplusKes: PRICE_KES, receipt: "UKN2" };
const booking: Snapshot["bookings"][number] = { id: "bk_1", status: "booked", amountKes: PRICE_KES };
const session = { id: "se_1", bookingId: "bk_1", paymentId: "pay_1", amountKes: PRICE_KES };
const unassigned = { receipt: "UKN3", amountKes: 700, paymentId: null };
const refund = { paymentId: "pay_2", status: "done" as const };
const toPaid: HistoryStep = { paymentId: "pay_1", fromStatus: "prompted", toStatus: "paid", source: "callback" };
const toRefunded: HistoryStep = { paymentId: "pay_2", fromStatus: "paid", toStatus: "refunded", source: "reversal" };
const history = [toPaid, { ...toPaid, paymentId: "pay_2", fromStatus: null }, toRefunded];
const database: Snapshot = {
  bookings: [booking],
  payments: [payment, refunded],
  sessions: [session],
  unassigned: [unassigned],
  refunds: [refund],
  history,
};

type Changed = Partial<Snapshot> & { ledger?: readonly LedgerEntry[] };

function brokenRules({ ledger: changedLedger = ledger, ...changed }: Changed): RuleName[] {
  return auditLedger(changedLedger, { ...database, ...changed }).differences.map(({ rule }) => rule);
}

/** What breaks each rule, and which other rules it breaks. */
const broken: Record<RuleName, { changed: Changed; also?: RuleName[] }> = {
  "money-lost": { changed: { ledger: [...ledger, { ...money, receipt: "UKN9" }] } },
  "receipt-twice": {
    changed: { payments: [payment, refunded, { ...payment, id: "pay_3", surplusKes: PRICE_KES }], history: null },
    also: ["unpaid"],
  },
  unpaid: { changed: { ledger: [givenBack, listed] } },
  "other-booking": { changed: { ledger: [{ ...money, bookingId: "bk_2" }, givenBack, listed] } },
  "other-amount": { changed: { ledger: [{ ...money, amountKes: 1_400 }, givenBack, listed] } },
  "other-payer": { changed: { payments: [{ ...payment, phone: "254700000002" }, refunded] } },
  "list-unpaid": { changed: { unassigned: [unassigned, { ...unassigned, receipt: "UKN9" }] } },
  "list-amount": { changed: { unassigned: [{ ...unassigned, amountKes: 800 }] } },
  "list-assigned": { changed: { unassigned: [unassigned, { receipt: "UKN2", amountKes: PRICE_KES, paymentId: "pay_1" }] } },
  "reversal-missed": { changed: { ledger: [{ ...money, isReversed: true }, givenBack, listed] } },
  "not-reversed": { changed: { ledger: [money, { ...givenBack, isReversed: false }, listed] } },
  "refund-open": { changed: { refunds: [{ ...refund, status: "sent" }] } },
  "refund-done": { changed: { refunds: [refund, { ...refund, paymentId: "pay_1" }] } },
  "paid-twice": { changed: { history: [...history, toPaid] } },
  "paid-step": { changed: { history: [{ ...toPaid, fromStatus: "paid" }, ...history.slice(1)] } },
  "history-end": { changed: { history: [...history, { ...toPaid, fromStatus: "paid", toStatus: "failed" }] } },
  "no-receipt": { changed: { payments: [{ ...payment, receipt: null }, refunded] } },
  "two-sessions": { changed: { sessions: [session, { ...session, id: "se_2" }] }, also: ["other-session"] },
  surplus: { changed: { payments: [{ ...payment, surplusKes: 5 }], refunds: [], history: [toPaid], ledger: [money, listed] } },
  "booked-unpaid": {
    changed: {
      ledger: [{ ...money, amountKes: 1_000 }, listed],
      payments: [{ ...payment, amountKes: 1_000 }],
      refunds: [],
      history: [toPaid],
    },
  },
  booked: { changed: { bookings: [{ ...booking, status: "pending" }] } },
  "no-session": { changed: { sessions: [] }, also: ["booked"] },
  "other-session": { changed: { sessions: [{ ...session, paymentId: "pay_2" }] } },
};

describe("the ledger audit", () => {
  it("finds no difference where every shilling has its place, and adds the places up", () => {
    expect(brokenRules({})).toEqual([]);
    expect(auditLedger(ledger, database).places).toEqual({
      booked: { payments: 1, kes: PRICE_KES },
      waiting: { payments: 0, kes: 0 },
      surplus: { payments: 0, kes: 0 },
      givenBack: { payments: 1, kes: PRICE_KES },
      listed: { payments: 1, kes: 700 },
    });
  });

  test.each(Object.keys(broken) as RuleName[])("finds what breaks the rule %s", (rule) => {
    const { changed, also = [] } = broken[rule];
    expect(brokenRules(changed).toSorted()).toEqual([rule, ...also].toSorted());
  });

  const rows = (["payments", "sessions", "unassigned", "refunds", "history"] as const).flatMap((table) =>
    (database[table] ?? []).map((_, index) => ({ table, index })),
  );
  test.each(rows)("notices that row $index of $table is missing", ({ table, index }) => {
    expect(brokenRules({ [table]: (database[table] ?? []).toSpliced(index, 1) })).not.toEqual([]);
  });

  test.each([0, 1, 2])("notices that entry %i of the ledger is missing", (index) => {
    expect(brokenRules({ ledger: ledger.toSpliced(index, 1) })).not.toEqual([]);
  });

  it("names the payment, the booking and the group of a difference", () => {
    const { differences } = auditLedger([{ ...money, amountKes: 1_400 }, givenBack, listed], database);
    expect(differences).toEqual([{ rule: "other-amount", bookingId: "bk_1", text: "payment pay_1 (paid): KES 1400 were paid, not 1500" }]);
    expect(sentencesOf(differences, "wrong")).toHaveLength(1);
    expect(sentencesOf(differences, "doubled")).toEqual([]);
  });

  it("tells rules that hold after each transaction from those that wait for a callback or a result", () => {
    const waiting = (Object.keys(rules) as RuleName[]).filter((rule) => !holdsAlways(rule));
    expect(waiting).toEqual(["money-lost", "reversal-missed", "refund-open"]);
  });
});

describe("money and its place", () => {
  const queried: Payment = { ...payment, receipt: null };
  const byQuery = history.map((step) => ({ ...step, source: "query" }));

  it("is with a payment that a query confirmed without a receipt", () => {
    expect(brokenRules({ payments: [queried, refunded], history: byQuery })).toEqual([]);
  });

  it("is not with a payment without a receipt of another amount", () => {
    const payments = [{ ...queried, amountKes: 1_400 }, refunded];
    expect(brokenRules({ payments, history: byQuery })).toEqual(["money-lost", "unpaid"]);
  });

  it("is not with a payment without a receipt of another booking", () => {
    const ofOther = [{ ...money, bookingId: "bk_2" }, givenBack, listed];
    expect(brokenRules({ ledger: ofOther, payments: [queried, refunded], history: byQuery })).toEqual(["money-lost", "unpaid"]);
  });

  it("may be with any booking if the ledger cannot tell which one was meant", () => {
    expect(brokenRules({ ledger: [{ ...money, bookingId: null }, givenBack, listed] })).toEqual([]);
  });

  it("counts for one payment without a receipt, not for two", () => {
    const payments = [queried, { ...queried, id: "pay_3", sessionId: null, surplusKes: PRICE_KES }, refunded];
    const steps = [...byQuery, { ...toPaid, paymentId: "pay_3", source: "query" }];
    expect(brokenRules({ payments, history: steps })).toEqual(["unpaid"]);
  });

  it("stays on the owner's list while a payment without a receipt can hold other money", () => {
    const first = { ...money, receipt: "UKN0" };
    const onList = [unassigned, { receipt: "UKN0", amountKes: PRICE_KES, paymentId: null }];
    const changed = { ledger: [first, ...ledger], payments: [queried, refunded], unassigned: onList, history: byQuery };
    expect(brokenRules(changed)).toEqual([]);
    expect(auditLedger(changed.ledger, { ...database, ...changed }).places.listed).toEqual({ payments: 2, kes: PRICE_KES + 700 });
  });

  it("is with its payment only, once it was assigned", () => {
    expect(brokenRules({ unassigned: [unassigned, { receipt: "UKN1", amountKes: PRICE_KES, paymentId: "pay_1" }] })).toEqual([]);
  });

  it("may be of a masked payer", () => {
    expect(brokenRules({ payments: [{ ...payment, phone: "2547*****001" }, refunded] })).toEqual([]);
  });
});

describe("a booking", () => {
  const pending = { bookings: [{ ...booking, status: "pending" as const }], sessions: [] };
  const partKes = 1_000;

  it("stays pending when a part of its price was paid", () => {
    const part = { ...payment, sessionId: null, amountKes: partKes };
    const changed = { ...pending, ledger: [{ ...money, amountKes: partKes }, listed], payments: [part], refunds: [], history: [toPaid] };
    expect(brokenRules(changed)).toEqual([]);
  });

  it("needs a session when its price was paid, by one payment or by several", () => {
    expect(brokenRules({ ...pending, payments: [{ ...payment, sessionId: null }, refunded] })).toEqual(["no-session"]);
    const parts = [1_000, 500].map((amountKes, index) => ({
      ...payment,
      id: `pay_${index}`,
      sessionId: null,
      amountKes,
      receipt: `UKN${index}`,
    }));
    const changed = {
      ...pending,
      ledger: [...parts.map(({ amountKes, receipt }) => ({ ...money, amountKes, receipt })), listed],
      payments: parts,
      refunds: [],
      history: parts.map(({ id }) => ({ ...toPaid, paymentId: id })),
    };
    expect(brokenRules(changed)).toEqual(["no-session"]);
    expect(auditLedger(changed.ledger, { ...database, ...changed }).places.waiting).toEqual({ payments: 2, kes: PRICE_KES });
  });

  it.each(["lapsed", "cancelled"] as const)("needs no session when it is %s, whatever was paid", (status) => {
    const over = { bookings: [{ ...booking, status }], sessions: [] };
    expect(brokenRules({ ...over, payments: [{ ...payment, sessionId: null }, refunded] })).toEqual([]);
  });

  it("needs a session of its own price", () => {
    expect(brokenRules({ sessions: [{ ...session, amountKes: 1_400 }] })).toEqual(["other-session"]);
  });
});
