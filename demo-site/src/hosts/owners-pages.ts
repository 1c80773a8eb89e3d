import { markup } from "../markup.ts";
import { hostDocument, payTag, scriptTag } from "./host-document.ts";
import { SCHOOL, type Host } from "./host.ts";

/** Pages like those of existing sites, which the widget must fit into. */

export const wordPressHost: Host = {
  path: "wordpress",
  title: "An old WordPress theme",
  text: "Its style sheet resets every element and forces its own buttons and fields with !important. It is always light, and so is its widget.",
  pays: true,
  policy: () => null,
  draw: (context) =>
    hostDocument({
      host: wordPressHost,
      context,
      styles: ["hosts/wordpress"],
      body: markup`<div id="page">
        <div id="masthead">
          <h1><a href="#">Mwalimu Njeri’s classroom</a></h1>
          <p>Just another tutoring blog</p>
        </div>
        <ul id="menu">
          <li><a href="#">Home</a></li>
          <li><a href="#">About me</a></li>
          <li><a href="#">Holiday tuition</a></li>
        </ul>
        <div id="content">
          <div class="post">
            <h2>December maths: book your hour</h2>
            <p class="meta">Posted on 23 November by admin</p>
            <p>School is out, and the exams are not far. I teach from my home in Ngong and on video. Pay for your hour below.</p>
            <!-- what the owner pasted into a “Custom HTML” block -->
            ${scriptTag(context)} ${payTag(context, markup`theme="light"`)}
            <p>Asante, and see you soon!</p>
          </div>
          <form id="comment" action="#">
            <h3>Leave a reply</h3>
            <p><label for="author">Name</label> <input id="author" type="text" /></p>
            <p><button type="button">Post comment</button></p>
          </form>
        </div>
        <div id="sidebar">
          <h3>Recent posts</h3>
          <ul>
            <li><a href="#">Fractions with chapati</a></li>
            <li><a href="#">Which exam board?</a></li>
          </ul>
        </div>
      </div>`,
    }),
};

export const sidebarHost: Host = {
  path: "sidebar",
  title: "A sidebar of 280 px",
  text: "The narrowest place that the widget supports.",
  pays: true,
  policy: ({ serviceUrl }) => ({
    "default-src": ["'none'"],
    "script-src": [serviceUrl],
    "style-src": ["'self'"],
    "img-src": ["'self'", serviceUrl],
    "connect-src": [serviceUrl],
  }),
  draw: (context) =>
    hostDocument({
      host: sidebarHost,
      context,
      styles: ["site", "hosts/hosts"],
      head: scriptTag(context),
      body: markup`<main class="width host-main with-sidebar">
        <article>
          <h1>How to learn times tables</h1>
          <p>
            Say them while you walk, write them while you wait, and never more than one row a week. Children who know six times seven without
            thinking have their head free for the problem itself.
          </p>
          <p>An hour with us begins with a game, and ends with one.</p>
        </article>
        <aside aria-label="Book an hour">${payTag(context)}</aside>
      </main>`,
    }),
};

export const frameHost: Host = {
  path: "iframe",
  title: "An iframe",
  text: "Site builders put pasted code into a frame of another origin. The copy buttons need the frame’s permission.",
  pays: true,
  policy: () => null,
  draw: (context) =>
    hostDocument({
      host: frameHost,
      context,
      styles: ["hosts/builder"],
      body: markup`<div class="builder">
        <p class="brand">amani<span>tutors</span></p>
        <h1>Learning that sticks</h1>
        <p class="lead">Made with a site builder: pasted code runs in a frame.</p>
        <iframe
          src="${context.otherOrigin}/hosts/framed?booking=${context.bookingId}"
          title="Pay with M-Pesa"
          allow="clipboard-write"
        ></iframe>
        <p class="small">© Amani Tutors</p>
      </div>`,
    }),
};

export const framedHost: Host = {
  path: "framed",
  title: "Inside the frame",
  text: "",
  pays: true,
  policy: () => null,
  draw: (context) =>
    markup`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>Pay with M-Pesa</title>
          <link rel="stylesheet" href="/files/hosts/framed.css" />
        </head>
        <body>
          ${scriptTag(context)} ${payTag(context)}
        </body>
      </html> `,
};

/** The school's first lesson; its price comes from the service. */
const LESSON = "maths-1h";

export const buttonHost: Host = {
  path: "button",
  title: "A button and a link",
  text: "Either opens the widget in a dialog; on a phone it fills the screen.",
  pays: true,
  policy: sidebarHost.policy,
  draw: (context) =>
    hostDocument({
      host: buttonHost,
      context,
      styles: ["site", "hosts/hosts"],
      head: scriptTag(context),
      body: markup`<main class="width host-main narrow">
        <h1>Your lesson is waiting</h1>
        <p>Maths, one hour, with Mwalimu Njeri. It is yours as soon as it is paid.</p>
        <somo-pay mode="button" booking-id="${context.bookingId}" merchant="${SCHOOL}"></somo-pay>
        <p>
          Not ready to decide?
          <somo-pay mode="link" booking-id="${context.bookingId}" merchant="${SCHOOL}">Look at what you would pay</somo-pay>
        </p>
      </main>`,
    }),
};

export const formHost: Host = {
  path: "form",
  title: "Without a server",
  text: "The widget asks for the details, books with the publishable key, and takes the payment.",
  pays: true,
  books: "the widget",
  policy: sidebarHost.policy,
  draw: (context) =>
    hostDocument({
      host: formHost,
      context,
      styles: ["site", "hosts/hosts"],
      head: scriptTag(context),
      body: markup`<main class="width host-main narrow">
        <h1>Book an hour of maths</h1>
        <somo-pay site-key="${context.publishableKey}" session-type="${LESSON}" merchant="${SCHOOL}"></somo-pay>
      </main>`,
    }),
};
