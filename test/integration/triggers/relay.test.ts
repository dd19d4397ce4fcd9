import { WorkflowNotFoundError } from '@temporalio/client';
import { sql } from 'kysely';
import pino from 'pino';
import { Registry } from 'prom-client';
import { expect, it, onTestFinished, vi } from 'vitest';
import { type Crm, CrmError, type CrmName, type Deal, type DealSignal } from '../../../crm/index.ts';
import {
  attachRequestId,
  beginMeetingRequest,
  claimKickoff,
  type Database,
  findKickoff,
  findMeetingRequest,
  type InboxEntry,
  insertInbox,
  listInbox,
  markKickoffStarted,
  recordPhase,
} from '../../../database/index.ts';
import {
  createRelay,
  dealPayloadOf,
  type RelayOptions,
  type SignalClient,
  type StartKickoff,
  type TriggerEvent,
} from '../../../triggers/index.ts';
import { type DealChange, kickoffWorkflowId, type Phase } from '../../../workflows/messages.ts';
import { eachDatabase } from '../../harness/databases.ts';
import { BOOKED } from './stack.ts';

const deal: Deal = {
  id: '1148',
  crm: 'hubspot',
  name: 'Acme Corp',
  account: { id: '501', name: 'Acme Corp' },
  isWon: true,
};

type Started = Parameters<StartKickoff>[0];

/** A relay whose Temporal and CRM do what the test says, over a real inbox. */
function relayOver(database: Database, options: Partial<RelayOptions> = {}) {
  const signals: { workflowId: string; name: string; key: string }[] = [];
  const changes: DealChange[] = [];
  const started: Started[] = [];
  const events: TriggerEvent[] = [];
  const state = {
    /** What signalling does beside being noted. */
    signal: async (_workflowId: string): Promise<void> => undefined,
    /** The phase that a kickoff says it is in. */
    phase: 'scheduling' as Phase,
    start: async (input: Started): ReturnType<StartKickoff> => ({
      workflowId: `kickoff:${input.deal.id}`,
      started: true,
      message: 'started',
    }),
    readDeal: async (_dealId: string): Promise<Deal> => deal,
  };
  const client: SignalClient = {
    connection: { withDeadline: (_deadline, work) => work() },
    workflow: {
      getHandle: (workflowId) => ({
        async signal(name, event) {
          await state.signal(workflowId);
          signals.push({ workflowId, name, key: event.key });
          if ('state' in event) changes.push(event);
        },
        query: async () => ({ phase: state.phase }),
      }),
    },
  };
  const metrics = new Registry();
  const relay = createRelay({
    database,
    client,
    crms: { hubspot: crmThatReads((id) => state.readDeal(id)) },
    startKickoff: async (input) => {
      const result = await state.start(input);
      started.push(input);
      return result;
    },
    logger: pino({ level: 'silent' }),
    metrics,
    onEvent: (event) => events.push(event),
    random: () => 0,
    ...options,
  });
  onTestFinished(() => relay.stop());
  return { relay, signals, changes, started, events, state, metrics };
}

function crmThatReads(readDeal: (id: string) => Promise<Deal>, name: CrmName = 'hubspot'): Crm {
  return {
    name,
    verify: () => ({ scheme: 'none' }),
    normalise: () => [],
    readDeal,
    listStakeholders: async () => [],
    writeBack: async () => ({}),
  };
}

function dealRow(key: string, extra: Partial<DealSignal> = {}): InboxEntry {
  const dealId = extra.dealId ?? '1148';
  const signal = {
    dealId,
    transitionKey: key,
    occurredAt: '2026-11-20T00:00:00.000Z',
    eventType: 'deal.propertyChange',
  };
  return {
    source: 'hubspot',
    dedupeKey: key,
    eventType: signal.eventType,
    subject: dealId,
    payload: dealPayloadOf({ ...signal, ...extra }, 'hubspot'),
  };
}

function webhookRow(key: string, event: Record<string, unknown> = BOOKED): InboxEntry {
  const { id } = event;
  return {
    source: 'skipup',
    dedupeKey: key,
    eventType: String(event.event),
    payload: event,
    ...(typeof id === 'string' ? { subject: id } : {}),
  };
}

