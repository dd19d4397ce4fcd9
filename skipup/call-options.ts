/** What every method takes last. */
export interface CallOptions {
  /** Ends the call: waits, exchanges and repeats. */
  signal?: AbortSignal | undefined;
}
