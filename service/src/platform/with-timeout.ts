/**
 * Waits for `work` for at most `timeoutMs`, then resolves to what `onTimeout` returns, or rejects with what it throws. The work itself continues; a
 * later failure is ignored.
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
