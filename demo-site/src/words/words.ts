import type { FieldProblem } from "../booking-form.ts";
import type { Language } from "../language.ts";
import { en } from "./en.ts";
import { sw } from "./sw.ts";

/** Every sentence that a visitor reads, except the lessons' (lessons.ts) and the widget's. `fill` replaces `{name}`. */
export type Words = {
  locale: string;
  skip: string;
  slogan: string;
  navigation: string;
  lessons: string;
  bookedLessons: string;
  languages: string;
  footer: string;
  forDevelopers: string;
  noServer: string;
  apiPages: string;
  phonePage: string;
  home: {
    title: string;
    text: string;
    action: string;
    bookedAction: string;
    lessonsTitle: string;
    lessonsText: string;
    nextFree: string;
    noneFree: string;
    chooseTime: string;
    stepsTitle: string;
    steps: readonly { title: string; text: string }[];
    minutes: string;
    with: string;
  };
  book: {
    title: string;
    when: string;
    whenText: string;
    closed: string;
    full: string;
    today: string;
    who: string;
    parentName: string;
    parentHint: string;
    childName: string;
    email: string;
    emailHint: string;
    chosen: string;
    nothingChosen: string;
    submit: string;
    note: string;
    check: string;
    wrong: string;
    problems: Record<FieldProblem, string>;
    awayTitle: string;
    awayText: string;
    refusedTitle: string;
    refusedText: string;
  };
  pay: {
    title: string;
    text: string;
    paidTitle: string;
    paidText: string;
    forChild: string;
    confirmed: string;
    seeBooked: string;
    help: string;
    phoneTitle: string;
    phoneText: string;
    phoneFrame: string;
    phoneNumber: string;
    phoneChange: string;
    showPhone: string;
    hidePhone: string;
    embedTitle: string;
    embedText: string;
    eventsText: string;
    noScript: string;
  };
  booked: {
    title: string;
    text: string;
    none: string;
    noneAction: string;
    isBooked: string;
    waiting: string;
    pending: string;
    failed: string;
    refunded: string;
    receipt: string;
    goOn: string;
    earlier: string;
    note: string;
  };
  browserOnly: {
    title: string;
    text: string;
    lesson: string;
    date: string;
    time: string;
    submit: string;
    payHere: string;
    payHereText: string;
    codeTitle: string;
    codeText: string;
    scriptTitle: string;
    noScript: string;
  };
  problem: {
    notFoundTitle: string;
    notFoundText: string;
    awayTitle: string;
    awayText: string;
    again: string;
    brokenTitle: string;
    brokenText: string;
    back: string;
  };
};

export const wordsIn: Record<Language, Words> = { en, sw };

/** `fill("{n} minutes", { n: "60" })`. */
export function fill(sentence: string, values: Record<string, string>): string {
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
}
