import { randomUUID } from 'node:crypto';
import type { ScheduleOptions } from '@temporalio/client';
import { afterEach, expect, it, vi } from 'vitest';
import { loadConfig } from '../../../config/index.ts';
import {
  applySchedulePlan,
  applySchedules,
  listSchedules,
  pauseSchedule,
  readSchedulePlan,
  resumeSchedule,
  runScheduleNow,
  type ScheduleConfig,
  wantedSchedules,
} from '../../../temporal/index.ts';
import { rewriteSchedule } from '../../../temporal/schedules/rewrite.ts';
import { describeTemporal } from '../../harness/temporal.ts';

const { catchUp, backfill } = loadConfig({ env: {}, cwd: '/' });
const NIGHTLY = {
  name: 'nightly',
  of: 'deals' as const,
  crm: 'hubspot' as const,
  everyHours: 24,
  closedWithinDays: 7,
  pipelines: ['default'],
  limit: 500,
};
const EVERYTHING = { crm: { hubspot: {} }, backfill: { ...backfill, schedules: [NIGHTLY] } };

/** The wanted Schedules: the sweep alone, unless more is asked for. */
function wanting({ sweepEvery = 5, ...parts }: Partial<ScheduleConfig> & { sweepEvery?: number } = {}) {
  return wantedSchedules({ crm: {}, catchUp, backfill, ...parts, sweep: { everyMinutes: sweepEvery } });
}

const SWEEP = 'kickoff-sweep';

