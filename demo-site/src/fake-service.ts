import { randomUUID } from "node:crypto";
import type { BookingView } from "../../service/src/contract.ts";
import { toUtcMs } from "./nairobi-time.ts";
import { ServiceAwayError, type NewBooking, type ServiceClient } from "./service-client.ts";

const PRICE_KES = 1_500;

/** The service's calls, in memory. A repeated key gives the same booking. */
export type FakeService = ServiceClient & {
  views: Map<string, BookingView>;
  /** Every attempt to create a booking, including repetitions. */
  calls: NewBooking[];
  /** Whether it gives no answer. */
  isAway: boolean;
  /** Money has arrived: all of it books, a part does not. */
  setPaid(bookingId: string, receipt: string, amountKes?: number): void;
  /** The owner cancels, or the time to pay is over. */
  end(bookingId: string, status: "lapsed" | "cancelled"): void;
};

export function createFakeService(): FakeService {
  const byKey = new Map<string, BookingView>();
  const away = (): void => {
    if (fake.isAway) throw new ServiceAwayError("the service gave no answer");
  };
  const viewOf = (bookingId: string): BookingView => {
    const view = fake.views.get(bookingId);
    if (!view) throw new Error(`no booking ${bookingId}`);
    return view;
  };
  const fake: FakeService = {
    views: new Map(),
    calls: [],
    isAway: false,
    async createBooking(booking, idempotencyKey) {
      await Promise.resolve();
      away();
      fake.calls.push(booking);
      const view = byKey.get(idempotencyKey) ?? unpaid(booking);
      byKey.set(idempotencyKey, view);
      fake.views.set(view.bookingId, view);
      return view;
    },
    async booking(bookingId) {
      await Promise.resolve();
      away();
      return fake.views.get(bookingId) ?? null;
    },
    async widgetHash(version, file) {
      await Promise.resolve();
      away();
      return `sha384-${version}-${file}`;
    },
    setPaid(bookingId, receipt, amountKes = PRICE_KES) {
      const view = viewOf(bookingId);
      const payment = { status: "paid", amount: amountKes, receipt, phone: "2547•••••149", requestedAt: 0 } as const;
      const amountPaid = view.amountPaid + amountKes;
      const isAll = amountPaid >= view.amount;
      fake.views.set(bookingId, {
        ...view,
        amountPaid,
        amountDue: Math.max(0, view.amount - amountPaid),
        booking_status: isAll && view.booking_status === "pending" ? "booked" : view.booking_status,
        payment_status: isAll ? "paid" : "partial",
        payment,
      });
    },
    end(bookingId, status) {
      fake.views.set(bookingId, { ...viewOf(bookingId), booking_status: status });
    },
  };
  return fake;
}

function unpaid({ sessionType, date, time }: NewBooking): BookingView {
  return {
    bookingId: `bk_${randomUUID().replaceAll("-", "")}`,
    reference: "H7HEDX8M",
    amount: PRICE_KES,
    amountPaid: 0,
    amountDue: PRICE_KES,
    currency: "KES",
    booking_status: "pending",
    payment_status: "unpaid",
    version: 1,
    expiresAt: toUtcMs(date, time),
    session: { sessionType, name: sessionType, date, time },
    payment: null,
  };
}
