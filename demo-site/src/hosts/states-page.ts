import { everyScreen } from "../../../widget/screens/every-screen.ts";
import { markup, type Content, type Markup } from "../markup.ts";
import { canned } from "./developer-pages.ts";
import { hostDocument, scriptTag } from "./host-document.ts";
import { SCHOOL, type Host } from "./host.ts";

/** Every screen of the widget, in the order in which a parent may meet them. */

type Group = {
  /** Its anchor. */
  id: string;
  title: string;
  text: string;
  /** The label of each screen, by the screen's name. */
  screens: Readonly<Record<string, string>>;
};

export const stateGroups: readonly Group[] = [
  {
    id: "booking",
    title: "Booking",
    text: "Without a booking, the widget asks for the details. With a button or a link, it opens in a dialog.",
    screens: {
      details: "Who comes, and when",
      "details-slots": "The owner’s own times",
      "details-error": "Something is missing",
      button: "A button, opens a dialog",
      link: "A link, opens a dialog",
    },
  },
  {
    id: "pay",
    title: "Pay",
    text: "The phone number, and its progress once the button is pressed.",
    screens: {
      ready: "The phone number",
      "phone-error": "Not a Safaricom number",
      "refused-too-soon": "Too soon for another prompt",
      sending: "The prompt is being sent",
    },
  },
  {
    id: "phone",
    title: "On the phone",
    text: "The prompt is on the phone. The widget shows no outcome until M-Pesa confirms it.",
    screens: {
      prompted: "The PIN is asked for",
      "prompted-20s": "No prompt after 20 seconds?",
      confirming: "The outcome is asked for",
      "confirming-code": "The outcome takes long: a code from the SMS helps",
    },
  },
  {
    id: "paid",
    title: "Paid",
    text: "The receipt, and what to do with it.",
    screens: {
      paid: "Payment received",
      "paid-surplus": "More than the price",
      "paid-lapsed": "Too late for the session",
      "paid-cancelled": "For a booking that was cancelled",
      refunded: "Given back later",
    },
  },
  {
    id: "part-paid",
    title: "Paid in part",
    text: "What has arrived counts, and every button, prompt and row names the rest.",
    screens: {
      "ready-partial": "A part has arrived",
      "prompted-partial": "The rest is asked for",
      "failed-partial": "The rest is not paid",
      "failed-unknown-partial": "Nobody knows about the rest",
      "manual-partial": "The rest from the M-Pesa menu",
    },
  },
  {
    id: "over",
    title: "Too late",
    text: "The time to pay is over, or the booking was cancelled. Nothing more is asked for.",
    screens: {
      lapsed: "Not paid in time",
      "lapsed-again": "On a page that can book again",
      "lapsed-code": "The PIN may have been entered",
      "lapsed-partial": "A part was paid",
      "cancelled-unpaid": "Cancelled",
      "cancelled-prompted": "Cancelled while a prompt is open",
    },
  },
  {
    id: "not-paid",
    title: "Not paid",
    text: "What happened, whether money moved, and what to do next.",
    screens: {
      "failed-cancelled": "Cancelled on the phone",
      "failed-wrong_pin": "Wrong PIN",
      "failed-pin_locked": "PIN locked",
      "failed-insufficient_funds": "Not enough money",
      "failed-limit": "Above the limit",
      "failed-no_answer": "No answer from the phone",
      "failed-unreachable": "Phone off, or without signal",
      "failed-expired": "The time to enter your PIN ran out",
      "failed-rejected": "Not accepted by M-Pesa",
      "failed-busy": "M-Pesa is busy",
      "refused-429": "Too many tries",
      "refused-lost": "The service cannot be reached",
      "failed-unknown": "Nobody knows",
      "failed-share": "On a page that others can open",
    },
  },
  {
    id: "code",
    title: "The code from the SMS",
    text: "If the outcome is unknown, a parent who paid has a code, and the code settles it.",
    screens: {
      "failed-code-possible": "A code can be typed",
      "failed-code-checking": "M-Pesa is being asked",
      "failed-code-not_found": "Not known",
      "failed-code-not_this_payment": "Of another payment",
      "failed-code-used": "Used before",
      "failed-code-unanswered": "M-Pesa did not answer",
    },
  },
  {
    id: "another-way",
    title: "Pay another way",
    text: "From the M-Pesa menu; the page updates when the money arrives.",
    screens: {
      manual: "Paybill",
      "manual-till": "A till",
      "manual-open": "While a prompt is open",
      "manual-code": "Already paid: the code from the SMS",
    },
  },
  {
    id: "owners",
    title: "For the owner to fix",
    text: "Parents read that it is not their fault; owners find the cause in the console.",
    screens: {
      "failed-misconfigured": "M-Pesa is set up wrongly",
      "refused-422": "Another price than the booking’s",
      "refused-403": "A page that may not take payments",
      missing: "No such booking",
    },
  },
];