/** The kickoff of deal 1148, which made the meeting request mr_1. */
async function kickoffWithRequest(database: Database, isAnswered = true): Promise<void> {
  await claimKickoff(database.db, {
    workflowId: 'kickoff:1148',
    crm: 'hubspot',
    dealId: '1148',
    workstream: '',
    deal,
    accountId: '501',
    accountName: 'Acme Corp',
    origin: { kind: 'hubspot', reference: 'x', receivedAt: '2026-11-20T00:00:00Z' },
  });
  await beginMeetingRequest(database.db, {
    idempotencyKey: 'impl:1148:kickoff:2026-11-20',
    workflowId: 'kickoff:1148',
    revision: 1,
    organizerEmail: 'jordan@vendor.example',
    participantEmails: ['jamie@acme.example'],
    timeframeStart: '2026-11-22T00:00:00Z',
    timeframeEnd: '2026-12-01T23:59:59Z',
    firstTriedAt: '2026-11-20T00:00:00Z',
  });
  if (isAnswered) {
    await attach(database);
  }
}

const attach = (database: Database) =>
  attachRequestId(database.db, { idempotencyKey: 'impl:1148:kickoff:2026-11-20', requestId: 'mr_1', status: 'active' });

const inbox = async (database: Database) => (await listInbox(database.db)).reverse();
const makeDue = (database: Database) => sql`update inbox set next_attempt_at = now()`.execute(database.db);
const waitOf = async (database: Database) => {
  const [row] = await inbox(database);
  return row === undefined ? Number.NaN : row.next_attempt_at.getTime() - Date.now();
};

