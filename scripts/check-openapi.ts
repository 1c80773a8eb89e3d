/** Lints docs/openapi.json with Redocly; redocly.yaml has the rules. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const rootFolder = join(import.meta.dirname, "..");

const { status } = spawnSync(process.execPath, ["node_modules/@redocly/cli/bin/cli.js", "lint", "docs/openapi.json"], {
  cwd: rootFolder,
  stdio: "inherit",
  // It would report its use, and look for a newer version of itself.
  env: { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" },
});
process.exitCode = status ?? 1;
