/** Writes the pages of docs/ that are made from code: openapi.json, http-api.md, errors.md, widget-reference.md. With --check it only says which are out of date. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { createOpenApi } from "./openapi.ts";
import { errorTable } from "../platform/errors.ts";
import { widgetReference } from "./widget-reference.ts";

const DOCS_DIR = join(import.meta.dirname, "../../../docs");
const WIDGET_MANIFEST = join(import.meta.dirname, "../../../widget/custom-elements.json");
const GENERATED = "<!-- Made from the code by `npm run generate`; edit the code, not this page. -->";

const operationSchema = z.object({
  summary: z.string(),
  description: z.string().optional(),
  tags: z.array(z.string()),
  responses: z.record(z.string(), z.object({ description: z.string() })),
});
const documentSchema = z.object({ paths: z.record(z.string(), z.record(z.string(), operationSchema)) });

function generate(): Map<string, string> {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8")));
  const document = createOpenApi(version);
  return new Map([
    ["openapi.json", `${JSON.stringify(document, null, 2)}\n`],
    ["http-api.md", httpPage(documentSchema.parse(document))],
    ["errors.md", errorsPage()],
    ["widget-reference.md", widgetReference(JSON.parse(readFileSync(WIDGET_MANIFEST, "utf8")), GENERATED)],
  ]);
}

function httpPage({ paths }: z.infer<typeof documentSchema>): string {
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const sections = routes.map(({ path, method, operation }) => {
    const answers = Object.entries(operation.responses).map(
      ([status, { description }]) => `| ${status} | ${description.replaceAll("|", "\\|")} |`,
    );
    const lead = [operation.summary + ".", operation.description].filter((text) => text !== undefined).join(" ");
    return `## ${method.toUpperCase()} ${path}\n\n${lead}\n\n| status | answer |\n| --- | --- |\n${answers.join("\n")}\n`;
  });
  const index = routes.map(
    ({ path, method, operation }) => `| \`${method.toUpperCase()} ${path}\` | ${operation.tags.join(", ")} | ${operation.summary} |`,
  );
  return [
    "# HTTP interface\n",
    GENERATED,
    "\nThe schemas are in [openapi.json](openapi.json), also served at `/openapi.json`. The errors are in [errors.md](errors.md).\n",
    `| route | who | what |\n| --- | --- | --- |\n${index.join("\n")}\n`,
    ...sections,
  ].join("\n");
}

function errorsPage(): string {
  const entries = Object.entries(errorTable).map(
    ([code, { status, title, detail, meaning }]) => `## ${code}\n\n**${status} ${title}.** ${meaning}\n\nPeople read: “${detail}”\n`,
  );
  return [
    "# Errors\n",
    GENERATED,
    "\nEvery error is a problem document with a `code` that stays, and a sentence for people in `detail` and `error`.\n",
    ...entries,
  ].join("\n");
}

const isCheck = process.argv.includes("--check");
const stale = [...generate()].filter(([name, text]) => readIfThere(name) !== text);
for (const [name, text] of stale) {
  if (isCheck) process.stderr.write(`docs/${name} is out of date: run \`npm run generate\`\n`);
  else writeFileSync(join(DOCS_DIR, name), text);
}
if (isCheck && stale.length > 0) process.exitCode = 1;

function readIfThere(name: string): string | null {
  try {
    return readFileSync(join(DOCS_DIR, name), "utf8");
  } catch {
    return null;
  }
}
