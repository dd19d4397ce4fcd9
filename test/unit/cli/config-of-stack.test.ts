import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { configOfStack } from '../../../cli/config-of-stack.ts';
import { createOutput } from '../../../cli/output.ts';
import { announceStack } from '../../../cli/ready-file.ts';

let cwd = '';
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'kickoff-config-'));
  for (const [name, minutes] of [
    ['started-with.yaml', 7],
    ['named.yaml', 8],
  ] as const) {
    writeFileSync(join(cwd, name), `sweep: { everyMinutes: ${minutes} }`);
  }
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

function everyMinutes(options: { config?: string } = {}, env: Record<string, string> = {}): number {
  const context = { env, cwd, output: createOutput(true), signal: new AbortController().signal };
  return configOfStack(context, options).sweep.everyMinutes;
}

it('is that of the folder when nothing runs in it', () => {
  expect(everyMinutes()).toBe(5);
});

it('is the one that a running `kickoff dev` was started with, unless another or another Temporal is named', () => {
  const withdraw = announceStack(join(cwd, '.kickoff'), {
    temporal: '127.0.0.1:1',
    serve: 'http://127.0.0.1:2',
    sandbox: 'http://127.0.0.1:3',
    config: join(cwd, 'started-with.yaml'),
  });
  expect(everyMinutes()).toBe(7);
  expect(everyMinutes({ config: 'named.yaml' })).toBe(8);
  expect(everyMinutes({}, { KICKOFF_CONFIG: 'named.yaml' })).toBe(8);
  expect(everyMinutes({}, { TEMPORAL_ADDRESS: '127.0.0.1:1' })).toBe(5);
  withdraw();
  expect(everyMinutes()).toBe(5);
});
