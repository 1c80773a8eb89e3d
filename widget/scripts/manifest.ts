/** Writes custom-elements.json from the sources; with --check it only says whether the one checked in is what they give. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const widget = fileURLToPath(new URL("..", import.meta.url));
const target = join(widget, "custom-elements.json");
const analyzer = join(createRequire(import.meta.url).resolve("@custom-elements-manifest/analyzer/package.json"), "../cem.js");

function generate(): string {
  const outdir = "../node_modules/.cache/manifest";
  execFileSync(process.execPath, [analyzer, "analyze", "--litelement", "--globs", "src/somo-pay.ts", "src/events.ts", "--outdir", outdir], {
    cwd: widget,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const manifest: unknown = JSON.parse(readFileSync(join(widget, outdir, "custom-elements.json"), "utf8"));
  return `${JSON.stringify(withoutPrivate(manifest), null, 2)}\n`;
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

const fresh = generate();
if (!process.argv.includes("--check")) {
  writeFileSync(target, fresh);
} else if (readFileSync(target, "utf8") !== fresh) {
  console.error("custom-elements.json is not what the sources give: run npm run manifest -w widget");
  process.exitCode = 1;
}
