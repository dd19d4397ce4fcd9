import { inject } from 'vitest';

/**
 * The parts that are started once for a run of the integration tests, or why one is missing on this machine.
 * `test/harness/global-setup.ts` provides it; test files ask with `realParts()`.
 */
export interface RealParts {
  /** `host:port` of the run's Temporal server. */
  temporalAddress?: string;
  /** Where the run's Temporal server shows its UI; absent with `TEMPORAL_ADDRESS`, whose UI is not known. */
  temporalUiUrl?: string;
  /** Its namespace; a file that lists or counts workflows makes its own with `newNamespace`. */
  namespace?: string;
  /** The Temporal CLI, for tests that start a server of their own; absent with `TEMPORAL_ADDRESS`. */
  temporalBinary?: string;
  /** Of a PostgreSQL server's maintenance database. */
  postgresUrl?: string;
  /** The folder of an embedded database with all tables, to be copied; see `test/harness/pglite.ts`. */
  pglite: string;
  /** A Chromium or Chrome on this machine. */
  chromium?: string;
  /** In words: why a part is not there. */
  missing: { temporal?: string; postgres?: string; chromium?: string };
}

declare module 'vitest' {
  interface ProvidedContext {
    realParts: RealParts;
  }
}

/** Where a missing part is a failure rather than a skip. */
export const PARTS_ARE_REQUIRED = process.env.CI === 'true' || process.env.KICKOFF_REQUIRE_REAL_PARTS === '1';

export function realParts(): RealParts {
  return inject('realParts');
}
