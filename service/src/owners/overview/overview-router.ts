import { Router } from "express";
import { z } from "zod";
import { parseOrThrow } from "../../platform/error-handler.ts";
import { ServiceError } from "../../platform/errors.ts";
import { addDays, daysBetween, nairobiDate, startOfDayMs } from "../../platform/nairobi-day.ts";
import { requireServer } from "../../sites/site-access.ts";
import { toBookingLine } from "../booking-line.ts";
import { ATTENTION_COUNT_MAX, CALENDAR_DAYS_MAX, CALENDAR_LINES_MAX, type Overview } from "../owners-contract.ts";
import type { OwnersDependencies } from "../owners-dependencies.ts";
import { figuresOf, LATE_MONEY_DAYS, OVERVIEW_DAYS } from "./overview.ts";
import type { OverviewStore } from "./overview-store.ts";

const NEXT_LESSONS = 10;

export const calendarQuerySchema = z.strictObject({
  from: z.iso.date().describe("The first day, Africa/Nairobi."),
  to: z.iso.date().describe(`The last day; at most ${CALENDAR_DAYS_MAX} days together.`),
});

/** What happened and what is to come: the day's money and lessons, and the bookings of some days. */
export function createOverviewRouter({ sites, now, countAttention, overview }: OwnersDependencies & { overview: OverviewStore }): Router {
  const router = Router();

  router.get("/api/v1/overview", async (request, response) => {
    const site = await requireServer(sites, request);
    const today = nairobiDate(now());
    const sinceMs = startOfDayMs(addDays(today, 1 - OVERVIEW_DAYS - LATE_MONEY_DAYS));
    const [groups, lessons, next, attention] = await Promise.all([
      overview.paymentGroups(site.id, sinceMs),
      overview.lessonsOn(site.id, today),
      overview.lessonsAfter(site.id, today, NEXT_LESSONS),
      countAttention(site.id, ATTENTION_COUNT_MAX),
    ]);
    const { days, reasons } = figuresOf(groups, today);
    const { received = 0, payments = 0 } = days.at(-1) ?? {};
    const line = (file: (typeof lessons)[number]) => toBookingLine(file, site.sessionTypes);
    const answer: Overview = {
      today: { date: today, received, payments, lessons: lessons.map(line), next: next.map(line) },
      attention,
      days,
      reasons,
    };
    response.set("Cache-Control", "no-store").json(answer);
  });

  router.get("/api/v1/calendar", async (request, response) => {
    const site = await requireServer(sites, request);
    const { from, to } = parseOrThrow(calendarQuerySchema, request.query);
    const days = daysBetween(from, to);
    if (days < 1) throw new ServiceError("invalid_request", { detail: "to: must not be before from" });
    if (days > CALENDAR_DAYS_MAX)
      throw new ServiceError("invalid_request", { detail: `to: must be at most ${CALENDAR_DAYS_MAX} days, not ${days}` });
    const { files, next } = await overview.bookingsBetween(site.id, { from, to }, CALENDAR_LINES_MAX);
    response.set("Cache-Control", "no-store").json({ data: files.map((file) => toBookingLine(file, site.sessionTypes)), next });
  });

  return router;
}
