import type { WorkflowHandle } from '@temporalio/client';
import { temporal as proto } from '@temporalio/proto';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createLogger, loadConfig } from '../../../config/index.ts';
import { type KickoffPolicy, kickoffPolicySchema } from '../../../config/policy.ts';
import { createWorkers, installRuntime, type Workers } from '../../../worker/index.ts';
import * as messages from '../../../workflows/messages.ts';
import { temporalConfigFor } from '../../harness/temporal.ts';
import { describeTimeSkipping } from '../../harness/time-skipping.ts';
import { type Recorder, recorder } from './recorder.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const note = (id: string) => [{ id, kind: 'crm_note' as const, text: id, onFailure: 'warn' as const }];

/** The example's window: it begins in 2 days and lasts 10, so a kickoff waits for 11 to 12. */
const POLICY = kickoffPolicySchema.parse({
  leadDays: 2,
  windowDays: 10,
  lateCancelDays: 1,
  remindAfterDays: 10,
  // No multiple of the days between reminders.
  giveUpAfterDays: 65,
  whenBookingIsCancelled: 'close',
  steps: {
    on_booked: [{ id: 'booked', kind: 'crm_status', status: 'Kickoff Scheduled', onFailure: 'wait' }],
    on_cancelled: note('cancelled'),
    on_expired: note('expired'),
    on_attention: note('attention'),
  },
});

const logger = createLogger({ level: 'silent' });
// Before the server is started, which would install the SDK's own.
installRuntime({ logger });

