/** In which order the steps of a list run: a step with `after` when those are done, every other one at once. */
import type { Step } from '../../config/policy.ts';
import { isOf, type RunName, type StepLists, type StepRecord } from './record.ts';

/**
 * How a step stands that comes after others.
 *
 * `go`: all of them are done, or a person has let them go. `held`: one has failed and waits for a person. `dropped`: one
 * has failed, and nobody is waited for.
 */
export type Standing =
  | { standing: 'go' }
  | { standing: 'wait' }
  | { standing: 'held' }
  | { standing: 'dropped'; failed: string };

export function standingOf(step: Step, run: RunName, records: readonly StepRecord[]): Standing {
  const before = (step.after ?? []).flatMap((id) => records.filter((one) => isOf(one, run) && one.id === id));
  for (const one of before) {
    if (one.droppedFor !== undefined) return { standing: 'dropped', failed: one.droppedFor };
    if (one.state === 'failed' && !one.holds) return { standing: 'dropped', failed: one.id };
  }
  if (before.some((one) => one.heldBack === true || one.state === 'failed')) return { standing: 'held' };
  const isOpen = (one: StepRecord) => one.state === 'running' || one.state === 'waiting' || one.stopped !== undefined;
  return { standing: before.some(isOpen) ? 'wait' : 'go' };
}

/**
 * A step that is to be run again, or was let go, with those of its list that were held back or skipped because it had
 * failed.
 *
 * @returns their ids, in the list's order
 */
export function withDependents(records: readonly StepRecord[], step: StepRecord, lists: StepLists): string[] {
  const steps = lists[step.list] ?? [];
  const waits = (id: string) =>
    records.some((one) => isOf(one, step) && one.id === id && (one.heldBack === true || one.droppedFor !== undefined));
  const found = new Set([step.id]);
  for (let before = 0; before < found.size; ) {
    before = found.size;
    for (const { id, after } of steps) {
      if (waits(id) && after?.some((one) => found.has(one))) found.add(id);
    }
  }
  return steps.filter(({ id }) => found.has(id)).map(({ id }) => id);
}
