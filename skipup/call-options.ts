/** What every method takes last. */
export interface CallOptions {
  /** Ends the call: waits, exchanges and repeats. */
  signal?: AbortSignal | undefined;
}

/** What every list takes last. */
export interface ListOptions extends CallOptions {
  /**
   * This list asks for no more than so many pages a minute, the first included. SkipUp allows a key 120 requests a minute
   * in all: a list that is read to its end would take them from everything else that uses the key.
   */
  pagesPerMinute?: number | undefined;
}
