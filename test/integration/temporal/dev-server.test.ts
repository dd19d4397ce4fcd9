import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connect, type DevServer, type DevServerOptions, startDevServer } from '../../../temporal/index.ts';
import { SEARCH_ATTRIBUTES } from '../../../workflows/messages.ts';
import { compile } from '../../harness/compiled.ts';
import { realParts } from '../../harness/real-parts.ts';
import { temporalConfigFor } from '../../harness/temporal.ts';

const { temporalBinary: binary, missing } = realParts();
const reason = missing.temporal ?? 'TEMPORAL_ADDRESS is set';

let folder: string;
const servers: DevServer[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kickoff-dev-server-'));
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: Partial<DevServerOptions> = {}): Promise<DevServer> {
  const server = await startDevServer({ binary: binary ?? '', ...options });
  servers.push(server);
  return server;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(binary === undefined)(
  `the development server${binary === undefined ? ` (skipped: ${reason})` : ''}`,
  () => {
    it('answers, has its search attributes, and shows its UI', async () => {
      const server = await start({ uiPort: 0, namespace: 'team' });
      const temporal = await connect(temporalConfigFor(server.address, 'team'));
      const { deal } = SEARCH_ATTRIBUTES;
      await temporal.client.workflow.start('anything', {
        taskQueue: 'nobody',
        workflowId: 'kickoff:D-1',
        typedSearchAttributes: [{ key: deal, value: 'D-1' }],
      });
      await vi.waitFor(async () => {
        const ids: string[] = [];
        for await (const workflow of temporal.client.workflow.list({ query: "KickoffDeal = 'D-1'" })) {
          ids.push(workflow.workflowId);
        }
        expect(ids).toEqual(['kickoff:D-1']);
      });
      const page = await request(server.uiUrl ?? '');
      expect(page.statusCode).toBe(200);
      await page.body.dump();
      await temporal.close();
    });

    it('keeps what runs over a restart', async () => {
      const dataFile = join(folder, 'data', 'temporal.db');
      const first = await start({ dataFile });
      const before = await connect(temporalConfigFor(first.address, 'default'));
      const { firstExecutionRunId } = await before.client.workflow.start('anything', {
        taskQueue: 'nobody',
        workflowId: 'kickoff:D-2',
      });
      await before.close();
      await first.stop();

      const second = await start({ dataFile });
      const after = await connect(temporalConfigFor(second.address, 'default'));
      expect(await after.client.workflow.getHandle('kickoff:D-2').describe()).toMatchObject({
        runId: firstExecutionRunId,
        status: { name: 'RUNNING' },
      });
      await after.close();
    });

    it('ends in order, and the same when asked twice', async () => {
      const logFile = join(folder, 'logs', 'temporal.log');
      const server = await start({ logFile });
      await Promise.all([server.stop(), server.stop()]);
      await server.ended;
      expect(readFileSync(logFile, 'utf8')).not.toBe('');
      await expect(connect(temporalConfigFor(server.address, 'default'), { timeoutMs: 500 })).rejects.toMatchObject({
        code: 'unreachable',
        message: expect.stringMatching(
          /^Temporal at 127\.0\.0\.1:\d+ does not answer \(.+\): start it, or set TEMPORAL_ADDRESS$/,
        ),
      });
    });

    it('ends when its parent is killed', async () => {
      const { url, remove } = await compile('temporal/index.ts');
      const script = fileURLToPath(new URL('./start-and-wait.mjs', import.meta.url));
      const parent = spawn(process.execPath, [script, url, binary ?? ''], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [line] = await once(parent.stdout, 'data');
      const [pid, address] = String(line).trim().split(' ');
      const temporal = await connect(temporalConfigFor(address ?? '', 'default'));
      await temporal.close();
      parent.kill('SIGKILL');
      await vi.waitFor(() => expect(isAlive(Number(pid))).toBe(false), { timeout: 15_000, interval: 50 });
      await remove();
    });

    it('says which namespace is missing', async () => {
      const server = await start();
      await expect(connect(temporalConfigFor(server.address, 'nowhere'))).rejects.toMatchObject({
        code: 'namespace_missing',
        message: expect.stringContaining('has no namespace nowhere'),
      });
    });

    it('says in one line that its port is in use', async () => {
      const other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      const address = other.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      await expect(start({ port })).rejects.toMatchObject({
        code: 'port_in_use',
        message: `Port ${port} on 127.0.0.1 is in use: end the program that has it, or choose another (0 = any free one)`,
      });
      await expect(start({ uiPort: port })).rejects.toMatchObject({ code: 'port_in_use' });
      other.close();
    });
  },
);

describe('a server that does not come up', () => {
  function program(script: string): string {
    const path = join(folder, 'temporal');
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  it('is reported with its last lines', async () => {
    await expect(start({ binary: program('echo "disk is full" >&2; exit 7') })).rejects.toMatchObject({
      code: 'server_died',
      message: expect.stringMatching(/ended with exit code 7 before it answered; its last lines:\n {2}disk is full$/),
    });
  });

  it('is tried again with other ports when one was taken meanwhile', async () => {
    const count = join(folder, 'count');
    const path = program(`echo try >> ${count}; echo "listen tcp: address already in use" >&2; exit 1`);
    await expect(start({ binary: path })).rejects.toMatchObject({ code: 'port_in_use' });
    expect(readFileSync(count, 'utf8')).toBe('try\ntry\ntry\n');
  });

  it('is ended when it does not answer in time, or when the caller gives up', async () => {
    const pidFile = join(folder, 'pid');
    const path = program(`echo $$ > ${pidFile}; exec sleep 300`);
    await expect(start({ binary: path, startMs: 300 })).rejects.toMatchObject({ code: 'start_timeout' });
    const pid = Number(readFileSync(pidFile, 'utf8'));
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 5000 });

    const controller = new AbortController();
    const starting = start({ binary: path, signal: controller.signal });
    controller.abort();
    await expect(starting).rejects.toMatchObject({ code: 'aborted' });
  });
});
