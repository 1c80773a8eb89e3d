import { join } from "node:path";
import { withLock } from "./lock.mjs";
import { chooseNode, installNode, isNodeLinked, isNodeThere, linkNode } from "./node-runtime.mjs";
import { arePackagesThere, installPackages } from "./packages.mjs";
import { cacheFolder } from "./paths.mjs";
import { wantedNode } from "./version.mjs";
import { buildWidget, isWidgetThere } from "./widget.mjs";

/**
 * Sees to the runtime, the packages and the built widget, and returns the Node to run with. Does nothing that is done already; prints one
 * line for each thing that it did. Throws a SetupError that a person can act upon.
 * @returns {Promise<import("./node-runtime.mjs").NodeRuntime>}
 */
export async function setUp() {
  const node = chooseNode();
  const steps = stepsFor(node);
  if (steps.every((step) => step.isDone()) && isNodeLinked(node)) return node;
  const onWait = (/** @type {number | undefined} */ pid) =>
    console.log(`Another set-up is under way (process ${pid === undefined ? "unknown" : pid}); waiting for it.`);
  await withLock(
    join(cacheFolder, "setup.lock"),
    async () => {
      for (const step of steps) if (!step.isDone()) await timed(step);
      if (!isNodeLinked(node)) linkNode(node);
    },
    onWait,
  );
  return node;
}

/**
 * In the order in which they need each other.
 * @param {import("./node-runtime.mjs").NodeRuntime} node
 */
function stepsFor(node) {
  return [
    {
      doing: "Fetching Node 24",
      done: `Node 24 fetched, as this machine's ${process.version} is older than ${wantedNode}`,
      isDone: () => isNodeThere(node),
      run: () => installNode(node),
    },
    {
      doing: "Installing packages",
      done: "Packages installed",
      isDone: arePackagesThere,
      run: () => installPackages(node),
    },
    { doing: "Building the widget", done: "Widget built", isDone: isWidgetThere, run: () => buildWidget(node) },
  ];
}

/** @param {{ doing: string, done: string, run: () => Promise<void> }} step */
async function timed(step) {
  const startedAt = Date.now();
  const clear = showOnTerminal(`${step.doing} …`);
  try {
    await step.run();
  } finally {
    clear();
  }
  console.log(`${step.done} (${((Date.now() - startedAt) / 1000).toFixed(1)} s).`);
}

/**
 * A line that is gone once the work is done; a log that is not a terminal never sees it.
 * @param {string} text
 * @returns {() => void}
 */
function showOnTerminal(text) {
  if (!process.stdout.isTTY) return () => {};
  process.stdout.write(text);
  return () => process.stdout.write("\r\u001B[K");
}
