import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { endCommands, startCommand } from '../../harness/process.ts';
import { realParts } from '../../harness/real-parts.ts';

const { temporalAddress = '' } = realParts();

/** Nothing of the machine’s own, and nothing that a test of another kind has left. */
const NOTHING = {
  TEMPORAL_ADDRESS: undefined,
  DATABASE_URL: undefined,
  SKIPUP_API_KEY: undefined,
  PUBLIC_URL: undefined,
};

describe('a person’s mistake on the command line', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'kickoff-mistakes-'));
  afterEach(endCommands);
  afterAll(() => rmSync(cwd, { recursive: true, force: true }));

  async function run(args: string[], env: Record<string, string | undefined> = {}) {
    const command = startCommand(args, { cwd, env: { ...NOTHING, ...env } });
    const code = await command.exited;
    return { code, message: command.stderr().trim(), lines: command.lines };
  }

  it('in the configuration: every fault at once, by its path, exit code 2', async () => {
    const file = join(cwd, 'wrong.yaml');
    writeFileSync(file, 'kickoff:\n  windowDays: 0\n  windwoDays: 3\nserver:\n  bodyBytes: many\n');
    const { code, message } = await run(['serve', '--config', file], { PORT: '99999' });
    expect(code).toBe(2);
    for (const named of [
      'kickoff.windowDays',
      'windwoDays',
      'server.bodyBytes',
      'PORT',
      'PUBLIC_URL',
      'SKIPUP_WEBHOOK_SECRETS',
    ]) {
      expect(message).toContain(named);
    }
    expect(message).not.toMatch(/\n\s+at /);
  });

  it('a database that cannot be reached: one line that names it and not its password, exit code 1', async () => {
    const { code, message } = await run(['worker'], {
      DATABASE_URL: 'postgres://someone:hidden-password@127.0.0.1:1/kickoff',
      SKIPUP_API_KEY: 'sk_sandbox_x',
      TEMPORAL_ADDRESS: temporalAddress,
    });
    expect(code).toBe(1);
    expect(message.split('\n')).toHaveLength(1);
    expect(message).toContain('127.0.0.1:1');
    expect(message).not.toContain('hidden-password');
  });

  it('a Temporal that is not there: one line that says what to do, exit code 1', async () => {
    const { code, message } = await run(['status', '--deal', '1'], { TEMPORAL_ADDRESS: '127.0.0.1:1' });
    expect(code).toBe(1);
    expect(message).toMatch(/^Temporal at 127\.0\.0\.1:1 does not answer [^\n]*TEMPORAL_ADDRESS$/);
  });

  it.each([
    ['an unknown command', ['dispach']],
    ['an unknown option', ['status', '--dael', '1']],
    ['a missing option', ['status']],
    ['a port that is none', ['sandbox', '--port', 'many']],
  ])('%s: exit code 2', async (_name, args) => {
    const { code, message } = await run(args);
    expect(code).toBe(2);
    expect(message).not.toBe('');
    expect(message).not.toMatch(/\n\s+at /);
  });

  it('in a registry file: every fault with its line, nothing imported, exit code 2', async () => {
    const file = join(cwd, 'people.csv');
    writeFileSync(file, 'account_id,email,roles\n1,not-an-address,champion\n,b@acme.example,champion\n');
    const { code, message } = await run(['registry', 'import', file]);
    expect(code).toBe(2);
    expect(message).toMatch(/line 2, column 2: [^\n]+\n\s+line 3, column 1: /);
  });

  it('`doctor` names everything that cannot be reached, each with its reason', async () => {
    const { code, lines } = await run(['doctor'], {
      DATABASE_URL: 'postgres://someone:hidden-password@127.0.0.1:1/kickoff',
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      SKIPUP_BASE_URL: 'http://127.0.0.1:1/api/v1',
      SKIPUP_API_KEY: 'sk_sandbox_x',
      SKIPUP_WEBHOOK_SECRETS: 'whsec_x_0123456789',
      PUBLIC_URL: 'http://localhost:3000',
    });
    expect(code).toBe(1);
    const failed = lines.filter((line) => line.type === 'check' && line.ok === false).map((line) => line.name);
    expect(failed).toEqual([
      ...['database', 'Temporal', 'SkipUp', 'SkipUp’s members', 'SkipUp’s webhook endpoint'],
      'sweep',
    ]);
    expect(JSON.stringify(lines)).not.toMatch(/hidden-password|sk_sandbox_x/);
  });

  it('a deal without a kickoff: says how to start one', async () => {
    const { code, message } = await run(['status', '--deal', '404'], { TEMPORAL_ADDRESS: temporalAddress });
    expect(code).toBe(1);
    expect(message).toBe('Deal 404 has no kickoff that runs here. Start one: kickoff dispatch --deal 404');
  });
});
