import { expect, it } from 'vitest';
import { schedulesState } from '../../../cli/schedules-state.ts';
import { loadConfig } from '../../../config/index.ts';
import { type PlannedSchedule, wantedSchedules } from '../../../temporal/index.ts';

const [sweep, catchUp] = wantedSchedules({ ...loadConfig({ env: {}, cwd: '/' }), crm: { hubspot: {} } });

function planned(todo: PlannedSchedule['todo'], of = sweep, note?: string): PlannedSchedule {
  if (of === undefined) throw new Error('nothing is wanted');
  const { id, definition } = of;
  const isPaused = note !== undefined;
  const byHand = { isPaused, catchupWindowMs: 60_000, pauseOnFailure: false, ...(isPaused && { note }) };
  return { id, todo, changes: [{ field: 'times', before: 'x', after: 'y' }], found: { id, definition, byHand } };
}

it('Schedules that are as configured are well, and one that a person has paused is named', () => {
  expect(schedulesState([planned('nothing'), planned('nothing', catchUp, 'moving')])).toBe(
    'kickoff-sweep, kickoff-catch-up as configured; kickoff-catch-up is PAUSED (moving)',
  );
});

it('one that is left over is named and is no fault', () => {
  expect(schedulesState([planned('remove')])).toBe(
    'none is configured; kickoff-sweep is not configured any more: kickoff schedules apply --prune',
  );
});

it('every one that is missing, different or somebody else’s is a fault, with what to do', () => {
  const plan = [planned('create'), planned('update', catchUp), planned('foreign')];
  expect(() => schedulesState(plan)).toThrow(
    'kickoff-sweep is missing; kickoff-catch-up differs in times; kickoff-sweep belongs to something else: kickoff schedules apply',
  );
});
