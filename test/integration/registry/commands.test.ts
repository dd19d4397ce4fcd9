import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandContext } from '../../../cli/command-context.ts';
import { registryExport, registryHistory, registryImport, registryOptOut } from '../../../cli/commands/registry.ts';
import { CliError } from '../../../cli/errors.ts';
import { copyPglite } from '../../harness/pglite.ts';
import { type Said, said } from './said.ts';

/** A command with a folder of its own, and everything that it says. */
describe('kickoff registry', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'kickoff-registry-'));
  const file = join(cwd, 'people.csv');
  // No Temporal is there, and nobody waits to be told.
  const env = { KICKOFF_DATA_DIR: join(cwd, 'data'), TEMPORAL_ADDRESS: '127.0.0.1:1' };
  let documents: Said['documents'] = [];
  let texts: Said['texts'] = [];
  /** Says what the last command said. */
  const run = async (command: (context: CommandContext) => Promise<void>) => {
    [documents, texts] = [[], []];
    await said({ cwd, env }, command, { documents, texts });
  };
  const ofType = (type: string) => documents.filter((document) => document.type === type);

  beforeAll(async () => {
    await copyPglite(join(cwd, 'data', 'database'));
    writeFileSync(
      file,
      'account_id,email,name,roles,account_country\nacme,ann@acme.example,Ann,champion,DE\nacme,bob@acme.example,Bob,,\n',
    );
  });
  afterAll(() => rmSync(cwd, { recursive: true, force: true }));

  it('import --dry-run shows every difference and changes nothing', async () => {
    await run((context) => registryImport(context, file, { dryRun: true }));
    expect(ofType('preview')).toMatchObject([{ added: 2, changed: 0, ended: 0, unchanged: 0, accounts: 1 }]);
    expect(ofType('imported')).toEqual([]);
    expect(texts).toEqual([
      '~ account acme: country – → DE',
      '+ ann@acme.example (account acme): name Ann, side customer, roles champion',
      '+ bob@acme.example (account acme): name Bob, side customer',
      '2 new, 0 changed, 0 ended, 0 unchanged; 1 account(s).\nFields: country 1.',
    ]);
    await run((context) => registryHistory(context, { limit: 10 }));
    expect(texts).toEqual(['Nothing has changed.']);
  });

  it('import says field by field what was and what is, and history who did it', async () => {
    await run((context) => registryImport(context, file, { by: 'kim' }));
    expect(ofType('imported')).toEqual([
      { type: 'imported', added: 2, changed: 0, ended: 0, unchanged: 0, accounts: 1 },
    ]);
    writeFileSync(file, 'account_id,email,name,roles\nacme,ann@acme.example,Ann Lee,champion;billing\n');
    await run((context) => registryImport(context, file, { by: 'lee', removeMissing: true }));
    expect(texts.slice(0, 3)).toEqual([
      '~ ann@acme.example (account acme): name Ann → Ann Lee, roles champion → champion + billing',
      expect.stringMatching(/^- bob@acme\.example \(account acme\): activeTo – → \d{4}-\d\d-\d\d$/),
      '0 new, 1 changed, 1 ended, 0 unchanged; 0 account(s).\nFields: name 1, roles 1, activeTo 1.',
    ]);
    await run((context) => registryHistory(context, { email: 'Ann@acme.example', limit: 10 }));
    expect(documents).toMatchObject([
      {
        change: 'changed',
        by: 'lee',
        source: 'import people.csv',
        before: { name: 'Ann' },
        after: { name: 'Ann Lee' },
      },
      { change: 'added', by: 'kim', before: null },
    ]);
    expect(texts[0]).toContain('changed  ann@acme.example (account acme): name Ann → Ann Lee');
  });

  it('opt-out is for every row of the person, and opt-in the way back', async () => {
    const who = { account: 'acme', email: 'ann@acme.example' };
    await run((context) => registryOptOut(context, undefined, { ...who, reason: 'asked' }, true));
    await run((context) => registryImport(context, file, {}));
    expect(texts).toContain('= ann@acme.example (account acme) stays opted out');
    await run((context) => registryOptOut(context, undefined, who, false));
    await expect(run((context) => registryOptOut(context, undefined, who, false))).rejects.toThrow(CliError);
  });

  it('opt-out without an account is for the address, wherever it stands or may stand, and the history has it', async () => {
    const optOut = (address: string | undefined, options: { email?: string; reason?: string }, isOut = true) =>
      run((context) => registryOptOut(context, address, { by: 'kim', ...options }, isOut));
    await optOut('New@lead.example', { reason: 'wrote to us' });
    expect(texts).toEqual(['New@lead.example is never written to.']);
    await optOut(undefined, { email: 'new@lead.example' });
    expect(documents).toEqual([{ type: 'opted_out', email: 'new@lead.example', everywhere: true, changed: false }]);
    await optOut('new@lead.example', {}, false);
    await run((context) => registryHistory(context, { email: 'new@lead.example', limit: 10 }));
    expect(documents).toMatchObject([
      { change: 'opted_in', everywhere: true, by: 'kim' },
      { change: 'opted_out', everywhere: true, after: { optedOut: true, optedOutReason: 'wrote to us' } },
    ]);
    expect(texts[1]).toContain(
      'opted out  new@lead.example (everywhere): optedOut – → yes, optedOutReason – → wrote to us',
    );
    for (const wrong of [undefined, 'nobody', '']) {
      await expect(optOut(wrong, {})).rejects.toMatchObject({ exitCode: 2 });
    }
    await expect(optOut('a@x.example', { email: 'b@x.example' })).rejects.toThrow(CliError);
  });

  it('export writes what import reads back, for its owner’s eyes only', async () => {
    const out = join(cwd, 'out.yaml');
    await run((context) => registryExport(context, { out }));
    expect(texts).toEqual([`2 people of 1 account(s) written to ${out}.`]);
    expect(statSync(out).mode & 0o077).toBe(0);
    await run((context) => registryImport(context, out, { removeMissing: true }));
    expect(ofType('imported')).toMatchObject([{ added: 0, changed: 0, ended: 0 }]);
    await run((context) => registryExport(context, { account: 'acme', format: 'csv' }));
    expect(texts[0]).toContain('acme,,ann@acme.example,Ann Lee,customer,"champion;billing"');
    await expect(run((context) => registryExport(context, { account: 'globex' }))).rejects.toThrow(
      'knows no account globex',
    );
    await expect(run((context) => registryExport(context, { format: 'xlsx' }))).rejects.toMatchObject({ exitCode: 2 });
  });

  it('a faulty file: every fault with its place, exit code 2, and nothing is imported', async () => {
    const faulty = join(cwd, 'faulty.csv');
    writeFileSync(faulty, 'account_id,email,timezone\nacme,nobody,Mars/Olympus\nacme,new@acme.example,\n');
    await expect(run((context) => registryImport(context, faulty, {}))).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/2 fault\(s\)[\s\S]*line 2, column 2: email:[\s\S]*line 2, column 3: timezone:/),
    });
    expect(ofType('fault')).toMatchObject([
      { line: 2, column: 2 },
      { line: 2, column: 3 },
    ]);
    writeFileSync(faulty, Buffer.from('account_id,email,name\nacme,zoe@acme.example,Zoë\n', 'latin1'));
    await expect(run((context) => registryImport(context, faulty, {}))).rejects.toThrow(
      /line 2: characters that are not UTF-8/,
    );
    await expect(run((context) => registryImport(context, join(cwd, 'none.csv'), {}))).rejects.toMatchObject({
      exitCode: 2,
    });
    await expect(run((context) => registryImport(context, join(cwd, 'people.xlsx'), {}))).rejects.toMatchObject({
      exitCode: 2,
    });
    expect(readFileSync(file, 'utf8')).toContain('Ann Lee');
    await run((context) => registryHistory(context, { email: 'new@acme.example', limit: 1 }));
    expect(texts).toEqual(['Nothing has changed.']);
  });
});
