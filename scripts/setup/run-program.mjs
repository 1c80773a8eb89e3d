import { spawn } from "node:child_process";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { rootFolder } from "./paths.mjs";

/** What asks a program to end. */
const endSignals = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);

/**
 * The environment for programs: this Node and the installed tools first on the PATH, nothing of the npm that may have started us.
 * @param {import("./node-runtime.mjs").NodeRuntime} node
 * @returns {NodeJS.ProcessEnv}
 */
export function environmentFor(node) {
  const env = { ...process.env };
  // npm tells its children about the package it runs for, and an npm among them would believe it.
  for (const key of Object.keys(env)) {
    if (/^npm_(package|lifecycle|command|config_local_prefix|config_prefix)/i.test(key)) delete env[key];
  }
  const pathKey = Object.keys(env).find((key) => key.toUpperCase() === "PATH") || "PATH";
  const folders = [dirname(node.path), join(rootFolder, "node_modules", ".bin"), env[pathKey] || ""];
  env[pathKey] = folders.join(delimiter);
  return env;
}

/**
 * Runs a script of this project with the terminal as its own, passes on requests to end, and resolves with the exit code: 128 + n when
 * signal n ended it, as shells count.
 * @param {import("./node-runtime.mjs").NodeRuntime} node
 * @param {string} script path from the root folder
 * @param {string[]} args
 * @returns {Promise<number>}
 */
export function runProgram(node, script, args) {
  const child = spawn(node.path, [join(rootFolder, script), ...args], { cwd: rootFolder, stdio: "inherit", env: environmentFor(node) });
  const passOn = (/** @type {NodeJS.Signals} */ signal) => {
    // Ctrl-C reaches every program of the terminal by itself, and a second one often means "at once".
    if (signal === "SIGINT" && process.stdin.isTTY) return;
    child.kill(signal);
  };
  for (const signal of endSignals) process.on(signal, passOn);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      for (const name of endSignals) process.removeListener(name, passOn);
      resolve(signal === null ? code || 0 : 128 + constants.signals[signal]);
    });
  });
}
