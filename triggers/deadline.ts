/**
 * Waits at most `limitMs` milliseconds for a promise. What it was waiting for goes on; its late failure is not unhandled.
 *
 * @throws Error made from `what` when the time is over
 */
export async function withinMs<T>(limitMs: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
