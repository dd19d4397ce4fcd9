import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from './build-lock.ts';
import { TemporalError } from './errors.ts';
import { goInstall } from './go-install.ts';
import { sdkDownload } from './sdk-download.ts';
import { BINARY_NAME, checkBinary, findOnPath, isExecutable } from './server-binary.ts';
import { type ResolveProgress, WAY_NAMES, type Way, type WayContext, type WayResult } from './ways.ts';

export type TemporalServer =
  | { kind: 'remote'; address: string; from: 'address' }
  | { kind: 'binary'; path: string; version: string; from: Exclude<Way, 'address'> };

export interface ResolveOptions {
  env: Record<string, string | undefined>;
  /** `Config.cacheDir`: the user's cache folder for Kickoff. */
  cacheDir: string;
  onProgress?: (progress: ResolveProgress) => void;
  signal?: AbortSignal | undefined;
}

/**
 * Finds a Temporal server, or gets one: `TEMPORAL_ADDRESS`, `temporal` on PATH, the one kept in the cache folder, the
 * official download through the SDK, `go install`. What is downloaded or built is kept for the next time.
 *
 * @throws TemporalError `no_server` with a line for each way that was tried and what to install; `aborted`
 */
export async function resolveTemporalServer(options: ResolveOptions): Promise<TemporalServer> {
  const address = options.env.TEMPORAL_ADDRESS?.trim();
  if (address !== undefined && address !== '') return { kind: 'remote', address, from: 'address' };

  const folder = join(options.cacheDir, 'temporal-server');
  const target = join(folder, `${process.platform}-${process.arch}-${BINARY_NAME}`);
  const context = (way: Way): WayContext => ({
    env: options.env,
    folder,
    target,
    signal: options.signal,
    progress: (message, count) => options.onProgress?.({ way, message, ...count }),
  });
  const tried: string[] = [`${WAY_NAMES.address}: not set`];
  const attempt = async (way: Exclude<Way, 'address'>, go: (context: WayContext) => Promise<WayResult>) => {
    options.signal?.throwIfAborted();
    const result = await go(context(way));
    if ('path' in result) return { kind: 'binary' as const, ...result, from: way };
    tried.push(`${WAY_NAMES[way]}: ${result.reason}`);
    return undefined;
  };

  try {
    const present = (await attempt('path', onPath)) ?? (await attempt('cache', inCache));
    if (present !== undefined) return present;
    await mkdir(folder, { recursive: true });
    const made = await withLock(
      join(folder, 'lock'),
      async () => {
        const meanwhile = await inCache(context('cache'));
        if ('path' in meanwhile) return { kind: 'binary' as const, ...meanwhile, from: 'cache' as const };
        return (await attempt('download', (way) => sdkDownload(way))) ?? (await attempt('go', goInstall));
      },
      {
        signal: options.signal,
        onWait: (holder) =>
          options.onProgress?.({
            way: 'cache',
            message: `another process (${holder}) is preparing the Temporal server`,
          }),
      },
    );
    if (made !== undefined) return made;
  } catch (error) {
    if (options.signal?.aborted === true) throw new TemporalError('aborted', 'ended on request', { cause: error });
    throw error;
  }
  throw new TemporalError('no_server', nothingWorked(tried));
}

async function onPath(context: WayContext): Promise<WayResult> {
  const path = await findOnPath(BINARY_NAME, context.env);
  if (path === undefined) return { reason: 'not there' };
  return withPath(path, context);
}

async function inCache(context: WayContext): Promise<WayResult> {
  if (!(await isExecutable(context.target))) return { reason: `${context.target} is not there` };
  return withPath(context.target, context);
}

async function withPath(path: string, context: WayContext): Promise<WayResult> {
  const checked = await checkBinary(path, context.env, context.signal);
  return 'reason' in checked ? checked : { path, version: checked.version };
}

function nothingWorked(tried: readonly string[]): string {
  return [
    'No Temporal server could be found or made. Tried:',
    ...tried.map((line) => `  ${line}`),
    'Install the Temporal CLI (https://docs.temporal.io/cli) or Go 1.25 or newer (https://go.dev/dl), or set',
    'TEMPORAL_ADDRESS to a server that runs.',
  ].join('\n');
}
