import { z } from "zod";

const named = z.object({ name: z.string().optional(), description: z.string().default(""), default: z.string().optional() });
const typed = named.extend({ type: z.object({ text: z.string() }).optional() });
const member = typed.extend({ kind: z.enum(["field", "method"]), readonly: z.boolean().default(false) });
const element = z.object({
  tagName: z.string(),
  description: z.string(),
  attributes: z.array(typed),
  members: z.array(member),
  events: z.array(typed),
  slots: z.array(named),
  cssParts: z.array(named),
  cssProperties: z.array(named),
  cssStates: z.array(named),
});
const manifestSchema = z.object({ modules: z.array(z.object({ declarations: z.array(z.unknown()) })) });

/** The element's public API as a page, from `custom-elements.json`. @throws when the manifest has no element with a tag name */
export function widgetReference(manifest: unknown, generatedNote: string): string {
  const declarations = manifestSchema.parse(manifest).modules.flatMap((module) => module.declarations);
  const { tagName, description, ...parts } = element.parse(declarations.find((one) => element.safeParse(one).success));
  // An attribute without a description is internal.
  const attributes = parts.attributes.filter(({ description: what }) => what !== "");
  const fields = parts.members.filter(({ kind }) => kind === "field");
  const methods = parts.members.filter(({ kind }) => kind === "method");
  const propertyOf = (attribute: string): string => attribute.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  return [
    `# \`<${tagName}>\`\n`,
    generatedNote,
    `\n${description} [Embed the widget](embedding.md) shows how to use it.\n`,
    "Every attribute is also a property: `booking-id` is `bookingId`.\n",
    table("Attributes", ["attribute", "values", "what"], attributes, ({ name = "", type, description: what }) => [
      code(name),
      code(type?.text ?? "string"),
      what,
    ]),
    table(
      "Properties without an attribute",
      ["property", "type", "what"],
      fields.filter(({ name = "" }) => !attributes.some((attribute) => propertyOf(attribute.name ?? "") === name)),
      ({ name = "", type, readonly, description: what }) => [
        code(name),
        code(type?.text ?? "string"),
        readonly ? `${what} Read-only.` : what,
      ],
    ),
    table("Methods", ["method", "what"], methods, ({ name = "", description: what }) => [code(`${name}()`), what]),
    table("Events", ["event", "when, and `detail`"], parts.events, ({ name = "", description: what }) => [code(name), what]),
    table("Slots", ["slot", "what"], parts.slots, ({ name, description: what }) => [name ? code(name) : "(default)", what]),
    table("Custom properties", ["property", "default", "what"], parts.cssProperties, (one) => [
      code(one.name ?? ""),
      one.default ? code(one.default) : "",
      one.description,
    ]),
    table("Parts", ["`::part(…)`", "what"], parts.cssParts, ({ name = "", description: what }) => [code(name), what]),
    table("States", ["`:state(…)`, and `status`", "what"], parts.cssStates, ({ name = "", description: what }) => [code(name), what]),
  ].join("\n");
}

type Row = z.infer<typeof named>;

function table<Item extends Row>(title: string, head: readonly string[], items: readonly Item[], cells: (item: Item) => string[]): string {
  // The analyzer lists dispatched events a second time, without a name.
  const rows = items.filter(({ name }) => name !== undefined).map((item) => line(cells(item)));
  return `## ${title}\n\n${line(head)}\n${line(head.map(() => "---"))}\n${rows.join("\n")}\n`;
}

const line = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll("\n", " ").replaceAll("|", "\\|")).join(" | ")} |`;
const code = (text: string): string => `\`${text}\``;
