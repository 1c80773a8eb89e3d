import { markup, type Markup } from "../markup.ts";
import { layout } from "./layout.ts";
import type { PageContext } from "./page-context.ts";

/** An error page. `away`: the payment service does not answer. */
export function problemPage(kind: "notFound" | "away" | "broken", context: PageContext): Markup {
  const { problem } = context.words;
  const { title, text } = {
    notFound: { title: problem.notFoundTitle, text: problem.notFoundText },
    away: { title: problem.awayTitle, text: problem.awayText },
    broken: { title: problem.brokenTitle, text: problem.brokenText },
  }[kind];
  return layout(
    {
      title,
      body: markup`<div class="card nothing">
        <h1>${title}</h1>
        <p>${text}</p>
        <p class="actions">
          ${kind !== "notFound" && markup`<a class="button" href="${context.path}">${problem.again}</a>`}
          <a class="button secondary" href="/">${problem.back}</a>
        </p>
      </div>`,
    },
    context,
  );
}
