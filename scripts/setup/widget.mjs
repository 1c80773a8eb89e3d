import { existsSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { capture } from "./capture.mjs";
import { hasScript } from "./package-script.mjs";
import { cacheFolder, rootFolder } from "./paths.mjs";
import { environmentFor } from "./run-program.mjs";
import { SetupError } from "./setup-error.mjs";
import { hashOfFiles, isStamped, writeStamp } from "./stamps.mjs";

const widgetFolder = join(rootFolder, "widget");
const stampFile = join(cacheFolder, "widget.stamp");

/** @returns {boolean} */
export function isWidgetThere() {
  return existsSync(join(widgetFolder, "dist")) && isStamped(stampFile, sourcesHash());
}

/**
 * Runs the widget's own `build` script. Throws a SetupError that carries the build's output.
 * @param {import("./node-runtime.mjs").NodeRuntime} node
 */
export async function buildWidget(node) {
  const hash = sourcesHash();
  const args = !hasScript(widgetFolder, "build")
    ? [join(rootFolder, "node_modules", "vite", "bin", "vite.js"), "build"]
    : ["--run", "build"];
  const { code, stoppedBy, output } = await capture(node.path, args, { cwd: widgetFolder, env: environmentFor(node) });
  if (stoppedBy !== null) throw new SetupError("Stopped while building the widget.", 128 + constants.signals[stoppedBy]);
  if (code !== 0) throw new SetupError(`The widget could not be built:\n${output.trim()}`);
  writeStamp(stampFile, hash);
}

/** @returns {string} */
function sourcesHash() {
  return hashOfFiles([widgetFolder, join(rootFolder, "package-lock.json")]);
}
