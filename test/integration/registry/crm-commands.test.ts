import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registryHistory, registryImport, registryOptOut } from '../../../cli/commands/registry.ts';
import { registryCheck, registrySync } from '../../../cli/commands/registry-crm.ts';
import { ACME_DEAL_ID, type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { copyPglite } from '../../harness/pglite.ts';
import { said } from './said.ts';

describe('kickoff registry, with a CRM', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'kickoff-registry-crm-'));
  const deal = ACME_DEAL_ID;
  let sandbox: Sandbox | undefined;
  let env: Record<string, string> = {};

  beforeAll(async () => {
    await copyPglite(join(cwd, 'data', 'database'));
    sandbox = await startSandbox({ seed: 'registry' });
    writeFileSync(join(cwd, 'kickoff.config.yaml'), `crm:\n  hubspot:\n    baseUrl: ${sandbox.hubspotBaseUrl}\n`);
    writeFileSync(
      join(cwd, 'people.csv'),
      'account_id,deal_id,email,roles,source,account_timezone\n' +
        `9087654321,${deal},taylor.kim@acme-corp.example,,manual,Asia/Tokyo\n`,
    );
    env = {
      KICKOFF_DATA_DIR: join(cwd, 'data'),
      HUBSPOT_ACCESS_TOKEN: sandbox.hubspot.accessToken,
      HUBSPOT_CLIENT_SECRET: sandbox.hubspot.clientSecret,
      PUBLIC_URL: 'http://127.0.0.1:1',
    };
    await said({ cwd, env }, (context) => registryImport(context, join(cwd, 'people.csv'), {}));
  });
  afterAll(async () => {
    await sandbox?.close();
    rmSync(cwd, { recursive: true, force: true });
  });

  it('sync shows what it would take over, takes it over once, and leaves alone what people have entered', async () => {
    const preview = await said({ cwd, env }, (context) => registrySync(context, { deal, dryRun: true }));
    expect(preview.ofType('synced')).toEqual([]);
    const [counts] = preview.ofType('preview');
    expect(counts).toMatchObject({ changed: 0, ended: 0, unchanged: 1 });
    const synced = await said({ cwd, env }, (context) => registrySync(context, { deal, by: 'kim' }));
    expect(synced.ofType('synced')).toMatchObject([{ deal, added: counts?.added }]);
    expect(Number(counts?.added)).toBeGreaterThan(0);
    const again = await said({ cwd, env }, (context) => registrySync(context, { deal }));
    expect(again.ofType('preview')).toMatchObject([{ added: 0, changed: 0, ended: 0 }]);
    expect(again.ofType('synced')).toEqual([]);
    const history = await said({ cwd, env }, (context) => registryHistory(context, { deal, limit: 100 }));
    expect(history.documents.filter((change) => change.source === 'crm hubspot')).toHaveLength(Number(counts?.added));
    expect(history.texts.join('\n')).toContain('(kim, crm hubspot)');
  });

  it('check tells for each person why, with everything that was considered', async () => {
    const { documents, texts } = await said({ cwd, env }, (context) =>
      registryCheck(context, { deal, crm: 'hubspot' }),
    );
    expect(documents).toMatchObject([{ type: 'assembly', deal, account: { timezone: 'Asia/Tokyo' } }]);
    const [text = ''] = texts;
    expect(text).toMatch(/^★ jordan\.lee@yourcompany\.example · invites, from /m);
    expect(text).toMatch(
      /^✔ taylor\.kim@acme-corp\.example · required, .*\n(?: {4}.*\n)* {4}registry \(deal\) decides: /m,
    );
    expect(text).toMatch(/^ {4}CRM \(Billing contact\) merged: billing/m);
  });

  it('check of a workstream tells its people and its rules, and leaves out who is never written to', async () => {
    const config = join(cwd, 'workstreams.yaml');
    const main = readFileSync(join(cwd, 'kickoff.config.yaml'), 'utf8');
    writeFileSync(config, `${main}workstreams:\n  data:\n    assembly: { roles: [it_security, billing] }\n`);
    const check = async (workstream?: string) => {
      const options = { deal, crm: 'hubspot', config, ...(workstream === undefined ? {} : { workstream }) };
      const { documents, texts } = await said({ cwd, env }, (context) => registryCheck(context, options));
      return { document: documents[0], text: texts[0] ?? '' };
    };
    const data = await check('data');
    expect(data.document).toMatchObject({
      workstream: 'data',
      rules: "Workstream data: assembly.roles of its own, else the main kickoff's.",
    });
    expect(data.text).toMatch(/^✖ \S+ · workstream data is for IT\/security lead or billing contact only$/m);
    expect(data.text).toMatch(/^✔ taylor\.kim@acme-corp\.example/m);
    expect((await check()).text).not.toContain('workstream');
    await expect(check('dat')).rejects.toThrow('There is no workstream dat; configured: data.');

    const address = 'taylor.kim@acme-corp.example';
    const optOut = (isOut: boolean) =>
      said({ cwd, env }, (context) => registryOptOut(context, address, { reason: 'asked us' }, isOut));
    await optOut(true);
    expect((await check('data')).text).toMatch(/^✖ taylor\.kim@acme-corp\.example · is never written to: asked us$/m);
    await optOut(false);
  });

  it.each([
    ['an unknown CRM', { deal, crm: 'pipedrive' }, 'No CRM named pipedrive is configured; there is hubspot.'],
    ['neither deal nor account', {}, 'Give either --deal or --account.'],
    ['both', { deal, account: 'acme' }, 'Give either --deal or --account.'],
    ['an account without deals', { account: 'acme' }, 'No deal of account acme has had a kickoff: give --deal.'],
  ])('sync refuses %s', async (_what, options, message) => {
    await expect(said({ cwd, env }, (context) => registrySync(context, options))).rejects.toThrow(message);
  });

  it('check asks which CRM when there are several, and for one when there is none', async () => {
    const check = (config: string) => {
      writeFileSync(join(cwd, 'other.yaml'), config);
      return said({ cwd, env }, (context) => registryCheck(context, { deal, config: join(cwd, 'other.yaml') }));
    };
    await expect(check('crm:\n  hubspot: {}\n  pipedrive: {}\n')).rejects.toThrow('--crm hubspot or --crm pipedrive');
    await expect(check('crm:\n  generic: {}\n')).rejects.toMatchObject({ exitCode: 2 });
  });
});
