/** What owners look at, under `/api/v1`: overview, calendar, search, timelines, live list and files. */
import { z } from "zod";
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from "zod-openapi";
import { exportQuerySchema } from "../owners/exports/exports-router.ts";
import { bookingLineSchema, calendarSchema, overviewSchema, searchAnswerSchema, timelineSchema } from "../owners/owners-contract.ts";
import { calendarQuerySchema } from "../owners/overview/overview-router.ts";
import { searchQuerySchema } from "../owners/search/search-router.ts";
import { bookingPath, json, paymentPath, serverRoute } from "./openapi-parts.ts";
import { ownerViewExamples as examples } from "./owner-view-examples.ts";

const line = bookingLineSchema.meta({ id: "BookingLine" });
const overview = overviewSchema
  .extend({ today: overviewSchema.shape.today.extend({ lessons: z.array(line), next: z.array(line) }) })
  .meta({ id: "Overview" });
const calendar = calendarSchema.extend({ data: z.array(line) }).meta({ id: "Calendar" });
const search = searchAnswerSchema.meta({ id: "SearchAnswer" });
const timeline = timelineSchema.meta({ id: "Timeline" });

/** A file for a spreadsheet. @param what its rows */
function csvFile(operationId: string, what: string, example: string): ZodOpenApiOperationObject {
  return serverRoute({
    operationId,
    summary: `Save ${what} as a file`,
    description:
      "CSV in UTF-8, newest first, as a stream. Times are Africa/Nairobi. A cell that begins like a formula has an apostrophe before it. If the connection ends early, the file is not whole.",
    requestParams: { query: exportQuerySchema },
    answers: { "200": { description: "The file.", content: { "text/csv": { schema: z.string(), example } } } },
  });
}

export const ownerViewPaths: ZodOpenApiPathsObject = {
  "/api/v1/overview": {
    get: serverRoute({
      operationId: "getOverview",
      summary: "Get today and the last 30 days",
      description: "The day's money and lessons, how much waits for a decision, and each day's figures. Days are Africa/Nairobi's.",
      answers: { "200": json("The overview.", overview, examples.overview) },
    }),
  },
  "/api/v1/calendar": {
    get: serverRoute({
      operationId: "getCalendar",
      summary: "List bookings by the day of the session",
      description: "All but those that lapsed and were never paid.",
      requestParams: { query: calendarQuerySchema },
      answers: { "200": json("The bookings.", calendar, { data: [examples.line], next: null }) },
    }),
  },
  "/api/v1/search": {
    get: serverRoute({
      operationId: "search",
      summary: "Find bookings and money",
      description:
        "By what a parent says: a receipt, a reference, a phone number or its end, a name, or the M-Pesa SMS as it is. A name is found by the beginning of any word, whatever its capitals and accents.",
      requestParams: { query: searchQuerySchema },
      answers: { "200": json("What was found.", search, examples.search) },
    }),
  },
  "/api/v1/bookings/{bookingId}/timeline": {
    get: serverRoute({
      operationId: "getBookingTimeline",
      summary: "Get what happened to a booking",
      description: "In words, with who decided what, and the actions that are possible now.",
      requestParams: { path: bookingPath },
      answers: { "200": json("The timeline.", timeline, examples.timeline) },
      errors: ["booking_not_found"],
    }),
  },
  "/api/v1/payments/{paymentId}/timeline": {
    get: serverRoute({
      operationId: "getPaymentTimeline",
      summary: "Get what happened to a payment",
      description: "The booking's timeline, with the entries of this payment alone.",
      requestParams: { path: paymentPath },
      answers: { "200": json("The timeline.", timeline, examples.timeline) },
      errors: ["payment_not_found"],
    }),
  },
  "/api/v1/live": {
    get: serverRoute({
      operationId: "streamLive",
      summary: "Stream the newest bookings",
      description:
        "Server-sent events: first the site's newest bookings, then each of their changes, as unnamed `message` events. A comment every 15 s. It ends after 5 minutes, and the browser reconnects.",
      answers: {
        "200": {
          description: "The stream.",
          content: {
            "text/event-stream": { schema: z.string(), example: `id: ${examples.live.at}\ndata: ${JSON.stringify(examples.live)}\n\n` },
          },
        },
      },
      errors: ["too_many_streams"],
    }),
  },
  "/api/v1/exports/payments.csv": { get: csvFile("exportPayments", "the payments", "Begun,Paid,Status,…") },
  "/api/v1/exports/bookings.csv": { get: csvFile("exportBookings", "the bookings", "Made,Reference,Status,…") },
  "/api/v1/exports/money.csv": { get: csvFile("exportMoney", "the money without a booking", "Received,Paid,Receipt,…") },
  "/api/v1/exports/refunds.csv": { get: csvFile("exportRefunds", "the refunds", "Asked,Ended,Status,…") },
};
