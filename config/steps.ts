import type { Fault } from './errors.ts';
import { pathText } from './faults.ts';
import type { KickoffPolicy } from './policy.ts';

/**
 * A step's id names its result in the ledger and in `retryStep`, over all lists: one fault for each id used twice.
 *
 * @param lineOf the file's line on which a path stands
 */
export function doubledStepIds(
  steps: KickoffPolicy['steps'],
  lineOf: (path: readonly PropertyKey[]) => number | undefined,
): Fault[] {
  const seen = new Map<string, string>();
  const faults: Fault[] = [];
  for (const [list, entries] of Object.entries(steps)) {
    entries.forEach((step, index) => {
      const path = ['kickoff', 'steps', list, index, 'id'];
      const first = seen.get(step.id);
      if (first === undefined) {
        seen.set(step.id, pathText(path));
        return;
      }
      const line = lineOf(path);
      faults.push({
        path: pathText(path),
        message: `${step.id} is the id of ${first.replace(/\.id$/, '')} already; every step needs its own`,
        ...(line === undefined ? {} : { line }),
      });
    });
  }
  return faults;
}