eachDatabase('the relay with a deal', (open) => {
  it('reads it again, starts its kickoff, and says so', async () => {
    const database = await open();
    const { relay, started, events, metrics } = relayOver(database);
    await insertInbox(database.db, [dealRow('k1', { workstream: 'data' })]);
    expect(await relay.drainOnce()).toBe(1);
    expect(started).toEqual([
      {
        deal,
        workstream: 'data',
        origin: { kind: 'hubspot', reference: 'k1', receivedAt: expect.stringMatching(/Z$/) },
      },
    ]);
    expect(await inbox(database)).toMatchObject([{ status: 'delivered', workflow_id: 'kickoff:1148', reason: null }]);
    expect(events).toEqual([
      {
        type: 'delivered',
        source: 'hubspot',
        eventType: 'deal.propertyChange',
        subject: '1148',
        workflowId: 'kickoff:1148',
      },
      {
        type: 'kickoff_started',
        workflowId: 'kickoff:1148',
        dealId: '1148',
        dealName: 'Acme Corp',
        account: 'Acme Corp',
      },
    ]);
    const text = await metrics.metrics();
    expect(text).toContain('kickoff_events_delivered_total{source="hubspot"} 1');
    expect(text).toContain('kickoff_inbox_seconds_count{source="hubspot"} 1');
    expect(await relay.drainOnce()).toBe(0);
  });

  it('that arrived whole asks no CRM', async () => {
    const database = await open();
    const { relay, started, state } = relayOver(database, { crms: {} });
    state.readDeal = () => Promise.reject(new Error('was asked'));
    await insertInbox(database.db, [dealRow('k1', { deal: { ...deal, crm: 'generic' } })]);
    await relay.drainOnce();
    expect(started).toMatchObject([{ deal: { crm: 'generic' } }]);
  });

  it.each([
    [
      'not won',
      async () => ({ ...deal, isWon: false, stage: 'negotiation' }),
      'deal is at stage negotiation, not closed-won',
    ],
    ['unknown', async () => Promise.reject(new CrmError('not_found', 'no such deal')), 'unknown deal'],
  ])('that is %s is recorded as ignored with the reason', async (_what, readDeal, reason) => {
    const database = await open();
    const { relay, started, state, events } = relayOver(database);
    state.readDeal = readDeal;
    await insertInbox(database.db, [dealRow('k1')]);
    await relay.drainOnce();
    expect(await inbox(database)).toMatchObject([{ status: 'ignored', reason }]);
    expect(events).toMatchObject([{ type: 'ignored', subject: '1148', reason }]);
    expect(started).toEqual([]);
  });

  it('that has a kickoff already is recorded with the message of whoever said so', async () => {
    const database = await open();
    const { relay, state } = relayOver(database);
    state.start = async () => ({
      workflowId: 'kickoff:1148',
      started: false,
      message: 'the deal has a kickoff: kickoff:1148',
    });
    await insertInbox(database.db, [dealRow('k1')]);
    await relay.drainOnce();
    expect(await inbox(database)).toMatchObject([
      { status: 'ignored', reason: 'the deal has a kickoff: kickoff:1148' },
    ]);
  });

  it('waits while Temporal is down, longer each time, and never dies of it', async () => {
    const database = await open();
    const { relay, state, started, events } = relayOver(database, { maxAttempts: 2 });
    const start = state.start;
    state.start = () => Promise.reject(new Error('14 UNAVAILABLE'));
    await insertInbox(database.db, [dealRow('k1')]);
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      await makeDue(database);
      const before = Date.now();
      expect(await relay.drainOnce()).toBe(1);
      const after = Date.now();
      const [row] = await inbox(database);
      const waitMs = Math.min(500 * 2 ** (attempt - 1), 30_000);
      // The clocks of the database and of this process round differently.
      expect(row?.next_attempt_at.getTime()).toBeGreaterThanOrEqual(before + waitMs - 50);
      expect(row?.next_attempt_at.getTime()).toBeLessThanOrEqual(after + waitMs + 50);
    }
    expect(await inbox(database)).toMatchObject([
      { status: 'pending', attempts: 8, reason: expect.stringContaining('UNAVAILABLE') },
    ]);
    expect(events.every(({ type }) => type === 'retrying')).toBe(true);
    state.start = start;
    await makeDue(database);
    await relay.drainOnce();
    expect(started).toHaveLength(1);
    expect(await inbox(database)).toMatchObject([{ status: 'delivered', reason: null }]);
  });

  it('waits as long as the CRM asks for', async () => {
    const database = await open();
    const { relay, state } = relayOver(database);
    state.readDeal = () => Promise.reject(new CrmError('rate_limited', 'slow down', { retryAfterMs: 20_000 }));
    await insertInbox(database.db, [dealRow('k1')]);
    await relay.drainOnce();
    expect(await waitOf(database)).toBeGreaterThan(18_000);
  });

  it('whose CRM is set up wrongly is tried until somebody must look, and a CRM that is down for ever', async () => {
    const database = await open();
    const { relay, state } = relayOver(database, { maxAttempts: 3 });
    state.readDeal = async (id) =>
      Promise.reject(
        id === '1' ? new CrmError('unauthorized', 'the token is wrong') : new CrmError('unavailable', 'down'),
      );
    await insertInbox(database.db, [dealRow('k1', { dealId: '1' }), dealRow('k2', { dealId: '2' })]);
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      await makeDue(database);
      await relay.drainOnce();
    }
    expect(await inbox(database)).toMatchObject([
      { status: 'dead', attempts: 3, reason: 'the token is wrong (given up after 3 attempts)' },
      { status: 'pending', attempts: 4 },
    ]);
  });

  it('whose stored form is not ours is dead at once', async () => {
    const database = await open();
    const { relay, events } = relayOver(database);
    await insertInbox(database.db, [{ ...dealRow('k1'), payload: { dealId: 7 } }]);
    await relay.drainOnce();
    expect(await inbox(database)).toMatchObject([
      { status: 'dead', reason: expect.stringContaining('send the event again') },
    ]);
    expect(events).toMatchObject([{ type: 'dead' }]);
  });
});

