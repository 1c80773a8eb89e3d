import type { FieldName, FieldProblems, FormValues } from "../booking-form.ts";
import { markup, type Content, type Markup } from "../markup.ts";
import type { Lesson } from "../lessons.ts";
import { addMinutes } from "../nairobi-time.ts";
import { DAYS_SHOWN, parseSlot, slotText, type Day } from "../slots.ts";
import { fill } from "../words/words.ts";
import { subject } from "./drawings.ts";
import { layout } from "./layout.ts";
import { dateText, minutesText, shillings, type PageContext } from "./page-context.ts";

export type BookPage = {
  lesson: Lesson;
  days: readonly Day[];
  values: FormValues;
  problems?: FieldProblems;
  /** Why the booking failed, if it was not the parent's fault. */
  trouble?: "away" | "refused";
};

const DAYS_IN_A_WEEK = 7;

/** The calendar of free times, and the booking form. */
export function bookPage(page: BookPage, context: PageContext): Markup {
  const { lesson, values, problems = {}, trouble } = page;
  const { words, language } = context;
  const { book } = words;
  const title = fill(book.title, { lesson: lesson.text[language].name });
  return layout(
    {
      title: Object.keys(problems).length > 0 ? `${book.wrong}: ${title}` : title,
      styles: ["book"],
      head: markup`<script type="module" src="/files/book.js"></script>`,
      body: markup`<div class="title-row">
          ${subject(lesson.code)}
          <div>
            <h1>${title}</h1>
            <p class="quiet">
              ${shillings(lesson.amountKes)} · ${minutesText(lesson.durationMinutes, context)} ·
              ${fill(words.home.with, { teacher: lesson.teacher })}
            </p>
          </div>
        </div>
        ${summaryOfProblems(problems, trouble, context)}
        <form class="book" method="post" action="/book/${lesson.code}" novalidate>
          <input type="hidden" name="formId" value="${values.formId}" />
          ${calendar(page, problems, context)}
          <div class="card who">
            <h2>${book.who}</h2>
            ${textField("parentName", { label: book.parentName, hint: book.parentHint, autocomplete: "name" }, page, context)}
            ${textField("childName", { label: book.childName, autocomplete: "off" }, page, context)}
            ${textField("email", { label: book.email, hint: book.emailHint, autocomplete: "email", type: "email" }, page, context)}
            <p class="chosen">
              <span class="quiet">${book.chosen}</span>
              <output id="chosen" data-none="${book.nothingChosen}">${chosenText(page, context)}</output>
            </p>
            <button class="button wide" type="submit">${book.submit}</button>
            <p class="quiet small">${book.note}</p>
          </div>
        </form>`,
    },
    context,
  );
}

function chosenText({ values, days, lesson }: BookPage, context: PageContext): string {
  const slot = parseSlot(values.slot);
  const isThere = slot !== null && days.some(({ date, times }) => date === slot.date && times.includes(slot.time));
  return isThere ? spanText(slot.date, slot.time, lesson, context) : context.words.book.nothingChosen;
}

/** Keeps `15:00–16:00` on one line. */
const UNBROKEN_DASH = "\u2060–\u2060";

/** `15:00–16:00`. */
export function hoursText(time: string, { durationMinutes }: Pick<Lesson, "durationMinutes">): string {
  return `${time}${UNBROKEN_DASH}${addMinutes(time, durationMinutes)}`;
}

/** `Tuesday 8 December, 15:00–16:00`. */
export function spanText(date: string, time: string, lesson: Pick<Lesson, "durationMinutes">, context: PageContext): string {
  return `${dateText(date, context)}, ${hoursText(time, lesson)}`;
}

