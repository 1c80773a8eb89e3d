/**
 * What the script renders with, in the place of `lit/html.js`: as much of it as this element's templates use, in a third of the bytes
 * (ADR 9). A value stands for all of a child or all of an attribute's value: `class=${…}`, `.value=${…}`, `?readonly=${…}`, `@click=${…}`.
 */
export type Value = string | number | boolean | symbol | null | undefined | Template | Value[] | ((event: Event) => void);

type Write = (value: Value) => void;

interface Template {
  strings: readonly string[];
  values: Value[];
}

/** Stands in the HTML where a value goes. No template has it in its own text, and no value is ever read as HTML. */
const MARK = "$$";

/** As a child: no node. As an attribute's value: no attribute. */
export const nothing = Symbol();

export const html = (strings: TemplateStringsArray, ...values: Value[]): Template => ({ strings, values });

const isTemplate = (value: Value): value is Template => typeof value === "object" && value !== null && "strings" in value;

/** `NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT`. */
const ELEMENTS_AND_TEXTS = 5;

const templates = new WeakMap<readonly string[], DocumentFragment>();
const roots = new WeakMap<Node, Write>();

declare global {
  interface Window {
    trustedTypes?: { createPolicy: (name: string, rules: MarkupPolicy) => MarkupPolicy };
  }
}
interface MarkupPolicy {
  createHTML: (markup: string) => string;
}

/** Pages with Trusted Types name those whom they let write HTML; here it is only what stands in the sources. */
let policy: MarkupPolicy | undefined;
function trusted(markup: string): string {
  const { trustedTypes } = window;
  policy ??= trustedTypes?.createPolicy("somo-pay", { createHTML: (same) => same });
  return policy ? policy.createHTML(markup) : markup;
}

export function render(value: Value, root: ParentNode & Node): void {
  let write = roots.get(root);
  if (!write) {
    const end = new Text();
    root.append(end);
    roots.set(root, (write = childBefore(end)));
  }
  write(value);
}

/** A new copy, still outside the page: a mark in `src` fetches nothing. */
function copyOf(strings: readonly string[]): Node {
  let content = templates.get(strings);
  if (!content) {
    const template = document.createElement("template");
    template.innerHTML = trusted(strings.join(MARK));
    templates.set(strings, (content = template.content));
  }
  return content.cloneNode(true);
}

/** What writes each value where its mark stands, in the order of the values. */
function writersIn(content: Node): Write[] {
  const writers: Write[] = [];
  const walker = document.createTreeWalker(content, ELEMENTS_AND_TEXTS);
  for (let node; (node = walker.nextNode());) {
    if (node instanceof Text) {
      const at = node.data.indexOf(MARK);
      if (at < 0) continue;
      const rest = node.splitText(at);
      rest.deleteData(0, MARK.length);
      writers.push(childBefore(rest));
    } else if (node instanceof Element) {
      for (const name of node.getAttributeNames()) {
        if (node.getAttribute(name) !== MARK) continue;
        node.removeAttribute(name);
        writers.push(attributeOf(node, name));
      }
    }
  }
  return writers;
}

function attributeOf(element: Element, marked: string): Write {
  const kind = marked[0];
  const name = marked.replace(/^[@.?]/, "");
  let written: Value = nothing;
  if (kind === "@")
    element.addEventListener(name, (event) => {
      if (typeof written === "function") written(event);
    });
  return (value) => {
    if (value === written) return;
    written = value;
    if (kind === ".") Reflect.set(element, name, value);
    else if (kind === "?") element.toggleAttribute(name, !!value);
    else if (value === nothing) element.removeAttribute(name);
    else if (kind !== "@" && typeof value !== "object") element.setAttribute(name, String(value));
  };
}

/** A template, a list or text. Comments mark its bounds, since a translating browser replaces text nodes. */
function childBefore(node: ChildNode): Write {
  const start = new Comment();
  const end = new Comment();
  node.before(start, end);
  let shown: string | number | readonly string[] | undefined;
  let writers: Write[] = [];
  return (value) => {
    const values = isTemplate(value) ? value.values : Array.isArray(value) ? value : [];
    // What can be written into as it stands: the same template, a list of the same length, the same text.
    const shape = isTemplate(value) ? value.strings : Array.isArray(value) ? value.length : value === nothing ? "" : String(value ?? "");
    let content: Node | string = "";
    if (shape !== shown) {
      shown = shape;
      for (let old; (old = start.nextSibling) && old !== end;) old.remove();
      if (isTemplate(value)) writers = writersIn((content = copyOf(value.strings)));
      else writers = values.map(() => childBefore(end));
      if (typeof shape === "string") content = shape;
    }
    writers.forEach((write, at) => write(values[at]));
    if (content) end.before(content);
  };
}