eachDatabase('the relay with a deal that has a kickoff', (open) => {
  const reopened = { ...deal, isWon: false, stage: 'negotiation' };
  const AT = new Date('2026-11-20T10:00:00.000Z');
  const kickoffNow = async (database: Database, workflowId = 'kickoff:1148') => {
    const row = await findKickoff(database.db, workflowId);
    if (row === undefined) throw new Error(`there is no ${workflowId}`);
    return row;
  };

  async function withKickoff(database: Database, of = deal, workstream = ''): Promise<void> {
    const workflowId = kickoffWorkflowId(of.id, workstream);
    await claimKickoff(database.db, {
      workflowId,
      crm: of.crm,
      dealId: of.id,
      workstream,
      deal: of,
      accountId: of.account.id,
      accountName: of.account.name,
      origin: { kind: 'hubspot', reference: 'x', receivedAt: AT.toISOString() },
    });
    await markKickoffStarted(database.db, workflowId);
    await recordPhase(database.db, { workflowId, revision: 1, phase: 'scheduling' });
  }

  it('tells every workstream that it is not won any more, and the ledger first', async () => {
    const database = await open();
    await withKickoff(database);
    await withKickoff(database, deal, 'data');
    const { relay, signals, changes, state, started } = relayOver(database, { now: () => AT });
    state.readDeal = async () => reopened;
    state.signal = async (workflowId) => {
      expect((await kickoffNow(database, workflowId)).deal_lost_at).toEqual(AT);
    };
    await insertInbox(database.db, [dealRow('k1')]);
    await relay.drainOnce();
    expect(signals.map(({ workflowId }) => workflowId).sort()).toEqual(['kickoff:1148', 'kickoff:1148:data']);
    expect(changes[0]).toEqual({
      key: 'k1:not_won:negotiation',
      at: AT.toISOString(),
      state: 'not_won',
      stage: 'negotiation',
    });
    expect(await inbox(database)).toMatchObject([{ status: 'delivered' }]);
    expect(started).toEqual([]);
  });

  it('takes the sender’s time where the sender gave the whole deal', async () => {
    const database = await open();
    await withKickoff(database);
    const { relay, changes } = relayOver(database, { now: () => AT });
    await insertInbox(database.db, [dealRow('k1', { deal: reopened })]);
    await relay.drainOnce();
    expect(changes).toMatchObject([{ at: '2026-11-20T00:00:00.000Z', state: 'not_won' }]);
  });

  it('tells nobody when its kickoff is over or has closed', async () => {
    const database = await open();
    await withKickoff(database);
    const { relay, signals, state } = relayOver(database);
    state.readDeal = async () => reopened;
    state.signal = async (id) => Promise.reject(new WorkflowNotFoundError('closed', id, undefined));
    await insertInbox(database.db, [dealRow('k1')]);
    await relay.drainOnce();
    await recordPhase(database.db, { workflowId: 'kickoff:1148', revision: 1, phase: 'cancelled' });
    state.signal = async () => undefined;
    await insertInbox(database.db, [dealRow('k2')]);
    await relay.drainOnce();
    const reason = 'deal is at stage negotiation, not closed-won';
    expect(await inbox(database)).toMatchObject([
      { status: 'ignored', reason },
      { status: 'ignored', reason },
    ]);
    expect(signals).toEqual([]);
  });

  it('says nothing of a deal that was not won when a person began its kickoff', async () => {
    const database = await open();
    await withKickoff(database, reopened);
    const { relay, state, changes } = relayOver(database);
    state.readDeal = async () => reopened;
    await insertInbox(database.db, [dealRow('k1')]);
    await relay.drainOnce();
    expect(changes).toEqual([]);
    expect(await inbox(database)).toMatchObject([{ status: 'ignored' }]);
  });

  it('tells that a deal is lost that was won only after a person had begun its kickoff', async () => {
    const database = await open();
    await withKickoff(database, reopened);
    const { relay, state, changes } = relayOver(database);
    state.readDeal = async () => deal;
    await insertInbox(database.db, [dealRow('k1')]);
    await relay.drainOnce();
    expect(changes).toEqual([]);
    state.readDeal = async () => reopened;
    await insertInbox(database.db, [dealRow('k2')]);
    await relay.drainOnce();
    expect(changes).toHaveLength(1);
    expect((await kickoffNow(database)).deal_lost_at).not.toBeNull();
  });

  it('notes at a kickoff that was done and has closed that the deal was lost, and is won again', async () => {
    const database = await open();
    await withKickoff(database);
    await recordPhase(database.db, { workflowId: 'kickoff:1148', revision: 1, phase: 'done' });
    const { relay, state } = relayOver(database);
    state.signal = async (id) => Promise.reject(new WorkflowNotFoundError('closed', id, undefined));
    state.readDeal = async () => reopened;
    await insertInbox(database.db, [dealRow('k1')]);
    await relay.drainOnce();
    expect((await kickoffNow(database)).deal_lost_at).not.toBeNull();
    state.readDeal = async () => deal;
    await insertInbox(database.db, [dealRow('k2')]);
    await relay.drainOnce();
    expect((await kickoffNow(database)).deal_lost_at).toBeNull();
  });

  it('does not note a loss at a kickoff that was over before', async () => {
    const database = await open();
    await withKickoff(database);
    await recordPhase(database.db, { workflowId: 'kickoff:1148', revision: 1, phase: 'cancelled' });
    const { relay, state } = relayOver(database);
    state.readDeal = async () => reopened;
    await insertInbox(database.db, [dealRow('k1')]);
    await relay.drainOnce();
    expect((await kickoffNow(database)).deal_lost_at).toBeNull();
  });

  it('tells it that it is won again, once, and starts nothing', async () => {
    const database = await open();
    await withKickoff(database);
    const { relay, changes, state, started } = relayOver(database);
    state.start = async ({ deal: { id } }) => ({ workflowId: `kickoff:${id}`, started: false, message: 'has one' });
    await insertInbox(database.db, [dealRow('k0')]);
    await relay.drainOnce();
    expect(changes).toEqual([]);
    state.readDeal = async () => reopened;
    await insertInbox(database.db, [dealRow('k1')]);
    await relay.drainOnce();
    state.readDeal = async () => deal;
    await insertInbox(database.db, [dealRow('k2'), dealRow('k3')]);
    await relay.drainOnce();
    expect(changes.map(({ state: told }) => told)).toEqual(['not_won', 'won']);
    expect((await kickoffNow(database)).deal_lost_at).toBeNull();
    expect(await inbox(database)).toMatchObject([
      { status: 'ignored' },
      { status: 'delivered' },
      { status: 'delivered', workflow_id: 'kickoff:1148' },
      { status: 'ignored', reason: 'has one' },
    ]);
    expect(started).toHaveLength(2);
  });

  it('that is won again while its kickoff is calling itself off waits for the ledger to know, and begins the next', async () => {
    const database = await open();
    await withKickoff(database);
    const { relay, state, started } = relayOver(database);
    state.readDeal = async () => reopened;
    await insertInbox(database.db, [dealRow('k1')]);
    await relay.drainOnce();
    state.readDeal = async () => deal;
    state.phase = 'cancelled';
    await insertInbox(database.db, [dealRow('k2')]);
    await relay.drainOnce();
    expect((await inbox(database))[1]).toMatchObject({
      status: 'pending',
      reason: expect.stringContaining('being cancelled'),
    });
    expect((await kickoffNow(database)).deal_lost_at).not.toBeNull();
    await recordPhase(database.db, { workflowId: 'kickoff:1148', revision: 1, phase: 'cancelled' });
    await makeDue(database);
    await relay.drainOnce();
    expect(started).toHaveLength(1);
  });

  it('waits without end for a former kickoff that is still ending', async () => {
    const database = await open();
    const { relay, state } = relayOver(database, { maxAttempts: 1 });
    state.start = async () => ({ workflowId: 'kickoff:1148', started: false, message: 'still ending', mustWait: true });
    await insertInbox(database.db, [dealRow('k1')]);
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await makeDue(database);
      await relay.drainOnce();
    }
    expect(await inbox(database)).toMatchObject([{ status: 'pending', attempts: 3, reason: 'still ending' }]);
    expect(await waitOf(database)).toBeGreaterThan(4_000);
  });

  it('waits while the kickoff cannot be told', async () => {
    const database = await open();
    await withKickoff(database);
    const { relay, state } = relayOver(database);
    state.readDeal = async () => reopened;
    state.signal = () => Promise.reject(new Error('deadline exceeded'));
    await insertInbox(database.db, [dealRow('k1')]);
    await relay.drainOnce();
    expect(await inbox(database)).toMatchObject([
      { status: 'pending', reason: 'the kickoff could not be told: deadline exceeded' },
    ]);
  });

  it('that is gone is told; one that never had a kickoff is unknown', async () => {
    const database = await open();
    await withKickoff(database);
    const { relay, state, changes } = relayOver(database);
    state.readDeal = async () => Promise.reject(new CrmError('not_found', 'no such deal'));
    await insertInbox(database.db, [dealRow('k1'), dealRow('k2', { dealId: '9' })]);
    await relay.drainOnce();
    expect(changes).toMatchObject([{ state: 'gone' }]);
    expect(await inbox(database)).toMatchObject([
      { status: 'delivered' },
      { status: 'ignored', reason: 'unknown deal' },
    ]);
  });

  it('that others were merged into finds their kickoffs; the older one goes first', async () => {
    const database = await open();
    await withKickoff(database, { ...deal, id: 'a' });
    await withKickoff(database, { ...deal, id: 'b' });
    const { relay, state, signals, changes, started } = relayOver(database);
    state.readDeal = async () => ({ ...deal, id: 'c', mergedIds: ['b', 'a'] });
    await insertInbox(database.db, [dealRow('k1', { dealId: 'c' })]);
    await relay.drainOnce();
    expect(signals.map(({ workflowId }) => workflowId)).toEqual(['kickoff:a', 'kickoff:b']);
    expect(changes).toMatchObject([
      { state: 'merged', otherDealId: 'b', isFirst: true },
      { state: 'merged', otherDealId: 'a' },
    ]);
    expect(started).toEqual([]);
    expect(await inbox(database)).toMatchObject([{ status: 'delivered', workflow_id: 'kickoff:a' }]);
  });

  it('by an event that closes no sale starts nothing, though it is won', async () => {
    const database = await open();
    const { relay, started } = relayOver(database);
    await insertInbox(database.db, [
      dealRow('k1', { eventType: 'deal.merge', tellsOnly: true, mergedIds: ['a', 'b'] }),
    ]);
    await relay.drainOnce();
    expect(started).toEqual([]);
    expect(await inbox(database)).toMatchObject([
      { status: 'ignored', reason: 'deal.merge closes no sale, and no kickoff of deal 1148 need know' },
    ]);
  });

  it('that a merge has made keeps the kickoff of the merged one, though no later event names that', async () => {
    const database = await open();
    await withKickoff(database, { ...deal, id: 'a' });
    const { relay, state, changes, signals } = relayOver(database);
    state.readDeal = async (id) => ({ ...reopened, id });
    await insertInbox(database.db, [dealRow('k1', { dealId: 'b', tellsOnly: true, mergedIds: ['a'] })]);
    await relay.drainOnce();
    await insertInbox(database.db, [dealRow('k2', { dealId: 'c', tellsOnly: true, mergedIds: ['b'] })]);
    await relay.drainOnce();
    state.readDeal = async (id) => ({ ...deal, id });
    await insertInbox(database.db, [dealRow('k3', { dealId: 'c' })]);
    await relay.drainOnce();
    expect(signals.map(({ workflowId }) => workflowId)).toEqual(Array(3).fill('kickoff:a'));
    expect(changes).toMatchObject([{ state: 'not_won' }, { state: 'not_won' }, { state: 'won' }]);
  });

  it('that is read under another id than the event’s hands that id on', async () => {
    const database = await open();
    const { relay, state, started } = relayOver(database);
    state.readDeal = async () => ({ ...deal, id: 'c' });
    await insertInbox(database.db, [dealRow('k1')]);
    await relay.drainOnce();
    expect(started).toMatchObject([{ deal: { id: 'c', mergedIds: ['1148'] } }]);
  });

  it('of a pipeline that its CRM is not to look at starts nothing', async () => {
    const database = await open();
    const inPipeline = async () => ({ ...deal, pipeline: 'renewals' });
    const { relay, started } = relayOver(database, {
      crms: { hubspot: { ...crmThatReads(inPipeline), pipelines: ['default'] } },
    });
    await insertInbox(database.db, [dealRow('k1')]);
    await relay.drainOnce();
    expect(await inbox(database)).toMatchObject([
      { status: 'ignored', reason: 'Deal 1148 is in pipeline renewals, which is not configured.' },
    ]);
    expect(started).toEqual([]);
  });
});

