import type { BookingView } from "../../../service/src/contract.ts";
import type { BookingRecord } from "../bookings-file.ts";
import { markup, type Markup } from "../markup.ts";
import { findLesson } from "../lessons.ts";
import { fill } from "../words/words.ts";
import { spanText } from "./book-page.ts";
import { subject, tick } from "./drawings.ts";
import { layout } from "./layout.ts";
import { dateText, type PageContext } from "./page-context.ts";
import { phonePanel, phoneScript } from "./phone-panel.ts";

export type PayPage = {
  view: BookingView;
  /** Missing if the booking was created without this server. */
  record?: BookingRecord | undefined;
  phone: string;
};

/** The lesson, the payment, and the parent's phone beside it. */
export function payPage({ view, record, phone }: PayPage, context: PageContext): Markup {
  const { words, language, addresses } = context;
  const { pay } = words;
  const lesson = findLesson(view.session.sessionType ?? "");
  const name = lesson ? lesson.text[language].name : view.session.name;
  const when = lesson
    ? spanText(view.session.date, view.session.time, lesson, context)
    : `${dateText(view.session.date, context)}, ${view.session.time}`;
  const isBooked = view.booking_status === "booked";
  const title = isBooked ? pay.paidTitle : pay.title;
  return layout(
    {
      title,
      styles: ["pay"],
      head: markup`<script type="module" src="${addresses.serviceUrl}/widget.js"></script>
        <script type="module" src="/files/pay.js"></script>
        ${phoneScript}`,
      body: markup`<div class="pay">
        <div class="pay-column">
          <h1 id="title" data-booked="${pay.paidTitle}">${title}</h1>
          <p id="text" data-booked="${pay.paidText}">${isBooked ? pay.paidText : pay.text}</p>
          <div class="what">
            ${subject(view.session.sessionType ?? "")}
            <p>
              <strong>${name}</strong>${record && markup` ${fill(pay.forChild, { child: record.childName })}`}<br />
              <span class="quiet">${when}</span>
            </p>
          </div>
          <somo-pay booking-id="${view.bookingId}" merchant="Amani Tutors"><span slot="help">${pay.help}</span></somo-pay>
          <noscript><p class="notice">${pay.noScript}</p></noscript>
          <div class="done" id="done" role="status">${isBooked && doneText(context)}</div>
          <template id="done-text">${doneText(context)}</template>
          ${embedding(view.bookingId, context)}
        </div>
        ${phonePanel(phone, context)}
      </div>`,
    },
    context,
  );
}

function doneText({ words }: PageContext): Markup {
  return markup`<p>
    ${tick}<span>${words.pay.confirmed} <a href="/booked">${words.pay.seeBooked}</a></span>
  </p>`;
}

function embedding(bookingId: string, { words, addresses }: PageContext): Markup {
  const code = `<script type="module" src="${addresses.serviceUrl}/widget.js"></script>\n<somo-pay booking-id="${bookingId}" merchant="Amani Tutors"></somo-pay>`;
  return markup`<details class="developers">
    <summary>${words.pay.embedTitle}</summary>
    <p class="quiet small">${words.pay.embedText}</p>
    <pre tabindex="0"><code>${code}</code></pre>
    <p class="quiet small">${words.pay.eventsText}</p>
    <ol id="events"></ol>
  </details>`;
}
