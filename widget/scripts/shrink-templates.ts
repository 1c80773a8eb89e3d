import { readFileSync, readdirSync } from "node:fs";
import type { Plugin } from "vite";

const sources = new URL("../src/", import.meta.url);

/**
 * Minifiers leave strings alone, so the build itself takes out of `css` and `html` templates what only readers of the sources need:
 * indentation, and the names of classes and custom properties that nobody outside the shadow root can see.
 */
export function shrinkTemplates(): Plugin {
  const styles = readdirSync(sources, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".styles.ts"));
  const code = withoutComments(styles.map((file) => readFileSync(new URL(file, sources), "utf8")).join(""));
  const css = Array.from(code.matchAll(TEMPLATE), ([template]) => template).join("");
  const classes = shortNames(css, CLASS);
  // With a mark of their own: a page's `* { --a: … }` reaches the element, and with it whatever is called `--a` here.
  const properties = new Map([...shortNames(css, PROPERTY)].map(([name, short]) => [name, `_${short}`]));
  const unused = new Set(classes.keys());
  const rename = (name: string) => {
    unused.delete(name);
    return classes.get(name) ?? name;
  };
  return {
    name: "shrink-templates",
    enforce: "pre",
    transform(code, id) {
      if (id.endsWith(".styles.ts")) return shrinkStyles(code, classes, properties);
      if (/\/src\/(?:(?:views|more|ways-in)\/|somo-pay\.ts)/.test(id)) return shrinkMarkup(code, rename);
      return undefined;
    },
    generateBundle() {
      if (unused.size) this.error(`No template has the class ${[...unused].join(", ")} as class="…" or class=\${…}.`);
    },
  };
}

const CLASS = /(?<=\.)[a-z][\w-]*/g;
const PROPERTY = /(?<=--)(?!somo-pay-)[a-z][\w-]*/g;
const TEMPLATE = /css`([^`]*)`/g;

const withoutComments = (code: string) => code.replace(/\/\*[^]*?\*\//g, "");

/**
 * The most frequent names get one letter, the others a letter and a digit: no name that a blocker of advertisements would take for `ad`.
 * Small letters only: in old documents `.a` and `.A` are one class.
 */
function shortNames(css: string, names: RegExp): Map<string, string> {
  const counts = new Map<string, number>();
  for (const [name] of css.matchAll(names)) counts.set(name, (counts.get(name) ?? 0) + 1);
  const letter = (at: number) => String.fromCharCode(97 + at);
  const short = (at: number) => (at < 26 ? letter(at) : letter(Math.floor((at - 26) / 10)) + String((at - 26) % 10));
  return new Map([...counts].sort(([, a], [, b]) => b - a).map(([name], at) => [name, short(at)]));
}

function shrinkStyles(code: string, classes: Map<string, string>, properties: Map<string, string>): string {
  return withoutComments(code).replace(TEMPLATE, (_, css: string) => {
    const shrunk = css
      .replace(CLASS, (name) => classes.get(name) ?? name)
      .replace(PROPERTY, (name) => properties.get(name) ?? name)
      .replace(/\s+/g, " ")
      .replace(/ ?([{};,>]) ?/g, "$1")
      .replace(/: (?=[^{}]*[;}])/g, ":")
      .replace(/(?<=[ :(])0\./g, ".")
      .replace(/;}/g, "}")
      .trim();
    return `\`${shrunk}\``;
  });
}

function shrinkMarkup(code: string, rename: (name: string) => string): string {
  return code
    .replace(/(?<= )class=(?:"[^"]*"|\$\{[^}]*\})/g, (attribute) =>
      attribute.replace(/(?<=")[a-z -]+(?=")/g, (list) => list.split(" ").map(rename).join(" ")),
    )
    .replace(/\n\s+(?=[^\s])/g, "\n ")
    .replace(/\n (?=[@.?]?[\w-]+=["$])/g, " ")
    .replace(/>\n (?=<|\$\{)/g, ">")
    .replace(/(?<=[}>])\n (?=[<>])/g, "")
    .replace(/(?<=")\s+\/?>/g, (end) => end.trim());
}
