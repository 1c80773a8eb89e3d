import { expect, it } from "vitest";
import { startOfDayMs } from "../../platform/nairobi-day.ts";
import { figuresOf, overviewDates } from "./overview.ts";
import type { PaymentGroup } from "./overview-store.ts";

const TODAY = "2026-12-08";
const group = (facts: Partial<PaymentGroup>): PaymentGroup => ({
  requestedDayMs: startOfDayMs(TODAY),
  paidDayMs: null,
  status: "failed",
  reason: "cancelled",
  payments: 1,
  amountKes: 1_500,
  ...facts,
});

it("covers thirty days that end today", () => {
  const dates = overviewDates(TODAY);
  expect([dates.length, dates[0], dates.at(-1)]).toEqual([30, "2026-11-09", TODAY]);
  const { days, reasons } = figuresOf([], TODAY);
  expect(days.map(({ date }) => date)).toEqual(dates);
  expect(days[0]).toEqual({ date: "2026-11-09", received: 0, payments: 0, started: 0, paid: 0, failed: 0 });
  expect(reasons).toEqual([]);
});

it("counts a payment for the day on which it began, and its money for the day on which it came", () => {
  const paid = { status: "paid", reason: null } as const;
  const groups = [
    group({ ...paid, requestedDayMs: startOfDayMs("2026-12-07"), paidDayMs: startOfDayMs(TODAY), payments: 2, amountKes: 3_000 }),
    group({ ...paid, status: "refunded", paidDayMs: startOfDayMs(TODAY) }),
    group({ status: "prompted", reason: null }),
    group({ payments: 3 }),
    group({ reason: "wrong_pin", payments: 4 }),
    // Begun before the thirty days, and paid late.
    group({ ...paid, requestedDayMs: startOfDayMs("2026-11-08"), paidDayMs: startOfDayMs("2026-11-09"), amountKes: 700 }),
  ];
  const { days, reasons } = figuresOf(groups, TODAY);
  expect(days.at(-1)).toEqual({ date: TODAY, received: 3_000, payments: 2, started: 9, paid: 1, failed: 7 });
  expect(days.at(-2)).toMatchObject({ received: 0, started: 2, paid: 2 });
  expect(days[0]).toMatchObject({ date: "2026-11-09", received: 700, payments: 1, started: 0, paid: 0 });
  expect(reasons).toEqual([
    { reason: "wrong_pin", count: 4 },
    { reason: "cancelled", count: 3 },
  ]);
});
