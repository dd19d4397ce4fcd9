import { expect, it } from 'vitest';
import {
  attachRequestId,
  awaitedSince,
  beginMeetingRequest,
  claimKickoff,
  type Database,
  insertInbox,
  lastSweeps,
  markDelivered,
  ownRequestIds,
  recordMeetingEvent,
  recordPhase,
  recordSweep,
  recordSweepProblem,
  stakeholdersInRole,
  undeliveredEvents,
} from '../../../database/index.ts';
import { eachDatabase } from '../../harness/databases.ts';

type Db = Database['db'];
const at = (minute: number) => new Date(Date.UTC(2026, 10, 20, 9, minute));

async function requesting(db: Db, dealId: string, firstTriedAt: Date): Promise<void> {
  const workflowId = `kickoff:${dealId}`;
  await claimKickoff(db, {
    workflowId,
    crm: 'hubspot',
    dealId,
    workstream: '',
    deal: {},
    accountId: 'acme',
    accountName: 'Acme',
    origin: {},
  });
  await beginMeetingRequest(db, {
    idempotencyKey: `key ${dealId}`,
    workflowId,
    revision: 1,
    organizerEmail: 'jordan@yourcompany.example',
    participantEmails: ['jamie@acme.example'],
    timeframeStart: at(0).toISOString(),
    timeframeEnd: at(0).toISOString(),
    firstTriedAt: firstTriedAt.toISOString(),
  });
}

async function made(db: Db, dealId: string, firstTriedAt: Date): Promise<void> {
  await requesting(db, dealId, firstTriedAt);
  await attachRequestId(db, { idempotencyKey: `key ${dealId}`, requestId: `mr_${dealId}`, status: 'active' });
}

eachDatabase('what sweeps find', (open) => {
  it('is kept once for each part, and a problem leaves what was found before', async () => {
    const { db } = await open();
    expect(await lastSweeps(db)).toEqual([]);
    await recordSweepProblem(db, { part: 'requests', sweptAt: at(0), problem: 'SkipUp does not answer' });
    expect(await lastSweeps(db)).toEqual([
      { part: 'requests', swept_at: at(0), succeeded_at: null, findings: {}, problem: 'SkipUp does not answer' },
    ]);
    await recordSweep(db, { part: 'requests', sweptAt: at(1), findings: { takenIn: 1 } });
    await recordSweep(db, { part: 'deliveries', sweptAt: at(1), findings: { takenIn: 0 } });
    await recordSweepProblem(db, { part: 'requests', sweptAt: at(2), problem: 'the key is refused' });
    expect(await lastSweeps(db)).toEqual([
      { part: 'deliveries', swept_at: at(1), succeeded_at: at(1), findings: { takenIn: 0 }, problem: null },
      {
        part: 'requests',
        swept_at: at(2),
        succeeded_at: at(1),
        findings: { takenIn: 1 },
        problem: 'the key is refused',
      },
    ]);
    await recordSweep(db, { part: 'requests', sweptAt: at(3), findings: { takenIn: 0 } });
    expect((await lastSweeps(db))[1]).toMatchObject({ succeeded_at: at(3), problem: null });
  });
});

eachDatabase('what a sweep asks the ledger', (open) => {
  it('since when something is awaited: the oldest request that is open or not answered yet', async () => {
    const { db } = await open();
    expect(await awaitedSince(db)).toBeUndefined();
    await made(db, '1', at(1));
    await requesting(db, '2', at(2));
    await made(db, '3', at(3));
    expect(await awaitedSince(db)).toEqual(at(1));
    await recordMeetingEvent(db, { requestId: 'mr_1', name: 'cancelled', at: at(9).toISOString() });
    expect(await awaitedSince(db)).toEqual(at(2));
    await recordPhase(db, { workflowId: 'kickoff:2', revision: 1, phase: 'failed' });
    expect(await awaitedSince(db)).toEqual(at(3));
    await recordPhase(db, { workflowId: 'kickoff:3', revision: 1, phase: 'done', closesAt: '2020-01-01T00:00:00Z' });
    expect(await awaitedSince(db)).toBeUndefined();
  });

  it('which requests are its own', async () => {
    const { db } = await open();
    await made(db, '1', at(1));
    expect(await ownRequestIds(db, [])).toEqual(new Set());
    expect(await ownRequestIds(db, ['mr_1', 'mr_somebody_elses'])).toEqual(new Set(['mr_1']));
  });

  it('what is on its way to a kickoff', async () => {
    const { db } = await open();
    const entry = (key: string, subject: string) =>
      ({ source: 'skipup', dedupeKey: key, eventType: 'meeting_request.booked', subject, payload: {} }) as const;
    const { ids } = await insertInbox(db, [entry('a', 'mr_1'), entry('b', 'mr_2'), entry('c', 'mr_3')]);
    await markDelivered(db, ids[1] ?? 0, 'kickoff:2');
    expect(await undeliveredEvents(db, [])).toEqual(new Set());
    expect(await undeliveredEvents(db, ['mr_1', 'mr_2'])).toEqual(new Set(['mr_1 meeting_request.booked']));
  });

  it('who leads on the vendor’s side today', async () => {
    const { db } = await open();
    const person = (email: string, changes: object = {}) => ({
      account_id: 'acme',
      email,
      side: 'vendor',
      roles: JSON.stringify(['cs_lead']),
      attendance: '{}',
      source: 'manual',
      ...changes,
    });
    await db
      .insertInto('stakeholders')
      .values([
        person('lead@yourcompany.example'),
        person('lead@yourcompany.example', { deal_id: '7' }),
        person('gone@yourcompany.example', { active_to: '2026-11-19' }),
        person('later@yourcompany.example', { active_from: '2026-11-21' }),
        person('out@yourcompany.example', { opted_out: true }),
        person('engineer@yourcompany.example', { roles: JSON.stringify(['it_security']) }),
        person('champion@acme.example', { side: 'customer' }),
        person('partner@integrator.example', { side: 'partner', account_id: 'other' }),
      ])
      .execute();
    expect(
      await stakeholdersInRole(db, { sides: ['vendor', 'partner'], role: 'cs_lead', today: '2026-11-20' }),
    ).toEqual([
      { accountId: 'acme', email: 'lead@yourcompany.example' },
      { accountId: 'other', email: 'partner@integrator.example' },
    ]);
  });
});
