import type { BookingView } from "../../../service/src/contract.ts";
import type { Listed } from "../booking-desk.ts";
import { markup, type Content, type Markup } from "../markup.ts";
import { findLesson } from "../lessons.ts";
import { toUtcMs } from "../nairobi-time.ts";
import { fill, type Words } from "../words/words.ts";
import { hoursText } from "./book-page.ts";
import { clock, subject, tick } from "./drawings.ts";
import { layout } from "./layout.ts";
import { dateText, shillings, type PageContext } from "./page-context.ts";

/** The lessons by day. Whether a lesson is booked, and what was paid for it, are two facts; the service says both. */
export function bookedPage(listed: readonly Listed[], nowMs: number, context: PageContext): Markup {
  const { booked } = context.words;
  const coming = listed.filter((item) => endOf(item) >= nowMs);
  const past = listed.filter((item) => endOf(item) < nowMs).toReversed();
  return layout(
    {
      title: booked.title,
      current: "booked",
      styles: ["booked"],
      body: markup`<h1>${booked.title}</h1>
        <p>${booked.text}</p>
        ${
          listed.length === 0 &&
          markup`<div class="card nothing">
            <p>${booked.none}</p>
            <p><a class="button" href="/#lessons">${booked.noneAction}</a></p>
          </div>`
        }
        ${byDay(coming, context)}
        ${
          past.length > 0 &&
          markup`<h2>${booked.earlier}</h2>
            ${byDay(past, context)}`
        }
        <p class="quiet small">${booked.note}</p>`,
    },
    context,
  );
}

function endOf({ record }: Listed): number {
  return toUtcMs(record.date, record.time) + (findLesson(record.lesson)?.durationMinutes ?? 0) * 60_000;
}

function byDay(items: readonly Listed[], context: PageContext): Content {
  const dates = [...new Set(items.map(({ record }) => record.date))];
  return dates.map((date) => {
    const [weekday = "", day, ...month] = dateText(date, context).split(" ");
    return markup`<section class="agenda-day" aria-labelledby="on-${date}">
      <h2 id="on-${date}" class="leaf">
        <span class="leaf-weekday">${weekday}</span> <span class="leaf-day">${day}</span> <span class="leaf-month">${month.join(" ")}</span>
      </h2>
      <ul>
        ${items.filter(({ record }) => record.date === date).map((item) => lessonRow(item, context))}
      </ul>
    </section>`;
  });
}

function lessonRow({ record, view }: Listed, context: PageContext): Markup {
  const { words, language } = context;
  const lesson = findLesson(record.lesson);
  const { payment, booking_status: status } = view;
  const isBooked = status === "booked";
  return markup`<li class="card booked-lesson${!isBooked && " open"}">
    ${subject(record.lesson)}
    <div class="booked-what">
      <h3>${lesson ? lesson.text[language].name : view.session.name}</h3>
      <p>${lesson ? hoursText(record.time, lesson) : record.time} · ${fill(words.pay.forChild, { child: record.childName })}</p>
      <p class="quiet small">
        ${moneyText(view, words)}${payment?.receipt !== undefined && markup` · ${words.booked.receipt} <span class="receipt">${payment.receipt}</span>`}
      </p>
    </div>
    <div class="booked-state">
      <p class="state">${isBooked ? tick : clock}<span>${stateText(view, words)}</span></p>
      ${status === "pending" && markup`<a class="button secondary" href="/pay/${view.bookingId}">${words.booked.goOn}<span class="unseen">: ${record.childName}, ${record.time}</span></a>`}
    </div>
  </li>`;
}

function moneyText({ amount, amountPaid, amountDue }: BookingView, { booked }: Words): string {
  if (amountPaid === 0 || amountDue === 0) return shillings(amount);
  return fill(booked.partPaid, { paid: shillings(amountPaid), amount: amount.toLocaleString("en-KE") });
}

function stateText({ booking_status: status, payment_status: paid }: BookingView, { booked }: Words): string {
  if (paid === "refunded") return booked.refunded;
  switch (status) {
    case "booked":
      return booked.isBooked;
    case "lapsed":
      return paid === "paid" ? booked.paidTooLate : booked.lapsed;
    case "cancelled":
      return booked.cancelled;
    case "pending":
      return {
        pending: booked.pending,
        failed: booked.failed,
        partial: booked.waitingForRest,
        unpaid: booked.waiting,
        paid: booked.pending,
      }[paid];
  }
}
