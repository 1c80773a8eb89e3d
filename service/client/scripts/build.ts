/** Compiles the package to ESM and CommonJS, each with its types, for Node 18 and later. */
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "..");
const compiler = join(folder, "../../node_modules/typescript/bin/tsc");

rmSync(join(folder, "dist"), { recursive: true, force: true });
for (const project of ["tsconfig.build.json", "tsconfig.build-cjs.json"]) {
  const { status } = spawnSync(process.execPath, [compiler, "-p", project], { cwd: folder, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
// The package is ESM; without this Node would read the other folder as ESM too.
writeFileSync(join(folder, "dist/cjs/package.json"), '{ "type": "commonjs" }\n');