describeTemporal('the Schedules', (temporal) => {
  const client = () => temporal().client;
  const handle = (id = SWEEP) => client().schedule.getHandle(id);
  const apply = (...[wanted, options]: [ReturnType<typeof wanting>, { prune?: boolean }?]) =>
    applySchedules(client(), wanted, options);
  const actions = async (...given: Parameters<typeof apply>) =>
    Object.fromEntries((await apply(...given)).map(({ id, action }) => [id, action]));
  const [sweep] = wanting();

  /** As the list says, once it has come to that: it runs behind. */
  const listed = (ids: string[]) =>
    vi.waitFor(async () => {
      const seen: string[] = [];
      for await (const { scheduleId } of client().schedule.list()) seen.push(scheduleId);
      expect(seen.sort()).toEqual(ids.toSorted());
    }, 15_000);

  async function othersSchedule(scheduleId: string, workflowType: string): Promise<void> {
    const options: ScheduleOptions = {
      scheduleId,
      spec: { intervals: [{ every: '1 day' }] },
      action: { type: 'startWorkflow', workflowType, taskQueue: 'theirs' },
    };
    await client().schedule.create(options);
  }

  afterEach(async () => {
    const ids: string[] = [];
    for await (const { scheduleId } of client().schedule.list()) ids.push(scheduleId);
    const known = [SWEEP, 'kickoff-catch-up', 'kickoff-backfill-nightly'];
    for (const id of new Set([...ids, ...known])) await handle(id).delete().catch(ignoreMissing);
    await listed([]);
  });

  it('are made once, however many processes apply them at once', async () => {
    const all = wanting(EVERYTHING);
    const applied = (await Promise.all([apply(all), apply(all), apply(all), apply(all)])).flat();
    for (const { id } of all) {
      const about = applied.filter((one) => one.id === id).map(({ action }) => action);
      expect(about.toSorted(), id).toEqual(['created', 'unchanged', 'unchanged', 'unchanged']);
    }
    await listed(['kickoff-backfill-nightly', 'kickoff-catch-up', 'kickoff-sweep']);
  });

  it('are as they were applied: nothing differs, and nothing is sent', async () => {
    const all = wanting(EVERYTHING);
    await apply(all);
    const written = () =>
      Promise.all(
        all.map(async ({ id }) => {
          const { info, raw } = await handle(id).describe();
          return { updatedAt: info.lastUpdatedAt, token: Buffer.from(raw.conflictToken ?? []).toString('hex') };
        }),
      );
    const before = await written();
    expect(await actions(all)).toEqual({
      'kickoff-sweep': 'unchanged',
      'kickoff-catch-up': 'unchanged',
      'kickoff-backfill-nightly': 'unchanged',
    });
    expect(await written()).toEqual(before);
    await apply(wanting({ ...EVERYTHING, sweepEvery: 6 }));
    expect((await written())[0]).not.toEqual(before[0]);
  });

  it('start their workflows one at a time, and not one for each time that an outage has swallowed', async () => {
    await apply(wanting(EVERYTHING));
    const policies = { overlap: 'SKIP', catchupWindow: 60_000, pauseOnFailure: false };
    const at = async (id: string) => await handle(id).describe();
    expect(await at(SWEEP)).toMatchObject({
      policies,
      action: { workflowType: 'sweep', workflowId: 'sweep', args: [] },
    });
    expect(await at('kickoff-catch-up')).toMatchObject({
      policies,
      action: { workflowType: 'catchUp', taskQueue: 'kickoff' },
    });
    expect(await at('kickoff-backfill-nightly')).toMatchObject({
      policies: { ...policies, catchupWindow: 86_400_000 },
      action: {
        workflowType: 'backfill',
        workflowId: 'backfill:nightly',
        workflowExecutionTimeout: 30 * 86_400_000,
        staticSummary: 'Backfill nightly: hubspot, deals closed in the last 7 days',
        args: [
          {
            crm: 'hubspot',
            closedWithinDays: 7,
            pipelines: ['default'],
            limit: 500,
            requestedBy: 'schedule nightly',
          },
        ],
      },
    });
  });

  it('take a new interval and stay paused, with note and catch-up window of a person’s', async () => {
    await apply(wanting());
    await handle().pause('moving to another workspace');
    await handle().update((previous) => ({
      ...previous,
      policies: { ...previous.policies, catchupWindow: '10 minutes' },
    }));
    const byHand = ['paused (moving to another workspace)', 'catch-up window 10 min (made with 1 min)'];
    const changes = [{ field: 'times', before: 'every 5 min', after: 'every 15 min' }];
    expect(await apply(wanting({ sweepEvery: 15 }))).toEqual([{ id: SWEEP, action: 'updated', changes, byHand }]);
    const { policies, state } = await handle().describe();
    expect(policies.catchupWindow).toBe(600_000);
    expect(state).toMatchObject({ paused: true, note: 'moving to another workspace' });
    expect(await apply(wanting({ sweepEvery: 15 }))).toEqual([{ id: SWEEP, action: 'unchanged', changes: [], byHand }]);
  });

  it('get back what somebody has changed of times, action and overlap', async () => {
    await apply(wanting());
    await handle().update((previous) => ({
      ...previous,
      spec: { cronExpressions: ['0 3 * * *'] },
      action: {
        type: 'startWorkflow',
        workflowType: 'sweep',
        workflowId: 'sweep',
        taskQueue: 'elsewhere',
        args: ['x'],
        workflowRunTimeout: '1 minute',
      },
      policies: { ...previous.policies, overlap: 'ALLOW_ALL' },
    }));
    const [applied] = await apply(wanting());
    expect(applied?.changes).toEqual([
      { field: 'times', before: expect.stringMatching(/^set by hand: \{"calendars"/), after: 'every 5 min' },
      { field: 'task queue', before: 'elsewhere', after: 'kickoff' },
      { field: 'input', before: '"x"', after: 'none' },
      { field: 'overlap', before: 'ALLOW_ALL', after: 'SKIP' },
      { field: 'execution timeout', before: 'none', after: '2 h' },
      { field: 'run timeout', before: '1 min', after: 'none' },
      { field: 'summary', before: 'none', after: 'What lost webhooks would have said' },
    ]);
    expect(await actions(wanting())).toEqual({ [SWEEP]: 'unchanged' });
  });

  it('are changed by any number of processes at once', async () => {
    await apply(wanting());
    const applied = (await Promise.all([15, 15, 15, 15].map((sweepEvery) => apply(wanting({ sweepEvery }))))).flat();
    expect(new Set(applied.map(({ action }) => action)).has('updated')).toBe(true);
    expect(await listSchedules(client())).toMatchObject([{ id: SWEEP, everyMinutes: 15 }]);
  });

  it('stay paused when somebody pauses one between the reading and the writing', async () => {
    await apply(wanting());
    const description = await handle().describe();
    await handle().pause('not now');
    const [changed] = wanting({ sweepEvery: 15 });
    if (changed === undefined) throw new Error('no sweep is wanted');
    await rewriteSchedule(client(), description, changed);
    expect((await handle().describe()).state).toMatchObject({ paused: true, note: 'not now' });
    expect(await actions([changed])).toEqual({ [SWEEP]: 'updated' });
    expect(await listSchedules(client())).toMatchObject([{ everyMinutes: 15, isPaused: true, note: 'not now' }]);
  });

  it('are made when one was deleted after the plan, and left when one was made', async () => {
    await apply(wanting());
    const plan = await readSchedulePlan(client(), wanting({ ...EVERYTHING, sweepEvery: 15 }));
    expect(plan.map(({ todo }) => todo)).toEqual(['update', 'create', 'create']);
    await handle().delete();
    await apply(wanting({ ...EVERYTHING, sweepEvery: 0 }));
    const done = await applySchedulePlan(client(), plan);
    expect(done.map(({ action }) => action)).toEqual(['created', 'unchanged', 'unchanged']);
  });

  it('that nobody wants any more stay until they are pruned; others’ are not touched', async () => {
    await apply(wanting(EVERYTHING));
    await othersSchedule('kickoff-report', 'weeklyReport');
    await othersSchedule('reports', 'sweep');
    await listed(['kickoff-backfill-nightly', 'kickoff-catch-up', 'kickoff-report', 'kickoff-sweep', 'reports']);
    const nothing = wanting({ sweepEvery: 0 });
    const [one, two, three] = [SWEEP, 'kickoff-catch-up', 'kickoff-backfill-nightly'];
    expect(await actions(nothing)).toEqual({ [one]: 'kept', [two]: 'kept', [three]: 'kept' });
    expect(await actions(nothing, { prune: true })).toEqual({ [one]: 'removed', [two]: 'removed', [three]: 'removed' });
    await listed(['kickoff-report', 'reports']);
    expect(await actions(nothing, { prune: true })).toEqual({});
  });

  it('of others may be encrypted: nobody reads them', async () => {
    const secret = { metadata: { encoding: Buffer.from('binary/encrypted') }, data: Buffer.from('?') };
    await client().workflowService.createSchedule({
      namespace: temporal().namespace,
      scheduleId: 'kickoff-report',
      requestId: randomUUID(),
      schedule: {
        action: {
          startWorkflow: {
            workflowId: 'report',
            workflowType: { name: 'weeklyReport' },
            taskQueue: { name: 'theirs' },
            input: { payloads: [secret] },
          },
        },
      },
      memo: { fields: { about: secret } },
    });
    const seen = (types: string[]) =>
      vi.waitFor(async () => {
        const { schedules } = await client().workflowService.listSchedules({ namespace: temporal().namespace });
        expect(schedules.map(({ info }) => info?.workflowType?.name)).toEqual(types);
      }, 15_000);
    await seen(['weeklyReport']);
    expect(await actions(wanting(), { prune: true })).toEqual({ [SWEEP]: 'created' });
    expect((await listSchedules(client())).map(({ id }) => id)).toEqual([SWEEP]);
    await handle('kickoff-report').delete();
    await seen(['sweep']);
  });

  it('are pruned by several processes at once', async () => {
    await apply(wanting(EVERYTHING));
    await listed(['kickoff-backfill-nightly', 'kickoff-catch-up', 'kickoff-sweep']);
    const pruning = () => apply(wanting({ sweepEvery: 0 }), { prune: true });
    const applied = (await Promise.all([pruning(), pruning(), pruning()])).flat();
    expect(new Set(applied.map(({ action }) => action))).toEqual(new Set(['removed']));
    await listed([]);
  });

  it('of the same name that start something else are left alone, and the rest is applied', async () => {
    await othersSchedule('kickoff-catch-up', 'chimney');
    const [sweeping, catching] = await apply(wanting({ crm: { hubspot: {} } }), { prune: true });
    expect(sweeping?.action).toBe('created');
    expect(catching).toMatchObject({
      action: 'kept',
      changes: [],
      problem: expect.stringMatching(/kickoff-catch-up already that starts chimney.*rename or delete it/),
    });
    expect((await handle('kickoff-catch-up').describe()).action.workflowType).toBe('chimney');
    expect((await listSchedules(client(), ['kickoff-catch-up'])).map(({ id }) => id)).toEqual([SWEEP]);
  });

  it('show what they are for, when they come, and whether the last run has failed', async () => {
    await apply(wanting(EVERYTHING));
    await listed(['kickoff-backfill-nightly', 'kickoff-catch-up', 'kickoff-sweep']);
    const views = await listSchedules(client());
    expect(views).toMatchObject([
      { id: SWEEP, purpose: 'takes in what lost webhooks would have said', times: 'every 5 min', running: 0 },
      { id: 'kickoff-catch-up', purpose: 'takes in deals that were won and told nobody', everyMinutes: 15 },
      { id: 'kickoff-backfill-nightly', times: 'every 24 h', isPaused: false },
    ]);
    expect(views.every(({ nextAt, last }) => last === undefined && nextAt !== undefined && nextAt > new Date())).toBe(
      true,
    );

    const run = await runScheduleNow(client(), SWEEP);
    if (!run.started) throw new Error('it was not started');
    expect((await listSchedules(client()))[0]?.last).toMatchObject({ workflowId: run.workflowId, outcome: 'running' });
    await client().workflow.getHandle(run.workflowId).terminate('nobody works here');
    const [ended] = await listSchedules(client());
    expect(ended?.last).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('nobody works here') });
  });

  it('run when asked, also while paused, and never beside a run under way', async () => {
    await apply(wanting());
    await pauseSchedule(client(), SWEEP, 'by hand only');
    const run = await runScheduleNow(client(), SWEEP);
    expect(run).toMatchObject({ started: true, workflowId: expect.stringMatching(/^sweep-/) });
    expect(await runScheduleNow(client(), SWEEP)).toEqual({ started: false, running: true });
    expect(await listSchedules(client())).toMatchObject([{ running: 1, isPaused: true, note: 'by hand only' }]);
    await resumeSchedule(client(), SWEEP, 'again');
    const [view] = await listSchedules(client());
    expect(view).toMatchObject({ isPaused: false, note: 'again' });
    expect(view?.nextAt).toBeInstanceOf(Date);
    if (run.started) await client().workflow.getHandle(run.workflowId).terminate();
  });

  it('of others can be neither paused nor run', async () => {
    await othersSchedule('kickoff-report', 'weeklyReport');
    await apply(sweep === undefined ? [] : [sweep]);
    await listed(['kickoff-report', SWEEP]);
    const refused = /Kickoff has no Schedule kickoff-report. There are: kickoff-sweep$/;
    await expect(pauseSchedule(client(), 'kickoff-report', 'x')).rejects.toThrow(refused);
    await expect(runScheduleNow(client(), 'kickoff-report')).rejects.toThrow(refused);
    expect((await handle('kickoff-report').describe()).info.numActionsTaken).toBe(0);
  });
});

function ignoreMissing(error: unknown): void {
  if (error instanceof Error && error.name === 'ScheduleNotFoundError') return;
  throw error;
}
