import { beforeEach, expect, it, vi } from 'vitest';
import { applySweepSchedule, describeSweepSchedule, SWEEP_SCHEDULE_ID } from '../../../temporal/index.ts';
import { describeTemporal } from '../../harness/temporal.ts';

describeTemporal('the sweep’s Schedule', (temporal) => {
  const apply = (everyMinutes: number) => applySweepSchedule(temporal().client, { everyMinutes });
  const described = () => describeSweepSchedule(temporal().client);
  const handle = () => temporal().client.schedule.getHandle(SWEEP_SCHEDULE_ID);
  beforeEach(async () => {
    await apply(0);
    await vi.waitFor(async () => expect(await described()).toBeUndefined());
  });

  it('is one, however often it is applied, and from however many processes', async () => {
    const applied = await Promise.all([apply(5), apply(5), apply(5), apply(5)]);
    expect(applied.filter((result) => result === 'created')).toHaveLength(1);
    expect(await apply(5)).toBe('unchanged');
    expect(await described()).toMatchObject({ id: 'kickoff-sweep', everyMinutes: 5, isPaused: false, running: 0 });
    expect((await described())?.nextAt?.getTime()).toBeGreaterThan(Date.now() - 1_000);
    await vi.waitFor(async () => {
      const listed = [];
      for await (const { scheduleId } of temporal().client.schedule.list()) listed.push(scheduleId);
      expect(listed).toEqual(['kickoff-sweep']);
    }, 10_000);
  });

  it('does not start a sweep beside a running one, nor one for each that an outage has swallowed', async () => {
    await apply(5);
    const { policies, action } = await handle().describe();
    expect(policies).toEqual({ overlap: 'SKIP', catchupWindow: 60_000, pauseOnFailure: false });
    expect(action).toMatchObject({ workflowType: 'sweep', workflowId: 'sweep', taskQueue: 'kickoff' });
  });

  it('takes a new interval and stays paused, with its note and with policies of a person’s', async () => {
    await apply(5);
    await handle().pause('moving to another workspace');
    await handle().update((previous) => ({
      ...previous,
      policies: { ...previous.policies, catchupWindow: '10 minutes' },
    }));
    expect(await apply(15)).toBe('updated');
    expect(await described()).toMatchObject({ everyMinutes: 15, isPaused: true, note: 'moving to another workspace' });
    expect((await handle().describe()).policies.catchupWindow).toBe(600_000);
    expect(await apply(15)).toBe('unchanged');
  });

  it('gets its times back when somebody has given it others', async () => {
    await apply(5);
    await handle().update((previous) => ({ ...previous, spec: { cronExpressions: ['0 3 * * *'] } }));
    expect((await described())?.everyMinutes).toBeUndefined();
    expect(await apply(5)).toBe('updated');
    expect(await described()).toMatchObject({ everyMinutes: 5 });
  });

  it('is deleted when there are to be no sweeps', async () => {
    await apply(5);
    expect(await apply(0)).toBe('deleted');
    expect(await apply(0)).toBe('absent');
    expect(await described()).toBeUndefined();
  });
});
