import { afterAll, beforeAll, expect, it } from 'vitest';
import { costOf } from '../../../cli/cost.ts';
import { createLogger } from '../../../config/index.ts';
import { installRuntime } from '../../../worker/index.ts';
import { describeTimeSkipping } from '../../harness/time-skipping.ts';
import { type Kickoffs, kickoffsOn } from './kickoffs.ts';

installRuntime({ logger: createLogger({ level: 'silent' }) });

describeTimeSkipping('what a kickoff costs', (environment) => {
  let kickoffs: Kickoffs;
  beforeAll(async () => {
    kickoffs = await kickoffsOn(environment());
  });
  afterAll(async () => {
    await kickoffs?.stop();
  });

  /** A step is one event more, and no action: those of a list are local activities of one workflow task. */
  it.each([
    [3, 'side by side', 40, 10],
    [10, 'side by side', 47, 10],
    [3, 'one after the other', 40, 10],
    [10, 'one after the other', 47, 10],
  ])('with %d steps %s: at most %d events and %d actions', async (count, order, events, actions) => {
    const steps = Array.from({ length: count }, (_, index) => ({
      id: `s${index}`,
      kind: 'crm_note',
      text: 'done',
      ...(order === 'one after the other' && index > 0 && { after: [`s${index - 1}`] }),
    }));
    const played = await kickoffs.play({ steps: { on_booked: steps } });
    await played.booked();
    await played.handle.result();
    const cost = costOf(await played.handle.fetchHistory());
    process.stderr.write(`${count} steps ${order}: ${cost.events} events, ${cost.actions} actions\n`);
    expect(cost.events).toBeLessThanOrEqual(events);
    expect(cost.actions).toBeLessThanOrEqual(actions);
  });
});
