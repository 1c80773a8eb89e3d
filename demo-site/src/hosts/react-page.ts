import { markup } from "../markup.ts";
import { hostDocument } from "./host-document.ts";
import type { Host } from "./host.ts";

export const reactHost: Host = {
  path: "react",
  title: "A React app",
  text: "The component of @somopay/widget/react, from npm: no script tag.",
  pays: true,
  policy: ({ serviceUrl }) => ({
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "connect-src": [serviceUrl],
    "style-src": ["'self'"],
    "img-src": ["'self'", serviceUrl],
  }),
  draw: (context) =>
    hostDocument({
      host: reactHost,
      context,
      styles: ["site", "hosts/hosts"],
      head: markup`<script type="module" src="/hosts/react.js"></script>`,
      body: markup`<main class="width host-main narrow">
        <div id="root" data-service="${context.serviceUrl}" data-booking="${context.bookingId}"><p>Loading…</p></div>
      </main>`,
    }),
};
