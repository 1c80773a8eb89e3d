/** The figures of the last 30 days, from groups of payments. Pure. */
import type { FailureReason } from "../../contract.ts";
import { addDays, nairobiDate } from "../../platform/nairobi-day.ts";
import type { Overview, OverviewDay } from "../owners-contract.ts";
import type { PaymentGroup } from "./overview-store.ts";

export const OVERVIEW_DAYS = 30;
/** Money may come this much later than its payment was begun, and still count for the day on which it came. */
export const LATE_MONEY_DAYS = 2;

/** The dates that the overview shows, oldest first. */
export function overviewDates(today: string): string[] {
  return Array.from({ length: OVERVIEW_DAYS }, (_, index) => addDays(today, index - OVERVIEW_DAYS + 1));
}

export function figuresOf(groups: readonly PaymentGroup[], today: string): Pick<Overview, "days" | "reasons"> {
  const days = new Map(overviewDates(today).map((date) => [date, emptyDay(date)]));
  const reasons = new Map<FailureReason, number>();
  for (const { requestedDayMs, paidDayMs, status, reason, payments, amountKes } of groups) {
    const begun = days.get(nairobiDate(requestedDayMs));
    if (begun) {
      begun.started += payments;
      if (status === "paid" || status === "refunded") begun.paid += payments;
      if (status === "failed") begun.failed += payments;
      if (status === "failed" && reason !== null) reasons.set(reason, (reasons.get(reason) ?? 0) + payments);
    }
    const arrived = status === "paid" && paidDayMs !== null ? days.get(nairobiDate(paidDayMs)) : undefined;
    if (arrived) {
      arrived.received += amountKes;
      arrived.payments += payments;
    }
  }
  return {
    days: [...days.values()],
    reasons: [...reasons]
      .map(([reason, count]) => ({ reason, count }))
      .toSorted((left, right) => right.count - left.count || (left.reason < right.reason ? -1 : 1)),
  };
}

function emptyDay(date: string): OverviewDay {
  return { date, received: 0, payments: 0, started: 0, paid: 0, failed: 0 };
}
