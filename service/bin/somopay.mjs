#!/usr/bin/env node
// Old syntax on purpose: an old Node must get as far as the sentence that names what is missing.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const [major, minor] = process.versions.node.split(".").map(Number);
const isOldNode = major < 24 || (major === 24 && minor < 11);
const ownNode = join(here, "../../node_modules/.bin", process.platform === "win32" ? "node.exe" : "node");

if (isOldNode && existsSync(ownNode) && process.env.SOMOPAY_RUNTIME !== "own") {
  const env = Object.assign({}, process.env, { SOMOPAY_RUNTIME: "own" });
  const child = spawn(ownNode, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit", env });
  // The terminal sends Ctrl-C to both; whoever is sent to this process alone is passed on. The child decides when to end.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("exit", (code) => {
    process.exitCode = code === null ? 1 : code;
  });
} else if (isOldNode) {
  console.error(
    "somopay needs Node 24.11 or newer; this is " + process.versions.node + ". Run `npm run setup` in the checkout, or install Node 24.",
  );
  process.exitCode = 1;
} else {
  const { runCli } = await import("../src/cli/cli.ts");
  process.exitCode = await runCli(process.argv.slice(2));
}
