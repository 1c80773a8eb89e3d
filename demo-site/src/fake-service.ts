import { randomUUID } from "node:crypto";
import type { BookingView } from "../../service/src/contract.ts";
import { ServiceAwayError, type NewBooking, type ServiceClient } from "./service-client.ts";

/** The service's calls, in memory. A repeated key gives the same booking. */
export type FakeService = ServiceClient & {
  views: Map<string, BookingView>;
  /** Every attempt to create a booking, including repetitions. */
  calls: NewBooking[];
  /** Whether it gives no answer. */
  isAway: boolean;
  setPaid(bookingId: string, receipt: string): void;
};

export function createFakeService(): FakeService {
  const byKey = new Map<string, BookingView>();
  const away = (): void => {
    if (fake.isAway) throw new ServiceAwayError("the service gave no answer");
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
    setPaid(bookingId, receipt) {
      const view = fake.views.get(bookingId);
      if (!view) throw new Error(`no booking ${bookingId}`);
      const payment = { status: "paid", receipt, phone: "2547•••••149", requestedAt: 0 } as const;
      fake.views.set(bookingId, { ...view, payment_status: "paid", payment });
    },
  };
  return fake;
}

function unpaid({ sessionType, date, time }: NewBooking): BookingView {
  return {
    bookingId: `bk_${randomUUID().replaceAll("-", "")}`,
    reference: "H7HEDX8M",
    amount: 1_500,
    currency: "KES",
    payment_status: "unpaid",
    version: 1,
    session: { sessionType, name: sessionType, date, time },
    payment: null,
  };
}
