import type { Fault } from './errors.ts';
import type { Step, StepList } from './policy.ts';
import type { FileConfig } from './schema.ts';
import { policyOf } from './workstreams.ts';

/** A step with the place where it stands. */
export interface PlacedStep {
  pipeline: 'kickoff' | 'recovery';
  /** The workstream whose own list it is in; undefined in the main kickoff and in a recovery. */
  workstream?: string;
  list: StepList;
  index: number;
  step: Step;
}

/** Makes a fault with its line. */
export type MakeFault = (path: readonly PropertyKey[], message: string) => Fault;

/**
 * Lists whose results a list's texts may name, because they can have run before it. Of a list that tells of trouble they may
 * also not have: then there is nothing to show.
 */
export const EARLIER: Record<StepList, readonly StepList[]> = {
  on_won: [],
  on_requested: ['on_won'],
  on_follow_up: ['on_won', 'on_requested'],
  on_ghosted: ['on_won', 'on_requested'],
  on_booked: ['on_won', 'on_requested'],
  on_booked_elsewhere: ['on_requested'],
  on_organizer_changed: ['on_won', 'on_requested', 'on_booked'],
  on_cancelled: ['on_won', 'on_requested', 'on_booked'],
  on_expired: ['on_won', 'on_requested'],
  on_attention: ['on_won', 'on_requested', 'on_booked'],
};

/** Every configured step, in the order of the file's lists: the main kickoff's, a recovery's, each workstream's own. */
export function placedSteps(file: StepRules): PlacedStep[] {
  return [
    ...placedIn('kickoff', file.kickoff.steps),
    ...placedIn('recovery', file.recovery?.steps ?? {}),
    ...Object.entries(file.workstreams).flatMap(([workstream, { kickoff }]) => {
      const own = Object.keys(kickoff.steps ?? {});
      const steps = placedIn('kickoff', own.length === 0 ? {} : policyOf(file, workstream).steps);
      return steps.filter(({ list }) => own.includes(list)).map((entry) => ({ ...entry, workstream }));
    }),
  ];
}

/** As much of the configuration as steps stand in. */
export type StepRules = Pick<FileConfig, 'kickoff' | 'recovery' | 'workstreams'>;

/** The steps of one pipeline's lists. */
export function placedIn(pipeline: PlacedStep['pipeline'], lists: Partial<Record<StepList, Step[]>>): PlacedStep[] {
  return listNames(lists).flatMap((list) =>
    (lists[list] ?? []).map((step, index) => ({ pipeline, list, index, step })),
  );
}

function listNames(lists: Partial<Record<StepList, Step[]>>): StepList[] {
  const known: { [list: string]: readonly StepList[] } = EARLIER;
  return Object.keys(lists).filter((name): name is StepList => Object.hasOwn(known, name));
}

/** `['kickoff', 'steps', 'on_won', 0]` */
export function pathOf({ pipeline, workstream, list, index }: PlacedStep): PropertyKey[] {
  const below = workstream === undefined ? [] : ['workstreams', workstream];
  return [...below, pipeline, 'steps', list, index];
}
