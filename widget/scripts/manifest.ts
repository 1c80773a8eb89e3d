/**
 * Writes custom-elements.json from the sources, and html-custom-data.json, which VS Code reads, from that; with --check it only says whether
 * those checked in are what they give.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const widget = fileURLToPath(new URL("..", import.meta.url));
const analyzer = join(createRequire(import.meta.url).resolve("@custom-elements-manifest/analyzer/package.json"), "../cem.js");

function generate(): Record<string, string> {
  const outdir = "../node_modules/.cache/manifest";
  execFileSync(process.execPath, [analyzer, "analyze", "--litelement", "--globs", "src/somo-pay.ts", "src/events.ts", "--outdir", outdir], {
    cwd: widget,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const manifest = withoutPrivate(JSON.parse(readFileSync(join(widget, outdir, "custom-elements.json"), "utf8")));
  const inText = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  return { "custom-elements.json": inText(manifest), "html-custom-data.json": inText(editorData(manifest)) };
}

const elementsIn = z.object({
  modules: z.array(
    z.object({
      declarations: z.array(
        z.object({
          tagName: z.string().optional(),
          description: z.string().optional(),
          attributes: z
            .array(z.object({ name: z.string(), description: z.string().optional(), type: z.object({ text: z.string() }).optional() }))
            .optional(),
        }),
      ),
    }),
  ),
});

/** The element's attributes and their values, as https://github.com/microsoft/vscode-custom-data has them. */
function editorData(manifest: unknown) {
  const declarations = elementsIn.parse(manifest).modules.flatMap((module) => module.declarations);
  const tags = declarations.flatMap(({ tagName: name, description, attributes = [] }) => {
    if (!name) return [];
    const described = attributes.map(({ name: attribute, description: what, type }) => {
      const values = [...(type?.text ?? "").matchAll(/"([^"]*)"/g)].map(([, name]) => ({ name }));
      return { name: attribute, description: what, ...(values.length > 0 && { values }) };
    });
    return [{ name, description, attributes: described }];
  });
  return { version: 1.1, tags };
}

/** What is private is nobody's to document. */
function withoutPrivate(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !isPrivate(item)).map(withoutPrivate);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutPrivate(inner)]));
}
function isPrivate(item: unknown): boolean {
  return typeof item === "object" && item !== null && "privacy" in item && item.privacy !== "public";
}

for (const [name, fresh] of Object.entries(generate())) {
  const target = join(widget, name);
  if (!process.argv.includes("--check")) {
    writeFileSync(target, fresh);
  } else if (!existsSync(target) || readFileSync(target, "utf8") !== fresh) {
    console.error(`${name} is not what the sources give: run npm run manifest -w widget`);
    process.exitCode = 1;
  }
}
