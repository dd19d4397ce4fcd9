import { expect, it } from 'vitest';
import {
  beginStep,
  claimKickoff,
  type Database,
  failStep,
  findKickoff,
  finishStep,
  listSteps,
  type StepKey,
  skipStep,
} from '../../../database/index.ts';
import { eachDatabase } from '../../harness/databases.ts';

const KEY: StepKey = { workflowId: 'kickoff:1', revision: 1, list: 'on_booked', stepId: 'notice', occurrence: '' };

async function kickoff(db: Database['db']): Promise<void> {
  await claimKickoff(db, {
    workflowId: 'kickoff:1',
    crm: 'hubspot',
    dealId: '1',
    workstream: '',
    deal: {},
    accountId: 'acme',
    accountName: 'Acme',
    origin: {},
  });
}

eachDatabase('steps', (open) => {
  it('counts the attempts until the step is done, and keeps its outcome', async () => {
    const { db } = await open();
    await kickoff(db);
    expect(await beginStep(db, { ...KEY, kind: 'slack' })).toMatchObject({
      status: 'running',
      attempts: 1,
      outcome: null,
    });
    await failStep(db, KEY, 'Slack does not answer');
    expect((await listSteps(db, 'kickoff:1'))[0]).toMatchObject({ status: 'failed', error: 'Slack does not answer' });
    expect(await beginStep(db, { ...KEY, kind: 'slack' })).toMatchObject({
      status: 'running',
      attempts: 2,
      error: null,
      finished_at: null,
    });
    await finishStep(db, KEY, { detail: 'told', ids: { ts: '1' } });
    const done = await beginStep(db, { ...KEY, kind: 'slack' });
    expect(done).toMatchObject({ status: 'done', attempts: 2, outcome: { detail: 'told', ids: { ts: '1' } } });
    expect(done.finished_at).toBeInstanceOf(Date);
  });

  it('that was never begun is skipped with its reason, and begun for the first time when it is let run after all', async () => {
    const { db } = await open();
    await kickoff(db);
    const why = 'not run, because step first has failed';
    await skipStep(db, { ...KEY, kind: 'slack' }, why);
    await skipStep(db, { ...KEY, kind: 'slack' }, why);
    expect(await listSteps(db, 'kickoff:1')).toMatchObject([
      { status: 'skipped', kind: 'slack', error: why, attempts: 0, finished_at: expect.any(Date) },
    ]);
    expect(await beginStep(db, { ...KEY, kind: 'slack' })).toMatchObject({
      status: 'running',
      attempts: 1,
      error: null,
    });
    await finishStep(db, KEY, { detail: 'told' });
    // A straggler's.
    await skipStep(db, { ...KEY, kind: 'slack' }, why);
    expect((await listSteps(db, 'kickoff:1'))[0]).toMatchObject({ status: 'done', error: null });
  });

  it('stays done with its first outcome, whatever a late attempt says', async () => {
    const { db } = await open();
    await kickoff(db);
    await beginStep(db, { ...KEY, kind: 'slack' });
    await finishStep(db, KEY, { detail: 'first' });
    await finishStep(db, KEY, { detail: 'second' });
    await failStep(db, KEY, 'late');
    expect((await listSteps(db, 'kickoff:1'))[0]).toMatchObject({
      status: 'done',
      outcome: { detail: 'first' },
      error: null,
    });
  });

  it('keeps lists, revisions and occurrences apart', async () => {
    const { db } = await open();
    await kickoff(db);
    const keys: StepKey[] = [
      KEY,
      { ...KEY, list: 'on_won' },
      { ...KEY, revision: 2 },
      { ...KEY, occurrence: '2' },
      { ...KEY, stepId: 'status' },
    ];
    for (const key of keys) await beginStep(db, { ...key, kind: 'slack' });
    await finishStep(db, KEY, { detail: 'told' });
    const steps = await listSteps(db, 'kickoff:1');
    expect(steps).toHaveLength(5);
    expect(steps.filter((step) => step.status === 'done')).toHaveLength(1);
    expect(steps.at(-1)?.revision).toBe(2);
  });

  it('begins once of ten at once, and counts each as an attempt', async () => {
    const { db } = await open();
    await kickoff(db);
    await Promise.all(Array.from({ length: 10 }, () => beginStep(db, { ...KEY, kind: 'slack' })));
    expect(await listSteps(db, 'kickoff:1')).toMatchObject([{ attempts: 10 }]);
  });

  it('carries the phase, and refuses it where the kickoff has moved on', async () => {
    const { db } = await open();
    await kickoff(db);
    await beginStep(db, { ...KEY, kind: 'slack' });
    await finishStep(db, KEY, { detail: 'told' }, 'onboarding');
    expect((await findKickoff(db, 'kickoff:1'))?.phase).toBe('onboarding');
    const late = { ...KEY, stepId: 'late' };
    await beginStep(db, { ...late, kind: 'slack' });
    await failStep(db, late, 'no', 'scheduling');
    expect((await findKickoff(db, 'kickoff:1'))?.phase).toBe('onboarding');
    expect((await listSteps(db, 'kickoff:1')).map((step) => step.status).sort()).toEqual(['done', 'failed']);
  });
});
