/** `npm run generate`: writes the files that are generated from the code. `npm run check` finds those that are out of date. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const rootFolder = join(import.meta.dirname, "..");

/** A program of this project that writes generated files, or checks them. */
export interface GeneratingStep {
  readonly name: string;
  /** Arguments for node. */
  readonly args: readonly string[];
  readonly folder: string;
}

const docsProgram = "service/src/api-docs/generate-docs.ts";

const writingSteps: readonly GeneratingStep[] = [
  { name: "widget manifest", args: ["--run", "manifest"], folder: join(rootFolder, "widget") },
  { name: "service docs", args: [docsProgram], folder: rootFolder },
];

/** The same programs, told to fail if a file is out of date. */
export const driftSteps: readonly GeneratingStep[] = [
  { name: "widget manifest", args: ["--run", "manifest:check"], folder: join(rootFolder, "widget") },
  { name: "service docs", args: [docsProgram, "--check"], folder: rootFolder },
];

if (import.meta.main) {
  for (const { name, args, folder } of writingSteps) {
    const { status } = spawnSync(process.execPath, args, { cwd: folder, stdio: "inherit" });
    if (status !== 0) {
      console.error(`The ${name} could not be generated.`);
      process.exitCode = 1;
    }
  }
}
