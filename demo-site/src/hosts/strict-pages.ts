import { markup, type Content } from "../markup.ts";
import { hostDocument, payTag, scriptTag } from "./host-document.ts";
import type { Host, HostContext, Policy } from "./host.ts";

/** Pages that forbid as much as possible, and one that loads the script twice. */

const plain = (host: Host, context: HostContext, note: Content): ReturnType<Host["draw"]> =>
  hostDocument({
    host,
    context,
    styles: ["site", "hosts/hosts"],
    head: scriptTag(context),
    body: markup`<main class="width host-main narrow">
      <h1>Your lesson</h1>
      ${payTag(context)} ${note}
    </main>`,
  });

const policyText = (policy: Policy): string =>
  Object.entries(policy ?? {})
    .map(([name, values]) => `${name} ${values.join(" ")}`.trim())
    .join(";\n");

export const strictHost: Host = {
  path: "strict-csp",
  title: "A strict Content Security Policy",
  text: "Nothing inline, no eval, and the service’s origin only where it is needed.",
  pays: true,
  policy: ({ serviceUrl }) => ({
    "default-src": ["'none'"],
    "script-src": [serviceUrl],
    "connect-src": [serviceUrl],
    "style-src": ["'self'"],
    "img-src": ["'self'", serviceUrl],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
  }),
  draw: (context) =>
    plain(strictHost, context, markup`<pre class="policy" tabindex="0"><code>${policyText(strictHost.policy(context))}</code></pre>`),
};

export const trustedTypesHost: Host = {
  path: "trusted-types",
  title: "Trusted Types",
  text: "No script may write HTML, except through the one policy that the page allows.",
  pays: true,
  policy: (addresses) => ({ ...strictHost.policy(addresses), "require-trusted-types-for": ["'script'"], "trusted-types": ["lit-html"] }),
  draw: (context) =>
    plain(
      trustedTypesHost,
      context,
      markup`<pre class="policy" tabindex="0"><code>${policyText(trustedTypesHost.policy(context))}</code></pre>`,
    ),
};

export const pinnedHost: Host = {
  path: "pinned",
  title: "A pinned version",
  text: "The whole widget in one file, with its hash in the tag: the browser refuses any other content.",
  pays: true,
  pins: true,
  policy: strictHost.policy,
  draw: (context) => {
    const { src, integrity } = context.pinned;
    const tag = markup`<script type="module" src="${src}" integrity="${integrity}" crossorigin="anonymous"></script>`;
    return hostDocument({
      host: pinnedHost,
      context,
      styles: ["site", "hosts/hosts"],
      head: tag,
      body: markup`<main class="width host-main narrow">
        <h1>Your lesson</h1>
        ${payTag(context)}
        <pre class="policy" tabindex="0"><code>${tag.text.replace(/ (?=src|integrity|crossorigin)/g, "\n  ")}</code></pre>
      </main>`,
    });
  },
};

export const twoVersionsHost: Host = {
  path: "two-versions",
  title: "The script loaded twice",
  text: "A theme and a plugin both load it, from two addresses. The first one is used. If the two were different versions, the console would say so.",
  pays: true,
  policy: strictHost.policy,
  draw: (context) =>
    hostDocument({
      host: twoVersionsHost,
      context,
      styles: ["site", "hosts/hosts"],
      head: markup`<script src="${context.serviceUrl}/widget.js" defer></script>
        <script type="module" src="${context.serviceUrl}/widget.js?from=plugin"></script>`,
      body: markup`<main class="width host-main narrow">
        <h1>Your lesson</h1>
        ${payTag(context)}
      </main>`,
    }),
};
