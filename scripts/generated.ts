import { existsSync } from "node:fs";
import { join } from "node:path";
import { hasScript } from "./setup/package-script.mjs";

export const rootFolder = join(import.meta.dirname, "..");

/** A program of this project that writes what is generated from the code, or tells whether that is up to date. */
export interface GeneratingStep {
  readonly name: string;
  /** Arguments for node. */
  readonly args: readonly string[];
  readonly folder: string;
}

/** What writes each generated thing. */
export function generatingSteps(): GeneratingStep[] {
  return [...widgetScript("manifest", "widget manifest"), ...serviceDocs("service docs")];
}

/** What tells whether a generated thing is up to date. */
export function driftSteps(): GeneratingStep[] {
  return [...widgetScript("manifest:check", "widget manifest"), ...serviceDocs("service docs", "--check")];
}

function widgetScript(script: string, name: string): GeneratingStep[] {
  const folder = join(rootFolder, "widget");
  return hasScript(folder, script) ? [{ name, args: ["--run", script], folder }] : [];
}

function serviceDocs(name: string, ...args: string[]): GeneratingStep[] {
  const program = join(rootFolder, "service/src/api-docs/generate-docs.ts");
  return existsSync(program) ? [{ name, args: [program, ...args], folder: rootFolder }] : [];
}
