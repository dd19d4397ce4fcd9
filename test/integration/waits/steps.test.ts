import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLogger } from '../../../config/index.ts';
import { installRuntime } from '../../../worker/index.ts';
import * as messages from '../../../workflows/messages.ts';
import { describeTimeSkipping } from '../../harness/time-skipping.ts';
import { end } from './fixture-workflows.ts';
import { type Kickoffs, kickoffsOn, type Played } from './kickoffs.ts';

const note = (id: string, more: object = {}) => ({ id, kind: 'crm_note', text: id, ...more });
const DAYS = { lateCancelDays: 1, remindAfterDays: 10, giveUpAfterDays: 25 };
const THEIRS = 'theirs';

installRuntime({ logger: createLogger({ level: 'silent' }) });

describeTimeSkipping('steps and waits by rule', (environment) => {
  let kickoffs: Kickoffs;
  let theirs: Worker;
  let running: Promise<void>;
  beforeAll(async () => {
    kickoffs = await kickoffsOn(environment());
    theirs = await Worker.create({
      connection: environment().nativeConnection,
      taskQueue: THEIRS,
      workflowsPath: fileURLToPath(new URL('fixture-workflows.ts', import.meta.url)),
    });
    running = theirs.run();
  });
  afterAll(async () => {
    await kickoffs?.stop();
    theirs?.shutdown();
    await running;
  });

  const stateOf = ({ steps }: messages.KickoffStatus, id: string) => steps.findLast((step) => step.id === id)?.state;
  const runsOf = (played: Played, id: string) =>
    played.calls().filter(({ name, step }) => name === 'runStep' && step === id).length;

  it('a step that fails and holds keeps those after it waiting; retried, it lets them run', async () => {
    const steps = {
      on_booked: [
        note('first', { onFailure: 'wait' }),
        note('second', { after: ['first'] }),
        note('third', { after: ['second'] }),
        note('beside'),
      ],
    };
    kickoffs.recorded.failing.add('first');
    const played = await kickoffs.play({ ...DAYS, steps });
    await played.tell('booked');
    const held = await played.until(
      (status) => stateOf(status, 'first') === 'failed' && stateOf(status, 'beside') === 'done',
    );
    expect([stateOf(held, 'second'), stateOf(held, 'third')]).toEqual(['waiting', 'waiting']);
    expect(held.steps.find(({ id }) => id === 'second')?.detail).toBe('after first');
    kickoffs.recorded.failing.delete('first');
    await played.handle.executeUpdate(messages.retryStep, { args: [{ id: 'first' }] });
    await played.in('done');
    expect(played.story().slice(-3)).toEqual(['on_booked/first', 'on_booked/second', 'on_booked/third']);
    expect(runsOf(played, 'beside')).toBe(1);
    await played.handle.result();
  });

  it('a step that fails and only warns takes those after it along, naming it; skipped by a person, they run', async () => {
    const steps = {
      on_booked: [note('first'), note('second', { after: ['first'] }), note('third', { after: ['second'] })],
    };
    kickoffs.recorded.failing.add('first');
    const played = await kickoffs.play({ ...DAYS, steps });
    const { steps: known } = await played.booked();
    kickoffs.recorded.failing.delete('first');
    const why = 'not run, because step first has failed';
    expect(
      played
        .calls()
        .filter(({ name }) => name === 'recordSkippedStep')
        .map(({ step, list, occurrence, error }) => ({ step, list, occurrence, error }))
        .toSorted((one, other) => (String(one.step) < String(other.step) ? -1 : 1)),
    ).toEqual(['second', 'third'].map((step) => ({ step, list: 'on_booked', occurrence: '1', error: why })));
    expect(known.slice(-2)).toMatchObject([
      { id: 'second', state: 'skipped', detail: 'not run, because step first has failed' },
      { id: 'third', state: 'skipped', detail: 'not run, because step first has failed' },
    ]);
    await played.handle.executeUpdate(messages.skipStep, { args: [{ id: 'first', reason: 'done by hand' }] });
    await played.until((status) => stateOf(status, 'third') === 'done');
    expect(played.story().slice(-2)).toEqual(['on_booked/second', 'on_booked/third']);
    await played.handle.result();
  });

  it.each([
    [{ attempts: 1 }, 1],
    [{ attempts: 3, firstSeconds: 1 }, 3],
  ])('a step is tried as often as its rule says: %j', async (retry, times) => {
    kickoffs.recorded.flaky.add('counted');
    const played = await kickoffs.play({ ...DAYS, steps: { on_booked: [note('counted', { retry })] } });
    await played.booked();
    kickoffs.recorded.flaky.delete('counted');
    expect(runsOf(played, 'counted')).toBe(times);
    expect(stateOf(await played.status(), 'counted')).toBe('failed');
    await played.handle.result();
  });

  const child = (more: object = {}) => ({
    id: 'provision',
    kind: 'workflow',
    type: 'provision',
    taskQueue: THEIRS,
    input: { account: 'Acme' },
    ...more,
  });
  const childOf = ({ workflowId }: Played) => environment().client.workflow.getHandle(`${workflowId}/provision`);
  const isRunning = async (played: Played) =>
    await played.until((status) => stateOf(status, 'provision') === 'running' && status.phase === 'onboarding');

  it('waits for a workflow of somebody’s own, and keeps what it returns; other lists run meanwhile', async () => {
    const steps = {
      on_booked: [child(), note('after', { after: ['provision'], text: '{{steps.provision.ids.tenant}}' })],
      on_organizer_changed: [note('organizer')],
    };
    const played = await kickoffs.play({ ...DAYS, steps });
    await played.tell('booked');
    await isRunning(played);
    await played.tell('organizer_changed');
    await played.until((status) => stateOf(status, 'organizer') === 'done');
    expect(stateOf(await played.status(), 'after')).toBe('waiting');
    await childOf(played).signal(end, 'well');
    await played.in('done');
    const ids = played.calls().find(({ step }) => step === 'after')?.facts?.steps?.provision?.ids;
    expect(ids).toMatchObject({
      made: 'provision-r1',
      tenant: 'tenant of Acme',
      workflowId: `${played.workflowId}/provision`,
      runId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    const { steps: known } = await played.status();
    expect(known.find(({ id }) => id === 'provision')?.url).toBe('https://tenants.example/1');
    expect(played.calls().filter(({ name }) => name === 'settleStep')).toMatchObject([{ step: 'provision' }]);
    await played.handle.result();
  });

  it('a workflow that fails is told in its own words, and run again by a person', async () => {
    const played = await kickoffs.play({ ...DAYS, steps: { on_booked: [child({ onFailure: 'wait' })] } });
    await played.tell('booked');
    await isRunning(played);
    await childOf(played).signal(end, 'fail');
    const { needs } = await played.until((status) => stateOf(status, 'provision') === 'failed');
    const sentence = `Workflow ${played.workflowId}/provision failed: no seats are left`;
    expect(needs).toEqual([`Step provision failed: ${sentence}`]);
    expect(played.calls().at(-1)).toMatchObject({ name: 'settleStep', error: sentence });
    await played.handle.executeUpdate(messages.retryStep, { args: [{ id: 'provision' }] });
    await isRunning(played);
    await childOf(played).signal(end, 'well');
    await played.in('done');
    await played.handle.result();
  });

  it('a workflow that takes too long has failed', async () => {
    const played = await kickoffs.play({ ...DAYS, steps: { on_booked: [child({ timeoutHours: 48 })] } });
    await played.tell('booked');
    expect(await played.handle.result()).toMatchObject({ phase: 'done' });
    expect((await played.status()).steps).toMatchObject([
      { state: 'failed', detail: `Workflow ${played.workflowId}/provision had not ended after 48 hours.` },
    ]);
  });

  it('a workflow that is waited for is told to cancel when the booking is', async () => {
    const played = await kickoffs.play({ ...DAYS, steps: { on_booked: [child()], on_cancelled: [note('told')] } });
    await played.tell('booked');
    await isRunning(played);
    await played.cancelled();
    const status = await played.until((known) => stateOf(known, 'told') === 'done');
    expect(stateOf(status, 'provision')).toBe('undone');
    await expect(childOf(played).result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    await played.handle.executeUpdate(messages.cancel, { args: [{ reason: 'enough' }] });
    await played.handle.result();
  });

  it('a window that passes is extended so often, then a person takes over and has it scheduled anew', async () => {
    const steps = { on_expired: [note('late')], on_attention: [note('ask')] };
    const rules = { whenWindowPasses: 'extend', extendTimes: 1, remindBeforeDays: 3 };
    const played = await kickoffs.play({ ...DAYS, ...rules, steps });
    const first = Date.parse((await played.status()).request?.timeframe.end ?? '');
    await environment().sleep(first - (await environment().currentTimeMs()) + 3_600_000);
    const extended = await played.until(({ request }) => Date.parse(request?.timeframe.end ?? '') > first);
    const second = Date.parse(extended.request?.timeframe.end ?? '');
    expect(second - first).toBe(14 * 86_400_000);
    await environment().sleep(second - (await environment().currentTimeMs()) + 3_600_000);
    const { needs } = await played.in('needs_attention');
    expect(needs).toEqual([
      'The window has passed without a booking. From here: send `proceed` to schedule it anew as revision 2, or `cancel` to close it.',
    ]);
    await played.until((status) => stateOf(status, 'late') === 'done');
    const notices = played.calls().filter(({ step }) => step === 'ask');
    expect(notices.slice(0, 2).map(({ facts }) => facts?.needs)).toEqual([
      [`Nothing is booked yet, and the window ends on ${new Date(first).toISOString().slice(0, 10)}.`],
      [`Nothing is booked yet, and the window ends on ${new Date(second).toISOString().slice(0, 10)}.`],
    ]);
    expect(played.calls().filter(({ name }) => name === 'updateMeetingContext')).toHaveLength(1);
    expect(played.calls().filter(({ name }) => name === 'cancelMeetingRequest')).toHaveLength(1);
    await played.handle.executeUpdate(messages.proceed);
    const anew = await played.in('scheduling');
    expect(Date.parse(anew.request?.timeframe.end ?? '')).toBeGreaterThan(second);
    expect(anew.revision).toBe(2);
    await played.booked();
    await played.handle.result();
  });

  it('people who do not answer: the CSM is told, later the manager, each once', async () => {
    const steps = { on_ghosted: [note('ghosted')] };
    const rules = { ghostedAfterFollowUps: 2, managerAfterFollowUps: 3, manager: 'boss@yourcompany.example' };
    const played = await kickoffs.play({ ...DAYS, ...rules, steps });
    for (const count of [1, 2, 3, 4]) {
      await played.tell('follow_up_sent');
      await played.until(({ request }) => request?.followUps === count);
    }
    await played.until(({ steps: known }) => known.filter(({ state }) => state === 'done').length === 2);
    expect(
      played
        .calls()
        .flatMap(({ step, occurrence, facts }) => (step === undefined ? [] : [[occurrence, facts?.escalation]])),
    ).toEqual([
      ['1.csm', { level: 'csm', to: 'jordan.lee@yourcompany.example', followUps: 2, since: expect.any(String) }],
      ['1.manager', { level: 'manager', to: 'boss@yourcompany.example', followUps: 3, since: expect.any(String) }],
    ]);
    expect((await played.status()).escalations).toMatchObject([
      { level: 'csm', asked: ['jamie.chen@acme-corp.example'] },
      { level: 'manager' },
    ]);
    await played.booked();
    await played.handle.result();
  });

  // Last: a workflow that nobody ends moves the server's clock by its whole time.
  it('a workflow that was only started outlives the kickoff, and is told to cancel when the booking is cancelled', async () => {
    const steps = { on_booked: [child({ until: 'started', timeoutHours: 60 * 24 })] };
    const [kept, off] = [await kickoffs.play({ ...DAYS, steps }), await kickoffs.play({ ...DAYS, steps })];
    await kept.booked();
    await off.booked();
    await off.cancelled();
    await off.until((known) => stateOf(known, 'provision') === 'undone');
    await expect(childOf(off).result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    await off.handle.executeUpdate(messages.cancel, { args: [{ reason: 'enough' }] });
    expect(await kept.handle.result()).toMatchObject({ phase: 'done' });
    // Nothing else is waited for then: the server's clock may have run on to the end of its time.
    expect(['RUNNING', 'TIMED_OUT']).toContain((await childOf(kept).describe()).status.name);
    await off.handle.result();
  });
});
