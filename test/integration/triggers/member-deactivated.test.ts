import { WorkflowNotFoundError } from '@temporalio/client';
import { sql } from 'kysely';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  attachRequestId,
  beginMeetingRequest,
  claimKickoff,
  type Database,
  findSkipupMember,
  insertInbox,
  listInbox,
  markKickoffStarted,
  migrate,
  openDatabase,
  organizedMeetings,
  type PhaseName,
  recordMeetingEvent,
  recordPhase,
  recordResolution,
} from '../../../database/index.ts';
import { createRelay } from '../../../triggers/index.ts';
import { receivers, send, skipupWebhook } from './stack.ts';

const ADA = 'ada@vendor.example';
const EVENT = {
  event: 'member.deactivated',
  timestamp: '2026-11-20T16:00:00Z',
  id: 'mem_1',
  email: 'Ada@Vendor.example',
};

let database: Database;
beforeAll(async () => {
  database = await openDatabase();
  await migrate(database);
});
afterAll(() => database.close());
beforeEach(() =>
  sql`truncate inbox, steps, meeting_requests, kickoffs, skipup_members, recoveries`.execute(database.db),
);

/** A kickoff in the ledger; with a request unless it has none yet. */
async function kickoff(
  id: string,
  { organizer = ADA, phase, withRequest = true }: { organizer?: string; phase: PhaseName; withRequest?: boolean },
): Promise<void> {
  const workflowId = `kickoff:${id}`;
  const about = { crm: 'hubspot', dealId: id, workstream: '', deal: {}, accountId: id, accountName: `Account ${id}` };
  await claimKickoff(database.db, { workflowId, ...about, origin: {} });
  await markKickoffStarted(database.db, workflowId);
  const people = { participants: [], excluded: [], gaps: [] };
  await recordResolution(database.db, {
    workflowId,
    revision: 1,
    organizer: { email: organizer, from: 'registry' },
    ...people,
    phase: 'requesting',
  });
  if (withRequest) {
    const key = `impl:${id}:kickoff:2026-11-20`;
    await beginMeetingRequest(database.db, {
      idempotencyKey: key,
      workflowId,
      revision: 1,
      organizerEmail: organizer,
      participantEmails: [],
      timeframeStart: '2026-11-22T00:00:00Z',
      timeframeEnd: '2026-12-02T00:00:00Z',
      firstTriedAt: '2026-11-20T00:00:00Z',
    });
    await attachRequestId(database.db, { idempotencyKey: key, requestId: `mr_${id}`, status: 'active' });
  }
  await recordPhase(database.db, { workflowId, revision: 1, phase });
}

function relay(signal: (workflowId: string) => Promise<void> = async () => undefined) {
  const signals: [string, string, object][] = [];
  const started: object[] = [];
  const made = createRelay({
    database,
    client: {
      connection: { withDeadline: (_deadline, work) => work() },
      workflow: {
        getHandle: (workflowId) => ({
          async signal(name, event) {
            await signal(workflowId);
            signals.push([workflowId, name, event]);
          },
          query: async () => ({ phase: 'scheduling' }),
        }),
      },
    },
    crms: {},
    startKickoff: () => Promise.reject(new Error('no deal here')),
    startHandOver: async (input) => {
      started.push(input);
      return 'hand-over:1';
    },
    logger: pino({ level: 'silent' }),
    metrics: new Registry(),
    random: () => 0,
  });
  return { signals, started, drain: () => made.drainOnce() };
}

const deactivated = (payload: object = EVENT) =>
  insertInbox(database.db, [{ source: 'skipup', dedupeKey: 'k1', eventType: EVENT.event, payload }]);
const row = async () => (await listInbox(database.db))[0];