eachDatabase('the relay with a SkipUp webhook', (open) => {
  it('signals the kickoff of its meeting request and writes the read model with the row', async () => {
    const database = await open();
    await kickoffWithRequest(database);
    const { relay, signals } = relayOver(database);
    await insertInbox(database.db, [webhookRow('k1')]);
    await relay.drainOnce();
    expect(signals).toEqual([{ workflowId: 'kickoff:1148', name: 'meetingEvent', key: 'k1' }]);
    expect(await inbox(database)).toMatchObject([{ status: 'delivered', workflow_id: 'kickoff:1148' }]);
    expect(await findMeetingRequest(database.db, 'mr_1')).toMatchObject({
      status: 'booked',
      calendar_event_id: 'evt_1',
      booked_at: new Date(BOOKED.timestamp),
    });
  });

  it('that comes before its request is known waits, and goes as soon as it is', async () => {
    const database = await open();
    await kickoffWithRequest(database, false);
    const { relay, signals, events } = relayOver(database);
    await insertInbox(database.db, [webhookRow('k1')]);
    await relay.drainOnce();
    expect(await inbox(database)).toMatchObject([{ status: 'unmatched' }]);
    expect(events).toMatchObject([{ type: 'unmatched', subject: 'mr_1' }]);
    expect(await relay.drainOnce()).toBe(0);
    expect(await attach(database)).toMatchObject([{ dedupe_key: 'k1' }]);
    await relay.drainOnce();
    expect(signals).toEqual([]);
    expect(await inbox(database)).toMatchObject([{ status: 'delivered', workflow_id: 'kickoff:1148' }]);
  });

  it('that comes after the close is recorded, and starts nothing', async () => {
    const database = await open();
    await kickoffWithRequest(database);
    const { relay, state, started } = relayOver(database);
    state.signal = async (id) => Promise.reject(new WorkflowNotFoundError('closed', id, undefined));
    await insertInbox(database.db, [
      webhookRow('k1', {
        event: 'meeting_request.cancelled',
        timestamp: '2026-12-24T00:00:00Z',
        id: 'mr_1',
        was_booked: true,
      }),
    ]);
    await relay.drainOnce();
    expect(await inbox(database)).toMatchObject([{ status: 'ignored', reason: 'came after the kickoff had closed' }]);
    expect(await findMeetingRequest(database.db, 'mr_1')).toMatchObject({ status: 'cancelled', was_booked: true });
    expect(started).toEqual([]);
  });

  it('that cannot be signalled changes nothing and waits', async () => {
    const database = await open();
    await kickoffWithRequest(database);
    const { relay, state } = relayOver(database);
    state.signal = () => Promise.reject(new Error('deadline exceeded'));
    await insertInbox(database.db, [webhookRow('k1')]);
    await relay.drainOnce();
    expect(await inbox(database)).toMatchObject([{ status: 'pending', attempts: 1, locked_until: null }]);
    expect(await findMeetingRequest(database.db, 'mr_1')).toMatchObject({ status: 'active' });
  });

  it('that names no meeting request is dead', async () => {
    const database = await open();
    const { relay } = relayOver(database);
    await insertInbox(database.db, [
      webhookRow('k1', { event: 'meeting_request.booked', timestamp: '2026-12-24T00:00:00Z' }),
    ]);
    await relay.drainOnce();
    expect(await inbox(database)).toMatchObject([{ status: 'dead' }]);
  });

  it('of one request go oldest first; when one must wait, those behind it do too', async () => {
    const database = await open();
    await kickoffWithRequest(database);
    const { relay, signals, state } = relayOver(database);
    let failures = 1;
    state.signal = async () => {
      if (signals.length === 2 && failures > 0) {
        failures -= 1;
        throw new Error('busy');
      }
    };
    const rows = ['k1', 'k2', 'k3', 'k4', 'k5'].map((key, index) =>
      webhookRow(key, {
        event: 'meeting_request.follow_up_sent',
        timestamp: `2026-11-2${index}T00:00:00Z`,
        id: 'mr_1',
      }),
    );
    await insertInbox(database.db, rows);
    await relay.drainOnce();
    expect(signals.map(({ key }) => key)).toEqual(['k1', 'k2']);
    await makeDue(database);
    await relay.drainOnce();
    expect(signals.map(({ key }) => key)).toEqual(['k1', 'k2', 'k3', 'k4', 'k5']);
    expect(await findMeetingRequest(database.db, 'mr_1')).toMatchObject({ follow_ups: 5 });
  });
});

