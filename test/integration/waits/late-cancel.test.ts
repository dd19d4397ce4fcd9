import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLogger } from '../../../config/index.ts';
import { installRuntime } from '../../../worker/index.ts';
import * as messages from '../../../workflows/messages.ts';
import { describeTimeSkipping } from '../../harness/time-skipping.ts';
import { type Kickoffs, kickoffsOn, type Played } from './kickoffs.ts';

const note = (id: string, more: object = {}) => ({ id, kind: 'crm_note', text: id, ...more });

/** Steps of every kind of order: `issues` after `project`, `mail` after both, `room` by itself. */
const STEPS = {
  on_won: [note('folder', { undo: true })],
  on_requested: [note('asked')],
  on_booked: [
    note('project', { onFailure: 'wait' }),
    note('issues', { after: ['project'], text: '{{steps.project.ids.made}} in {{steps.folder.ids.made}}' }),
    note('mail', { after: ['project', 'issues'], undo: false }),
    note('room'),
  ],
  on_cancelled: [note('told')],
  on_expired: [note('late')],
  on_attention: [note('ask')],
};
const POLICY = { lateCancelDays: 1, remindAfterDays: 10, giveUpAfterDays: 25, steps: STEPS };
const BOOKED = ['on_booked/project', 'on_booked/room', 'on_booked/issues', 'on_booked/mail'];

installRuntime({ logger: createLogger({ level: 'silent' }) });

