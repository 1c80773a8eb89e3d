import { markup, type Content, type Markup } from "../markup.ts";
import { sign } from "./drawings.ts";
import type { PageContext } from "./page-context.ts";

export type Page = {
  title: string;
  body: Content;
  /** Style sheets besides the site's own. */
  styles?: readonly ("home" | "book" | "pay" | "booked")[];
  /** Added to the head: scripts of this page. */
  head?: Content;
  current?: "lessons" | "booked";
};

/** The complete document around a page. */
export function layout(page: Page, context: PageContext): Markup {
  const { words, language, addresses } = context;
  const current = (name: Page["current"]): Content => page.current === name && markup` aria-current="page"`;
  return markup`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${page.title} · Amani Tutors</title>
        <link rel="icon" href="/files/favicon.svg" type="image/svg+xml" />
        ${["site", "frame", ...(page.styles ?? [])].map((name) => markup`<link rel="stylesheet" href="/files/${name}.css" />`)} ${page.head}
      </head>
      <body>
        <a class="skip" href="#content">${words.skip}</a>
        <header class="top">
          <div class="width top-row">
            <a class="school" href="/"
              >${sign}<span><strong>Amani Tutors</strong><span class="slogan">${words.slogan}</span></span></a
            >
            <nav aria-label="${words.navigation}">
              <a href="/#lessons" ${current("lessons")}>${words.lessons}</a>
              <a href="/booked" ${current("booked")}>${words.bookedLessons}</a>
            </nav>
            ${languageSwitch(context)}
          </div>
        </header>
        <main id="content" class="width" tabindex="-1">${page.body}</main>
        <footer class="bottom">
          <div class="width">
            <p>${words.footer}</p>
            <ul>
              <li>${words.forDevelopers}:</li>
              <li><a href="/browser-only">${words.noServer}</a></li>
              <li><a href="/hosts" lang="en">Hosts</a></li>
              <li><a href="${addresses.serviceUrl}/docs">${words.apiPages}</a></li>
              ${addresses.phoneUrl !== null && markup`<li><a href="${addresses.phoneUrl}">${words.phonePage}</a></li>`}
            </ul>
          </div>
        </footer>
      </body>
    </html> `;
}

function languageSwitch({ language, path, words }: PageContext): Markup {
  const choice = (code: string, name: string): Markup =>
    markup`<a
      href="${path}${path.includes("?") ? "&" : "?"}lang=${code}"
      lang="${code}"
      hreflang="${code}"
      ${language === code && markup` aria-current="true"`}
      >${name}</a
    >`;
  return markup`<div class="language" role="group" aria-label="${words.languages}">
    ${choice("en", "English")}${choice("sw", "Kiswahili")}
  </div>`;
}
