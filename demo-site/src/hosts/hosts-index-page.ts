import { markup, type Markup } from "../markup.ts";
import type { Addresses } from "../pages/page-context.ts";
import type { Host } from "./host.ts";

/** The index of all host pages. */
export function hostsIndexPage(hosts: readonly Host[], { serviceUrl }: Addresses): Markup {
  const cards = (pays: boolean): Markup[] =>
    hosts
      .filter((host) => host.pays === pays)
      .map(
        ({ path, title, text }) =>
          markup`<li>
            <a class="card host-card" href="/hosts/${path}"><strong>${title}</strong><span class="quiet">${text}</span></a>
          </li>`,
      );
  return markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Hosts of the widget</title>
        <link rel="icon" href="/files/favicon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/files/site.css" />
        <link rel="stylesheet" href="/files/hosts/hosts.css" />
      </head>
      <body>
        <main class="width host-main">
          <p><a href="/">Amani Tutors</a></p>
          <h1>The widget in other pages</h1>
          <p class="quiet">Each page embeds the widget from ${serviceUrl}. A visit creates a booking; the phone is simulated and no money moves.</p>
          <h2>Pay on these pages</h2>
          <ul class="host-list">
            ${cards(true)}
          </ul>
          <h2>For developers</h2>
          <ul class="host-list">
            ${cards(false)}
          </ul>
        </main>
      </body>
    </html> `;
}
