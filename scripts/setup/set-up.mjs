import { existsSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "./lock.mjs";
import { chooseNode, environmentFor, exitCodeOf, isNodeLinked, linkNode, run, SetupError, wantedNode } from "./node-runtime.mjs";
import { areInstalled, installPackages, installNode, isNodeInstalled } from "./packages.mjs";
import { cacheFolder, hashOfFiles, isStamped, rootFolder, writeStamp } from "./stamps.mjs";

/** @typedef {import("./node-runtime.mjs").NodeRuntime} NodeRuntime */

/**
 * Installs the runtime and the packages and builds the widget, each only if it is missing or out of date, and returns the Node to run with.
 * Prints one line for each thing that it did. Throws a SetupError that says what to do.
 * @returns {Promise<NodeRuntime>}
 */
export async function setUp() {
  const node = chooseNode();
  const steps = stepsFor(node);
  if (steps.every((step) => step.isDone()) && isNodeLinked(node)) return node;
  const work = async () => {
    // Checked again, one by one: another set-up may have done them while this one waited for the lock.
    for (const step of steps) if (!step.isDone()) await runTimed(step);
    if (!isNodeLinked(node)) linkNode(node);
  };
  await withLock(join(cacheFolder, "setup.lock"), work, (pid) =>
    console.log(`Another set-up is running (process ${pid === undefined ? "unknown" : pid}); waiting for it.`),
  );
  return node;
}

/**
 * Each step needs the ones before it.
 * @param {NodeRuntime} node
 */
function stepsFor(node) {
  return [
    {
      doing: "Downloading Node 24",
      done: `Node 24 downloaded, because this machine's ${process.version} is older than ${wantedNode}`,
      isDone: () => isNodeInstalled(node),
      run: () => installNode(node),
    },
    { doing: "Installing packages", done: "Packages installed", isDone: areInstalled, run: () => installPackages(node) },
    { doing: "Building the widget", done: "Widget built", isDone: isWidgetBuilt, run: () => buildWidget(node) },
  ];
}

const widgetFolder = join(rootFolder, "widget");
const widgetStamp = join(cacheFolder, "widget.stamp");

function isWidgetBuilt() {
  return existsSync(join(widgetFolder, "dist")) && isStamped(widgetStamp, hashOfWidget());
}

/** @param {NodeRuntime} node */
async function buildWidget(node) {
  // Taken before the build: a file that changes during it makes the build out of date.
  const hash = hashOfWidget();
  const { code, stoppedBy, output } = await run(node.path, ["--run", "build"], { cwd: widgetFolder, env: environmentFor(node) });
  if (stoppedBy !== null) throw new SetupError("Stopped while building the widget.", exitCodeOf(stoppedBy));
  if (code !== 0) throw new SetupError(`The widget could not be built:\n${output.trim()}`);
  writeStamp(widgetStamp, hash);
}

function hashOfWidget() {
  return hashOfFiles([widgetFolder, join(rootFolder, "package-lock.json")]);
}

/** @param {{ doing: string, done: string, run: () => Promise<void> }} step */
async function runTimed(step) {
  const startedAt = Date.now();
  // On a terminal a line shows what is going on, until it is done; a log gets the result only.
  if (process.stdout.isTTY) process.stdout.write(`${step.doing} …`);
  try {
    await step.run();
  } finally {
    if (process.stdout.isTTY) process.stdout.write("\r\u001B[K");
  }
  console.log(`${step.done} (${((Date.now() - startedAt) / 1000).toFixed(1)} s).`);
}
