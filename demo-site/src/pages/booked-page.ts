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

/** The lessons by day. A lesson is booked if the service reports it as paid. */
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
  const { payment } = view;
  const isPaid = view.payment_status === "paid";
  return markup`<li class="card booked-lesson${!isPaid && " open"}">
    ${subject(record.lesson)}
    <div class="booked-what">
      <h3>${lesson ? lesson.text[language].name : view.session.name}</h3>
      <p>${lesson ? hoursText(record.time, lesson) : record.time} · ${fill(words.pay.forChild, { child: record.childName })}</p>
      <p class="quiet small">
        ${shillings(view.amount)}${payment?.receipt !== undefined && markup` · ${words.booked.receipt} <span class="receipt">${payment.receipt}</span>`}
      </p>
    </div>
    <div class="booked-state">
      <p class="state">${isPaid ? tick : clock}<span>${stateText(view, words)}</span></p>
      ${!isPaid && markup`<a class="button secondary" href="/pay/${view.bookingId}">${words.booked.goOn}<span class="unseen">: ${record.childName}, ${record.time}</span></a>`}
    </div>
  </li>`;
}

function stateText({ payment_status: status, payment }: BookingView, { booked }: Words): string {
  if (payment?.status === "refunded") return booked.refunded;
  switch (status) {
    case "paid":
      return booked.isBooked;
    case "pending":
      return booked.pending;
    case "failed":
      return booked.failed;
    case "unpaid":
      return booked.waiting;
  }
}
