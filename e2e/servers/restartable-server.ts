import { rm } from "node:fs/promises";
import type { ServerProcess } from "./server-process.ts";

/** A server that a test may kill and start again. Its files stay in its folder from one run to the next, until `stop`. */
export class RestartableServer {
  #run: ServerProcess;
  #isRunning = true;
  readonly #start: () => Promise<ServerProcess>;
  readonly #folder: string;

  private constructor(run: ServerProcess, start: () => Promise<ServerProcess>, folder: string) {
    this.#run = run;
    this.#start = start;
    this.#folder = folder;
  }

  static async start(start: () => Promise<ServerProcess>, folder: string): Promise<RestartableServer> {
    return new RestartableServer(await start(), start, folder);
  }

  /** Of the present run, or of the last one. */
  get pid(): number {
    return this.#run.pid;
  }

  readonly kill9 = async (): Promise<void> => {
    this.#isRunning = false;
    await this.#run.kill9();
  };

  readonly restart = async (): Promise<void> => {
    await this.#end();
    this.#run = await this.#start();
    this.#isRunning = true;
  };

  readonly stop = async (): Promise<void> => {
    await this.#end();
    await rm(this.#folder, { recursive: true, force: true });
  };

  async #end(): Promise<void> {
    if (this.#isRunning) await this.#run.stop();
    this.#isRunning = false;
  }
}
