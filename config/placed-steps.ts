import type { Fault } from './errors.ts';
import type { Step, StepList } from './policy.ts';
import type { FileConfig } from './schema.ts';

/** A step with the place where it stands. */
export interface PlacedStep {
  pipeline: 'kickoff' | 'recovery';
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

/** Every configured step of both pipelines, in the order of the file's lists. */
export function placedSteps(file: Pick<FileConfig, 'kickoff' | 'recovery'>): PlacedStep[] {
  return [...placed('kickoff', file.kickoff.steps), ...placed('recovery', file.recovery?.steps ?? {})];
}

function placed(pipeline: PlacedStep['pipeline'], lists: Partial<Record<StepList, Step[]>>): PlacedStep[] {
  return listNames(lists).flatMap((list) =>
    (lists[list] ?? []).map((step, index) => ({ pipeline, list, index, step })),
  );
}

function listNames(lists: Partial<Record<StepList, Step[]>>): StepList[] {
  const known: { [list: string]: readonly StepList[] } = EARLIER;
  return Object.keys(lists).filter((name): name is StepList => Object.hasOwn(known, name));
}

/** `['kickoff', 'steps', 'on_won', 0]` */
export function pathOf({ pipeline, list, index }: PlacedStep): PropertyKey[] {
  return [pipeline, 'steps', list, index];
}
