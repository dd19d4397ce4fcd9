import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { endCommands, startCommand } from '../../harness/process.ts';

describe('kickoff sandbox, in processes of their own', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'kickoff-sandbox-'));
  afterEach(endCommands);
  afterAll(() => rmSync(cwd, { recursive: true, force: true }));

  const run = async (args: string[], url: string) => {
    const command = startCommand(['sandbox', ...args], { cwd, env: { KICKOFF_SANDBOX_URL: url } });
    return { code: await command.exited, lines: command.lines, message: command.stderr().trim() };
  };

  it('one runs, others steer it, and it goes on from its state file after an end', async () => {
    const start = () =>
      startCommand(['sandbox', '--port', '0', '--seed', 'processes', '--state', 'state.json'], { cwd });
    const first = start();
    const { sandbox: url } = await first.line('ready');
    const advanced = await run(['clock', 'advance', '2d'], String(url));
    const ahead = Date.parse(String(advanced.lines[0]?.now)) - Date.now();
    expect([advanced.code, Math.round(ahead / 86_400_000)]).toEqual([0, 2]);
    expect(await first.end()).toBe(0);

    const second = start();
    const { sandbox: again } = await second.line('ready');
    const shown = await run(['clock'], String(again));
    const stillAhead = Date.parse(String(shown.lines[0]?.now)) - Date.now();
    expect(Math.round(stillAhead / 86_400_000)).toBe(2);
    expect(await second.end('SIGTERM')).toBe(0);
  });

  it('nobody runs: one line that says how to start one, exit code 1', async () => {
    const { code, message, lines } = await run(['journal'], 'http://127.0.0.1:1');
    expect([code, lines]).toEqual([1, [{ type: 'error', message }]]);
    expect(message).toMatch(/^No sandbox answers at http:\/\/127\.0\.0\.1:1\. Start one: kickoff sandbox\.[^\n]*$/);
  });
});
