import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, expect, it, onTestFinished, vi } from 'vitest';
import { parse } from 'yaml';
import { exampleFile } from '../../../cli/example-files.ts';
import type { Deal } from '../../../crm/index.ts';
import { findKickoff } from '../../../database/index.ts';
import * as messages from '../../../workflows/messages.ts';
import {
  inPhase,
  kickoffOf,
  moveQuietly,
  newDeal,
  requestsOf,
  sendHubSpotEvent,
  statusOf,
  type TestStack,
  winQuietly,
} from '../../harness/stack.ts';
import { describeStack } from '../../harness/stacks.ts';

const PATIENCE = { timeout: 20_000, interval: 50 };
const LOST = 'The deal is at stage negotiation, not won any more.';
const ASKS = `${LOST} Send \`cancel\`, or \`proceed\` to go on.`;

/** What a test does with one deal and its kickoff. */
function tools(stack: () => TestStack) {
  let events = 100;

  /** A change of stage that HubSpot tells of, and what became of it. */
  async function move(dealId: string, stage: string): Promise<{ status: string; reason: string | null }> {
    await moveQuietly(stack(), dealId, stage);
    return await tell(dealId);
  }

  async function tell(dealId: string, event: { propertyName?: string } = {}) {
    events += 1;
    expect(await sendHubSpotEvent(stack(), dealId, { eventId: events, ...event })).toBe(200);
    return await settled(dealId, events);
  }

  async function settled(dealId: string, eventId: number) {
    return await vi.waitFor(async () => {
      const row = await rowOf(dealId, eventId);
      if (row.status === 'pending') throw new Error(`the row of deal ${dealId} is pending: ${row.reason}`);
      return { status: row.status, reason: row.reason };
    }, PATIENCE);
  }

  async function rowOf(dealId: string, eventId: number) {
    return await stack()
      .services.database.db.selectFrom('inbox')
      .select(['status', 'reason'])
      .where('subject', '=', dealId)
      .where('dedupe_key', 'like', `%:${eventId}:%`)
      .executeTakeFirstOrThrow();
  }

  /** A deal that is won, with its kickoff in a phase. */
  async function won(phase: messages.Phase = 'scheduling'): Promise<string> {
    const dealId = await newDeal(stack());
    expect(await move(dealId, 'closedwon')).toMatchObject({ status: 'delivered' });
    await inPhase(stack(), dealId, phase);
    return dealId;
  }

  async function book(dealId: string): Promise<void> {
    const { request } = await statusOf(stack(), dealId);
    await stack().control('POST', `/meeting_requests/${request?.id}/events`, { event: 'booked' });
    await inPhase(stack(), dealId, 'done');
  }

  const ledger = async (dealId: string) => {
    const row = await findKickoff(stack().services.database.db, messages.kickoffWorkflowId(dealId));
    if (row === undefined) throw new Error(`there is no kickoff of deal ${dealId}`);
    return row;
  };
  const needs = async (dealId: string) => (await statusOf(stack(), dealId)).needs;
  const eventually = async (check: () => Promise<void>) => await vi.waitFor(check, PATIENCE);
  const closed = async (dealId: string): Promise<messages.KickoffResult> => await kickoffOf(stack(), dealId).result();
  const proceed = async (dealId: string) => await kickoffOf(stack(), dealId).executeUpdate(messages.proceed);
  const cancel = async (dealId: string, reason: string) =>
    await kickoffOf(stack(), dealId).executeUpdate(messages.cancel, { args: [{ reason }] });
  const date = () => new Date().toISOString().slice(0, 10);

  /** Until it is taken back, or the test ends. */
  async function fault(rule: object): Promise<() => Promise<void>> {
    const { ids } = await stack().control<{ ids: string[] }>('POST', '/faults', {
      fault: 'status',
      status: 503,
      ...rule,
    });
    let isOver = false;
    const end = async () => {
      if (isOver) return;
      isOver = true;
      for (const id of ids) await stack().control('DELETE', `/faults/${id}`);
    };
    onTestFinished(end);
    return end;
  }

  /** Rows that wait are looked at now. */
  const hurry = async () => {
    await sql`update inbox set next_attempt_at = now() where status = 'pending'`.execute(stack().services.database.db);
  };

  return {
    move,
    tell,
    settled,
    rowOf,
    won,
    book,
    ledger,
    needs,
    eventually,
    closed,
    proceed,
    cancel,
    date,
    fault,
    hurry,
  };
}

