import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { exampleFile } from '../../../cli/example-files.ts';
import {
  applySchedules,
  listSchedules,
  runScheduleNow,
  SWEEP_SCHEDULE_ID,
  wantedSchedules,
} from '../../../temporal/index.ts';
import {
  KICKOFF_TASK_QUEUE,
  kickoffWorkflowId,
  type SweepReport,
  WORKFLOW_TYPES,
} from '../../../workflows/messages.ts';
import {
  inPhase,
  kickoffOf,
  newDeal,
  sendHubSpotEvent,
  sendSkipUpEvent,
  statusOf,
  type TestStack,
  winQuietly,
} from '../../harness/stack.ts';
import { describeStack } from '../../harness/stacks.ts';

const OTHER_ORGANIZER = 'sam.kim@yourcompany.example';

// The example's rules, at the pace of tests; a late cancellation is the end.
const folder = mkdtempSync(join(tmpdir(), 'kickoff-sweep-'));
const configFile = join(folder, 'kickoff.config.yaml');
writeFileSync(
  configFile,
  [
    readFileSync(exampleFile('kickoff.config.yaml'), 'utf8').replace(
      /^kickoff:$/m,
      '$&\n  whenBookingIsCancelled: close',
    ),
    'sweep: { requestsPerMinute: 100000 }',
    'skipup: { requestsPerMinute: 100000 }',
    'inbox: { pollMs: 50 }',
  ].join('\n'),
);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeStack(
  'kickoffs whose every webhook is lost',
  (stack) => {
    beforeAll(async () => {
      await stack().control('POST', '/faults', { fault: 'webhook_drop' });
      await stack().control('PATCH', '/settings', { rateLimitPerMinute: 0 });
      await stack().control('POST', '/members', { email: OTHER_ORGANIZER, name: 'Sam Kim' });
    });

    it.each<[string, string[], 'done' | 'cancelled' | 'paused' | 'scheduling']>([
      ['booked', ['booked'], 'done'],
      ['cancelled', ['cancelled'], 'cancelled'],
      ['booked and cancelled late', ['booked', 'cancelled'], 'cancelled'],
      ['paused', ['paused'], 'paused'],
      ['paused and resumed', ['paused', 'resumed'], 'scheduling'],
    ])('%s, a kickoff knows one sweep later', async (_name, events, end) => {
      const { dealId, requestId } = await scheduling(stack());
      for (const event of events) await happens(stack(), requestId, event);
      const report = await sweep(stack());
      expect(report.problems).toEqual([]);
      if (end === 'cancelled') expect(await kickoffOf(stack(), dealId).result()).toMatchObject({ phase: 'cancelled' });
      else await inPhase(stack(), dealId, end);
      await settled(stack(), requestId);
      expect(await ledgerOf(stack(), requestId)).toMatchObject({
        status: { done: 'booked', cancelled: 'cancelled', paused: 'paused', scheduling: 'active' }[end],
        was_booked: events.includes('booked'),
      });
    });

    it('a late cancellation ends one that had been booked by a sweep', async () => {
      const { dealId, requestId } = await scheduling(stack());
      await happens(stack(), requestId, 'booked');
      await sweep(stack());
      await inPhase(stack(), dealId, 'done');
      await happens(stack(), requestId, 'cancelled');
      await sweep(stack());
      expect(await kickoffOf(stack(), dealId).result()).toMatchObject({ phase: 'cancelled' });
      await settled(stack(), requestId);
      expect(await ledgerOf(stack(), requestId)).toMatchObject({ status: 'cancelled', was_booked: true });
    });

    it('pausing and resuming again and again is followed from sweep to sweep', async () => {
      const { dealId, requestId } = await scheduling(stack());
      for (const event of ['paused', 'resumed', 'paused', 'resumed']) {
        await happens(stack(), requestId, event);
        await sweep(stack());
        await inPhase(stack(), dealId, event === 'paused' ? 'paused' : 'scheduling');
        await settled(stack(), requestId);
      }
    });

    it('when nothing has changed a sweep takes nothing in', async () => {
      const { requestId } = await scheduling(stack());
      await sweep(stack());
      await settled(stack(), requestId);
      const before = await inboxIds(stack());
      const report = await sweep(stack());
      expect(report).toMatchObject({
        problems: [],
        deliveries: { endpoint: 'on', takenIn: 0 },
        requests: { takenIn: 0 },
      });
      expect(await inboxIds(stack())).toEqual(before);
    });

    describe('webhooks that come after the sweep has told the same', () => {
      it('run no step a second time', async () => {
        const { dealId, requestId } = await scheduling(stack());
        const told: object[] = [];
        for (const [event, more] of [
          ['organizer_changed', { organizer_email: OTHER_ORGANIZER }],
          ['paused', {}],
          ['resumed', {}],
          ['booked', {}],
        ] as const) {
          await happens(stack(), requestId, event, more);
          const { updated_at: at } = await requestAt(stack(), requestId);
          told.push({ event: `meeting_request.${event}`, timestamp: at, id: requestId });
        }
        await sweep(stack());
        await inPhase(stack(), dealId, 'done');
        await vi.waitFor(async () =>
          expect(await steps(stack(), dealId)).toContain('on_organizer_changed 1.1 note_organizer'),
        );
        const once = await steps(stack(), dealId);
        for (const event of told.toReversed()) expect(await sendSkipUpEvent(stack(), event)).toBe(200);
        await settled(stack(), requestId);
        // The signals are there; what they would have set going is asked for behind them.
        expect((await statusOf(stack(), dealId)).phase).toBe('done');
        expect(await steps(stack(), dealId)).toEqual(once);
        const report = await sweep(stack());
        expect(report.requests).toMatchObject({ takenIn: 0, contradictions: [] });
        expect((await statusOf(stack(), dealId)).organizer?.email).toBe(OTHER_ORGANIZER);
      });

      it('and before it, an organizer’s change counts once', async () => {
        const { dealId, requestId } = await scheduling(stack());
        await happens(stack(), requestId, 'organizer_changed', { organizer_email: OTHER_ORGANIZER });
        const { updated_at: timestamp } = await requestAt(stack(), requestId);
        const event = { event: 'meeting_request.organizer_changed', timestamp, id: requestId };
        await Promise.all([sweep(stack()), sendSkipUpEvent(stack(), event), sweep(stack())]);
        await settled(stack(), requestId);
        await vi.waitFor(async () => expect((await statusOf(stack(), dealId)).organizer?.email).toBe(OTHER_ORGANIZER));
        await vi.waitFor(async () =>
          expect((await steps(stack(), dealId)).filter((step) => step.startsWith('on_organizer_changed'))).toEqual([
            'on_organizer_changed 1.1 note_organizer',
          ]),
        );
      });
    });

    it('two sweeps at once take in each happening once', async () => {
      const { dealId, requestId } = await scheduling(stack());
      await happens(stack(), requestId, 'booked');
      const reports = await Promise.all([sweep(stack()), sweep(stack())]);
      expect(reports.reduce((sum, report) => sum + (report.requests?.takenIn ?? 0), 0)).toBe(1);
      await inPhase(stack(), dealId, 'done');
      expect((await statusOf(stack(), dealId)).steps.filter((step) => step.list === 'on_booked')).toHaveLength(3);
    });

    it('an outage of SkipUp during a sweep is made up for by its next attempt', async () => {
      const { dealId, requestId } = await scheduling(stack());
      await happens(stack(), requestId, 'booked');
      await stack().control('POST', '/faults', { fault: 'status', status: 503, path: '/meeting_requests', next: 1 });
      expect(await sweep(stack())).toMatchObject({ problems: [], requests: { takenIn: 1 } });
      await inPhase(stack(), dealId, 'done');
    });

    it('a part that cannot be done is told, and the other is done; nothing at all is a failure', async () => {
      const { dealId, requestId } = await scheduling(stack());
      await happens(stack(), requestId, 'booked');
      const fault = { fault: 'status', status: 403, next: 1 };
      await stack().control('POST', '/faults', { ...fault, path: '/webhook_endpoints' });
      const report = await sweep(stack());
      expect(report.problems).toEqual([expect.stringMatching(/^The deliveries could not be read: /)]);
      expect(report.deliveries).toBeUndefined();
      expect(report.requests).toMatchObject({ takenIn: 1 });
      await inPhase(stack(), dealId, 'done');
      await stack().control('POST', '/faults', [
        { ...fault, path: '/webhook_endpoints' },
        { ...fault, path: '/meeting_requests' },
      ]);
      await expect(sweep(stack())).rejects.toMatchObject({ cause: { type: 'SweepFailed' } });
    });

    it('what could not be delivered is taken in once, follow-ups too', async () => {
      await stack().control('DELETE', '/faults');
      await stack().control('PATCH', '/settings', { autoDisableAfter: 10_000 });
      // The receiver refuses what is signed with another secret.
      await stack().control('POST', '/faults', { fault: 'webhook_wrong_signature' });
      const { dealId, requestId } = await scheduling(stack());
      await happens(stack(), requestId, 'follow_up_sent');
      await happens(stack(), requestId, 'booked');
      await stack().control('POST', '/clock', { advance: '3h' });
      await vi.waitFor(async () => {
        const { deliveries } = await stack().control<{ deliveries: { pending: number } }>('GET', '/state');
        expect(deliveries.pending).toBe(0);
      }, 10_000);
      expect((await statusOf(stack(), dealId)).phase).toBe('scheduling');
      const report = await sweep(stack());
      expect(report).toMatchObject({ problems: [], deliveries: { endpoint: 'on' } });
      expect(report.deliveries?.takenIn).toBeGreaterThanOrEqual(3);
      await settled(stack(), requestId);
      const { request } = await inPhase(stack(), dealId, 'done');
      // SkipUp tells the calendar's event in the webhook alone.
      expect(request).toMatchObject({ followUps: 1, calendarEventId: expect.any(String) });
      const once = await steps(stack(), dealId);
      expect(once.filter((step) => step.startsWith('on_follow_up'))).toHaveLength(1);
      expect(await sweep(stack())).toMatchObject({ deliveries: { takenIn: 0 }, requests: { takenIn: 0 } });
      expect(await steps(stack(), dealId)).toEqual(once);
    });

    it('the Schedule starts it', async () => {
      const { client } = stack().services.temporal;
      const { dealId, requestId } = await scheduling(stack());
      await stack().control('DELETE', '/faults');
      await stack().control('POST', '/faults', { fault: 'webhook_drop' });
      await happens(stack(), requestId, 'booked');
      const off = { ...stack().config, catchUp: { ...stack().config.catchUp, everyMinutes: 0 } };
      expect(await applySchedules(client, wantedSchedules({ ...off, sweep: { everyMinutes: 60 } }))).toMatchObject([
        { id: SWEEP_SCHEDULE_ID, action: 'created' },
      ]);
      const run = await runScheduleNow(client, SWEEP_SCHEDULE_ID);
      if (!run.started) throw new Error('no sweep was started');
      await inPhase(stack(), dealId, 'done');
      expect(await client.workflow.getHandle(run.workflowId).result()).toMatchObject({ requests: { takenIn: 1 } });
      expect((await listSchedules(client))[0]?.last).toMatchObject({
        workflowId: run.workflowId,
        outcome: 'completed',
      });
      const none = wantedSchedules({ ...off, sweep: { everyMinutes: 0 } });
      expect(await applySchedules(client, none, { prune: true })).toMatchObject([{ action: 'removed' }]);
    });

    it('says in words what it found, where people look', async () => {
      const { dealId, requestId } = await scheduling(stack());
      await happens(stack(), requestId, 'cancelled');
      const workflowId = await startSweep(stack());
      const handle = stack().services.temporal.client.workflow.getHandle(workflowId);
      await handle.result();
      const { currentDetails } = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
      expect(currentDetails).toContain('**One event was missing and is taken in.**');
      expect(currentDetails).toContain(`- \`${kickoffWorkflowId(dealId)}\`: cancelled (\`${requestId}\`)`);
      expect(currentDetails).toContain('- The webhook endpoint is on.');
    });

    it('a sweep is a few events in the history', async () => {
      const workflowId = await startSweep(stack());
      const handle = stack().services.temporal.client.workflow.getHandle(workflowId);
      await handle.result();
      const { events } = await handle.fetchHistory();
      expect(events?.length).toBeLessThanOrEqual(17);
    });
  },
  { configFile },
);

