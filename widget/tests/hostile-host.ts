/** What owners' pages do to every element in them, and old libraries to every object. */

/** Names that pages give to their own properties, on every element. */
const ownersProperties = [
  ...Array.from({ length: 26 }, (_, at) => String.fromCharCode(97 + at)),
  ...Array.from({ length: 20 }, (_, at) => `a${at}`),
  ..."accent background ink muted line edge soft warm radius space font".split(" "),
];

/** `somo-pay` itself keeps its width, so that what is inside can be compared with the same on a calm page. */
export const hostileCss = `
  :root { font-size: 40px; scroll-behavior: smooth; }
  * { ${ownersProperties.map((name) => `--${name}: 50px !important;`).join(" ")} }
  * {
    box-sizing: content-box !important; margin: 9px !important; font: italic small-caps 30px serif !important; color: red !important;
    line-height: 3 !important; letter-spacing: 4px !important; word-spacing: 9px !important; text-transform: uppercase !important;
    text-indent: 3em !important; text-shadow: 2px 2px red !important; text-align: right !important; white-space: nowrap !important;
    word-break: break-all !important; hyphens: auto !important; cursor: crosshair !important; user-select: none !important;
    -webkit-text-fill-color: transparent !important; -webkit-text-stroke: 2px blue !important; list-style: square inside !important;
    writing-mode: horizontal-tb; quotes: "x" "y" !important; tab-size: 20 !important; accent-color: red; caret-color: transparent !important;
    text-decoration-skip-ink: none !important; font-variant-numeric: oldstyle-nums !important; text-wrap: nowrap !important;
  }
  div, button, input, label, select, h2, p, b, ul, li, form, dialog, svg, path, header, span, details, summary, a {
    display: inline !important; padding: 20px !important; border: 7px dotted red !important; background: yellow !important;
    width: 33px !important; height: 33px !important; position: static !important; float: right !important; fill: red !important;
    stroke: red !important; opacity: 0.4 !important; transform: rotate(3deg) !important; transition: all 5s !important;
  }
  body [part], body [role], body [type], body [lang], [aria-pressed], #title, #text, #phone, #said, .a, .b, .c, .d, .e, .card, .button, .panel {
    display: none !important; outline: 9px solid red !important;
  }
  main, main > div { display: block !important; width: 400px !important; height: auto !important; position: static !important;
    float: none !important; opacity: 1 !important; transform: none !important; padding: 0 !important; }
  somo-pay { display: block !important; width: 380px !important; min-width: 380px !important; }`;

export const calmCss = "body { margin: 0 } somo-pay { width: 380px; min-width: 380px }";

/** Prototype 1.6, MooTools 1.4 and a script that counts visits, in what they do to everybody else's objects. Runs before the page's scripts. */
export function oldLibraries(): void {
  const add = (target: object, name: string, value: unknown) =>
    Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  const quoted = function (this: unknown) {
    return `"${String(this)}"`;
  };
  add(Array.prototype, "toJSON", quoted);
  add(String.prototype, "toJSON", quoted);
  add(Number.prototype, "toJSON", quoted);
  add(Date.prototype, "toJSON", quoted);
  for (const name of ["each", "clone", "contains", "erase", "flatten", "pluck", "invoke", "without", "link"]) {
    add(Array.prototype, name, () => "an old library's");
    add(String.prototype, name, () => "an old library's");
    add(Function.prototype, name, () => "an old library's");
  }
  // Neither of them knows a second argument, or iterators.
  add(Array, "from", (list: ArrayLike<unknown> | null) => (list ? Array.prototype.slice.call(list) : []));
  add(Array.prototype, "entries", function (this: unknown[]) {
    return this.slice();
  });
  add(Array.prototype, "reduce", function (this: unknown[]) {
    return this.length > 1 ? this : this[0];
  });
  add(Element.prototype, "remove", function (this: Element) {
    return this.parentNode?.removeChild(this);
  });
  for (const name of ["update", "open", "close", "reset", "show", "hide", "status", "theme", "mode", "pay", "labels"])
    add(HTMLElement.prototype, name, "an old library's");
  const { fetch: plainFetch } = globalThis;
  const counted: string[] = [];
  globalThis.fetch = function (this: unknown, ...request: Parameters<typeof fetch>) {
    counted.push(String(request[0]));
    return Reflect.apply(plainFetch, globalThis, request).then((answer: Response) => answer);
  };
  Object.assign(globalThis, { counted });
}
