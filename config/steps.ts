import { z } from 'zod';
import type { Fault } from './errors.ts';
import { faultAt, pathText } from './faults.ts';
import { type MakeFault, type PlacedStep, pathOf, placedSteps } from './placed-steps.ts';
import type { FileConfig } from './schema.ts';
import { faultsOfCalls } from './step-calls.ts';
import { faultsOfOrder } from './step-order.ts';
import { faultsOfTexts } from './step-texts.ts';
import { faultsOfTemplate, TEMPLATE_NAMES } from './templates.ts';

/**
 * Everything that is wrong with the steps as a whole: ids used twice, an order that cannot be, texts that name what is not
 * there, mail without a sender.
 *
 * @param lineOf the file's line on which a path stands
 */
export function faultsOfSteps(file: FileConfig, lineOf: (path: readonly PropertyKey[]) => number | undefined): Fault[] {
  const fault: MakeFault = (path, message) => faultAt(path, message, lineOf);
  const all = placedSteps(file);
  const pipelines = (['kickoff', 'recovery'] as const).map((name) => all.filter(({ pipeline }) => pipeline === name));
  return [
    ...pipelines.flatMap((steps) => [...doubledIds(steps, fault), ...faultsOfOrder(steps, fault)]),
    ...pipelines.flatMap((steps) => steps.flatMap((entry) => faultsOfTexts(entry, steps, fault))),
    ...faultsOfMeetingTexts(file, fault),
    ...faultsOfMail(file, all, fault),
    ...faultsOfCalls(file, all, fault),
    ...faultsOfOwn(file, all, fault),
  ];
}

/** A step's id names its result in the ledger, in templates and in `retryStep`, over all lists of its pipeline. */
function doubledIds(steps: readonly PlacedStep[], fault: MakeFault): Fault[] {
  const seen = new Map<string, string>();
  return steps.flatMap((entry) => {
    const { id } = entry.step;
    const first = seen.get(id);
    if (first === undefined) {
      seen.set(id, pathText(pathOf(entry)));
      return [];
    }
    return [fault([...pathOf(entry), 'id'], `${id} is the id of ${first} already; every step needs its own`)];
  });
}

/** Title, purpose and description, which SkipUp is told. */
function faultsOfMeetingTexts(file: FileConfig, fault: MakeFault): Fault[] {
  return (['kickoff', 'recovery'] as const).flatMap((pipeline) =>
    (['title', 'purpose', 'description'] as const).flatMap((option) => {
      const names = TEMPLATE_NAMES[pipeline].texts;
      return faultsOfTemplate(file[pipeline]?.[option] ?? '', names).map((message) =>
        fault([pipeline, option], message),
      );
    }),
  );
}

function faultsOfMail({ mail }: FileConfig, steps: readonly PlacedStep[], fault: MakeFault): Fault[] {
  const { from } = mail;
  if (from !== undefined) {
    const address = /^[^<>]*<([^<>]+)>$/.exec(from)?.[1] ?? from;
    if (z.email().safeParse(address.trim()).success) return [];
    return [fault(['mail', 'from'], 'must be an address, or Name <address>')];
  }
  const first = steps.find(({ step }) => step.kind === 'email');
  if (first === undefined) return [];
  const where = pathText(pathOf(first));
  return [fault(['mail', 'from'], `is not set; ${where} is an email step: say who sends, Name <address>`)];
}

/** Which kinds a file has is known when the worker has loaded it. */
function faultsOfOwn({ stepKinds }: FileConfig, steps: readonly PlacedStep[], fault: MakeFault): Fault[] {
  if (stepKinds.length > 0) return [];
  return steps
    .filter(({ step }) => step.kind === 'own')
    .map((entry) => fault([...pathOf(entry), 'use'], 'stepKinds names no file; name the one that has this kind'));
}
