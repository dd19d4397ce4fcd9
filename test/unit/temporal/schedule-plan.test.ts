import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../config/index.ts';
import type { FoundSchedule, WantedSchedule } from '../../../temporal/schedules/definition.ts';
import { differences, planSchedules, setByHand } from '../../../temporal/schedules/difference.ts';
import { durationInWords } from '../../../temporal/schedules/duration.ts';
import { type ScheduleConfig, wantedSchedules } from '../../../temporal/schedules/wanted.ts';

const DEFAULTS = loadConfig({ env: {}, cwd: '/' });
const NIGHTLY = { name: 'nightly', of: 'deals', crm: 'hubspot', everyHours: 24, closedWithinDays: 7 } as const;

function config(parts: Partial<ScheduleConfig> = {}): ScheduleConfig {
  return { ...DEFAULTS, ...parts };
}

function wantedOne(parts: Partial<ScheduleConfig> = {}): WantedSchedule {
  const [first] = wantedSchedules(config(parts));
  if (first === undefined) throw new Error('nothing is wanted');
  return first;
}

/** A Schedule as Temporal would have it after `wanted` was applied, and what people have made of it since. */
function found(wanted: WantedSchedule, byHand: Partial<FoundSchedule['byHand']> = {}): FoundSchedule {
  const { id, definition, catchupWindowMs } = wanted;
  return { id, definition, byHand: { isPaused: false, catchupWindowMs, pauseOnFailure: false, ...byHand } };
}

describe('the Schedules that a configuration asks for', () => {
  const ids = (parts: Partial<ScheduleConfig> = {}) => wantedSchedules(config(parts)).map(({ id }) => id);

  it('are the sweep alone without a CRM, because there is nobody to catch up with', () => {
    expect(ids({ crm: {} })).toEqual(['kickoff-sweep']);
    expect(ids({ crm: { generic: {} } })).toEqual(['kickoff-sweep']);
  });

  it.each(['hubspot', 'salesforce', 'pipedrive'] as const)('include the catch-up with %s', (crm) => {
    expect(ids({ crm: { [crm]: {} } })).toEqual(['kickoff-sweep', 'kickoff-catch-up']);
  });

  it('do not include what is switched off', () => {
    const off = { everyMinutes: 0 };
    expect(ids({ crm: { hubspot: {} }, sweep: off, catchUp: { ...DEFAULTS.catchUp, ...off } })).toEqual([]);
  });

  it('include a backfill for each entry, with its input', () => {
    const weekly = {
      name: 'weekly',
      crm: 'salesforce',
      everyHours: 168,
      closedWithinDays: 30,
      pipelines: ['a'],
      limit: 9,
    };
    const schedules = [NIGHTLY, { ...weekly, of: 'deals' as const, crm: 'salesforce' as const }];
    const wanted = wantedSchedules(config({ backfill: { ...DEFAULTS.backfill, schedules } }));
    expect(wanted.slice(1)).toMatchObject([
      {
        id: 'kickoff-backfill-nightly',
        definition: {
          times: 'every 24 h',
          workflowType: 'backfill',
          workflowId: 'backfill:nightly',
          taskQueue: 'kickoff',
          overlap: 'SKIP',
          summary: 'Backfill nightly: hubspot, deals closed in the last 7 days',
          input: [{ crm: 'hubspot', closedWithinDays: 7, requestedBy: 'schedule nightly' }],
        },
      },
      {
        id: 'kickoff-backfill-weekly',
        definition: {
          times: 'every 168 h',
          input: [
            { crm: 'salesforce', closedWithinDays: 30, pipelines: ['a'], limit: 9, requestedBy: 'schedule weekly' },
          ],
        },
      },
    ]);
    expect(wanted[1]?.definition.input).toEqual([
      { crm: 'hubspot', closedWithinDays: 7, requestedBy: 'schedule nightly' },
    ]);
  });

  it('cannot be two of one name', () => {
    const backfill = { ...DEFAULTS.backfill, schedules: [NIGHTLY, { ...NIGHTLY, closedWithinDays: 30 }] };
    expect(() => wantedSchedules(config({ backfill }))).toThrow(/two of the name nightly/);
  });

  it('end a run that hangs only after its activities had their time, and a backfill only after weeks', () => {
    const hours = wantedSchedules(
      config({ crm: { hubspot: {} }, backfill: { ...DEFAULTS.backfill, schedules: [NIGHTLY] } }),
    ).map(({ definition }) => definition.executionTimeoutMs / 3_600_000);
    expect(hours).toEqual([2, 3, 720]);
  });
});