eachDatabase('the relay at work', (open) => {
  it('takes what comes in when it is woken, and by itself when nobody wakes it', async () => {
    const database = await open();
    const { relay, started } = relayOver(database, { pollMs: 50 });
    relay.start();
    relay.start();
    await insertInbox(database.db, [dealRow('k1')]);
    relay.wake();
    await vi.waitFor(() => expect(started).toHaveLength(1), 5_000);
    await insertInbox(database.db, [dealRow('k2')]);
    await vi.waitFor(() => expect(started).toHaveLength(2), 5_000);
    await relay.stop();
    await insertInbox(database.db, [dealRow('k3')]);
    expect((await inbox(database)).map(({ status }) => status)).toEqual(['delivered', 'delivered', 'pending']);
  });

  it('works through more than one batch without waiting for the next poll', async () => {
    const database = await open();
    const { relay, started } = relayOver(database, { pollMs: 60_000, batch: 10, concurrency: 3 });
    await insertInbox(
      database.db,
      Array.from({ length: 35 }, (_, index) => dealRow(`k${index}`, { dealId: `d${index}` })),
    );
    relay.start();
    // A row is settled a moment after its kickoff has started.
    await vi.waitFor(async () => {
      const rows = await inbox(database);
      expect(rows.filter(({ status, attempts }) => status === 'delivered' && attempts === 1)).toHaveLength(35);
    }, 5_000);
    expect(started).toHaveLength(35);
  });

  it('shared by two processes does each row once', async () => {
    const database = await open();
    const one = relayOver(database, { pollMs: 20 });
    const two = relayOver(database, { pollMs: 20 });
    await insertInbox(
      database.db,
      Array.from({ length: 60 }, (_, index) => dealRow(`k${index}`, { dealId: `d${index}` })),
    );
    one.relay.start();
    two.relay.start();
    await vi.waitFor(() => expect(one.started.length + two.started.length).toBe(60), 5_000);
    const ids = [...one.started, ...two.started].map(({ origin }) => origin.reference);
    expect(new Set(ids).size).toBe(60);
  });

  it('finishes what it has begun when it is stopped, and puts back the rest', async () => {
    const database = await open();
    const { relay, state, started } = relayOver(database, { concurrency: 1 });
    const finish: (() => void)[] = [];
    const start = state.start;
    state.start = async (input) => {
      await new Promise<void>((resolve) => finish.push(resolve));
      return start(input);
    };
    await insertInbox(
      database.db,
      ['a', 'b', 'c'].map((id) => dealRow(id, { dealId: id })),
    );
    relay.start();
    await vi.waitFor(() => expect(finish).toHaveLength(1), 5_000);
    const stopped = relay.stop();
    finish[0]?.();
    await stopped;
    expect(started).toHaveLength(1);
    expect(await inbox(database)).toMatchObject([
      { status: 'delivered' },
      { status: 'pending', locked_until: null },
      { status: 'pending', locked_until: null },
    ]);
  });

  it('drops webhooks that no meeting request of ours has claimed in the holding time', async () => {
    const database = await open();
    const { relay } = relayOver(database, { pollMs: 20, unmatchedHoldMs: 0 });
    await insertInbox(database.db, [webhookRow('k1', { ...BOOKED, id: 'mr_of_somebody_else' })]);
    relay.start();
    await vi.waitFor(
      async () =>
        expect(await inbox(database)).toMatchObject([{ status: 'ignored', reason: 'no meeting request of ours' }]),
      5_000,
    );
  });

  it('goes on after the database was away', async () => {
    const database = await open();
    const { relay, started } = relayOver(database, { pollMs: 20 });
    await sql`alter table inbox rename to inbox_away`.execute(database.db);
    relay.start();
    await expect(relay.drainOnce()).rejects.toThrow();
    await sql`alter table inbox_away rename to inbox`.execute(database.db);
    await insertInbox(database.db, [dealRow('k1')]);
    relay.wake();
    await vi.waitFor(() => expect(started).toHaveLength(1), 5_000);
  });

  it('is not stopped by a live view that throws', async () => {
    const database = await open();
    const { relay } = relayOver(database, {
      onEvent: () => {
        throw new Error('no screen');
      },
    });
    await insertInbox(database.db, [dealRow('k1')]);
    await relay.drainOnce();
    expect(await inbox(database)).toMatchObject([{ status: 'delivered' }]);
  });
});
