import type { Fault } from './errors.ts';
import { nearestName } from './nearest-name.ts';
import { EARLIER, type MakeFault, type PlacedStep, pathOf } from './placed-steps.ts';
import type { Step } from './policy.ts';
import { finishedBefore } from './step-order.ts';
import { faultsOfTemplate, pathsIn, TEMPLATE_NAMES } from './templates.ts';

/** Options whose texts are names, not templates. */
const NAMES = new Set([
  'id',
  'kind',
  'onFailure',
  'after',
  'method',
  'keep',
  'until',
  'type',
  'taskQueue',
  'use',
  'secretHeaders',
]);

/** Placeholders name what there is, and results that are there by then. */
export function faultsOfTexts(entry: PlacedStep, steps: readonly PlacedStep[], fault: MakeFault): Fault[] {
  return textsOf(entry.step).flatMap(({ path, text }) => {
    const names = TEMPLATE_NAMES[entry.pipeline].steps;
    const known = path[0] === 'undoWith' ? { ...names, result: 'any' as const } : names;
    const messages = [
      ...faultsOfTemplate(text, known),
      ...pathsIn(text).flatMap((named) => faultsOfResult(named, entry, steps)),
    ];
    return messages.map((message) => fault([...pathOf(entry), ...path], message));
  });
}

/** What `{{steps.<id>.url}}` says is wrong. */
function faultsOfResult(named: string, entry: PlacedStep, steps: readonly PlacedStep[]): string[] {
  const [root, id, ...rest] = named.split('.');
  if (root !== 'steps') return [];
  const shown = `{{${named}}}`;
  if (id === undefined || !/^(?:url|detail|ids\.[^.]+)$/.test(rest.join('.'))) {
    return [`${shown}: of an earlier step there is steps.<id>.url, .detail and .ids.<name>`];
  }
  const found = steps.find(({ step }) => step.id === id);
  if (found === undefined) {
    const nearest = nearestName(
      id,
      steps.map(({ step }) => step.id),
    );
    return [`${shown}: there is no step ${id}${nearest === undefined ? '' : `; did you mean ${nearest}?`}`];
  }
  if (found.step.id === entry.step.id) return [`${shown}: a step’s own result is not there before it has run`];
  if (found.list === entry.list) {
    return finishedBefore(entry, steps).has(found)
      ? []
      : [`${shown}: ${id} runs beside this step; add it to this step’s \`after\``];
  }
  return EARLIER[entry.list].includes(found.list)
    ? []
    : [`${shown}: ${id} is a step of ${found.list}, whose results ${entry.list} cannot count on`];
}

interface PlacedText {
  path: PropertyKey[];
  text: string;
}

/** The texts of a step that are filled in, with their places in it. */
function textsOf(step: Step): PlacedText[] {
  return Object.entries(step).flatMap(([name, value]) => (NAMES.has(name) ? [] : textsIn(value, [name])));
}

function textsIn(value: unknown, path: PropertyKey[]): PlacedText[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (Array.isArray(value)) return value.flatMap((item, index) => textsIn(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => textsIn(item, [...path, name]));
}