describe('a member who is deactivated', () => {
  it('is stored for the relay as soon as the webhook is verified', async () => {
    const server = await receivers(database);
    expect(await send(`${server.url}/webhooks/skipup`, skipupWebhook(EVENT))).toMatchObject({ status: 200 });
    expect(await row()).toMatchObject({ status: 'pending', event_type: 'member.deactivated', subject: null });
    expect(server.wakes()).toBe(1);
  });

  it('organizes nothing any more: it is noted, their kickoffs are told, and somebody is asked to hand them over', async () => {
    await kickoff('1', { phase: 'scheduling' });
    await kickoff('2', { phase: 'needs_attention', withRequest: false });
    await kickoff('3', { phase: 'scheduling', organizer: 'bob@vendor.example' });
    await kickoff('4', { phase: 'cancelled' });
    await kickoff('5', { phase: 'onboarding' });
    await deactivated();
    const { drain, signals, started } = relay();
    await drain();
    const left = { key: 'k1', email: ADA, at: expect.stringMatching(/^2026-11-20T16:00:00/) };
    expect(signals).toEqual(['1', '2', '5'].map((id) => [`kickoff:${id}`, 'organizerLeft', left]));
    expect(started).toEqual([{ email: ADA, reason: 'was deactivated in the SkipUp workspace' }]);
    expect(await findSkipupMember(database.db, ADA)).toMatchObject({ isActive: false });
    expect(await row()).toMatchObject({ status: 'delivered', workflow_id: 'hand-over:1' });
  });

  it('who organizes nothing that is open is only noted', async () => {
    await kickoff('3', { phase: 'scheduling', organizer: 'bob@vendor.example' });
    await deactivated();
    const { drain, started } = relay();
    await drain();
    expect(await row()).toMatchObject({ status: 'ignored', reason: expect.stringMatching(/organizes nothing/) });
    expect(started).toEqual([]);
    expect(await findSkipupMember(database.db, ADA)).toMatchObject({ isActive: false });
  });

  it('whom the event does not name is a person’s matter', async () => {
    await deactivated({ event: 'member.deactivated', timestamp: '2026-11-20T16:00:00Z', id: 'mem_1' });
    await relay().drain();
    expect(await row()).toMatchObject({ status: 'dead', reason: expect.stringMatching(/kickoff hand-over <email>/) });
  });

  it('is told again to all when Temporal was down in the middle, and not to those that have closed', async () => {
    await kickoff('1', { phase: 'scheduling' });
    await kickoff('2', { phase: 'scheduling' });
    await deactivated();
    const down = relay((id) => (id === 'kickoff:2' ? Promise.reject(new Error('down')) : Promise.resolve()));
    await down.drain();
    expect(await row()).toMatchObject({ status: 'pending', reason: expect.stringMatching(/down/) });
    expect(down.started).toEqual([]);
    await sql`update inbox set next_attempt_at = now()`.execute(database.db);
    const up = relay((id) =>
      id === 'kickoff:1' ? Promise.reject(new WorkflowNotFoundError('gone', id, undefined)) : Promise.resolve(),
    );
    await up.drain();
    expect(up.signals.map(([id]) => id)).toEqual(['kickoff:2']);
    expect(await row()).toMatchObject({ status: 'delivered' });
  });
});

describe('what somebody organizes', () => {
  it('is what SkipUp says once there is a request; a change to nobody knows whom is away from them', async () => {
    await kickoff('1', { phase: 'scheduling' });
    await kickoff('2', { phase: 'scheduling' });
    await kickoff('3', { phase: 'scheduling', organizer: 'bob@vendor.example' });
    const changed = { name: 'organizer_changed', at: '2026-11-21T00:00:00Z' } as const;
    await recordMeetingEvent(database.db, { requestId: 'mr_2', ...changed });
    await recordMeetingEvent(database.db, { requestId: 'mr_3', ...changed, organizerEmail: ADA });
    expect((await organizedMeetings(database.db, 'ADA@vendor.example')).map(({ workflowId }) => workflowId)).toEqual([
      'kickoff:1',
      'kickoff:3',
    ]);
  });
});
