import { markup, type Content, type Markup } from "../markup.ts";
import { fill } from "../words/words.ts";
import { localPhone, type PageContext } from "./page-context.ts";

/** Safaricom's public test number. */
export const DEFAULT_PHONE = "254708374149";

/** The parent's phone beside the payment: the simulator's page in a frame. Empty if the site has no simulator. */
export function phonePanel(phone: string, context: PageContext): Content {
  const { words, addresses, path } = context;
  if (addresses.phoneUrl === null) return null;
  const { pay } = words;
  const shown = localPhone(phone);
  return markup`<button
      class="button secondary wide phone-toggle"
      type="button"
      id="phone-toggle"
      aria-expanded="false"
      aria-controls="phone-panel"
      data-show="${pay.showPhone}"
      data-hide="${pay.hidePhone}"
      hidden
    >
      ${pay.showPhone}
    </button>
    <aside class="phone-panel" id="phone-panel" aria-labelledby="phone-title">
      <h2 id="phone-title">${pay.phoneTitle} <span class="badge">Demo</span></h2>
      <p class="quiet small" id="phone-text" data-text="${pay.phoneText}">${fill(pay.phoneText, { phone: shown })}</p>
      <form class="phone-form" id="phone-form" method="get" action="${path.split("?")[0]}">
        <label for="phone-number">${pay.phoneNumber}</label>
        <span class="phone-row"
          ><input id="phone-number" name="phone" type="tel" inputmode="tel" autocomplete="off" value="${shown}" maxlength="20" />
          <button class="button secondary" type="submit">${pay.phoneChange}</button></span
        >
      </form>
      <iframe
        id="phone-frame"
        src="${addresses.phoneUrl}/${phone}"
        data-base="${addresses.phoneUrl}"
        data-title="${pay.phoneFrame}"
        title="${fill(pay.phoneFrame, { phone: shown })}"
      ></iframe>
    </aside>`;
}

/** The phone number from the query parameter, in Safaricom's form; by default the test number. */
export function phoneFrom(text: unknown): string {
  const digits = typeof text === "string" ? /^(?:\+?254|0)?([17]\d{8})$/.exec(text.replace(/[\s()-]/g, ""))?.[1] : undefined;
  return digits === undefined ? DEFAULT_PHONE : `254${digits}`;
}

export const phoneScript: Markup = markup`<script type="module" src="/files/phone.js"></script>`;