describeTimeSkipping('waits of days', (environment) => {
  let recorded: Recorder;
  let workers: Workers;
  let running: Promise<void>;
  let deals = 0;

  beforeAll(async () => {
    await environment().connection.operatorService.addSearchAttributes({
      namespace: 'default',
      searchAttributes: Object.fromEntries(
        Object.values(messages.SEARCH_ATTRIBUTES).map(({ name }) => [
          name,
          proto.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
        ]),
      ),
    });
    recorded = recorder(() => environment().currentTimeMs());
    const { worker } = loadConfig({ env: {}, cwd: import.meta.dirname });
    workers = await createWorkers({
      config: {
        temporal: temporalConfigFor(environment().address, 'default'),
        worker,
        skipup: { requestsPerMinute: 6_000_000 },
      },
      activities: recorded.activities,
      logger,
    });
    running = workers.run();
    running.catch(() => undefined);
  });
  afterAll(async () => {
    workers?.shutdown();
    await running;
  });

  async function start(prepare: (workflowId: string) => void = () => undefined, policy: KickoffPolicy = POLICY) {
    deals += 1;
    const dealId = String(7_000_000_000 + deals);
    const workflowId = messages.kickoffWorkflowId(dealId);
    prepare(workflowId);
    const input: messages.KickoffInput = {
      deal: {
        id: dealId,
        crm: 'generic',
        name: 'Acme Corp – Enterprise',
        account: { id: '9087654321', name: 'Acme Corp' },
        isWon: true,
      },
      revision: 1,
      origin: { kind: 'deal', reference: dealId, receivedAt: new Date().toISOString() },
      policy,
    };
    const handle = await environment().client.workflow.start(messages.WORKFLOW_TYPES.kickoff, {
      workflowId,
      taskQueue: messages.KICKOFF_TASK_QUEUE,
      args: [input],
    });
    return { handle, workflowId, calls: () => recorded.callsOf(workflowId) };
  }

  async function inPhase(handle: WorkflowHandle, phase: messages.Phase): Promise<messages.KickoffStatus> {
    return await vi.waitFor(
      async () => {
        const known = await handle.query(messages.status);
        if (known.phase !== phase) throw new Error(`${handle.workflowId} is ${known.phase}, not yet ${phase}`);
        return known;
      },
      { timeout: 20_000, interval: 50 },
    );
  }

  /** A kickoff that waits for SkipUp, with the end of its window. */
  async function scheduling() {
    const started = await start();
    const { request } = await inPhase(started.handle, 'scheduling');
    if (request?.id === undefined) throw new Error('a kickoff that schedules has a request');
    const tell = async (name: messages.MeetingEventName) =>
      await started.handle.signal(messages.meetingEvent, {
        key: `${started.workflowId}:${name}`,
        name,
        requestId: request.id ?? '',
        at: new Date(await environment().currentTimeMs()).toISOString(),
      });
    return { ...started, windowEndMs: Date.parse(request.timeframe.end), tell };
  }

  const now = () => environment().currentTimeMs();
  /** The server's clock runs on, to the time-outs of what has ended, until somebody has the result. */
  async function closedMs(handle: WorkflowHandle): Promise<number> {
    const { closeTime } = await handle.describe();
    if (closeTime === undefined) throw new Error(`${handle.workflowId} has not closed`);
    return closeTime.getTime();
  }
  const wholeDays = (ms: number) => Math.abs(Math.round(ms / DAY_MS));
  const names = (calls: { name: string; list?: string }[]) =>
    calls.map(({ name, list }) => (list === undefined ? name : `${name} ${list}`));

  it('a kickoff that nobody books expires with its window, after SkipUp was asked once more', async () => {
    const { handle, calls, windowEndMs } = await scheduling();
    expect(windowEndMs - (await now())).toBeGreaterThan(10 * DAY_MS);
    expect(await handle.result()).toEqual({
      phase: 'expired',
      requestId: expect.stringMatching(/^mr_/),
      outcome: 'the window has passed without a booking',
    });
    expect(names(calls())).toEqual([
      'resolveKickoff',
      'createMeetingRequest',
      'readMeetingRequest',
      'cancelMeetingRequest',
      'runStep on_expired',
    ]);
    const [, , read] = calls();
    expect(read?.atMs).toBeGreaterThanOrEqual(windowEndMs);
    expect((await closedMs(handle)) - windowEndMs).toBeLessThan(5 * MINUTE_MS);
  });

  it('a booking whose webhook was lost is found by the last look, and is a booking', async () => {
    const { handle, workflowId, calls, windowEndMs } = await scheduling();
    const bookedAt = new Date(windowEndMs - 3 * DAY_MS).toISOString();
    recorded.atSkipUp(workflowId, { status: 'booked', bookedAt });
    expect(await handle.result()).toMatchObject({ phase: 'done' });
    expect(names(calls()).slice(2)).toEqual(['readMeetingRequest', 'runStep on_booked']);
    expect((await handle.query(messages.status)).request).toMatchObject({ status: 'booked', bookedAt });
  });

  it('a kickoff that waits for a person reminds, and gives up in the end', async () => {
    const { handle, calls } = await start((id) => recorded.withoutParticipants.add(id));
    await inPhase(handle, 'needs_attention');
    const beganMs = await now();
    expect(await handle.result()).toEqual({
      phase: 'failed',
      outcome: 'Nobody settled it in 65 days: There is nobody to invite.',
    });
    const notices = calls().filter((call) => call.list === 'on_attention');
    expect(notices.map((call) => call.occurrence)).toEqual(['1', '2', '3', '4', '5', '6', '7']);
    expect(notices.map((call) => wholeDays(call.atMs - beganMs))).toEqual([0, 10, 20, 30, 40, 50, 60]);
    expect(wholeDays((await closedMs(handle)) - beganMs)).toBe(65);
    expect(calls().at(-1)).toMatchObject({ name: 'recordPhase', phase: 'failed' });
  });

  it('a kickoff whose deal was reopened reminds while SkipUp goes on, and expires with its window', async () => {
    const { handle, calls } = await scheduling();
    const beganMs = await now();
    const at = new Date(beganMs).toISOString();
    await handle.signal(messages.dealChanged, { key: 'reopened', at, state: 'not_won', stage: 'negotiation' });
    expect(await handle.result()).toMatchObject({ phase: 'expired' });
    const notices = calls().filter((call) => call.list === 'on_attention');
    expect(notices.map((call) => [call.occurrence, wholeDays(call.atMs - beganMs)])).toEqual([
      ['1', 0],
      ['2', 10],
    ]);
  });

  it('a kickoff that a person settles after weeks goes on', async () => {
    const { handle, workflowId } = await start((id) => recorded.withoutParticipants.add(id));
    await inPhase(handle, 'needs_attention');
    await environment().sleep('25 days');
    recorded.withoutParticipants.delete(workflowId);
    expect(await handle.executeUpdate(messages.proceed)).toMatch(/goes on/);
    const { request } = await inPhase(handle, 'scheduling');
    // The window is counted from the day it is settled.
    expect(Date.parse(request?.timeframe.end ?? '') - (await now())).toBeGreaterThan(10 * DAY_MS);
    await handle.executeUpdate(messages.cancel, { args: [{ reason: 'enough' }] });
    await handle.result();
  });

  it('a booked kickoff closes a day after its window', async () => {
    const { handle, calls, windowEndMs, tell } = await scheduling();
    await environment().sleep('3 days');
    await tell('booked');
    await inPhase(handle, 'done');
    expect(await handle.result()).toMatchObject({ phase: 'done' });
    const openMs = (await closedMs(handle)) - windowEndMs;
    expect(openMs).toBeGreaterThanOrEqual(DAY_MS);
    expect(openMs).toBeLessThan(DAY_MS + 5 * MINUTE_MS);
    expect(names(calls()).slice(2)).toEqual(['runStep on_booked']);
  });

  it('a cancellation on the tenth day, long after the booking, runs the steps that say so', async () => {
    const { handle, calls, tell } = await scheduling();
    await tell('booked');
    await inPhase(handle, 'done');
    await environment().sleep('10 days');
    expect((await handle.describe()).status.name).toBe('RUNNING');
    await tell('cancelled');
    expect(await handle.result()).toMatchObject({ phase: 'cancelled', outcome: 'the booked meeting was cancelled' });
    expect(names(calls()).slice(2)).toEqual(['runStep on_booked', 'undoStep on_booked', 'runStep on_cancelled']);
  });

  it('a paused kickoff expires with its window too', async () => {
    const { handle, calls, windowEndMs } = await scheduling();
    await handle.executeUpdate(messages.pause);
    await inPhase(handle, 'paused');
    expect(await handle.result()).toMatchObject({ phase: 'expired' });
    expect(names(calls()).slice(2)).toEqual([
      'pauseMeetingRequest',
      'readMeetingRequest',
      'cancelMeetingRequest',
      'runStep on_expired',
    ]);
    expect((await closedMs(handle)) - windowEndMs).toBeLessThan(5 * MINUTE_MS);
  });

  it('a person who cancels in the middle of a wait of days is answered at once', async () => {
    const { handle, calls, windowEndMs } = await scheduling();
    await environment().sleep('5 days');
    const askedMs = await now();
    expect(await handle.executeUpdate(messages.cancel, { args: [{ reason: 'postponed' }] })).toMatch(/cancelled/);
    expect(await handle.result()).toMatchObject({ phase: 'cancelled', outcome: 'postponed' });
    expect((await closedMs(handle)) - askedMs).toBeLessThan(MINUTE_MS);
    expect(await closedMs(handle)).toBeLessThan(windowEndMs - 5 * DAY_MS);
    expect(names(calls()).slice(2)).toEqual(['cancelMeetingRequest', 'runStep on_cancelled']);
  });

  it('a window that a person moves is waited for to its new end', async () => {
    const { handle, windowEndMs } = await scheduling();
    await environment().sleep('9 days');
    const end = new Date(windowEndMs + 20 * DAY_MS).toISOString();
    const start = new Date(windowEndMs).toISOString();
    await handle.executeUpdate(messages.updateContext, { args: [{ timeframe: { start, end } }] });
    expect(await handle.result()).toMatchObject({ phase: 'expired' });
    const lateMs = (await closedMs(handle)) - Date.parse(end);
    expect(lateMs).toBeGreaterThanOrEqual(0);
    expect(lateMs).toBeLessThan(5 * MINUTE_MS);
  });

  it('a failed step that nobody retries keeps a booked kickoff open, and then makes it fail', async () => {
    const steps = {
      ...POLICY.steps,
      on_booked: [{ ...note('refused')[0], id: 'refused', onFailure: 'wait' as const }],
    };
    recorded.failing.add('refused');
    const { handle, calls } = await start(undefined, kickoffPolicySchema.parse({ ...POLICY, steps }));
    const { request } = await inPhase(handle, 'scheduling');
    await handle.signal(messages.meetingEvent, {
      key: 'refused:booked',
      name: 'booked',
      requestId: request?.id ?? '',
      at: new Date(await now()).toISOString(),
    });
    await vi.waitFor(
      async () => expect((await handle.query(messages.status)).needs.join()).toMatch(/Step refused failed/),
      { timeout: 20_000, interval: 50 },
    );
    // What was refused for good is not tried a second time.
    expect(calls().filter((call) => call.list === 'on_booked')).toHaveLength(1);
    expect(await handle.result()).toEqual({
      phase: 'failed',
      requestId: request?.id,
      outcome: 'A failed onboarding step was neither retried nor skipped.',
    });
    const openMs = (await closedMs(handle)) - Date.parse(request?.timeframe.end ?? '');
    expect(wholeDays(openMs)).toBe(POLICY.lateCancelDays + POLICY.giveUpAfterDays);
  });

  it('an outage of SkipUp for a day makes a person look, and the next try looks the request up first', async () => {
    const { handle, workflowId, calls } = await start((id) => recorded.unanswered.add(id));
    await environment().sleep('23 hours');
    const { needs } = await inPhase(handle, 'needs_attention');
    expect(needs.join()).toMatch(/SkipUp has not answered for 22 hours/);
    recorded.unanswered.delete(workflowId);
    await handle.executeUpdate(messages.proceed);
    await inPhase(handle, 'scheduling');
    const tries = calls().filter((call) => call.name === 'createMeetingRequest');
    expect(tries.at(0)).toMatchObject({ lookUpFirst: false });
    expect(tries.at(-1)).toMatchObject({ lookUpFirst: true });
    // With other people, or another title, it would not be found.
    expect(calls().filter(({ name }) => name === 'resolveKickoff')).toHaveLength(1);
    await handle.executeUpdate(messages.cancel, { args: [{ reason: 'enough' }] });
    await handle.result();
  });
});
