/** Stopping never takes this long; if it does, the process exits anyway. */
const STOP_TIMEOUT_MS = 5_000;

type Running = { stop(): Promise<void> };

/**
 * Starts something, runs it until Ctrl-C or SIGTERM, then stops it and exits with 0. Prints any error and exits with 1.
 * @param isForPeople whether an error's message is enough for a person, without the stack
 */
export async function runUntilTold(start: () => Promise<Running>, isForPeople: (error: unknown) => error is Error): Promise<void> {
  const say = (error: unknown): void =>
    console.error(isForPeople(error) ? error.message : `The demo ended because of an error:\n${textOf(error)}`);
  // Ctrl-C may arrive twice, from the terminal and from npm. During the start, it takes effect after the start.
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
