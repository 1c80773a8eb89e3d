import { existsSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "./lock.mjs";
import { chooseNode, environmentFor, exitCodeOf, isNodeLinked, linkNode, run, SetupError, wantedNode } from "./node-runtime.mjs";
import { areInstalled, installPackages, installNode, isNodeInstalled } from "./packages.mjs";
import { cacheFolder, hashOfFiles, isStamped, rootFolder, writeStamp } from "./stamps.mjs";

/** @typedef {import("./node-runtime.mjs").NodeRuntime} NodeRuntime */

/**
 * Installs the runtime and the packages and builds the widget and the dashboard, each only if it is missing or out of date, and returns the Node to run with.
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
    ...[widget, dashboard].map((app) => ({
      doing: `Building the ${app.name}`,
      done: `Built the ${app.name}`,
      isDone: () => isBuilt(app),
      run: () => build(app, node),
    })),
  ];
}

/** @typedef {{ name: string, folder: string, stamp: string }} App */

/** @type {App} */
const widget = { name: "widget", folder: join(rootFolder, "widget"), stamp: join(cacheFolder, "widget.stamp") };
/** @type {App} */
const dashboard = { name: "dashboard", folder: join(rootFolder, "service/dashboard"), stamp: join(cacheFolder, "dashboard.stamp") };

/** @param {App} app */
function isBuilt(app) {
  return existsSync(join(app.folder, "dist")) && isStamped(app.stamp, hashOfApp(app));
}

/**
 * @param {App} app
 * @param {NodeRuntime} node
 */
async function build(app, node) {
  // Taken before the build: a file that changes during it makes the build out of date.
  const hash = hashOfApp(app);
  const { code, stoppedBy, output } = await run(node.path, ["--run", "build"], { cwd: app.folder, env: environmentFor(node) });
  if (stoppedBy !== null) throw new SetupError(`Stopped while building the ${app.name}.`, exitCodeOf(stoppedBy));
  if (code !== 0) throw new SetupError(`The ${app.name} could not be built:\n${output.trim()}`);
  writeStamp(app.stamp, hash);
}

/** @param {App} app */
function hashOfApp({ folder }) {
  return hashOfFiles([folder, join(rootFolder, "package-lock.json")]);
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
