import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PreviewFacts } from '../../../activities/contract.ts';
import { dispatchActivities } from '../../../activities/dispatch.ts';
import { previewActivities } from '../../../activities/preview.ts';
import { resolutionOf } from '../../../activities/registry.ts';
import { kickoffPolicySchema } from '../../../config/policy.ts';
import { createCrms } from '../../../crm/index.ts';
import { type Database, migrate, openDatabase, optOut } from '../../../database/index.ts';
import { applyImport, defaultAssemblyPolicy, parseRegistry } from '../../../registry/index.ts';
import type { DispatchInput } from '../../../workflows/messages.ts';

const NOW = '2026-02-10T09:00:00.000Z';
const PEOPLE = `account_id,email,side,roles,workstreams
acme,ann@acme.example,,champion,
acme,dot@acme.example,,data_migration_owner,data
acme,mia@acme.example,,project_lead,main
acme,gone@acme.example,,data_migration_owner,
acme,amos@vendor.example,vendor,cs_lead,
acme,dora@vendor.example,vendor,cs_lead;data_migration_owner,data
`;
const policy = kickoffPolicySchema.parse({});
const data = {
  policy: { ...policy, title: 'Data of {{deal.account.name}}', windowDays: 3 },
  assembly: { ...defaultAssemblyPolicy, roles: ['data_migration_owner'], requireOneOf: ['data_migration_owner'] },
  inWords: 'Workstream data: its own rules.',
};
const deal = {
  id: '7',
  crm: 'generic' as const,
  name: 'Acme',
  account: { id: 'acme', name: 'Acme' },
  isWon: true,
  contacts: [],
};

describe('a workstream', () => {
  let database: Database;
  beforeAll(async () => {
    database = await openDatabase();
    await migrate(database);
    const { rows, faults } = parseRegistry(PEOPLE, 'csv');
    expect(faults).toEqual([]);
    await applyImport(database.db, rows, { sourceRef: 'people.csv' });
    await optOut(database.db, { email: 'gone@acme.example', reason: 'asked us', recordedBy: 'kim' });
  });
  afterAll(() => database?.close());

  const dependencies = (workstreams: ReadonlyMap<string, typeof data> = new Map([['data', data]])) => ({
    database,
    crms: createCrms({ generic: { secrets: ['s'], tokens: [] } }),
    policy,
    assembly: defaultAssemblyPolicy,
    workstreams,
    startKickoff: () => Promise.reject(new Error('not to be started')),
  });
  async function preview(input: DispatchInput, workstreams?: ReadonlyMap<string, typeof data>): Promise<PreviewFacts> {
    const { previewKickoff } = previewActivities(dependencies(workstreams));
    const seen: PreviewFacts[] = [];
    const run = async () => {
      seen.push(await previewKickoff({ deal, now: NOW, ...input }));
    };
    await new MockActivityEnvironment().run(run);
    const [facts] = seen;
    if (facts === undefined) throw new Error('nothing was seen');
    return facts;
  }
  const emails = (people: readonly { email?: string }[]) => people.map(({ email }) => email).toSorted();

  it('is previewed with its people, its texts, its window and its rules', async () => {
    const seen = await preview({ workstream: 'data' });
    expect(seen).toMatchObject({
      workflowId: 'kickoff:7:data',
      workstream: 'data',
      rules: 'Workstream data: its own rules.',
      title: 'Data of Acme',
      organizer: { email: 'dora@vendor.example' },
      gaps: expect.not.arrayContaining([expect.objectContaining({ severity: 'block' })]),
    });
    expect(emails(seen.participants)).toEqual(['dot@acme.example']);
    expect(seen.excluded).toContainEqual(
      expect.objectContaining({ email: 'gone@acme.example', reason: 'is never written to: asked us' }),
    );
    const main = await preview({});
    expect(main).not.toHaveProperty('rules');
    expect(main.organizer?.email).toBe('amos@vendor.example');
    expect(emails(main.participants)).toEqual(['ann@acme.example', 'mia@acme.example']);
    expect(Date.parse(main.timeframe.end)).toBeGreaterThan(Date.parse(seen.timeframe.end));
  });

  it('is resolved by the worker as it was previewed', async () => {
    const { title, purpose, description, vendor, durationMinutes, leadDays, windowDays } = data.policy;
    const resolution = await resolutionOf(dependencies(), {
      deal,
      workstream: 'data',
      now: NOW,
      texts: { title, purpose, description, vendor, durationMinutes },
      window: { leadDays, windowDays },
    });
    expect(emails(resolution.participants)).toEqual(['dot@acme.example']);
    expect(resolution.organizer?.email).toBe('dora@vendor.example');
  });

  it('that is not configured is refused with the names; where none is, it runs by the main rules', async () => {
    const message = 'workstream: dat is not configured; configured: data';
    await expect(preview({ workstream: 'dat' })).rejects.toThrow(message);
    const { startKickoff } = dispatchActivities(dependencies());
    await expect(new MockActivityEnvironment().run(startKickoff, { deal, workstream: 'dat' })).rejects.toThrow(message);
    expect(await preview({ workstream: 'dat' }, new Map())).toMatchObject({ workflowId: 'kickoff:7:dat' });
  });

  it.each(['main', 'r2'])('cannot be called %s', async (workstream) => {
    await expect(preview({ workstream }, new Map())).rejects.toThrow('workstream: must not be main');
  });
});
