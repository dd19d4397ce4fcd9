/** Calls a hook of the caller's. One that throws must not turn a call that succeeded into one that failed. */
export function tell<T>(hook: ((info: T) => void) | undefined, info: T): void {
  try {
    hook?.(info);
  } catch (cause) {
    warn('A hook', cause);
  }
}

/** @param what - the caller's part that threw */
export function warn(what: string, cause: unknown): void {
  process.emitWarning(`${what} of the SkipUp client threw: ${cause instanceof Error ? cause.message : String(cause)}`, {
    code: 'SKIPUP_HOOK',
  });
}
