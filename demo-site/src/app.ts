import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler, type Response } from "express";
import helmet from "helmet";
import { checkForm, emptyForm, readForm } from "./booking-form.ts";
import type { BookingDesk } from "./booking-desk.ts";
import type { Markup } from "./markup.ts";
import { createHostsRouter } from "./hosts/hosts-router.ts";
import { isLanguage, languageCookie, languageOf } from "./language.ts";
import { findLesson, lessons, type Lesson } from "./lessons.ts";
import { addDays, nairobiDate } from "./nairobi-time.ts";
import { bookedPage } from "./pages/booked-page.ts";
import { bookPage, type BookPage } from "./pages/book-page.ts";
import { browserOnlyPage } from "./pages/browser-only-page.ts";
import { homePage } from "./pages/home-page.ts";
import type { Addresses, PageContext } from "./pages/page-context.ts";
import { payPage } from "./pages/pay-page.ts";
import { phoneFrom } from "./pages/phone-panel.ts";
import { problemPage } from "./pages/problem-page.ts";
import { ServiceAwayError, ServiceRefusalError, type ServiceClient } from "./service-client.ts";
import { freeDays, nextFree, type Day } from "./slots.ts";
import { createWebhookRouter } from "./webhook-router.ts";
import { wordsIn } from "./words/words.ts";

export type DemoAppParts = {
  addresses: Addresses;
  publishableKey: string;
  desk: BookingDesk;
  client: ServiceClient;
  /** `whsec_…` of the endpoint that SomoPay calls; null: it calls none. */
  webhookSecret?: string | null;
  /** UTC milliseconds. */
  now: () => number;
};

const publicFolder = fileURLToPath(new URL("../public/", import.meta.url));
/** The form has five short fields. */
const MAX_BODY = "8kb";
const NEXT_FREE_SHOWN = 2;

/** The tutoring site: pages rendered on the server, and a few small scripts. */
export function createDemoApp(parts: DemoAppParts): Express {
  const { desk, client, now, addresses } = parts;
  const browserOnlyScript = readFileSync(`${publicFolder}browser-only.js`, "utf8");
  const contextOf = (request: Request): PageContext => {
    const language = languageOf(request);
    return { language, words: wordsIn[language], path: request.originalUrl, addresses };
  };
  const daysFor = async (lesson: Lesson, formId?: string): Promise<Day[]> =>
    freeDays(lesson, now(), await desk.takenTimes(lesson.code, formId));

  const app = express();
  app.set("query parser", "simple");
  app.use(securityHeaders(addresses));
  app.use("/files", express.static(publicFolder, { index: false, maxAge: 0 }));
  app.use(createHostsRouter({ addresses, publishableKey: parts.publishableKey, client, now }));
  if (parts.webhookSecret) app.use(createWebhookRouter(desk, parts.webhookSecret));
  app.use(pageHeaders);
  app.use(chooseLanguage);
  app.use(express.urlencoded({ extended: false, limit: MAX_BODY }));

  app.get("/", async (request, response) => {
    const offered = await Promise.all(lessons.map(async (lesson) => ({ lesson, next: nextFree(await daysFor(lesson), NEXT_FREE_SHOWN) })));
    send(response, homePage(offered, now(), contextOf(request)));
  });

  app.get("/book/:code", async (request, response, next) => {
    const lesson = findLesson(request.params.code);
    if (!lesson) return next();
    const { time } = request.query;
    const page = { lesson, days: await daysFor(lesson), values: emptyForm(typeof time === "string" ? time : "") };
    send(response, bookPage(page, contextOf(request)));
  });

  app.post("/book/:code", async (request, response, next) => {
    const lesson = findLesson(request.params.code);
    if (!lesson) return next();
    const values = readForm(request.body);
    const days = await daysFor(lesson, values.formId);
    const checked = checkForm(values, days);
    const again = (status: number, page: Omit<BookPage, "lesson" | "values" | "days">): void =>
      send(response.status(status), bookPage({ lesson, days, values, ...page }, contextOf(request)));
    if ("problems" in checked) return again(422, { problems: checked.problems });
    try {
      const bookingId = await desk.book(lesson, checked.wish);
      if (bookingId === null) again(409, { problems: { slot: "slotTaken" } });
      else response.redirect(303, `/pay/${bookingId}`);
    } catch (error) {
      if (!isTrouble(error)) throw error;
      console.error(`Booking failed. ${error.message}`);
      again(503, { trouble: error instanceof ServiceAwayError ? "away" : "refused" });
    }
  });

  app.get("/pay/:bookingId", async (request, response, next) => {
    const view = await client.booking(request.params.bookingId);
    if (!view) return next();
    const record = desk.find(view.bookingId);
    send(response, payPage({ view, record, phone: phoneFrom(request.query["phone"]) }, contextOf(request)));
  });

  app.get("/booked", async (request, response) => {
    send(response, bookedPage(await desk.listed(), now(), contextOf(request)));
  });

  app.get("/browser-only", (request, response) => {
    const { publishableKey } = parts;
    const date = addDays(nairobiDate(now()), 1);
    send(
      response,
      browserOnlyPage({ publishableKey, script: browserOnlyScript, date, phone: phoneFrom(request.query["phone"]) }, contextOf(request)),
    );
  });

  app.use((request, response) => send(response.status(404), problemPage("notFound", contextOf(request))));
  app.use(answerErrors(contextOf));
  return app;
}

function send(response: Response, page: Markup): void {
  response.type("html").send(page.text);
}

function isTrouble(error: unknown): error is ServiceAwayError | ServiceRefusalError {
  return error instanceof ServiceAwayError || error instanceof ServiceRefusalError;
}

/** The strictest policy under which the widget works: nothing inline, and nothing from other origins than this site and the service. */
function securityHeaders({ serviceUrl, phoneUrl }: Addresses): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'", serviceUrl],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", "data:", serviceUrl],
        connectSrc: [serviceUrl],
        frameSrc: phoneUrl === null ? ["'none'"] : [new URL(phoneUrl).origin],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
        requireTrustedTypesFor: ["'script'"],
        trustedTypes: ["lit-html"],
      },
    },
    // The demo uses plain http; a real site should send this header.
    strictTransportSecurity: false,
  });
}

/** Pages change with every booking and with the cookie; "back" may still show the form as it was. */
const pageHeaders: RequestHandler = (_request, response, next) => {
  response.set({ "Cache-Control": "private, no-cache", Vary: "Cookie, Accept-Language" });
  next();
};

/** Stores `?lang=sw` in a cookie and redirects to the URL without it. */
const chooseLanguage: RequestHandler = (request, response, next) => {
  const { lang } = request.query;
  if (request.method !== "GET" || !isLanguage(lang)) return next();
  const rest = new URLSearchParams(request.originalUrl.split("?")[1]);
  rest.delete("lang");
  response.cookie(languageCookie.name, lang, languageCookie.options);
  // A path that starts with two slashes would lead to another host.
  response.redirect(303, `/${request.path.replace(/^\/+/, "")}${rest.size > 0 ? `?${rest.toString()}` : ""}`);
};

function answerErrors(contextOf: (request: Request) => PageContext): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    if (isTrouble(error)) {
      console.error(error.message);
      return send(response.status(503), problemPage("away", contextOf(request)));
    }
    const status =
      error instanceof Error && "status" in error && typeof error.status === "number" && error.status < 500 ? error.status : 500;
    if (status < 500) return send(response.status(status), problemPage("notFound", contextOf(request)));
    console.error(error);
    send(response.status(500), problemPage("broken", contextOf(request)));
  };
}
