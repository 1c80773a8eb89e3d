import { markup, type Markup } from "../markup.ts";
import type { Lesson } from "../lessons.ts";
import { nairobiDate } from "../nairobi-time.ts";
import { slotText, type Slot } from "../slots.ts";
import { fill } from "../words/words.ts";
import { hero, subject } from "./drawings.ts";
import { layout } from "./layout.ts";
import { dateText, minutesText, shillings, type PageContext } from "./page-context.ts";

export type OfferedLesson = { lesson: Lesson; next: readonly Slot[] };

/** The lessons, with prices and the next free times. */
export function homePage(offered: readonly OfferedLesson[], nowMs: number, context: PageContext): Markup {
  const today = nairobiDate(nowMs);
  const { home } = context.words;
  return layout(
    {
      title: home.title,
      current: "lessons",
      styles: ["home"],
      body: markup`<section class="hero">
          <div>
            <h1>${home.title}</h1>
            <p class="lead">${home.text}</p>
            <p class="actions"><a class="button" href="#lessons">${home.action}</a></p>
          </div>
          ${hero}
        </section>
        <section id="lessons" aria-labelledby="lessons-title">
          <h2 id="lessons-title">${home.lessonsTitle}</h2>
          <p class="quiet">${home.lessonsText}</p>
          <ul class="lessons">
            ${offered.map((item) => lessonCard(item, today, context))}
          </ul>
        </section>
        <section class="steps" aria-labelledby="steps-title">
          <h2 id="steps-title">${home.stepsTitle}</h2>
          <ol>
            ${home.steps.map(
              ({ title, text }) =>
                markup`<li>
                  <h3>${title}</h3>
                  <p>${text}</p>
                </li>`,
            )}
          </ol>
        </section>`,
    },
    context,
  );
}

function lessonCard({ lesson, next }: OfferedLesson, today: string, context: PageContext): Markup {
  const { words, language } = context;
  const { name, about } = lesson.text[language];
  const book = `/book/${lesson.code}`;
  return markup`<li class="card lesson">
    <div class="lesson-head">
      ${subject(lesson.code)}
      <h3>${name}</h3>
    </div>
    <p class="price">
      <strong>${shillings(lesson.amountKes)}</strong> <span class="quiet">${minutesText(lesson.durationMinutes, context)}</span>
    </p>
    <p>${about}</p>
    <p class="quiet">${fill(words.home.with, { teacher: lesson.teacher })}</p>
    <div class="next">
      ${
        next.length === 0
          ? markup`<p class="quiet">${words.home.noneFree}</p>`
          : markup`<p class="quiet">${words.home.nextFree}</p>
              <ul>
                ${next.map((slot) => markup`<li><a class="time" href="${book}?time=${slotText(slot)}">${slot.date === today ? words.book.today : dateText(slot.date, context, "short")}, ${slot.time}</a></li>`)}
              </ul>`
      }
    </div>
    <a class="button secondary" href="${book}">${words.home.chooseTime}<span class="unseen">: ${name}</span></a>
  </li>`;
}
