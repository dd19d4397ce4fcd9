/** The ways to a Temporal server, in the order in which they are tried. */
export const WAYS = ['address', 'path', 'cache', 'download', 'go'] as const;
export type Way = (typeof WAYS)[number];

export const WAY_NAMES: Record<Way, string> = {
  address: 'TEMPORAL_ADDRESS',
  path: '`temporal` on PATH',
  cache: 'cached server',
  download: 'official download',
  go: 'go install',
};

/** What is happening, for a progress display. */
export interface ResolveProgress {
  way: Way;
  /** A short sentence. */
  message: string;
  /** Parts done, of about `total`; only where something is counted. */
  done?: number;
  total?: number;
}

/** What each way gets. */
export interface WayContext {
  env: Record<string, string | undefined>;
  /** The folder in which binaries are kept. */
  folder: string;
  /** Where the finished binary belongs. */
  target: string;
  signal: AbortSignal | undefined;
  progress(message: string, count?: { done: number; total: number }): void;
}

/** Either the path of a server that runs here, or why this way led nowhere. */
export type WayResult = { path: string; version: string } | { reason: string };
