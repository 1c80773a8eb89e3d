/** Drawn by us, stroke 1.75. They stand beside words and never for them. Their tags are closed, because the build drops the slash of `<path />`. */
import { html, svg, type TemplateResult } from "lit";

const paths = {
  today: svg`<path d="M4 11.5 12 5l8 6.5V19a1 1 0 0 1-1 1h-4.5v-5h-5v5H5a1 1 0 0 1-1-1z"></path>`,
  attention: svg`<path d="M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 20.5a2.2 2.2 0 0 0 4 0"></path>`,
  bookings: svg`<path d="M5 6h14a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1zM4 10.5h16M8.5 3.5V8M15.5 3.5V8"></path>`,
  payments: svg`<path d="M5 6h14a1.5 1.5 0 0 1 1.5 1.5v9A1.5 1.5 0 0 1 19 18H5a1.5 1.5 0 0 1-1.5-1.5v-9A1.5 1.5 0 0 1 5 6z"></path><circle cx="12" cy="12" r="2.6"></circle><path d="M6.5 12h.01M17.5 12h.01"></path>`,
  settings: svg`<path d="M4 7h9M17 7h3M4 17h3M11 17h9"></path><circle cx="15" cy="7" r="2"></circle><circle cx="9" cy="17" r="2"></circle>`,
  search: svg`<circle cx="11" cy="11" r="6"></circle><path d="m20 20-4.6-4.6"></path>`,
  back: svg`<path d="m14.5 6-6 6 6 6"></path>`,
  forward: svg`<path d="m9.5 6 6 6-6 6"></path>`,
};

export type Icon = keyof typeof paths;

export function icon(name: Icon): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${paths[name]}</svg>`;
}