describeTimeSkipping('a booked meeting that is cancelled', (environment) => {
  let kickoffs: Kickoffs;
  beforeAll(async () => {
    kickoffs = await kickoffsOn(environment());
  });
  afterAll(async () => {
    await kickoffs?.stop();
  });

  const sorted = (story: string[]) => [...story].sort();
  /** The notice comes last, so every list before it has run. */
  const waits = async (played: Played) => {
    await played.until(({ steps }) => steps.some(({ list, state }) => list === 'on_attention' && state === 'done'));
    return await played.in('needs_attention');
  };
  const state = ({ steps }: messages.KickoffStatus, id: string) => steps.findLast((step) => step.id === id)?.state;

  it('takes back what was made for it, the last first, tells what stays, and waits for a person', async () => {
    kickoffs.recorded.lasting.add('room');
    const played = await kickoffs.play(POLICY);
    await played.booked();
    const before = played.story();
    expect(before.slice(0, 2)).toEqual(['on_won/folder', 'on_requested/asked']);
    expect(sorted(before.slice(2))).toEqual(sorted(BOOKED));
    expect(before.indexOf('on_booked/mail')).toBeGreaterThan(before.indexOf('on_booked/issues'));
    expect(before.indexOf('on_booked/issues')).toBeGreaterThan(before.indexOf('on_booked/project'));
    expect(played.calls().find(({ step }) => step === 'issues')?.facts?.steps).toEqual({
      project: { detail: 'made project', ids: { made: 'project-r1' } },
      folder: { detail: 'made folder', ids: { made: 'folder-r1' } },
    });

    await played.cancelled();
    const status = await waits(played);
    const after = played.story().slice(before.length);
    expect(after.indexOf('undo project')).toBeGreaterThan(after.indexOf('undo issues'));
    expect(after.slice(-2)).toEqual(['on_cancelled/told', 'on_attention/ask']);
    expect(sorted(after.slice(0, -2))).toEqual(['undo issues', 'undo project', 'undo room']);
    expect(played.calls().findLast(({ step }) => step === 'told')?.facts).toMatchObject({
      left: ['room: room stays'],
      reason: 'the booked meeting was cancelled',
      meeting: { status: 'cancelled' },
    });
    expect(status.needs).toEqual([
      'The booked meeting was cancelled: send `proceed` to schedule it anew as revision 2, or `cancel` to close it.',
    ]);
    expect(status.commands.map(({ name }) => name)).toEqual([
      'proceed',
      'changeOrganizer',
      'replaceParticipants',
      'cancel',
    ]);
    expect(['issues', 'mail', 'room'].map((id) => state(status, id))).toEqual(['undone', 'done', 'left']);
    kickoffs.recorded.lasting.clear();

    expect(await played.handle.executeUpdate(messages.proceed)).toMatch(/as revision 2/);
    const again = await played.in('scheduling');
    const keys = played.calls().flatMap(({ key }) => key ?? []);
    expect(keys[1]).toBe(keys[0]?.replace(':kickoff:', ':kickoff:r2:'));
    expect(again.former).toMatchObject({ revision: 1, reason: 'the booked meeting was cancelled' });
    await played.booked();
    const second = played.story().slice(before.length + after.length);
    expect(sorted(second)).toEqual(sorted(['on_requested/asked', ...BOOKED]));
    expect(played.calls().findLast(({ step }) => step === 'issues')?.facts?.steps).toMatchObject({
      project: { ids: { made: 'project-r2' } },
      folder: { ids: { made: 'folder-r1' } },
    });
    expect(await played.handle.result()).toMatchObject({ phase: 'done' });
  });

  it('is closed by a person, who has everything taken back and nobody told twice', async () => {
    const played = await kickoffs.play(POLICY);
    await played.booked();
    await played.cancelled();
    await waits(played);
    const before = played.story().length;
    await played.handle.executeUpdate(messages.cancel, { args: [{ reason: 'the customer has left' }] });
    expect(await played.handle.result()).toEqual({
      phase: 'cancelled',
      requestId: expect.stringMatching(/^mr_/),
      outcome: 'the customer has left',
    });
    // `mail` is not to be taken back, and nothing else is left but what the deal's close had set going.
    expect(played.story().slice(before)).toEqual(['undo folder']);
    expect(played.calls().filter(({ name }) => name === 'cancelMeetingRequest')).toEqual([]);
    // The list that says so had run while the kickoff waited: only so does the ledger hear that it is over.
    expect(played.calls().findLast(({ name }) => name === 'recordPhase')).toMatchObject({ phase: 'cancelled' });
  });

  it('another organizer is for the next revision, and schedules nothing by itself', async () => {
    const played = await kickoffs.play(POLICY);
    await played.booked();
    await played.cancelled();
    await waits(played);
    const email = 'morgan.diaz@yourcompany.example';
    const answer = await played.handle.executeUpdate(messages.changeOrganizer, { args: [{ email }] });
    expect(answer).toMatch(/when it is scheduled anew/);
    expect(await played.status()).toMatchObject({ phase: 'needs_attention', revision: 1, organizer: { email } });
    expect(played.calls().filter(({ name }) => name === 'createMeetingRequest')).toHaveLength(1);
    await played.handle.executeUpdate(messages.cancel, { args: [{ reason: 'the customer has left' }] });
    await played.handle.result();
  });

  it('gives up in the end when nobody says anything', async () => {
    const played = await kickoffs.play(POLICY);
    await played.booked();
    await played.cancelled();
    expect(await played.handle.result()).toMatchObject({
      phase: 'failed',
      outcome: expect.stringMatching(/^Nobody settled it in 25 days: The booked meeting was cancelled/),
    });
    expect(
      played
        .calls()
        .filter(({ list }) => list === 'on_attention')
        .map(({ occurrence }) => occurrence),
    ).toEqual(['1', '2', '3']);
  });

  it('closes where that is the rule, and takes back what the deal’s close has made too', async () => {
    const played = await kickoffs.play({ ...POLICY, whenBookingIsCancelled: 'close' });
    await played.booked();
    const before = played.story().length;
    await played.cancelled();
    expect(await played.handle.result()).toMatchObject({ phase: 'cancelled' });
    const after = played.story().slice(before);
    expect(after.at(-1)).toBe('on_cancelled/told');
    expect(after.at(-2)).toBe('undo folder');
    expect(after).toHaveLength(5);
  });

  it('is scheduled anew by itself, so often, and then waits', async () => {
    const played = await kickoffs.play({ ...POLICY, whenBookingIsCancelled: 'reschedule', rescheduleTimes: 1 });
    await played.booked();
    await played.cancelled();
    await played.until(({ phase, revision }) => phase === 'scheduling' && revision === 2);
    await played.booked();
    await played.cancelled();
    const { needs, revision } = await waits(played);
    expect(revision).toBe(2);
    expect(needs.join()).toMatch(/cancelled, again/);
    const runs = (step: string) => played.story().filter((one) => one.endsWith(`/${step}`)).length;
    expect([runs('folder'), runs('asked'), runs('project'), runs('told')]).toEqual([1, 2, 2, 2]);
    expect(
      played
        .calls()
        .filter(({ step }) => step === 'told')
        .map(({ revision: of, facts }) => [of, facts?.reason]),
    ).toEqual([
      [1, 'the booked meeting was cancelled'],
      [2, 'the booked meeting was cancelled'],
    ]);
  });

  it('before any step has run leaves nothing to take back', async () => {
    const played = await kickoffs.play(POLICY);
    // One webhook tells both.
    await played.cancelled();
    await waits(played);
    expect(played.story()).toEqual(['on_won/folder', 'on_requested/asked', 'on_cancelled/told', 'on_attention/ask']);
  });

  it.each([
    ['while the first step runs', 'project', ['room'], ['project', 'room']],
    ['between two steps', 'issues', ['project', 'room'], ['issues', 'project', 'room']],
  ])('%s: it is stopped, and whether it got through is looked up', async (_when, late, done, undone) => {
    kickoffs.recorded.flaky.add(late);
    const played = await kickoffs.play(POLICY);
    await played.tell('booked');
    await played.until(
      (status) => done.every((id) => state(status, id) === 'done') && state(status, late) === 'running',
    );
    await played.cancelled();
    const status = await waits(played);
    kickoffs.recorded.flaky.delete(late);
    const undos = played.story().filter((one) => one.startsWith('undo '));
    expect(undos[0]).toBe(`undo ${late}`);
    expect(sorted(undos)).toEqual(undone.map((id) => `undo ${id}`));
    expect(played.story()).not.toContain('on_booked/mail');
    expect(state(status, 'mail')).toBe('skipped');
  });

  it('while a step waits for a person: nobody need retry it any more', async () => {
    kickoffs.recorded.failing.add('project');
    const played = await kickoffs.play(POLICY);
    await played.tell('booked');
    await played.until(({ needs }) => needs.join().includes('Step project failed'));
    await played.cancelled();
    const { needs, commands } = await waits(played);
    kickoffs.recorded.failing.delete('project');
    expect(needs).toEqual([expect.stringMatching(/^The booked meeting was cancelled/)]);
    await played.handle.executeUpdate(messages.proceed);
    const { steps } = await played.in('scheduling');
    expect(steps.filter(({ id, revision }) => id === 'project' && revision === undefined)).toEqual([]);
    expect(commands.map(({ name }) => name)).toContain('proceed');
    await played.booked();
    expect(sorted(played.story().slice(-4))).toEqual(sorted(BOOKED));
  });

  it('what cannot be taken back for now is listed, and taken back by a person’s word', async () => {
    const steps = { ...STEPS, on_booked: [note('project', { retry: { attempts: 2, firstSeconds: 1 } }), note('room')] };
    const played = await kickoffs.play({ ...POLICY, steps });
    await played.booked();
    kickoffs.recorded.sticky.add('project');
    await played.cancelled();
    const { needs } = await waits(played);
    kickoffs.recorded.sticky.delete('project');
    expect(needs).toContain('What step project made could not be taken back: project is out of reach');
    expect(played.calls().findLast(({ step }) => step === 'told')?.facts?.left).toEqual([
      'project: could not be taken back: project is out of reach',
    ]);
    expect(await played.handle.executeUpdate(messages.retryStep, { args: [{ id: 'project' }] })).toMatch(
      /taken back again/,
    );
    const mended = await played.until((status) => state(status, 'project') === 'undone');
    expect(mended.needs).toHaveLength(1);
    expect(played.story().filter((one) => one === 'undo project')).toHaveLength(3);
  });

  it('of a deal that is in doubt is the end, whatever the rule', async () => {
    const played = await kickoffs.play({ ...POLICY, whenBookingIsCancelled: 'reschedule' });
    await played.booked();
    const at = new Date(await environment().currentTimeMs()).toISOString();
    await played.handle.signal(messages.dealChanged, { key: 'lost', at, state: 'not_won', stage: 'closedlost' });
    await played.until(({ needs }) => needs.length > 0);
    await played.cancelled();
    expect(await played.handle.result()).toMatchObject({ phase: 'cancelled' });
  });
});
