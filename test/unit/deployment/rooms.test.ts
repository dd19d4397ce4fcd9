import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const run = promisify(execFile);

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Runs the import rules over a small project that has only these files. */
async function violations(files: Record<string, string>): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'kickoff-rooms-'));
  folders.push(folder);
  cpSync(join(root, '.dependency-cruiser.cjs'), join(folder, '.dependency-cruiser.cjs'));
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const program = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');
  const rooms = [...new Set(Object.keys(files).map((name) => name.split('/')[0] ?? ''))];
  const { stdout } = await run(
    process.execPath,
    [program, '--config', '.dependency-cruiser.cjs', '--no-progress', '--output-type', 'json', ...rooms],
    { cwd: folder, maxBuffer: 10_000_000 },
  ).catch((error: { stdout: string }) => error);
  const parsed: { summary: { violations: { rule: { name: string }; from: string; to: string }[] } } =
    JSON.parse(stdout);
  return parsed.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
}

function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('the import rules', () => {
  it('let through what the table allows', async () => {
    expect(
      await violations({
        'workflows/messages.ts': "import type { T } from '../activities/contract.ts'; export type U = T;",
        'workflows/kickoff/run.ts': "export type { U } from '../messages.ts';",
        'activities/contract.ts': 'export type T = string;',
        'activities/index.ts': "export { d } from '../database/index.ts'; export type { T } from './contract.ts';",
        'database/index.ts': 'export const d = 1;',
        'cli/main.ts': "import { d } from '../activities/index.ts'; console.log(d);",
      }),
    ).toEqual([]);
  });

  it('find an import against the table, of types too, and one behind a room’s face', async () => {
    const target = {
      'crm/index.ts': 'export type T = 1; export const t = 1;',
      'crm/hubspot/api.ts': 'export const a = 1;',
    };
    expect(
      await violations({
        ...target,
        'skipup/index.ts': "import type { T } from '../crm/index.ts'; export type U = T;",
        'database/index.ts': "export const lazy = () => import('../crm/index.ts');",
        'cli/main.ts': "import { a } from '../crm/hubspot/api.ts'; console.log(a);",
      }),
    ).toEqual([
      'cli-imports: cli/main.ts → crm/hubspot/api.ts',
      'database-imports: database/index.ts → crm/index.ts',
      'skipup-imports: skipup/index.ts → crm/index.ts',
    ]);
  });

  it('find Node in workflows, Temporal where it is not known, tests in production, and cycles', async () => {
    expect(
      await violations({
        'workflows/index.ts': "import { readFileSync } from 'node:fs'; export const w = readFileSync;",
        'crm/index.ts': "import { Client } from '@temporalio/client'; export const c = Client;",
        'config/index.ts': "import { expect } from 'vitest'; export const e = expect;",
        'cli/a.ts': "import { b } from './b.ts'; export const a = b;",
        'cli/b.ts': "import { a } from './a.ts'; export const b = a;",
      }),
    ).toEqual(
      expect.arrayContaining([
        'workflows-reach-no-node: workflows/index.ts → fs',
        expect.stringMatching(/^without-temporal: crm\/index\.ts → .*@temporalio\/client/),
        expect.stringMatching(/^no-development-packages: config\/index\.ts → .*vitest/),
        'no-cycles: cli/a.ts → cli/b.ts',
      ]),
    );
  });

  it('let a list import() what knows the list, and nothing else go round in a circle beside it', async () => {
    const listed = {
      'crm/kinds.ts': "export const kinds = { one: () => import('./one/adapter.ts') };",
      'crm/port.ts': "export { kinds } from './kinds.ts';",
      'crm/one/adapter.ts': "import { kinds } from '../port.ts'; export const a = kinds;",
    };
    expect(await violations(listed)).toEqual([]);
    expect(
      await violations({
        ...listed,
        'crm/port.ts': "export { kinds } from './kinds.ts'; export { a } from './one/adapter.ts';",
      }),
    ).toEqual(expect.arrayContaining([expect.stringMatching(/^no-cycles: crm\//)]));
  });
});

describe('imports of types alone', () => {
  // The import rules cannot tell `import type` from `import`.
  const typesOnly = {
    workflows: ['activities', 'config', 'crm', 'registry'],
    temporal: ['crm'],
    activities: ['config'],
  };

  it.each(Object.entries(typesOnly))('%s takes only types from %s', (room, others) => {
    const value = new RegExp(
      `^(?:import|export)\\s+(?!type\\b)[^;]*?from\\s+'(?:\\.\\./)+(?:${others.join('|')})/[^']+'`,
      'gm',
    );
    const found = filesIn(room).flatMap((file) => readFileSync(file, 'utf8').match(value) ?? []);
    expect(filesIn(room).length).toBeGreaterThan(0);
    expect(found).toEqual([]);
  });
});