function summaryOfProblems(problems: FieldProblems, trouble: BookPage["trouble"], { words }: PageContext): Content {
  const { book } = words;
  if (trouble) {
    const [title, text] = trouble === "away" ? [book.awayTitle, book.awayText] : [book.refusedTitle, book.refusedText];
    return markup`<div class="notice" role="alert" tabindex="-1" id="problems">
      <h2>${title}</h2>
      <p>${text}</p>
    </div>`;
  }
  const entries = Object.entries(problems);
  if (entries.length === 0) return null;
  return markup`<div class="notice" role="alert" tabindex="-1" id="problems">
    <h2>${book.check}</h2>
    <ul>
      ${entries.map(([field, problem]) => markup`<li><a href="#${field}">${book.problems[problem]}</a></li>`)}
    </ul>
  </div>`;
}

function calendar({ days, lesson, values }: BookPage, problems: FieldProblems, context: PageContext): Markup {
  const { book } = context.words;
  const weeks = Array.from({ length: DAYS_SHOWN / DAYS_IN_A_WEEK }, (_, week) =>
    days.slice(week * DAYS_IN_A_WEEK, (week + 1) * DAYS_IN_A_WEEK),
  );
  const firstFree = days.find(({ times }) => times.length > 0)?.date;
  const today = days[0]?.date;
  return markup`<fieldset class="when" id="slot" tabindex="-1" ${problems.slot !== undefined && markup` aria-describedby="slot-problem"`}>
    <legend><h2>${book.when}</h2></legend>
    <p class="quiet">${book.whenText}</p>
    ${problems.slot !== undefined && markup`<p class="field-problem" id="slot-problem">${book.problems[problems.slot]}</p>`}
    <div class="weeks">${weeks.map((week) => markup`<div class="week">${week.map((day) => dayColumn(day))}</div>`)}</div>
  </fieldset>`;

  function dayColumn({ date, isClosed, times }: Day): Markup {
    const [weekday, ...rest] = dateText(date, context, "short").split(" ");
    return markup`<div class="day${times.length === 0 && " empty"}" role="group" aria-labelledby="day-${date}">
      <h3 id="day-${date}"><span class="weekday">${date === today ? book.today : weekday}</span> ${rest.join(" ")}</h3>
      ${times.length === 0 && markup`<p class="quiet small">${isClosed ? book.closed : book.full}</p>`}
      ${times.map((time) => timeChoice(date, time))}
    </div>`;
  }

  function timeChoice(date: string, time: string): Markup {
    const text = slotText({ date, time });
    const isFirst = date === firstFree && days.find((day) => day.date === date)?.times[0] === time;
    return markup`<label class="choice"
      ><input
        type="radio"
        name="slot"
        value="${text}"
        data-text="${spanText(date, time, lesson, context)}"
        aria-label="${dateText(date, context)}, ${time}"
        ${isFirst && markup` data-first`}${values.slot === text && markup` checked`}
      /><span aria-hidden="true">${time}</span></label
    >`;
  }
}

type FieldLook = { label: string; autocomplete: string; hint?: string; type?: "email" };

function textField(name: Exclude<FieldName, "slot">, look: FieldLook, { values, problems = {} }: BookPage, { words }: PageContext): Markup {
  const problem = problems[name];
  const describedBy = [look.hint !== undefined && `${name}-hint`, problem !== undefined && `${name}-problem`]
    .filter((id) => id !== false)
    .join(" ");
  return markup`<div class="field${problem !== undefined && " wrong"}">
    <label for="${name}">${look.label}</label>
    ${look.hint !== undefined && markup`<p class="quiet small" id="${name}-hint">${look.hint}</p>`}
    ${problem !== undefined && markup`<p class="field-problem" id="${name}-problem">${words.book.problems[problem]}</p>`}
    <input
      id="${name}"
      name="${name}"
      type="${look.type ?? "text"}"
      value="${values[name]}"
      autocomplete="${look.autocomplete}"
      maxlength="254"
      required${describedBy !== "" && markup` aria-describedby="${describedBy}"`}${problem !== undefined && markup` aria-invalid="true"`}
    />
  </div>`;
}
