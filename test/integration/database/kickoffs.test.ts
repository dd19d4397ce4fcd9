import { describe, expect, it } from 'vitest';
import {
  claimKickoff,
  type Database,
  findKickoff,
  kickoffsByPhase,
  markKickoffStarted,
  type PhaseName,
  recordPhase,
  recordResolution,
  reopenKickoff,
} from '../../../database/index.ts';
import { eachDatabase } from '../../harness/databases.ts';

type Db = Database['db'];

function claim(
  db: Db,
  dealId: string,
  more: { workstream?: string; crm?: string; name?: string; account?: string } = {},
) {
  const workstream = more.workstream ?? '';
  return claimKickoff(db, {
    workflowId: workstream === '' ? `kickoff:${dealId}` : `kickoff:${dealId}:${workstream}`,
    crm: more.crm ?? 'hubspot',
    dealId,
    workstream,
    deal: { id: dealId, name: more.name ?? `Deal ${dealId}` },
    accountId: 'acme',
    accountName: more.account ?? 'Acme Corp',
    origin: { kind: 'hubspot', reference: 'r1', receivedAt: '2026-02-10T09:00:00Z' },
  });
}

async function phaseOf(db: Db, workflowId: string): Promise<string | undefined> {
  return (await findKickoff(db, workflowId))?.phase;
}

async function inPhase(db: Db, phase: PhaseName, dealId = '1'): Promise<string> {
  const { row } = await claim(db, dealId);
  await db.updateTable('kickoffs').set({ phase }).where('workflow_id', '=', row.workflow_id).execute();
  return row.workflow_id;
}

const reopening = (workflowId: string) => ({
  workflowId,
  deal: { id: '1', name: 'again' },
  origin: { kind: 'manual' },
});

