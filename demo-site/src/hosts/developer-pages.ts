import { markup, type Content, type Markup } from "../markup.ts";
import type { Addresses } from "../pages/page-context.ts";
import { hostDocument, payTag, scriptTag } from "./host-document.ts";
import { SCHOOL, type Host, type HostContext, type Policy } from "./host.ts";

/** Pages for developers: they compare themes and languages with fictional bookings, and show the element's events. */

/** This site itself serves the fictional bookings; see canned-service.ts. */
export const canned = ({ serviceUrl }: Addresses): Policy => ({
  "default-src": ["'none'"],
  "script-src": ["'self'", serviceUrl],
  "connect-src": ["'self'", serviceUrl],
  "style-src": ["'self'"],
  "img-src": ["'self'", serviceUrl],
});

/** `data-here`: looks.js sets this site as the service before the element is defined. */
const look = (bookingId: string, attributes: Content = null): Markup =>
  markup`<somo-pay data-here booking-id="${bookingId}" merchant="${SCHOOL}" ${attributes}></somo-pay>`;

const gallery = (host: Host, context: HostContext, cells: readonly Markup[]): Markup =>
  hostDocument({
    host,
    context,
    styles: ["site", "hosts/hosts"],
    head: markup`<script src="/files/hosts/looks.js" defer></script>${scriptTag(context)}`,
    body: markup`<main class="width host-main">
      <h1>${host.title}</h1>
      <div class="gallery">${cells}</div>
    </main>`,
  });

const cell = (title: string, content: Markup, name = ""): Markup =>
  markup`<section class="cell ${name}">
    <h2>${title}</h2>
    ${content}
  </section>`;

export const themingHost: Host = {
  path: "theming",
  title: "Theming",
  text: "Light, dark and the owner’s own colours, with custom properties and parts.",
  pays: false,
  policy: canned,
  draw: (context) =>
    gallery(themingHost, context, [
      cell(`theme="light"`, look("ready", markup`theme="light"`)),
      cell(`theme="dark"`, look("ready", markup`theme="dark"`)),
      cell("--somo-pay-accent, --somo-pay-radius", look("ready", markup`theme="light"`), "clay"),
      cell("--somo-pay-background, --somo-pay-font", look("ready", markup`theme="light"`), "paper"),
      cell("::part(button), ::part(amount)", look("ready", markup`theme="light"`), "parts"),
      cell("The receipt in the owner’s colour", look("paid", markup`theme="light"`), "clay"),
    ]),
};

export const languagesHost: Host = {
  path: "languages",
  title: "Languages",
  text: "English and Kiswahili, set by the element’s lang, by the page, or by the parent; and an owner’s own words.",
  pays: false,
  policy: canned,
  draw: (context) =>
    gallery(languagesHost, context, [
      cell(`lang="en"`, look("ready", markup`lang="en"`)),
      cell(`lang="sw"`, look("ready", markup`lang="sw"`)),
      cell(`inside <div lang="sw">`, markup`<div lang="sw">${look("failed-cancelled")}</div>`),
      cell(`inside <div lang="fr">: the browser’s`, markup`<div lang="fr">${look("failed-cancelled")}</div>`),
      cell("labels: your own words", look("ready", markup`lang="en" data-labels="own-words"`)),
      cell("labels: a language of your own", look("ready", markup`lang="fr" data-labels="french"`)),
      cell(`lang="sw", on the phone`, look("prompted", markup`lang="sw"`)),
      cell(`lang="sw", paid`, look("paid", markup`lang="sw"`)),
    ]),
};

export const eventsHost: Host = {
  path: "events",
  title: "Event log",
  text: "Every event of the element during a payment.",
  pays: true,
  policy: canned,
  draw: (context) =>
    hostDocument({
      host: eventsHost,
      context,
      styles: ["site", "hosts/hosts"],
      head: markup`<script src="/files/hosts/event-log.js" defer></script>${scriptTag(context)}`,
      body: markup`<main class="width host-main beside">
        <div>
          <h1>Your lesson</h1>
          ${payTag(context)}
        </div>
        <section aria-labelledby="log-title">
          <h2 id="log-title">Events</h2>
          <ol id="log" class="log"></ol>
        </section>
      </main>`,
    }),
};
