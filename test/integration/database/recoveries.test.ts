import { expect, it } from 'vitest';
import {
  attachRequestId,
  awaitedSince,
  beginMeetingRequest,
  claimRecovery,
  type Database,
  findRecovery,
  openMeetingRequests,
  recordMeetingEvent,
  recordRecovery,
  timesWrittenTo,
} from '../../../database/index.ts';
import { eachDatabase } from '../../harness/databases.ts';

const claim = (db: Database['db'], date: string, attempt = 1) =>
  claimRecovery(db, {
    workflowId: `lead:1:recovery:${date}`,
    crm: 'hubspot',
    leadId: '1',
    email: 'sarah@acme.example',
    attempt,
    lead: {},
    form: {},
    origin: {},
  });
const ID = 'lead:1:recovery:2026-02-08';

async function requested(db: Database['db']): Promise<void> {
  await beginMeetingRequest(db, {
    idempotencyKey: ID,
    workflowId: ID,
    revision: 1,
    organizerEmail: 'rep@yourcompany.example',
    participantEmails: ['sarah@acme.example'],
    timeframeStart: '2026-02-09T00:00:00Z',
    timeframeEnd: '2026-02-20T00:00:00Z',
    firstTriedAt: '2026-02-08T10:00:00Z',
  });
  await attachRequestId(db, { idempotencyKey: ID, requestId: 'mr_1', status: 'active' });
}

eachDatabase('recoveries', (open) => {
  it('of any number of claims at once one gets the row; none while it is open, one a day when it is over', async () => {
    const { db } = await open();
    const claims = await Promise.all([claim(db, '2026-02-08'), claim(db, '2026-02-08'), claim(db, '2026-02-08')]);
    expect(claims.filter((row) => row !== undefined)).toHaveLength(1);
    expect(await claim(db, '2026-02-09', 2)).toBeUndefined();
    await recordRecovery(db, { workflowId: ID, phase: 'cancelled' });
    expect(await claim(db, '2026-02-08', 2)).toBeUndefined();
    expect(await claim(db, '2026-02-09', 1)).toBeUndefined();
    expect(await claim(db, '2026-02-09', 2)).toMatchObject({ attempt: 2 });
  });

  it('the sweep looks at the request of a recovery that listens, and at none of one that is over', async () => {
    const { db } = await open();
    await claim(db, '2026-02-08');
    expect(await timesWrittenTo(db, { crm: 'hubspot', leadId: '1' })).toBe(0);
    await requested(db);
    expect(await timesWrittenTo(db, { crm: 'hubspot', leadId: '1' })).toBe(1);
    expect((await findRecovery(db, ID))?.phase).toBe('scheduling');
    expect(await openMeetingRequests(db)).toMatchObject([{ request_id: 'mr_1' }]);
    expect(await awaitedSince(db)).toEqual(new Date('2026-02-08T10:00:00Z'));
    await recordRecovery(db, { workflowId: ID, phase: 'booked' });
    expect(await openMeetingRequests(db)).toHaveLength(1);
    await recordRecovery(db, { workflowId: ID, phase: 'booked', ended: true });
    expect(await openMeetingRequests(db)).toEqual([]);
    expect(await awaitedSince(db)).toBeUndefined();
  });

  it('a pause brings the phase along; what comes late changes nothing', async () => {
    const { db } = await open();
    await claim(db, '2026-02-08');
    await requested(db);
    await recordMeetingEvent(db, { requestId: 'mr_1', name: 'paused', at: '2026-02-09T10:00:00Z' });
    expect((await findRecovery(db, ID))?.phase).toBe('paused');
    expect(await recordRecovery(db, { workflowId: ID, phase: 'requesting' })).toBe(false);
    expect(await recordRecovery(db, { workflowId: ID, phase: 'booked' })).toBe(true);
    expect(await recordRecovery(db, { workflowId: ID, phase: 'scheduling' })).toBe(false);
    expect(await recordRecovery(db, { workflowId: ID, phase: 'cancelled', reason: 'called off' })).toBe(true);
    expect(await recordRecovery(db, { workflowId: ID, phase: 'booked' })).toBe(false);
    expect(await findRecovery(db, ID)).toMatchObject({ phase: 'cancelled', ended_at: expect.any(Date) });
  });
});