describeStack('a change of the deal while its kickoff runs', (stack) => {
  const { move, tell, won, book, ledger, needs, eventually, closed, proceed, cancel, date, fault, hurry, rowOf } =
    tools(stack);

  it('that is only an edit, another owner, our own write-back or an old event starts and asks nothing', async () => {
    const dealId = await won();
    for (const propertyName of ['amount', 'hubspot_owner_id', 'kickoff_status']) {
      expect(await tell(dealId, { propertyName })).toMatchObject({
        status: 'ignored',
        reason: `property ${propertyName} changed, not dealstage`,
      });
    }
    expect(await tell(dealId)).toMatchObject({
      status: 'ignored',
      reason: expect.stringContaining('already has a kickoff'),
    });
    // The same event once more, as HubSpot repeats it: the inbox knows it.
    const amount = { subscriptionType: 'deal.propertyChange', propertyName: 'amount', objectId: Number(dealId) };
    await sendHubSpotEvent(stack(), dealId, { eventId: 101, attemptNumber: 4 }, [amount, { ...amount, eventId: 7 }]);
    const rows = stack().services.database.db.selectFrom('inbox').selectAll().where('subject', '=', dealId);
    expect((await rows.where('event_type', '=', 'deal.propertyChange').execute()).length).toBeGreaterThan(6);
    expect(await rows.where('status', '=', 'delivered').execute()).toHaveLength(1);
    expect(await needs(dealId)).toEqual([]);
    expect(await requestsOf(stack(), dealId)).toHaveLength(1);
  });

  it('asks when it is reopened, and lets go when it is won again the same day', async () => {
    const dealId = await won();
    expect(await move(dealId, 'negotiation')).toEqual({ status: 'delivered', reason: null });
    await eventually(async () => expect(await needs(dealId)).toEqual([ASKS]));
    await eventually(async () => expect(await ledger(dealId)).toMatchObject({ phase: 'scheduling', needs: [ASKS] }));
    expect((await ledger(dealId)).deal_lost_at).toBeInstanceOf(Date);
    await eventually(async () =>
      expect((await statusOf(stack(), dealId)).steps).toContainEqual(
        expect.objectContaining({ list: 'on_attention', state: 'done', detail: expect.stringContaining(LOST) }),
      ),
    );
    expect(await move(dealId, 'closedwon')).toEqual({ status: 'delivered', reason: null });
    await eventually(async () => expect(await needs(dealId)).toEqual([]));
    await eventually(async () =>
      expect(await ledger(dealId)).toMatchObject({ needs: [], deal_lost_at: null, revision: 1 }),
    );
    expect(await statusOf(stack(), dealId)).toMatchObject({ phase: 'scheduling' });
    expect(await requestsOf(stack(), dealId)).toHaveLength(1);
  });

  it('is settled by `proceed`, while SkipUp goes on scheduling', async () => {
    const dealId = await won();
    await expect(proceed(dealId)).rejects.toThrow();
    await move(dealId, 'negotiation');
    expect(await proceed(dealId)).toBe('The kickoff goes on, whatever has become of the deal.');
    expect(await needs(dealId)).toEqual([]);
    await tell(dealId);
    expect(await needs(dealId)).toEqual([]);
    await book(dealId);
  });

  it('after the kickoff was cancelled for it begins the next revision by itself when it is won again', async () => {
    const dealId = await won();
    await move(dealId, 'negotiation');
    await cancel(dealId, 'the customer has withdrawn');
    expect(await closed(dealId)).toMatchObject({ phase: 'cancelled' });
    expect(await tell(dealId)).toMatchObject({
      status: 'ignored',
      reason: 'deal is at stage negotiation, not closed-won',
    });
    expect(await move(dealId, 'closedwon')).toEqual({ status: 'delivered', reason: null });
    await inPhase(stack(), dealId, 'scheduling');
    expect(await requestsOf(stack(), dealId)).toMatchObject([
      { key: `impl:${dealId}:kickoff:${date()}`, status: 'cancelled' },
      { key: `impl:${dealId}:kickoff:r2:${date()}`, status: 'active' },
    ]);
    expect(await ledger(dealId)).toMatchObject({ revision: 2, deal_lost_at: null });
  });

  it('begins nothing by itself after a person cancelled the kickoff of a deal that stayed won', async () => {
    const dealId = await won();
    await cancel(dealId, 'postponed');
    await closed(dealId);
    await eventually(async () => expect(await ledger(dealId)).toMatchObject({ phase: 'cancelled' }));
    expect(await tell(dealId)).toMatchObject({
      status: 'ignored',
      reason: `Deal ${dealId} already has a kickoff (cancelled).`,
    });
  });

  it('stops a request that SkipUp has not answered, and sends it once the deal is won again', async () => {
    const end = await fault({ method: 'POST', path: '/meeting_requests' });
    const dealId = await won('requesting');
    await move(dealId, 'negotiation');
    expect(await inPhase(stack(), dealId, 'needs_attention')).toMatchObject({ needs: [ASKS] });
    await end();
    expect((await requestsOf(stack(), dealId)).filter(({ id }) => id !== null)).toEqual([]);
    await move(dealId, 'closedwon');
    expect((await inPhase(stack(), dealId, 'scheduling')).needs).toEqual([]);
    expect(await requestsOf(stack(), dealId)).toHaveLength(1);
  });

  it('is only shown once the meeting is booked', async () => {
    const dealId = await won();
    await book(dealId);
    await move(dealId, 'negotiation');
    const needed = [`${LOST} The meeting is booked: call it off in the calendar, or send \`proceed\` to keep it.`];
    await eventually(async () => expect(await ledger(dealId)).toMatchObject({ phase: 'done', needs: needed }));
    await expect(cancel(dealId, 'lost')).rejects.toThrow();
    expect(await statusOf(stack(), dealId)).toMatchObject({ phase: 'done', request: { status: 'booked' } });
    await proceed(dealId);
    await eventually(async () => expect(await ledger(dealId)).toMatchObject({ phase: 'done', needs: [] }));
  });

  it('that deletes it is told too', async () => {
    const dealId = await won();
    await fault({ status: 404, method: 'GET', path: `/hubspot/*/0-3/${dealId}` });
    expect(await tell(dealId)).toMatchObject({ status: 'delivered' });
    await eventually(async () => expect((await needs(dealId)).join()).toContain('does not know the deal any more'));
    expect(await tell('4040404041')).toMatchObject({ status: 'ignored', reason: 'unknown deal' });
  });

  it('drops a signal that is malformed, and goes on', async () => {
    const dealId = await won();
    for (const input of [undefined, 'lost', { state: 'not_won' }]) {
      await kickoffOf(stack(), dealId).signal(messages.dealChanged.name, input);
    }
    expect(await statusOf(stack(), dealId)).toMatchObject({ phase: 'scheduling', needs: [] });
  });

  it('to a pipeline that is not configured starts nothing, but is no reason not to tell a kickoff', async () => {
    const crm = stack().services.crms.hubspot;
    if (crm === undefined) throw new Error('HubSpot is not configured');
    const dealId = await won();
    const other = await newDeal(stack());
    Object.assign(crm, { pipelines: ['enterprise'] });
    onTestFinished(() => void Reflect.deleteProperty(crm, 'pipelines'));
    expect(await move(other, 'closedwon')).toEqual({
      status: 'ignored',
      reason: `Deal ${other} is in pipeline default, which is not configured.`,
    });
    await move(dealId, 'negotiation');
    await eventually(async () => expect(await needs(dealId)).toEqual([ASKS]));
    const { services } = stack();
    const deal = await crm.readDeal(other);
    const origin = { kind: 'manual', reference: 'by hand', receivedAt: new Date().toISOString() } as const;
    expect(await services.startKickoff({ deal, origin, reopen: true })).toMatchObject({ started: true });
  });

  it('while the former kickoff is still ending waits, and the next revision runs for itself', async () => {
    const dealId = await won();
    // The CRM takes no status, so the cancellation's steps are tried again and again.
    const end = await fault({ method: 'PATCH', path: `/hubspot/*/${dealId}` });
    await move(dealId, 'negotiation');
    await cancel(dealId, 'lost');
    await eventually(async () => expect(await ledger(dealId)).toMatchObject({ phase: 'cancelled' }));
    await moveQuietly(stack(), dealId, 'closedwon');
    await sendHubSpotEvent(stack(), dealId, { eventId: 9_000 });
    await eventually(async () =>
      expect(await rowOf(dealId, 9_000)).toMatchObject({
        status: 'pending',
        reason: expect.stringContaining('still ending'),
      }),
    );
    const { services } = stack();
    const byHand = {
      deal: await dealOf(stack(), dealId),
      origin: { kind: 'manual', reference: 'by hand', receivedAt: new Date().toISOString() },
      reopen: true,
    } as const;
    expect(await services.startKickoff(byHand)).toMatchObject({
      started: false,
      mustWait: true,
      message: expect.stringMatching(/still ending.*The next can start when it has closed/),
    });
    expect(await ledger(dealId)).toMatchObject({ phase: 'cancelled', revision: 1 });
    await end();
    await eventually(async () => {
      await hurry();
      expect(await rowOf(dealId, 9_000)).toMatchObject({ status: 'delivered' });
    });
    expect(await inPhase(stack(), dealId, 'scheduling')).toMatchObject({ revision: 2 });
    expect(await requestsOf(stack(), dealId)).toHaveLength(2);
  });

  it('a crash between a later revision’s start and the ledger’s note of it is mended without a second run', async () => {
    const dealId = await won();
    await move(dealId, 'negotiation');
    await cancel(dealId, 'lost');
    await closed(dealId);
    await move(dealId, 'closedwon');
    await inPhase(stack(), dealId, 'scheduling');
    const { database, startKickoff } = stack().services;
    const workflowId = messages.kickoffWorkflowId(dealId);
    const { runId } = await kickoffOf(stack(), dealId).describe();
    const forget = () =>
      database.db.updateTable('kickoffs').set({ started_at: null }).where('workflow_id', '=', workflowId).execute();
    await forget();
    const request = {
      deal: await dealOf(stack(), dealId),
      origin: { kind: 'hubspot', reference: 'again', receivedAt: new Date().toISOString() },
    } as const;
    expect(await startKickoff(request)).toMatchObject({ started: true });
    expect((await ledger(dealId)).started_at).toBeInstanceOf(Date);
    expect((await kickoffOf(stack(), dealId).describe()).runId).toBe(runId);
    // Also when it had gone on to its next revision by itself.
    await kickoffOf(stack(), dealId).executeUpdate(messages.replaceParticipants, {
      args: [{ participants: [{ email: 'jamie.chen@acme-corp.example' }], reason: 'left' }],
    });
    await eventually(async () => expect(await ledger(dealId)).toMatchObject({ revision: 3, phase: 'scheduling' }));
    await forget();
    expect(await startKickoff(request)).toMatchObject({ started: true });
    expect((await kickoffOf(stack(), dealId).describe()).runId).toBe(runId);
  });

  it('that merges it leaves its kickoff to it, whatever the deal is called now', async () => {
    const dealId = await won();
    const merged = await newDeal(stack());
    await winQuietly(stack(), merged);
    mergeInto(stack(), merged, [dealId]);
    const reason = `Deal ${merged} was merged from ${dealId}, which has its kickoff (scheduling).`;
    expect(await tell(merged)).toEqual({ status: 'ignored', reason });
    expect(await tell(dealId)).toEqual({ status: 'ignored', reason });
    const byHand = { kind: 'manual', reference: 'by hand', receivedAt: new Date().toISOString() } as const;
    const deal = await dealOf(stack(), merged);
    expect(await stack().services.startKickoff({ deal, origin: byHand, reopen: true })).toMatchObject({
      started: false,
      workflowId: messages.kickoffWorkflowId(dealId),
      message: reason,
    });
    await move(merged, 'negotiation');
    await eventually(async () => expect(await needs(dealId)).toEqual([ASKS]));
    await move(merged, 'closedwon');
    await eventually(async () => expect(await needs(dealId)).toEqual([]));
    // Cancelled after the deal was lost, it stands in nobody's way.
    await move(merged, 'negotiation');
    await cancel(dealId, 'lost');
    await closed(dealId);
    expect(await move(merged, 'closedwon')).toMatchObject({ status: 'delivered' });
    await inPhase(stack(), merged, 'scheduling');
  });

  it('that makes one deal of two with kickoffs asks the CSM of the later one', async () => {
    const first = await won();
    const second = await won();
    const merged = await newDeal(stack());
    await winQuietly(stack(), merged);
    mergeInto(stack(), merged, [second, first]);
    expect(await tell(merged)).toMatchObject({ status: 'delivered' });
    const asked = `The deal was merged with deal ${first}, which has a kickoff of its own. Send \`cancel\` to one of the two, or \`proceed\` to keep this one.`;
    await eventually(async () => expect(await needs(second)).toEqual([asked]));
    await tell(merged);
    expect((await statusOf(stack(), second)).steps.filter(({ list }) => list === 'on_attention')).toHaveLength(1);
    expect(await needs(first)).toEqual([]);
    await cancel(second, 'merged');
    await closed(second);
    expect(await tell(merged)).toMatchObject({
      status: 'ignored',
      reason: expect.stringContaining(`merged from ${first}`),
    });
  });
});

