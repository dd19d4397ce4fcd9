import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ResolveProgress, resolveTemporalServer } from '../../../temporal/index.ts';
import { sdkDownload } from '../../../temporal/sdk-download.ts';
import { FakePrograms, WORKING_GO, WORKING_TEMPORAL } from './fake-programs.ts';

let fake: FakePrograms;
beforeEach(() => {
  fake = new FakePrograms();
});
afterEach(() => fake.remove());

function resolve(options: { env?: Record<string, string>; signal?: AbortSignal; seen?: ResolveProgress[] } = {}) {
  return resolveTemporalServer({
    env: { ...fake.env, ...options.env },
    cacheDir: fake.cacheDir,
    signal: options.signal,
    onProgress: (progress) => options.seen?.push(progress),
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('resolveTemporalServer', () => {
  it('takes TEMPORAL_ADDRESS before anything else', async () => {
    fake.onPath('temporal', WORKING_TEMPORAL);
    expect(await resolve({ env: { TEMPORAL_ADDRESS: 'temporal.example.com:7233' } })).toEqual({
      kind: 'remote',
      address: 'temporal.example.com:7233',
      from: 'address',
    });
  });

  it('takes `temporal` on PATH before the cache', async () => {
    fake.cached(WORKING_TEMPORAL);
    const path = fake.onPath('temporal', WORKING_TEMPORAL);
    expect(await resolve({ env: { TEMPORAL_ADDRESS: '' } })).toEqual({
      kind: 'binary',
      path,
      version: 'temporal version 9.9.9 (Server 9.9.9, UI 9.9.9)',
      from: 'path',
    });
  });

  it('takes the cached one when the one on PATH does not run', async () => {
    fake.onPath('temporal', 'echo "cannot execute binary file" >&2; exit 126');
    fake.cached(WORKING_TEMPORAL);
    expect(await resolve()).toMatchObject({ kind: 'binary', path: fake.cachedPath, from: 'cache' });
  });

  it('builds one with Go, tells how far it is, and keeps it', async () => {
    fake.onPath('go', WORKING_GO);
    const seen: ResolveProgress[] = [];
    expect(await resolve({ seen })).toMatchObject({ kind: 'binary', path: fake.cachedPath, from: 'go' });
    expect(seen.at(-1)).toMatchObject({ way: 'go', done: 1, total: expect.any(Number) });
    expect(readdirSync(dirname(fake.cachedPath))).toEqual([`${process.platform}-${process.arch}-temporal`]);
    expect(await resolve()).toMatchObject({ from: 'cache' });
  });

  it('names every way and what to install when none leads to a server', async () => {
    fake.onPath('temporal', 'exit 3');
    fake.cached('echo tctl version 1.18');
    fake.onPath('go', 'echo "go: no network" >&2; exit 1');
    const error = await resolve().catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'TemporalError', code: 'no_server' });
    const message = error instanceof Error ? error.message : '';
    expect(message).toContain('TEMPORAL_ADDRESS: not set');
    expect(message).toMatch(/`temporal` on PATH: .*--version said nothing/);
    expect(message).toMatch(/cached server: .*--version said “tctl version 1.18”/);
    expect(message).toMatch(/official download: https:\/\/temporal\.download\/ cannot be reached \(.+\)/);
    expect(message).toContain('go install: go install failed: go: no network');
    expect(message).toContain('Install the Temporal CLI (https://docs.temporal.io/cli) or Go 1.25');
    expect(readdirSync(dirname(fake.cachedPath))).toEqual([`${process.platform}-${process.arch}-temporal`]);
  });

  it('does not keep what Go built when it does not run', async () => {
    fake.onPath('go', `printf '#!/bin/sh\\nexit 1\\n' > "$GOBIN/temporal"; /bin/chmod 755 "$GOBIN/temporal"`);
    await expect(resolve()).rejects.toMatchObject({ code: 'no_server' });
    expect(existsSync(fake.cachedPath)).toBe(false);
  });

  it('builds once when two processes ask at the same time', async () => {
    const count = join(fake.folder, 'count');
    fake.onPath('go', `echo built >> ${count}\n/bin/sleep 0.4\n${WORKING_GO}`);
    const seen: ResolveProgress[] = [];
    const found = await Promise.all([resolve({ seen }), resolve({ seen })]);
    expect(found.map((server) => server.from).sort()).toEqual(['cache', 'go']);
    expect(readFileSync(count, 'utf8')).toBe('built\n');
    expect(seen.some(({ message }) => /another process \(\d+@.+\) is preparing/.test(message))).toBe(true);
  });

  it('takes over the lock of a process that was killed', async () => {
    fake.onPath('go', WORKING_GO);
    mkdirSync(dirname(fake.cachedPath), { recursive: true });
    writeFileSync(join(dirname(fake.cachedPath), 'lock'), `4194304@${hostname()}`);
    expect(await resolve()).toMatchObject({ from: 'go' });
  });

  it('ends the build and all that it started when it is told to', async () => {
    const pids = join(fake.folder, 'pids');
    fake.onPath('go', `/bin/sleep 300 &\necho "$$ $!" > ${pids}\nwait`);
    const controller = new AbortController();
    const resolving = resolve({ signal: controller.signal });
    resolving.catch(() => undefined);
    const started = await vi.waitFor(
      () => {
        const found = readFileSync(pids, 'utf8').trim().split(' ').map(Number);
        expect(found).toHaveLength(2);
        return found;
      },
      { timeout: 5000 },
    );
    controller.abort();
    await expect(resolving).rejects.toMatchObject({ code: 'aborted' });
    // A killed process stays until init has taken note of it.
    await vi.waitFor(() => expect(started.map(isAlive)).toEqual([false, false]), { timeout: 5000 });
    expect(readdirSync(dirname(fake.cachedPath))).toEqual([]);
  });
});

describe('the official download', () => {
  async function download(sdkSource: string) {
    const server = createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
    await new Promise((ready) => server.once('listening', ready));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const sdk = join(fake.folder, 'sdk.cjs');
    writeFileSync(sdk, sdkSource);
    const folder = dirname(fake.cachedPath);
    mkdirSync(folder, { recursive: true });
    const progress: string[] = [];
    const result = await sdkDownload(
      {
        env: { PATH: fake.bin },
        folder,
        target: fake.cachedPath,
        signal: undefined,
        progress: (message) => progress.push(message),
      },
      { source: `http://127.0.0.1:${port}/`, sdk },
    );
    await new Promise((closed) => server.close(closed));
    return { result, progress };
  }

  it('keeps the binary that the SDK brought', async () => {
    const { result, progress } = await download(`
      const { writeFileSync } = require('node:fs');
      exports.TestWorkflowEnvironment = { createLocal: async ({ server }) => {
        writeFileSync(server.executable.downloadDir + '/temporal-sdk-typescript-1', ${JSON.stringify(`#!/bin/sh\n${WORKING_TEMPORAL}\n`)});
        return { teardown: async () => undefined };
      } };`);
    expect(result).toEqual({ path: fake.cachedPath, version: expect.stringContaining('9.9.9') });
    expect(progress).toContain('downloading the Temporal server');
    expect(existsSync(fake.cachedPath)).toBe(true);
  });

  it('says why the SDK could not', async () => {
    const { result } = await download(
      'exports.TestWorkflowEnvironment = { createLocal: async () => { throw new Error("404 for this platform"); } };',
    );
    expect(result).toEqual({ reason: 'the SDK could not: 404 for this platform' });
    expect(readdirSync(dirname(fake.cachedPath))).toEqual([]);
  });
});