/** The switches, by query parameter; the first choice is the default. */
const switches = {
  lang: { title: "Language", choices: { en: "English", sw: "Kiswahili" } },
  theme: { title: "Theme", choices: { auto: "As the device", light: "Light", dark: "Dark" } },
  width: { title: "Width", choices: { 328: "328 px", 280: "280 px", 432: "432 px" } },
} as const satisfies Record<string, { title: string; choices: Readonly<Record<string, string>> }>;

type Chosen = Readonly<Record<keyof typeof switches, string>>;

function chosenIn(query: URLSearchParams): Chosen {
  const choose = (name: keyof typeof switches, byDefault: string): string => {
    const asked = query.get(name) ?? "";
    return Object.hasOwn(switches[name].choices, asked) ? asked : byDefault;
  };
  return { lang: choose("lang", "en"), theme: choose("theme", "auto"), width: choose("width", "328") };
}

export const statesHost: Host = {
  path: "states",
  title: "Every state",
  text: "All screens side by side, with fictional bookings.",
  pays: false,
  policy: canned,
  draw: (context) => {
    const chosen = chosenIn(context.query);
    return hostDocument({
      host: statesHost,
      context,
      styles: ["site", "hosts/hosts", "hosts/states"],
      head: markup`<script src="/files/hosts/looks.js" defer></script>
        <script src="/hosts/take-steps.js" defer></script>
        ${scriptTag(context)}`,
      body: page(chosen),
    });
  },
};

const page = (chosen: Chosen): Markup =>
  markup`<main class="states theme-${chosen.theme} width-${chosen.width}">
    <header class="states-head">
      <h1>${statesHost.title}</h1>
      <p class="quiet">
        ${stateGroups.reduce((sum, { screens }) => sum + Object.keys(screens).length, 0)} screens, in a parent’s order. Nothing can be paid
        here.
      </p>
      <nav class="switches" aria-label="Looks">${Object.keys(switches).map((name) => switchOf(name, chosen))}</nav>
      <nav class="contents" aria-label="Screens">
        ${stateGroups.map(({ id, title }) => markup`<a href="#${id}">${title}</a>`)}
      </nav>
    </header>
    ${stateGroups.map((group) => groupOf(group, chosen))}
  </main>`;

function switchOf(name: string, chosen: Chosen): Content {
  if (!isSwitch(name)) return null;
  const { title, choices } = switches[name];
  return markup`<div class="switch" role="group" aria-label="${title}">
    ${Object.entries(choices).map(
      ([value, label]) =>
        markup`<a
          href="?${new URLSearchParams({ ...chosen, [name]: value }).toString()}"
          ${value === chosen[name] && markup`aria-current="true"`}
          >${label}</a
        >`,
    )}
  </div>`;
}

const isSwitch = (name: string): name is keyof typeof switches => Object.hasOwn(switches, name);

const groupOf = ({ id, title, text, screens }: Group, chosen: Chosen): Markup =>
  markup`<section class="group" id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    <p class="quiet">${text}</p>
    <div class="screens">${Object.entries(screens).map(([name, what]) => screenOf(name, what, chosen))}</div>
  </section>`;

function screenOf(name: string, title: string, { lang, theme }: Chosen): Content {
  const screen = everyScreen().find((each) => each.name === name);
  if (!screen) return null;
  const attributes = { ...screen.attributes, merchant: SCHOOL, lang, theme };
  return markup`<section class="screen" id="${name}" aria-labelledby="${name}-title">
    <h3 id="${name}-title">${title}</h3>
    <a class="name" href="#${name}">${name}</a>
    <somo-pay
      data-here
      ${Object.entries(attributes).map(([key, value]) => attribute(key, value))}
      ${screen.step && attribute("data-step", screen.step)}
      ${screen.typed && attribute("data-typed", screen.typed)}
    ></somo-pay>
  </section>`;
}

/** Names come from this site; values may be anything. */
const attribute = (name: string, value: string): Markup => markup` ${name}="${value}"`;
