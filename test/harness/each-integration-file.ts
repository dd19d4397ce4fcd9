/** Runs before every integration test file, after `each-file.ts`: what a process has one of must not be left to the next file. */
import { createRequire } from 'node:module';
import { afterAll } from 'vitest';

const require = createRequire(import.meta.url);

afterAll(async () => {
  if (require.cache[require.resolve('@temporalio/worker')] === undefined) return;
  const { Runtime } = await import('@temporalio/worker');
  await Runtime.instance().shutdown();
});