eachDatabase('kickoffs', (open) => {
  describe('claimKickoff', () => {
    it('makes the row, and gives it back to whoever comes again', async () => {
      const { db } = await open();
      const first = await claim(db, '1', { name: 'Acme annual' });
      expect(first.created).toBe(true);
      expect(first.row).toMatchObject({
        workflow_id: 'kickoff:1',
        revision: 1,
        phase: 'resolving',
        deal: { id: '1', name: 'Acme annual' },
        participants: [],
        needs: [],
        organizer: null,
        started_at: null,
      });
      const second = await claim(db, '1', { name: 'changed since' });
      expect(second.created).toBe(false);
      expect(second.row).toEqual(first.row);
    });

    it('makes one of ten at once', async () => {
      const { db } = await open();
      const claims = await Promise.all(Array.from({ length: 10 }, () => claim(db, '1')));
      expect(claims.filter((result) => result.created)).toHaveLength(1);
      expect(new Set(claims.map((result) => result.row.workflow_id))).toEqual(new Set(['kickoff:1']));
    });

    it('keeps the workstreams of a deal apart', async () => {
      const { db } = await open();
      await claim(db, '1');
      expect(await claim(db, '1', { workstream: 'data' })).toMatchObject({
        created: true,
        row: { workflow_id: 'kickoff:1:data', workstream: 'data' },
      });
    });

    it('refuses a deal of another CRM under the same id instead of taking it for the first', async () => {
      const { db } = await open();
      await claim(db, '1', { crm: 'hubspot' });
      await expect(claim(db, '1', { crm: 'generic' })).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining('belongs to deal 1 of hubspot'),
      });
    });
  });

  describe('markKickoffStarted', () => {
    it('notes the first start and keeps it', async () => {
      const { db } = await open();
      await claim(db, '1');
      await markKickoffStarted(db, 'kickoff:1');
      const first = (await findKickoff(db, 'kickoff:1'))?.started_at;
      expect(first).toBeInstanceOf(Date);
      await markKickoffStarted(db, 'kickoff:1');
      expect((await findKickoff(db, 'kickoff:1'))?.started_at).toEqual(first);
    });

    it('leaves a kickoff alone that was reopened since', async () => {
      const { db } = await open();
      const id = await inPhase(db, 'failed');
      await reopenKickoff(db, reopening(id));
      await markKickoffStarted(db, id, 1);
      expect((await findKickoff(db, id))?.started_at).toBeNull();
      await markKickoffStarted(db, id, 2);
      expect((await findKickoff(db, id))?.started_at).toBeInstanceOf(Date);
    });
  });

  describe('reopenKickoff', () => {
    it.each(['cancelled', 'expired', 'failed'] as const)('starts the next revision of a %s one', async (phase) => {
      const { db } = await open();
      const id = await inPhase(db, phase);
      await markKickoffStarted(db, id);
      expect(await reopenKickoff(db, reopening(id))).toMatchObject({
        revision: 2,
        phase: 'resolving',
        started_at: null,
        closes_at: null,
        deal: { name: 'again' },
        origin: { kind: 'manual' },
        participants: [],
      });
    });

    it.each([
      'resolving',
      'needs_attention',
      'requesting',
      'scheduling',
      'paused',
      'booked',
      'onboarding',
      'done',
    ] as const)('refuses one that is %s', async (phase) => {
      const { db } = await open();
      const id = await inPhase(db, phase);
      expect(await reopenKickoff(db, reopening(id))).toBeUndefined();
      expect(await findKickoff(db, id)).toMatchObject({ revision: 1, phase });
    });

    it('gives one of ten at once the new revision', async () => {
      const { db } = await open();
      const id = await inPhase(db, 'cancelled');
      const results = await Promise.all(Array.from({ length: 10 }, () => reopenKickoff(db, reopening(id))));
      expect(results.filter((row) => row !== undefined)).toHaveLength(1);
      expect((await findKickoff(db, id))?.revision).toBe(2);
    });

    it('knows no kickoff that was never claimed', async () => {
      const { db } = await open();
      expect(await reopenKickoff(db, reopening('kickoff:none'))).toBeUndefined();
    });
  });

  describe('recording', () => {
    const resolution = {
      organizer: { email: 'jordan@yourcompany.example' },
      participants: [{ email: 'pat@acme.example' }],
      excluded: [{ email: 'out@acme.example', reason: 'opted out' }],
      gaps: [{ code: 'missing_role' }],
    };

    it('writes who takes part together with the phase', async () => {
      const { db } = await open();
      await claim(db, '1');
      const input = { workflowId: 'kickoff:1', revision: 1, phase: 'requesting' as const, ...resolution };
      expect(await recordResolution(db, input)).toBe(true);
      expect(await findKickoff(db, 'kickoff:1')).toMatchObject({ phase: 'requesting', ...resolution });
      expect(await recordResolution(db, { ...input, organizer: undefined })).toBe(true);
      expect((await findKickoff(db, 'kickoff:1'))?.organizer).toBeNull();
    });

    it('drops the resolution of an attempt that comes after the request was made', async () => {
      const { db } = await open();
      const id = await inPhase(db, 'scheduling');
      expect(await recordResolution(db, { workflowId: id, revision: 1, phase: 'requesting', ...resolution })).toBe(
        false,
      );
      expect(await findKickoff(db, id)).toMatchObject({ phase: 'scheduling', participants: [] });
    });

    it('writes phase, needs and the time of closing; what is not given stays', async () => {
      const { db } = await open();
      const id = await inPhase(db, 'resolving');
      const closesAt = '2026-03-01T00:00:00.000Z';
      await recordPhase(db, {
        workflowId: id,
        revision: 1,
        phase: 'needs_attention',
        needs: ['an organizer'],
        closesAt,
      });
      const row = await findKickoff(db, id);
      expect(row).toMatchObject({ phase: 'needs_attention', needs: ['an organizer'] });
      expect(row?.closes_at?.toISOString()).toBe(closesAt);
      await recordPhase(db, { workflowId: id, revision: 1, phase: 'requesting' });
      expect(await findKickoff(db, id)).toMatchObject({ phase: 'requesting', needs: ['an organizer'] });
      await recordPhase(db, { workflowId: id, revision: 1, phase: 'requesting', needs: [] });
      expect((await findKickoff(db, id))?.needs).toEqual([]);
    });

    it.each<[PhaseName, PhaseName]>([
      ['done', 'onboarding'],
      ['done', 'scheduling'],
      ['cancelled', 'booked'],
      ['cancelled', 'done'],
      ['failed', 'resolving'],
      ['expired', 'scheduling'],
      ['booked', 'scheduling'],
      ['onboarding', 'paused'],
      ['scheduling', 'requesting'],
      ['paused', 'resolving'],
    ])('never takes a kickoff from %s back to %s', async (from, to) => {
      const { db } = await open();
      const id = await inPhase(db, from);
      expect(await recordPhase(db, { workflowId: id, revision: 1, phase: to, needs: ['x'] })).toBe(false);
      expect(await findKickoff(db, id)).toMatchObject({ phase: from, needs: [] });
    });

    it.each<[PhaseName, PhaseName]>([
      ['resolving', 'needs_attention'],
      ['needs_attention', 'resolving'],
      ['scheduling', 'paused'],
      ['paused', 'scheduling'],
      ['scheduling', 'booked'],
      ['booked', 'onboarding'],
      ['onboarding', 'needs_attention'],
      ['needs_attention', 'onboarding'],
      ['onboarding', 'done'],
      ['done', 'cancelled'],
      ['expired', 'booked'],
      ['scheduling', 'expired'],
      ['done', 'done'],
    ])('takes a kickoff from %s to %s', async (from, to) => {
      const { db } = await open();
      const id = await inPhase(db, from);
      expect(await recordPhase(db, { workflowId: id, revision: 1, phase: to })).toBe(true);
      expect(await phaseOf(db, id)).toBe(to);
    });

    it('drops what an older revision still says, and follows a newer one from any phase', async () => {
      const { db } = await open();
      const id = await inPhase(db, 'cancelled');
      await reopenKickoff(db, reopening(id));
      expect(await recordPhase(db, { workflowId: id, revision: 1, phase: 'done' })).toBe(false);
      expect(await phaseOf(db, id)).toBe('resolving');
      expect(await recordPhase(db, { workflowId: id, revision: 2, phase: 'done' })).toBe(true);
      expect(await recordPhase(db, { workflowId: id, revision: 3, phase: 'requesting' })).toBe(true);
      expect(await findKickoff(db, id)).toMatchObject({ revision: 3, phase: 'requesting' });
    });

    it('says so when the kickoff is unknown', async () => {
      const { db } = await open();
      expect(await recordPhase(db, { workflowId: 'kickoff:none', revision: 1, phase: 'done' })).toBe(false);
    });

    it('lets the end stand when end and straggler are written at once', async () => {
      const { db } = await open();
      for (let round = 0; round < 10; round++) {
        const id = await inPhase(db, 'onboarding', `r${round}`);
        const phases: PhaseName[] = ['booked', 'cancelled', 'onboarding', 'needs_attention', 'booked'];
        await Promise.all(phases.map((phase) => recordPhase(db, { workflowId: id, revision: 1, phase })));
        expect(await phaseOf(db, id)).toBe('cancelled');
      }
    });
  });

  it('counts kickoffs by phase, also phases with none', async () => {
    const { db } = await open();
    await inPhase(db, 'scheduling', '1');
    await inPhase(db, 'scheduling', '2');
    await inPhase(db, 'done', '3');
    expect(await kickoffsByPhase(db)).toMatchObject({ scheduling: 2, done: 1, failed: 0, resolving: 0 });
  });

  it('refuses a phase that nobody knows', async () => {
    const { db } = await open();
    const { row } = await claim(db, '1');
    const update = db.updateTable('kickoffs').set({ phase: 'dreaming' }).where('workflow_id', '=', row.workflow_id);
    await expect(update.execute()).rejects.toMatchObject({ code: '23514' });
  });
});
