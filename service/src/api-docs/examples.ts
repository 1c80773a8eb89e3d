/** Example bodies of the documentation, one family and one lesson throughout. Their types are the contract's: an example cannot fall behind. */
import type {
  AttentionItem,
  BookingView,
  CreateBooking,
  OwnerBooking,
  OwnerCallback,
  OwnerPayment,
  OwnerUnassignedMoney,
  RefundView,
  SessionTypeView,
} from "../contract.ts";

const BOOKING_ID = "bk_01m83k8nc0ftw9bg6b5veeed7xfw6gcfrk0y";
const PAYMENT_ID = "pay_01m83k9q40a1b2c3d4e5f6g7h8j9k0m1n2p3";
const RECEIPT = "UKN7RT61SV";
const AT = Date.UTC(2026, 11, 1, 7);

const wish: CreateBooking = {
  sessionType: "maths-1h",
  date: "2026-12-08",
  time: "10:00",
  parentName: "Wanjiru Kamau",
  childName: "Amani Kamau",
  email: "wanjiru@example.com",
};

const unpaid: BookingView = {
  bookingId: BOOKING_ID,
  reference: "H7HEDX8M",
  amount: 1_500,
  amountPaid: 0,
  amountDue: 1_500,
  currency: "KES",
  booking_status: "pending",
  payment_status: "unpaid",
  version: 1,
  expiresAt: AT + 7 * 24 * 60 * 60_000,
  session: { sessionType: "maths-1h", name: "Maths, one hour", date: "2026-12-08", time: "10:00" },
  payment: null,
  payManually: { paybill: "174379", accountNumber: "H7HEDX8M", amount: 1_500 },
};

const prompted: BookingView = {
  ...unpaid,
  payment_status: "pending",
  version: 3,
  payment: { status: "prompted", amount: 1_500, phone: "2547•••••001", requestedAt: AT + 60_000, promptExpiresAt: AT + 120_000 },
};

const { payManually: _paid, ...withoutOtherWays } = unpaid;
const booked: BookingView = {
  ...withoutOtherWays,
  amountPaid: 1_500,
  amountDue: 0,
  booking_status: "booked",
  payment_status: "paid",
  version: 4,
  payment: {
    status: "paid",
    amount: 1_500,
    receipt: RECEIPT,
    phone: "2547•••••001",
    requestedAt: AT + 60_000,
    paidAt: AT + 75_000,
  },
};

const { parentName, childName, email } = wish;
const ownerBooking: OwnerBooking = { ...booked, parentName, childName, email, createdAt: AT };

const sessionType: SessionTypeView = { code: "maths-1h", name: "Maths, one hour", amount: 1_500, currency: "KES", durationMinutes: 60 };

const payment: OwnerPayment = {
  paymentId: PAYMENT_ID,
  bookingId: BOOKING_ID,
  reference: "H7HEDX8M",
  status: "paid",
  surplus: 0,
  amount: 1_500,
  currency: "KES",
  phone: "2547•••••001",
  receipt: RECEIPT,
  requestedAt: AT + 60_000,
  paidAt: AT + 75_000,
  endedAt: AT + 76_000,
};

const refund: RefundView = {
  refundId: "rf_01m83kah00t9z8y7x6w5v4s3r2q1p0n9m8k7",
  paymentId: PAYMENT_ID,
  receipt: RECEIPT,
  amount: 1_500,
  currency: "KES",
  status: "sent",
  requestedAt: AT + 3_600_000,
};

const callback: OwnerCallback = {
  callbackId: "cb_01m83kbh00g7f6e5d4c3b2a1z0y9x8w7v6t5",
  kind: "stk",
  status: "unverified",
  receivedAt: AT,
  note: "the amount is not the attempt's",
};

const money: OwnerUnassignedMoney = {
  receipt: "UKN7RT61SW",
  amount: 1_500,
  currency: "KES",
  accountNumber: "LESSON",
  payer: "2547•••••001",
  why: "no booking has this reference",
  paidAt: AT,
};

const waiting: AttentionItem = {
  kind: "unassigned_money",
  what: 'UKN7RT61SW: KES 1,500 from 2547•••••001, account "LESSON", belongs to no booking: no booking has this reference',
  receipt: "UKN7RT61SW",
  commands: ["somopay money assign UKN7RT61SW REFERENCE"],
};

const why = { reason: "The tutor is ill", actor: "Grace" };
const page = <Item>(item: Item) => ({ data: [item], next: null });

export const examples = {
  wish,
  serverWish: { ...wish, sessionType: undefined, amount: 1_200, description: "Maths, with a discount" } satisfies CreateBooking,
  unpaid,
  prompted,
  booked,
  ownerBooking,
  sessionType,
  sessionTypeChange: { name: sessionType.name, amount: sessionType.amount, durationMinutes: sessionType.durationMinutes },
  payment,
  paymentWithRefunds: { ...payment, refunds: [refund] },
  refund,
  callback,
  money,
  waiting,
  page,
  cancel: why,
  move: { date: "2026-12-09", time: "11:00", ...why },
  settle: { outcome: "paid", receipt: RECEIPT, reason: "On the M-Pesa statement", actor: "Grace" } as const,
  assign: { reference: "H7HEDX8M", reason: "The parent called", actor: "Grace" },
};
