/**
 * Runs before every test file. The files share a worker's process, so that what they import of node_modules is loaded once;
 * the project's own modules, with what they remember and the hooks they register, are loaded anew for each.
 */
import { createRequire } from 'node:module';
import { vi } from 'vitest';

/** How long a condition is waited for at least: only a test that fails waits so long, and a busy machine is no fault. */
const PATIENCE_MS = 25_000;

vi.resetModules();

// undici keeps one timer for all its limits. Begun while a test before had timers by hand, it would never go off again.
const limits: { reset(): void } = createRequire(import.meta.url)('undici/lib/util/timers.js');
limits.reset();

const { waitFor, waitUntil } = vi;
type Limit = number | { timeout?: number; interval?: number } | undefined;
const patient = (given: Limit) => {
  const { timeout = 0, ...rest } = typeof given === 'number' ? { timeout: given } : (given ?? {});
  return { ...rest, timeout: Math.max(timeout, PATIENCE_MS) };
};
vi.waitFor = (check, limit) => waitFor(check, patient(limit));
vi.waitUntil = (check, limit) => waitUntil(check, patient(limit));