/** A kickoff that waits for SkipUp, on a deal of its own. */
async function scheduling(stack: TestStack): Promise<{ dealId: string; requestId: string }> {
  const dealId = await newDeal(stack);
  await winQuietly(stack, dealId);
  await sendHubSpotEvent(stack, dealId);
  const { request } = await inPhase(stack, dealId, 'scheduling');
  return { dealId, requestId: request?.id ?? '' };
}

/** Something happens at SkipUp, a second after what happened before. */
async function happens(stack: TestStack, requestId: string, event: string, more: object = {}): Promise<void> {
  await stack.control('POST', '/clock', { advance: 1_000 });
  await stack.control('POST', `/meeting_requests/${requestId}/events`, { event, ...more });
}

async function startSweep(stack: TestStack): Promise<string> {
  const workflowId = `sweep-${randomUUID()}`;
  await stack.services.temporal.client.workflow.start(WORKFLOW_TYPES.sweep, {
    taskQueue: KICKOFF_TASK_QUEUE,
    workflowId,
  });
  return workflowId;
}

async function sweep(stack: TestStack): Promise<SweepReport> {
  const { workflow } = stack.services.temporal.client;
  return await workflow.getHandle<() => Promise<SweepReport>>(await startSweep(stack)).result();
}

async function requestAt(stack: TestStack, requestId: string): Promise<{ status: string; updated_at: string }> {
  return await stack.control('GET', `/meeting_requests/${requestId}`);
}

