import { localPhone } from "../pages/page-context.ts";
import { DEFAULT_PHONE } from "../pages/phone-panel.ts";
import { markup, type Content, type Markup } from "../markup.ts";
import { SCHOOL, type Host, type HostContext } from "./host.ts";

export type HostDocument = {
  host: Pick<Host, "title" | "text" | "pays">;
  context: HostContext;
  /** Style sheets; the demo's own are not included by default. */
  styles: readonly string[];
  head?: Content;
  body: Content;
};

/** A complete host page, below a bar that describes it. */
export function hostDocument({ host, context, styles, head, body }: HostDocument): Markup {
  return markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${host.title} · hosts of the widget</title>
        <link rel="icon" href="/files/favicon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/files/hosts/bar.css" />
        ${styles.map((name) => markup`<link rel="stylesheet" href="/files/${name}.css" />`)} ${head}
      </head>
      <body>
        <div class="host-bar">
          <a href="/hosts">All hosts</a>
          <p><strong>${host.title}.</strong> ${host.text} ${host.pays && howToPay(context)}</p>
        </div>
        ${body}
      </body>
    </html> `;
}

function howToPay({ phoneUrl }: HostContext): Content {
  if (phoneUrl === null) return null;
  return markup`Pay with ${localPhone(DEFAULT_PHONE)} and enter 1234 on
    <a href="${phoneUrl}/${DEFAULT_PHONE}" target="_blank" rel="noopener">its phone</a>.`;
}

export const scriptTag = ({ serviceUrl }: Pick<HostContext, "serviceUrl">): Markup =>
  markup`<script type="module" src="${serviceUrl}/widget.js"></script>`;

export const payTag = ({ bookingId }: Pick<HostContext, "bookingId">, attributes: Content = null): Markup =>
  markup`<somo-pay booking-id="${bookingId}" merchant="${SCHOOL}" ${attributes}></somo-pay>`;
