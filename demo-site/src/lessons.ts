import { readFileSync } from "node:fs";
import { parseSiteFile, type SiteFile } from "../../service/src/sites/site-file.ts";
import type { Language } from "./language.ts";

/** A lesson of the school. `text` is for parents, by language. */
export type Lesson = {
  code: string;
  amountKes: number;
  durationMinutes: number;
  teacher: string;
  text: Record<Language, { name: string; about: string }>;
};

type Description = Pick<Lesson, "teacher" | "text">;

const descriptions: Record<string, Description> = {
  "maths-1h": {
    teacher: "Mwalimu Njeri",
    text: {
      en: { name: "Maths, one hour", about: "From number bonds to algebra, at your child’s pace, with plenty of drawing." },
      sw: { name: "Hisabati, dakika 60", about: "Kuanzia hesabu za msingi hadi aljebra, kwa mwendo wa mtoto wako, kwa michoro mingi." },
    },
  },
  "reading-30m": {
    teacher: "Teacher Achieng",
    text: {
      en: { name: "Reading, half an hour", about: "For beginners: sounds, words, and a story to the end every time." },
      sw: { name: "Kusoma, dakika 30", about: "Kwa wanaoanza: sauti, maneno, na hadithi nzima kila mara." },
    },
  },
  "kiswahili-1h": {
    teacher: "Mwalimu Baraka",
    text: {
      en: { name: "Kiswahili, one hour", about: "Talking first, then ngeli, insha and the poems that stay with you." },
      sw: { name: "Kiswahili, dakika 60", about: "Mazungumzo kwanza, kisha ngeli, insha na mashairi yasiyosahaulika." },
    },
  },
  "science-1h": {
    teacher: "Teacher Mutua",
    text: {
      en: { name: "Science, one hour", about: "Experiments with things from the kitchen, and the reasons behind them." },
      sw: { name: "Sayansi, dakika 60", about: "Majaribio kwa vitu vya jikoni, na sababu zake." },
    },
  },
  "exam-90m": {
    teacher: "Mwalimu Njeri",
    text: {
      en: { name: "Exam practice, 90 minutes", about: "One past paper, marked together, and a plan for the week after." },
      sw: { name: "Mazoezi ya mtihani, dakika 90", about: "Karatasi moja ya zamani, tukiisahihisha pamoja, na mpango wa wiki inayofuata." },
    },
  },
  "first-20m": {
    teacher: "Teacher Achieng",
    text: {
      en: { name: "First lesson, 20 minutes", about: "Meet us before you decide. Any subject, any age from six to sixteen." },
      sw: {
        name: "Kipindi cha kwanza, dakika 20",
        about: "Tufahamiane kabla ya kuamua. Somo lolote, umri wa miaka sita hadi kumi na sita.",
      },
    },
  },
};

/** The site file, as the owner gives it to the service: the only place for prices and keys. */
export const siteFile: SiteFile = parseSiteFile(readFileSync(new URL("../amani-tutors.site.json", import.meta.url), "utf8"));

export const lessons: readonly Lesson[] = siteFile.sessionTypes.map(({ code, amount, durationMinutes }) => {
  const description = descriptions[code];
  if (!description) throw new Error(`amani-tutors.site.json names the lesson "${code}", and lessons.ts does not describe it.`);
  return { code, amountKes: amount, durationMinutes, ...description };
});

export function findLesson(code: string): Lesson | undefined {
  return lessons.find((lesson) => lesson.code === code);
}