/** Waits until the inbox holds nothing for the request that has not been delivered. */
async function settled(stack: TestStack, requestId: string): Promise<void> {
  await vi.waitFor(
    async () => {
      const rows = await stack.services.database.db
        .selectFrom('inbox')
        .select(['event_type', 'status'])
        .where('subject', '=', requestId)
        .execute();
      expect(rows.filter(({ status }) => status === 'pending' || status === 'unmatched')).toEqual([]);
    },
    { timeout: 15_000, interval: 50 },
  );
}

async function ledgerOf(stack: TestStack, requestId: string) {
  return await stack.services.database.db
    .selectFrom('meeting_requests')
    .selectAll()
    .where('request_id', '=', requestId)
    .executeTakeFirstOrThrow();
}

async function inboxIds(stack: TestStack): Promise<number[]> {
  const rows = await stack.services.database.db.selectFrom('inbox').select('id').orderBy('id').execute();
  return rows.map(({ id }) => id);
}

/** Every step that the kickoff has run: `<list> <occurrence> <id>`. */
async function steps(stack: TestStack, dealId: string): Promise<string[]> {
  const rows = await stack.services.database.db
    .selectFrom('steps')
    .select(['list', 'occurrence', 'step_id'])
    .where('workflow_id', '=', kickoffWorkflowId(dealId))
    .orderBy('list')
    .orderBy('occurrence')
    .orderBy('step_id')
    .execute();
  return rows.map(({ list, occurrence, step_id: id }) => `${list} ${occurrence} ${id}`);
}
