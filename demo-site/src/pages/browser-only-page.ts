import { markup, type Markup } from "../markup.ts";
import { layout } from "./layout.ts";
import type { PageContext } from "./page-context.ts";
import { phonePanel, phoneScript } from "./phone-panel.ts";

export type BrowserOnlyPage = {
  publishableKey: string;
  /** The source of the page's script, to be displayed. */
  script: string;
  /** The initial date. */
  date: string;
  phone: string;
};

/** For an owner whose site has no server: the page books and pays by itself. */
export function browserOnlyPage({ publishableKey, script, date, phone }: BrowserOnlyPage, context: PageContext): Markup {
  const { words, addresses } = context;
  const { browserOnly, book } = words;
  const tags = `<script type="module" src="${addresses.serviceUrl}/widget.js"></script>
<script type="module" id="browser-only" src="browser-only.js" data-service="${addresses.serviceUrl}" data-site-key="${publishableKey}"></script>

<form id="booking">…</form>
<p id="problem" role="alert"></p>
<div id="payment"></div>`;
  return layout(
    {
      title: browserOnly.title,
      styles: ["book", "pay"],
      head: markup`<script type="module" src="${addresses.serviceUrl}/widget.js"></script>
        <script
          type="module"
          id="browser-only"
          src="/files/browser-only.js"
          data-service="${addresses.serviceUrl}"
          data-site-key="${publishableKey}"
        ></script>
        ${phoneScript}`,
      body: markup`<div class="pay">
        <div class="pay-column">
          <h1>${browserOnly.title}</h1>
          <p>${browserOnly.text}</p>
          <noscript><p class="notice">${browserOnly.noScript}</p></noscript>
          <form class="card who" id="booking">
            <div class="field">
              <label for="sessionType">${browserOnly.lesson}</label
              ><select id="sessionType" name="sessionType" required></select>
            </div>
            <div class="two">
              <div class="field">
                <label for="date">${browserOnly.date}</label
                ><input id="date" name="date" type="date" value="${date}" min="${date}" required />
              </div>
              <div class="field">
                <label for="time">${browserOnly.time}</label><input id="time" name="time" type="time" value="15:00" required />
              </div>
            </div>
            <div class="field">
              <label for="parentName">${book.parentName}</label
              ><input id="parentName" name="parentName" autocomplete="name" maxlength="120" required />
            </div>
            <div class="field">
              <label for="childName">${book.childName}</label
              ><input id="childName" name="childName" autocomplete="off" maxlength="120" required />
            </div>
            <div class="field">
              <label for="email">${book.email}</label><input id="email" name="email" type="email" autocomplete="email" required />
            </div>
            <p class="field-problem" id="problem" role="alert"></p>
            <button class="button wide" type="submit">${browserOnly.submit}</button>
          </form>
          <div id="payment">
            <div class="card nothing">
              <p><strong>${browserOnly.payHere}</strong></p>
              <p class="quiet">${browserOnly.payHereText}</p>
            </div>
          </div>
          <section class="developers" aria-labelledby="tags-title">
            <h2 id="tags-title">${browserOnly.scriptTitle}</h2>
            <pre tabindex="0"><code>${tags}</code></pre>
            <h2>${browserOnly.codeTitle}</h2>
            <p class="quiet small">${browserOnly.codeText}</p>
            <pre tabindex="0"><code>${script}</code></pre>
          </section>
        </div>
        ${phonePanel(phone, context)}
      </div>`,
    },
    context,
  );
}
