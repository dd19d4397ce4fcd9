import { type FoundSchedule, isOurs, type ScheduleDefinition, type WantedSchedule } from './definition.ts';
import { durationInWords } from './duration.ts';

/** One field of a Schedule that is not as wanted, in words. */
export interface ScheduleChange {
  field: string;
  /** `null`: the Schedule is not there yet. */
  before: string | null;
  after: string;
}

/**
 * What must change for a Schedule to be as wanted, field by field; empty when it is.
 *
 * @param found undefined: there is none yet, and every field is new
 */
export function differences({ definition }: WantedSchedule, found: FoundSchedule | undefined): ScheduleChange[] {
  const after = inWords(definition);
  const before = found === undefined ? undefined : inWords(found.definition);
  return Object.entries(after)
    .map(([field, text]) => ({ field, before: before?.[field] ?? null, after: text }))
    .filter((change) => change.before !== change.after);
}

/** What people have made of a Schedule, which no configuration says and nothing here changes; in words. */
export function setByHand({ byHand }: FoundSchedule, wanted?: WantedSchedule): string[] {
  const { isPaused, note, catchupWindowMs, pauseOnFailure } = byHand;
  const noted = note === undefined ? '' : ` (${note})`;
  return [
    ...(isPaused ? [`paused${noted}`] : []),
    ...(!isPaused && note !== undefined ? [`note: ${note}`] : []),
    ...(wanted === undefined || catchupWindowMs === wanted.catchupWindowMs
      ? []
      : [`catch-up window ${durationInWords(catchupWindowMs)} (made with ${durationInWords(wanted.catchupWindowMs)})`]),
    ...(pauseOnFailure ? ['pauses itself when a run fails'] : []),
  ];
}

/** One Schedule: what is to be done about it, and why. */
export interface PlannedSchedule {
  id: string;
  /** `foreign`: something else of this name, which is left alone. */
  todo: 'create' | 'update' | 'nothing' | 'remove' | 'foreign';
  changes: ScheduleChange[];
  wanted?: WantedSchedule;
  found?: FoundSchedule;
}

/**
 * What makes the Schedules match the configuration: the wanted ones in their order, then those of Kickoff's that nobody
 * wants any more. Others' are not in it.
 */
export function planSchedules(wanted: readonly WantedSchedule[], found: readonly FoundSchedule[]): PlannedSchedule[] {
  const foundById = new Map(found.map((one) => [one.id, one]));
  const wantedIds = new Set(wanted.map(({ id }) => id));
  return [
    ...wanted.map((one) => planned(one, foundById.get(one.id))),
    ...found
      .filter((one) => !wantedIds.has(one.id) && isOurSchedule(one))
      .map((one): PlannedSchedule => ({ id: one.id, todo: 'remove', changes: [], found: one })),
  ];
}

function planned(wanted: WantedSchedule, found: FoundSchedule | undefined): PlannedSchedule {
  const { id } = wanted;
  if (found === undefined) return { id, todo: 'create', changes: differences(wanted, found), wanted };
  if (!isOurSchedule(found)) return { id, todo: 'foreign', changes: [], wanted, found };
  const changes = differences(wanted, found);
  return { id, todo: changes.length === 0 ? 'nothing' : 'update', changes, wanted, found };
}

/** Whether a Schedule that was found is one of Kickoff's. */
export function isOurSchedule({ id, definition: { workflowType } }: FoundSchedule): boolean {
  return isOurs({ id, workflowType });
}

/** Every field by the name that people read; the texts are one for one with the values. */
function inWords(definition: ScheduleDefinition): Record<string, string> {
  const { input } = definition;
  return {
    times: definition.times,
    workflow: definition.workflowType,
    'workflow id': definition.workflowId,
    'task queue': definition.taskQueue,
    input: input.length === 0 ? 'none' : input.map((value) => JSON.stringify(sorted(value))).join(', '),
    overlap: definition.overlap ?? 'the server’s default',
    'execution timeout': limitInWords(definition.executionTimeoutMs),
    'run timeout': limitInWords(definition.runTimeoutMs),
    summary: definition.summary === '' ? 'none' : definition.summary,
  };
}

function limitInWords(ms: number): string {
  return ms === 0 ? 'none' : durationInWords(ms);
}

/** The same value with the keys of every object in order, so that only another value reads otherwise. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
