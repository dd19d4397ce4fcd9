import { describe, expect, it } from 'vitest';
import {
  attachRequestId,
  beginMeetingRequest,
  claimKickoff,
  type Database,
  fillOrganizer,
  findKickoff,
  findMeetingRequest,
  listMeetingRequests,
  openMeetingRequests,
  type RecordedMeetingEvent,
  recordMeetingEvent,
  recordPhase,
} from '../../../database/index.ts';
import { eachDatabase } from '../../harness/databases.ts';

type Db = Database['db'];
const KEY = 'impl:1:kickoff:2026-02-10';
const at = (minute: number) => `2026-02-10T09:${String(minute).padStart(2, '0')}:00.000Z`;

async function begin(db: Db, more: { key?: string; dealId?: string; revision?: number } = {}) {
  const dealId = more.dealId ?? '1';
  await claimKickoff(db, {
    workflowId: `kickoff:${dealId}`,
    crm: 'hubspot',
    dealId,
    workstream: '',
    deal: {},
    accountId: 'acme',
    accountName: 'Acme',
    origin: {},
  });
  return await beginMeetingRequest(db, {
    idempotencyKey: more.key ?? KEY,
    workflowId: `kickoff:${dealId}`,
    revision: more.revision ?? 1,
    organizerEmail: 'jordan@yourcompany.example',
    participantEmails: ['jamie@acme.example', 'pat@acme.example'],
    timeframeStart: '2026-02-12T00:00:00Z',
    timeframeEnd: '2026-02-21T23:59:59Z',
    firstTriedAt: at(0),
  });
}

async function made(db: Db): Promise<void> {
  await begin(db);
  await attachRequestId(db, { idempotencyKey: KEY, requestId: 'mr_1', status: 'active' });
}

async function record(
  db: Db,
  name: RecordedMeetingEvent['name'],
  minute: number,
  more: Partial<RecordedMeetingEvent> = {},
) {
  return await recordMeetingEvent(db, { requestId: 'mr_1', name, at: at(minute), ...more });
}

