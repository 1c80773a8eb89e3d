import { spawnSync } from "node:child_process";

// Lint first, because the formatter then formats what it has rewritten. `npm run check` reports what lint cannot fix.
spawnSync("oxlint", ["--fix", "--silent"], { stdio: "inherit", shell: process.platform === "win32" });
process.exitCode = spawnSync("oxfmt", ["--write", "."], { stdio: "inherit", shell: process.platform === "win32" }).status ?? 1;
