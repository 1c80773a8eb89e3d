/** Nothing here takes this long to end; if something does, the terminal is given back all the same. */
const STOP_TIMEOUT_MS = 5_000;

type Running = { stop(): Promise<void> };

/**
 * Starts something and keeps it until Ctrl-C or SIGTERM; then stops it and ends the process with 0. Whatever goes wrong is said, and ends it with 1.
 * @param isForPeople whether an error's message says all that a person needs
 */
export async function runUntilTold(start: () => Promise<Running>, isForPeople: (error: unknown) => error is Error): Promise<void> {
  const say = (error: unknown): void =>
    console.error(isForPeople(error) ? error.message : `The demo ended because of an error:\n${textOf(error)}`);
  // Ctrl-C may come twice, from the terminal and from npm; before the start is done it waits for that.
  const told = new Promise<0>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve(0));
  });
  const broken = new Promise<1>((resolve) => {
    for (const event of ["uncaughtException", "unhandledRejection"] as const) {
      process.on(event, (error: unknown) => {
        say(error);
        resolve(1);
      });
    }
  });
  let code: 0 | 1 = 1;
  try {
    const running = await start();
    code = await Promise.race([told, broken]);
    setTimeout(() => process.exit(1), STOP_TIMEOUT_MS);
    await running.stop();
  } catch (error) {
    code = 1;
    say(error);
  }
  process.exit(code);
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
