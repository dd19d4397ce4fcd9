import type { Fault } from './errors.ts';
import { nearestName } from './nearest-name.ts';
import { EARLIER, type MakeFault, type PlacedStep, pathOf } from './placed-steps.ts';

/** `after` names steps of the same list, and leads to no circle. */
export function faultsOfOrder(steps: readonly PlacedStep[], fault: MakeFault): Fault[] {
  const unknown = steps.flatMap((entry) =>
    (entry.step.after ?? []).flatMap((id, place) => {
      const path = [...pathOf(entry), 'after', place];
      const message = faultOfAfter(id, entry, steps);
      return message === undefined ? [] : [fault(path, message)];
    }),
  );
  return [...unknown, ...circles(steps, fault)];
}

function faultOfAfter(id: string, entry: PlacedStep, steps: readonly PlacedStep[]): string | undefined {
  if (id === entry.step.id) return `${id} cannot come after itself; take it out`;
  const named = steps.filter(({ step }) => step.id === id);
  if (named.some(({ list }) => list === entry.list)) return undefined;
  const [elsewhere] = named;
  if (elsewhere !== undefined) {
    const why = EARLIER[entry.list].includes(elsewhere.list)
      ? 'which has run before this list begins; take it out'
      : 'and only steps of the same list can be waited for; take it out';
    return `${id} is a step of ${elsewhere.list}, ${why}`;
  }
  const nearest = nearestName(
    id,
    steps.filter(({ list }) => list === entry.list).map(({ step }) => step.id),
  );
  return `there is no step ${id} in ${entry.list}${nearest === undefined || nearest === entry.step.id ? '' : `; did you mean ${nearest}?`}`;
}

/** One fault for each circle, at the first of its steps in the file. */
function circles(steps: readonly PlacedStep[], fault: MakeFault): Fault[] {
  const told = new Set<PlacedStep>();
  return steps.flatMap((entry) => {
    if (told.has(entry)) return [];
    const circle = circleFrom(entry, steps);
    if (circle.length < 2) return [];
    for (const member of circle) told.add(member);
    const way = [...circle, entry].map(({ step }) => step.id).join(' → ');
    return [fault([...pathOf(entry), 'after'], `comes after itself: ${way}; take one of these out of \`after\``)];
  });
}

/** The way from a step over what it comes after back to it; empty when there is none. */
function circleFrom(start: PlacedStep, steps: readonly PlacedStep[]): PlacedStep[] {
  const seen = new Set<PlacedStep>();
  const follow = (entry: PlacedStep, way: PlacedStep[]): PlacedStep[] => {
    for (const next of waitedFor(entry, steps)) {
      if (next === start) return way;
      if (seen.has(next)) continue;
      seen.add(next);
      const found = follow(next, [...way, next]);
      if (found.length > 0) return found;
    }
    return [];
  };
  return follow(start, [start]);
}

function waitedFor(entry: PlacedStep, steps: readonly PlacedStep[]): PlacedStep[] {
  const after = entry.step.after ?? [];
  return steps.filter(({ list, step }) => list === entry.list && after.includes(step.id));
}

/** Every step that has certainly ended when this one begins, of its own list. */
export function finishedBefore(entry: PlacedStep, steps: readonly PlacedStep[]): Set<PlacedStep> {
  const before = new Set<PlacedStep>();
  const add = (from: PlacedStep) => {
    for (const next of waitedFor(from, steps)) {
      if (before.has(next)) continue;
      before.add(next);
      add(next);
    }
  };
  add(entry);
  return before;
}
