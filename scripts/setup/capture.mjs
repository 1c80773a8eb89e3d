import { spawn } from "node:child_process";

/**
 * Runs a program to its end and gives back what it printed. Rejects when it could not be started. A request to end is passed on to it, and
 * named in `stoppedBy`: some programs answer it with an exit code of their own.
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv, shell?: boolean }} options
 * @returns {Promise<{ code: number | null, stoppedBy: NodeJS.Signals | null, output: string }>}
 */
export function capture(program, args, options) {
  const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  const endSignals = /** @type {const} */ (["SIGINT", "SIGTERM"]);
  /** @type {NodeJS.Signals | null} */
  let stoppedBy = null;
  const passOn = (/** @type {NodeJS.Signals} */ signal) => {
    stoppedBy = signal;
    child.kill(signal);
  };
  for (const signal of endSignals) process.on(signal, passOn);
  let output = "";
  const read = (/** @type {Buffer} */ chunk) => {
    output += chunk.toString();
  };
  child.stdout.on("data", read);
  child.stderr.on("data", read);
  return new Promise((resolve, reject) => {
    const stopListening = () => {
      for (const signal of endSignals) process.removeListener(signal, passOn);
    };
    child.once("error", (error) => {
      stopListening();
      reject(error);
    });
    child.once("close", (code, signal) => {
      stopListening();
      resolve({ code, stoppedBy: stoppedBy ?? signal, output });
    });
  });
}
