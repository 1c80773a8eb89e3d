import { spawnSync } from "node:child_process";

// Lint first: what it rewrites, the formatter puts in shape. What it cannot fix is for `npm run check` to say.
spawnSync("oxlint", ["--fix", "--silent"], { stdio: "inherit", shell: process.platform === "win32" });
process.exitCode = spawnSync("oxfmt", ["--write", "."], { stdio: "inherit", shell: process.platform === "win32" }).status ?? 1;
