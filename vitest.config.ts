import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Most of a file's time goes into loading packages: the files of a worker share its process. */
const shared = {
  isolate: false,
  setupFiles: ['test/harness/each-file.ts'],
  expect: { poll: { timeout: 25_000 } },
};

/**
 * `unit` needs nothing but Node. `integration` runs on real parts (PostgreSQL, Temporal, HTTP, processes, Chromium), which its
 * global set-up starts once per run.
 */
export default defineConfig({
  test: {
    // One less than the machine's cores is Vitest's own choice; most of what the tests do is wait for other processes.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Temporal's client repeats a call from a timer, where nobody can catch what it throws when its connection was closed
    // meanwhile: a test that ends while Temporal is down does just that.
    onUnhandledError: ({ message, stack = '' }) =>
      !(message === 'Channel has been shut down' && stack.includes('grpc-retry')),
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          ...shared,
          // Some of these set timers by hand, which outlives their file in what packages remember.
          isolate: true,
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/replay/**/*.test.ts', 'test/browser/**/*.test.ts'],
          globalSetup: ['test/harness/global-setup.ts'],
          ...shared,
          setupFiles: [...shared.setupFiles, 'test/harness/each-integration-file.ts'],
          testTimeout: 90_000,
          hookTimeout: 120_000,
          retry: Number(process.env.KICKOFF_TEST_RETRIES ?? 0),
        },
      },
    ],
  },
});