eachDatabase('meeting requests', (open) => {
  describe('beginMeetingRequest', () => {
    it('writes the request down before it has an id', async () => {
      const { db } = await open();
      const row = await begin(db);
      expect(row).toMatchObject({
        idempotency_key: KEY,
        request_id: null,
        status: 'requesting',
        participant_emails: ['jamie@acme.example', 'pat@acme.example'],
        follow_ups: 0,
        was_booked: false,
      });
      expect(row.timeframe_end.toISOString()).toBe('2026-02-21T23:59:59.000Z');
    });

    it('keeps the first values of a key, above all when it was first tried', async () => {
      const { db } = await open();
      const first = await begin(db);
      const again = await beginMeetingRequest(db, {
        idempotencyKey: KEY,
        workflowId: 'kickoff:1',
        revision: 1,
        organizerEmail: 'other@yourcompany.example',
        participantEmails: [],
        timeframeStart: '2026-03-01T00:00:00Z',
        timeframeEnd: '2026-03-02T00:00:00Z',
        firstTriedAt: '2026-02-11T09:00:00Z',
      });
      expect(again).toEqual(first);
    });

    it('gives ten at once the same row', async () => {
      const { db } = await open();
      await begin(db, { dealId: '1', key: 'other' });
      const rows = await Promise.all(Array.from({ length: 10 }, () => begin(db)));
      expect(new Set(rows.map((row) => row.created_at.toISOString())).size).toBe(1);
      expect(await listMeetingRequests(db, 'kickoff:1')).toHaveLength(2);
    });
  });

  describe('attachRequestId', () => {
    it('makes the request findable and the kickoff scheduling', async () => {
      const { db } = await open();
      await begin(db);
      expect(await findMeetingRequest(db, 'mr_1')).toBeUndefined();
      expect(await attachRequestId(db, { idempotencyKey: KEY, requestId: 'mr_1', status: 'active' })).toEqual([]);
      expect(await findMeetingRequest(db, 'mr_1')).toMatchObject({ workflow_id: 'kickoff:1', status: 'active' });
      expect((await findKickoff(db, 'kickoff:1'))?.phase).toBe('scheduling');
    });

    it('repeated, leaves the status that events have brought since', async () => {
      const { db } = await open();
      await made(db);
      await record(db, 'booked', 5);
      await recordPhase(db, { workflowId: 'kickoff:1', revision: 1, phase: 'booked' });
      await attachRequestId(db, { idempotencyKey: KEY, requestId: 'mr_1', status: 'active' });
      expect(await findMeetingRequest(db, 'mr_1')).toMatchObject({ status: 'booked' });
      expect((await findKickoff(db, 'kickoff:1'))?.phase).toBe('booked');
    });

    it('does not move a kickoff that has gone on to another revision', async () => {
      const { db } = await open();
      await begin(db);
      await recordPhase(db, { workflowId: 'kickoff:1', revision: 2, phase: 'resolving' });
      await attachRequestId(db, { idempotencyKey: KEY, requestId: 'mr_1', status: 'active' });
      expect(await findKickoff(db, 'kickoff:1')).toMatchObject({ revision: 2, phase: 'resolving' });
    });

    it('keeps a status that SkipUp has added since', async () => {
      const { db } = await open();
      await begin(db);
      await attachRequestId(db, { idempotencyKey: KEY, requestId: 'mr_1', status: 'negotiating' });
      expect((await findMeetingRequest(db, 'mr_1'))?.status).toBe('negotiating');
    });

    it('refuses a key that was never begun', async () => {
      const { db } = await open();
      const attaching = attachRequestId(db, { idempotencyKey: 'none', requestId: 'mr_1', status: 'active' });
      await expect(attaching).rejects.toMatchObject({ name: 'DatabaseError', code: 'not_found' });
    });

    it('refuses a second id for one key, and one id for two keys', async () => {
      const { db } = await open();
      await made(db);
      const second = attachRequestId(db, { idempotencyKey: KEY, requestId: 'mr_2', status: 'active' });
      await expect(second).rejects.toMatchObject({ code: 'conflict' });
      await begin(db, { key: 'impl:1:kickoff:r2', revision: 2 });
      const twice = attachRequestId(db, { idempotencyKey: 'impl:1:kickoff:r2', requestId: 'mr_1', status: 'active' });
      await expect(twice).rejects.toMatchObject({ code: 'conflict' });
    });
  });

  describe('recordMeetingEvent', () => {
    it('knows no request that is not ours', async () => {
      const { db } = await open();
      expect(await record(db, 'booked', 1)).toBeUndefined();
    });

    it('writes what a booking brings', async () => {
      const { db } = await open();
      await made(db);
      expect(await record(db, 'booked', 7, { calendarEventId: 'cal_9' })).toEqual({ workflowId: 'kickoff:1' });
      const row = await findMeetingRequest(db, 'mr_1');
      expect(row).toMatchObject({ status: 'booked', was_booked: true, calendar_event_id: 'cal_9' });
      expect(row?.booked_at?.toISOString()).toBe(at(7));
    });

    it('writes what a cancellation brings', async () => {
      const { db } = await open();
      await made(db);
      await record(db, 'cancelled', 8, { wasBooked: true });
      const row = await findMeetingRequest(db, 'mr_1');
      expect(row).toMatchObject({ status: 'cancelled', was_booked: true });
      expect(row?.cancelled_at?.toISOString()).toBe(at(8));
    });

    it('ends the same in whatever order the events of a booked and then cancelled meeting come', async () => {
      const { db } = await open();
      const events: [RecordedMeetingEvent['name'], number][] = [
        ['paused', 1],
        ['resumed', 2],
        ['booked', 3],
        ['cancelled', 4],
      ];
      for (const order of permutations(events)) {
        await db.deleteFrom('meeting_requests').execute();
        await db.deleteFrom('kickoffs').execute();
        await made(db);
        for (const [name, minute] of order) await record(db, name, minute);
        const row = await findMeetingRequest(db, 'mr_1');
        expect(row, order.join(' ')).toMatchObject({ status: 'cancelled', was_booked: true });
        expect(row?.booked_at?.toISOString()).toBe(at(3));
        expect(row?.cancelled_at?.toISOString()).toBe(at(4));
      }
    });

    it('ends paused or active by SkipUp’s time, not by the order of arrival', async () => {
      const { db } = await open();
      await made(db);
      await record(db, 'resumed', 3);
      await record(db, 'paused', 2);
      expect((await findMeetingRequest(db, 'mr_1'))?.status).toBe('active');
      expect((await findKickoff(db, 'kickoff:1'))?.phase).toBe('scheduling');
      await record(db, 'paused', 4);
      expect((await findMeetingRequest(db, 'mr_1'))?.status).toBe('paused');
      expect((await findKickoff(db, 'kickoff:1'))?.phase).toBe('paused');
      await record(db, 'resumed', 5);
      expect((await findKickoff(db, 'kickoff:1'))?.phase).toBe('scheduling');
    });

    it('moves no kickoff but a scheduling or a paused one', async () => {
      const { db } = await open();
      await made(db);
      await recordPhase(db, { workflowId: 'kickoff:1', revision: 1, phase: 'needs_attention' });
      await record(db, 'paused', 2);
      expect((await findKickoff(db, 'kickoff:1'))?.phase).toBe('needs_attention');
    });

    it('does not pause a kickoff for the request of an earlier revision', async () => {
      const { db } = await open();
      await made(db);
      await recordPhase(db, { workflowId: 'kickoff:1', revision: 2, phase: 'scheduling' });
      await record(db, 'paused', 2);
      expect((await findKickoff(db, 'kickoff:1'))?.phase).toBe('scheduling');
    });

    it('counts a follow-up once however often it is told', async () => {
      const { db } = await open();
      await made(db);
      for (const minute of [10, 10, 20, 10]) await record(db, 'follow_up_sent', minute);
      expect((await findMeetingRequest(db, 'mr_1'))?.follow_ups).toBe(2);
    });

    it('counts follow-ups that are told at once', async () => {
      const { db } = await open();
      await made(db);
      await Promise.all([1, 2, 3, 4, 5].map((minute) => record(db, 'follow_up_sent', minute)));
      expect((await findMeetingRequest(db, 'mr_1'))?.follow_ups).toBe(5);
    });

    it('takes a new organizer when it is named, and knows nobody when it is not', async () => {
      const { db } = await open();
      await made(db);
      const organizer = async () => (await findMeetingRequest(db, 'mr_1'))?.organizer_email;
      await record(db, 'organizer_changed', 2);
      expect(await organizer()).toBeNull();
      await record(db, 'organizer_changed', 2, { organizerEmail: 'sam@yourcompany.example' });
      expect(await organizer()).toBe('sam@yourcompany.example');
      await record(db, 'organizer_changed', 1, { organizerEmail: 'late@yourcompany.example' });
      await record(db, 'organizer_changed', 1);
      expect(await organizer()).toBe('sam@yourcompany.example');
      await record(db, 'organizer_changed', 3);
      expect(await organizer()).toBeNull();
    });

    it('is filled in where nobody is known, and only there', async () => {
      const { db } = await open();
      await made(db);
      const fill = (organizerEmail: string) => fillOrganizer(db, { requestId: 'mr_1', organizerEmail });
      expect(await fill('sam@yourcompany.example')).toBe(false);
      await record(db, 'organizer_changed', 1);
      expect(await fill('sam@yourcompany.example')).toBe(true);
      expect((await findMeetingRequest(db, 'mr_1'))?.organizer_email).toBe('sam@yourcompany.example');
    });

    it('counts the resumption of two in the same second, whichever comes first', async () => {
      const { db } = await open();
      await made(db);
      await record(db, 'resumed', 1);
      await record(db, 'paused', 1);
      expect((await findMeetingRequest(db, 'mr_1'))?.status).toBe('active');
      await record(db, 'paused', 2);
      await record(db, 'resumed', 2);
      expect((await findMeetingRequest(db, 'mr_1'))?.status).toBe('active');
    });
  });

  describe('openMeetingRequests', () => {
    it('lists requests that were made, until they are cancelled', async () => {
      const { db } = await open();
      await begin(db, { dealId: '2', key: 'never answered' });
      await made(db);
      const ids = async () => (await openMeetingRequests(db)).map((row) => row.request_id);
      expect(await ids()).toEqual(['mr_1']);
      await record(db, 'booked', 1);
      expect(await ids()).toEqual(['mr_1']);
      await record(db, 'cancelled', 2);
      expect(await ids()).toEqual([]);
    });

    it('drops those whose kickoff listens no more', async () => {
      const { db } = await open();
      await made(db);
      const ids = async () => (await openMeetingRequests(db)).map((row) => row.request_id);
      const ending = { workflowId: 'kickoff:1', revision: 1, phase: 'done' as const };
      await recordPhase(db, { ...ending, closesAt: new Date(Date.now() + 3_600_000).toISOString() });
      expect(await ids()).toEqual(['mr_1']);
      await recordPhase(db, { ...ending, closesAt: new Date(Date.now() - 1_000).toISOString() });
      expect(await ids()).toEqual([]);
    });

    it('drops those of an earlier revision', async () => {
      const { db } = await open();
      await made(db);
      await recordPhase(db, { workflowId: 'kickoff:1', revision: 2, phase: 'requesting' });
      expect(await openMeetingRequests(db)).toEqual([]);
    });
  });
});

function permutations<T>(items: T[]): T[][] {
  if (items.length <= 1) return [items];
  return items.flatMap((item, index) =>
    permutations(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
  );
}