const folder = mkdtempSync(join(tmpdir(), 'kickoff-transitions-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const configFile = join(folder, 'kickoff.config.yaml');
const example = parse(readFileSync(exampleFile('kickoff.config.yaml'), 'utf8'));
writeFileSync(configFile, JSON.stringify({ ...example, kickoff: { ...example.kickoff, whenDealIsLost: 'cancel' } }));

describeStack(
  'a lost deal whose kickoff is to be cancelled',
  (stack) => {
    const { move, won, book, needs, eventually, closed, date, fault, proceed } = tools(stack);

    it('takes the request back, says why, and begins again when it is won again', async () => {
      const dealId = await won();
      await move(dealId, 'negotiation');
      expect(await closed(dealId)).toMatchObject({ phase: 'cancelled', outcome: LOST });
      expect(await requestsOf(stack(), dealId)).toMatchObject([{ status: 'cancelled' }]);
      const deal = await stack().control<{ properties: Record<string, string> }>('GET', `/crm/deals/${dealId}`);
      expect(deal.properties.kickoff_status).toBe('Kickoff cancelled: follow up');
      expect(await move(dealId, 'closedwon')).toMatchObject({ status: 'delivered' });
      expect(await inPhase(stack(), dealId, 'scheduling')).toMatchObject({
        revision: 2,
        request: { key: `impl:${dealId}:kickoff:r2:${date()}` },
      });
    });

    it('waits out an outage of SkipUp', async () => {
      const dealId = await won();
      const end = await fault({ method: 'POST', path: '/meeting_requests/*/cancel' });
      await move(dealId, 'negotiation');
      await eventually(async () =>
        expect((await statusOf(stack(), dealId)).waitingFor).toBe(`SkipUp to cancel the meeting request: ${LOST}`),
      );
      await end();
      expect(await closed(dealId)).toMatchObject({ phase: 'cancelled', outcome: LOST });
    });

    it.each([
      ['the deal is won again', (dealId: string) => move(dealId, 'closedwon')],
      ['a person says proceed', (dealId: string) => proceed(dealId)],
    ])('lets it be when %s during an outage of SkipUp', async (_what, change) => {
      const dealId = await won();
      const end = await fault({ method: 'POST', path: '/meeting_requests/*/cancel' });
      await move(dealId, 'negotiation');
      await change(dealId);
      await eventually(async () =>
        expect((await statusOf(stack(), dealId)).waitingFor).toMatch(/^SkipUp to book a time/),
      );
      await end();
      await book(dealId);
    });

    it('makes no request that SkipUp had not answered', async () => {
      const end = await fault({ method: 'POST', path: '/meeting_requests' });
      const dealId = await won('requesting');
      await move(dealId, 'negotiation');
      expect(await closed(dealId)).toMatchObject({ phase: 'cancelled', outcome: LOST });
      await end();
      expect((await requestsOf(stack(), dealId)).filter(({ id }) => id !== null)).toEqual([]);
    });

    it('asks about a meeting that is booked', async () => {
      const dealId = await won();
      await book(dealId);
      await move(dealId, 'negotiation');
      await eventually(async () => expect((await needs(dealId)).join()).toContain('The meeting is booked'));
      expect((await statusOf(stack(), dealId)).phase).toBe('done');
    });
  },
  { configFile },
);

async function dealOf(stack: TestStack, dealId: string): Promise<Deal> {
  const crm = stack.services.crms.hubspot;
  if (crm === undefined) throw new Error('HubSpot is not configured');
  return await crm.readDeal(dealId);
}

/** From now on the CRM knows these deals as one, as HubSpot does after a merge. */
function mergeInto(stack: TestStack, merged: string, dealIds: string[]): void {
  const crm = stack.services.crms.hubspot;
  if (crm === undefined) throw new Error('HubSpot is not configured');
  const readDeal = crm.readDeal;
  crm.readDeal = async (dealId, signal) =>
    dealId === merged || dealIds.includes(dealId)
      ? { ...(await readDeal(merged, signal)), mergedIds: dealIds }
      : await readDeal(dealId, signal);
  onTestFinished(() => {
    crm.readDeal = readDeal;
  });
}
