/**
 * Waits for the work, but only so long; then it resolves to what `onTimeout` gives, or rejects with what that throws. The work itself goes on: if it
 * fails later, nobody needs to hear of it.
 */
export async function withTimeout<Result>(work: Promise<Result>, timeoutMs: number, onTimeout: () => Result): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Result>((resolve, reject) => {
    timer = setTimeout(() => {
      try {
        resolve(onTimeout());
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    }, timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
