/** Put into a page by `script-html.test.ts`: renders the same values with Lit and with what the script has in its place. */
import * as lit from "lit/html.js";
import * as own from "../src/script-html.ts";

type Renderer = Pick<typeof own, "html" | "nothing">;

/** One value after another into the same root, so that every change from one to the next is made too. */
const values = ({ html, nothing }: Renderer, heard: string[]): own.Value[] => {
  const row = (word: string) => html`<li lang=${word}>${word}</li>`;
  const form = (typed: string, locked: boolean, hint: own.Value) =>
    html`<form class="a" @submit=${(event: Event) => event.preventDefault()}>
      <label for="x">${typed}: <b>${hint}</b> and ${typed}</label>
      <input id="x" .value=${typed} ?readonly=${locked} aria-invalid=${locked ? "true" : nothing} />
      <button type="button" @click=${locked ? undefined : () => heard.push(typed)}>${hint}</button>${hint}${typed}
    </form>`;
  return [
    "plain <b>text</b> & 'quotes'",
    nothing,
    0,
    html`<p>${"first"}</p>`,
    form("0712", false, "$& <i>"),
    form("0712 345", true, nothing),
    form("", false, html`<svg viewBox="0 0 4 4"><path d=${"M0 0h4"} /></svg>`),
    form("$$", false, [row("en"), row("sw")]),
    form("$$", false, [row("fr"), row("sw")]),
    form("$$", true, [row("fr")]),
    [html`<p>one</p>`, "two", nothing, html`<p>${3}</p>`],
    [],
    html`<ul>
      ${["a", "b", "c"].map(row)}
    </ul>`,
    undefined,
  ];
};

function run(renderer: Renderer, render: (value: own.Value, root: HTMLElement) => void) {
  const root = document.body.appendChild(document.createElement("div"));
  const heard: string[] = [];
  const seen = values(renderer, heard).map((value) => {
    render(value, root);
    const input = root.querySelector("input");
    root.querySelector("button")?.click();
    return `${root.innerHTML.replace(/<!--.*?-->/g, "")} ${input?.value ?? ""}`;
  });
  return [...seen, heard.join("|")];
}

Object.assign(globalThis, {
  litRendered: run(lit as unknown as Renderer, (value, root) => lit.render(value, root)),
  ownRendered: run(own, own.render),
});
