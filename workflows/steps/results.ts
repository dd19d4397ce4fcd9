import type { StepOutcome } from '../../activities/contract.ts';
import type { Step } from '../../config/policy.ts';
import type { StepRecord } from './record.ts';

/**
 * What earlier steps made, by id: those that a step's texts name, so that its input stays small. Of the same revision, or
 * of the deal's close, which is followed up once for all revisions.
 */
export function resultsFor(step: Step, records: readonly StepRecord[], revision: number): Record<string, StepOutcome> {
  const named = new Set([...JSON.stringify(step).matchAll(/\bsteps\.([a-z][a-z0-9_-]{0,40})/g)].map(([, id]) => id));
  const found = records.filter(
    (one) => named.has(one.id) && (one.revision === revision || one.list === 'on_won') && one.outcome !== undefined,
  );
  return Object.fromEntries(
    found.flatMap(({ id, outcome }) => (outcome === undefined ? [] : [[id, outcome] as const])),
  );
}
