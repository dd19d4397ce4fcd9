import { expect, it, onTestFinished } from 'vitest';
import { startBatch } from '../../../activities/backfill/batch.ts';
import { readPage } from '../../../activities/backfill/page.ts';
import { startLead } from '../../../activities/backfill/start-lead.ts';
import { loadConfig } from '../../../config/index.ts';
import { createHubSpot } from '../../../crm/index.ts';
import { claimRecovery, markRecoveryStarted, migrate, openDatabase, recordRecovery } from '../../../database/index.ts';
import { startSandbox } from '../../../sandbox/index.ts';
import type { StartRecovery } from '../../../temporal/index.ts';

const WINDOW = { after: '2025-01-01T00:00:00.000Z', before: '2025-02-01T00:00:00.000Z' };
const PLAN = { of: 'leads', crm: 'hubspot', ...WINDOW, dryRun: false, perMinute: 100_000 } as const;
/** Time passes as fast as it is waited for. */
const clock = () => {
  let now = 0;
  return {
    now: () => now,
    wait: async (ms: number) => {
      now += ms;
    },
  };
};

it('a backfill takes up each lead of the sandbox once, who has no meeting and may be written to', async () => {
  const sandbox = await startSandbox({
    seed: 'leads',
    clock: { frozenAt: '2026-02-10T14:00:00Z' },
    // Measured on the wall's clock, by which these runs keep no pace.
    settings: { crmSearchesPerSecond: 0 },
  });
  onTestFinished(() => sandbox.close());
  const bulk = {
    count: 120,
    submittedFrom: WINDOW.after,
    submittedTo: WINDOW.before,
    meetingEvery: 10,
    optedOutEvery: 40,
  };
  const put = await fetch(`${sandbox.url}/_sandbox/crm/contacts/bulk`, { method: 'POST', body: JSON.stringify(bulk) });
  expect(put.status).toBe(201);
  const crm = createHubSpot({
    ...sandbox.hubspot,
    baseUrl: sandbox.hubspotBaseUrl,
    paceClock: { now: () => 0, sleep: async () => undefined },
  });
  const { leads } = crm;
  if (leads === undefined) throw new Error('no leads');
  const database = await openDatabase();
  onTestFinished(() => database.close());
  await migrate(database);
  const requests: Parameters<StartRecovery>[0][] = [];
  const { recovery } = loadConfig({ env: {}, cwd: import.meta.dirname });
  expect(recovery).toBeUndefined();
  /** As the one way in which a recovery starts, without Temporal. */
  const startRecovery: StartRecovery = async (request) => {
    const { lead, form, origin } = request;
    const workflowId = `lead:${lead.id}:recovery:2026-02-10`;
    const about = { workflowId, crm: lead.crm, leadId: lead.id, email: lead.email, attempt: 1, lead, form, origin };
    const row = await claimRecovery(database.db, about);
    if (row === undefined)
      return { workflowId, started: false, message: `Lead ${lead.id} is being recovered already.` };
    await markRecoveryStarted(database.db, workflowId);
    await recordRecovery(database.db, { workflowId, phase: 'scheduling' });
    requests.push(request);
    return { workflowId, started: true, message: '' };
  };
  const run = async () => {
    const total = { scanned: 0, started: 0, failed: 0 };
    const skipped: Record<string, number> = {};
    const add = (counts: Record<string, number>) => {
      for (const [reason, count] of Object.entries(counts)) skipped[reason] = (skipped[reason] ?? 0) + count;
    };
    let cursor: string | undefined;
    do {
      const asked = { plan: PLAN, ...(cursor === undefined ? {} : { cursor }) };
      const page = await readPage({ crms: { hubspot: crm }, database, signal: new AbortController().signal }, asked);
      if (page.pushBack !== undefined) throw new Error(page.pushBack.reason);
      const input = {
        backfillId: 'b',
        plan: PLAN,
        dealIds: page.candidates.map(({ dealId }) => dealId),
        perMinute: 100_000,
      };
      const starting = { leads, startRecovery, now: () => 0 };
      const batch = await startBatch(
        {
          database,
          start: (id) => startLead(starting, input, id),
          inFlight: 50,
          clock: clock(),
          signal: new AbortController().signal,
          resumed: undefined,
          note: () => undefined,
        },
        input,
      );
      total.scanned += page.scanned;
      total.started += batch.started;
      total.failed += batch.failed.length;
      add(page.skipped);
      add(batch.skipped);
      cursor = page.next;
    } while (cursor !== undefined);
    return { ...total, skipped };
  };
  // Every 40th has opted out, and a meeting, too: the first counts.
  expect(await run()).toEqual({
    scanned: 120,
    started: 108,
    failed: 0,
    skipped: { 'has opted out': 3, 'has a meeting': 9 },
  });
  expect(requests.every(({ waitMinutes, origin }) => waitMinutes === 0 && origin.kind === 'backfill')).toBe(true);
  expect(new Set(requests.map(({ lead }) => lead.id)).size).toBe(108);
  expect(requests[0]?.form).toMatchObject({ name: 'Demo request' });
  expect(await run()).toMatchObject({
    started: 0,
    skipped: { 'is being recovered (scheduling)': 108, 'has opted out': 3, 'has a meeting': 9 },
  });
  const [first] = requests;
  await recordRecovery(database.db, {
    workflowId: `lead:${first?.lead.id}:recovery:2026-02-10`,
    phase: 'expired',
    ended: true,
  });
  expect((await run()).skipped).toEqual({
    'this submission has been followed up': 1,
    'is being recovered (scheduling)': 107,
    'has opted out': 3,
    'has a meeting': 9,
  });
});