describe('the difference between a wanted Schedule and the one that is there', () => {
  it('is nothing when it is as wanted, whatever the order of keys in its input', () => {
    const wanted = wantedOne({ sweep: { everyMinutes: 0 }, backfill: { ...DEFAULTS.backfill, schedules: [NIGHTLY] } });
    const there = found(wanted);
    const [input] = there.definition.input;
    const turned = Object.fromEntries(Object.entries(input as object).reverse());
    expect(Object.keys(turned)[0]).toBe('requestedBy');
    expect(differences(wanted, { ...there, definition: { ...there.definition, input: [turned] } })).toEqual([]);
  });

  it.each<[string, Partial<FoundSchedule['definition']>, string, string]>([
    ['times', { times: 'every 10 min' }, 'every 10 min', 'every 5 min'],
    ['workflow', { workflowType: 'catchUp' }, 'catchUp', 'sweep'],
    ['workflow id', { workflowId: 'sweep-workflow' }, 'sweep-workflow', 'sweep'],
    ['task queue', { taskQueue: 'other' }, 'other', 'kickoff'],
    ['input', { input: [{ b: 1, a: [{ d: 1, c: null }] }] }, '{"a":[{"c":null,"d":1}],"b":1}', 'none'],
    ['overlap', { overlap: 'ALLOW_ALL' }, 'ALLOW_ALL', 'SKIP'],
    ['execution timeout', { executionTimeoutMs: 0 }, 'none', '2 h'],
    ['run timeout', { runTimeoutMs: 60_000 }, '1 min', 'none'],
    ['summary', { summary: '' }, 'none', 'What lost webhooks would have said'],
  ])('names %s with before and after', (field, other, before, after) => {
    const wanted = wantedOne();
    const there = found(wanted);
    const changed = { ...there, definition: { ...there.definition, ...other } };
    expect(differences(wanted, changed)).toEqual([{ field, before, after }]);
  });

  it('is every field of one that is not there', () => {
    const changes = differences(wantedOne(), undefined);
    expect(changes).toHaveLength(9);
    expect(changes.every(({ before }) => before === null)).toBe(true);
    expect(changes).toContainEqual({ field: 'times', before: null, after: 'every 5 min' });
  });

  it('leaves what people have made of it, and names that', () => {
    const wanted = wantedOne();
    const there = found(wanted, { isPaused: true, note: 'moving', catchupWindowMs: 600_000, pauseOnFailure: true });
    expect(differences(wanted, there)).toEqual([]);
    expect(setByHand(there, wanted)).toEqual([
      'paused (moving)',
      'catch-up window 10 min (made with 1 min)',
      'pauses itself when a run fails',
    ]);
    expect(setByHand(found(wanted, { note: 'resumed' }), wanted)).toEqual(['note: resumed']);
    expect(setByHand(found(wanted), wanted)).toEqual([]);
  });
});

describe('the plan', () => {
  const sweep = wantedOne();
  const other = (id: string, workflowType: string): FoundSchedule => {
    const there = found(sweep);
    return { ...there, id, definition: { ...there.definition, workflowType } };
  };
  const todos = (wanted: WantedSchedule[], there: FoundSchedule[]) =>
    planSchedules(wanted, there).map(({ id, todo }) => [id, todo]);

  it('makes, changes and leaves what is wanted, and removes what is Kickoff’s and not wanted', () => {
    const [first, second] = wantedSchedules(config({ crm: { hubspot: {} } }));
    expect(
      first && second && todos([first, second], [other('kickoff-backfill-old', 'backfill'), found(first)]),
    ).toEqual([
      ['kickoff-sweep', 'nothing'],
      ['kickoff-catch-up', 'create'],
      ['kickoff-backfill-old', 'remove'],
    ]);
    expect(todos([sweep], [other('kickoff-sweep', 'backfill')])).toEqual([['kickoff-sweep', 'update']]);
    expect(todos([], [found(sweep)])).toEqual([['kickoff-sweep', 'remove']]);
  });

  it('touches nothing that is somebody else’s: not of this prefix, or not of these workflows', () => {
    expect(todos([], [other('kickoff-report', 'weeklyReport'), other('reports', 'sweep')])).toEqual([]);
    expect(todos([sweep], [other('kickoff-sweep', 'chimney')])).toEqual([['kickoff-sweep', 'foreign']]);
  });
});

describe('a length of time in words', () => {
  it.each([
    [0, '0 ms'],
    [1500, '1500 ms'],
    [90_000, '90 s'],
    [60_000, '1 min'],
    [5_400_000, '90 min'],
    [7_200_000, '2 h'],
    [86_400_000, '24 h'],
    [90_000_000, '25 h'],
    [604_800_000, '168 h'],
  ])('%i ms is %s', (ms, words) => expect(durationInWords(ms)).toBe(words));
});
