import { z } from 'zod';
import type { Fault } from './errors.ts';
import { faultAt, pathText } from './faults.ts';
import { type MakeFault, type PlacedStep, pathOf, placedIn, placedSteps } from './placed-steps.ts';
import type { KickoffPolicy } from './policy.ts';
import type { FileConfig } from './schema.ts';
import { faultsOfCalls } from './step-calls.ts';
import { faultsOfOrder } from './step-order.ts';
import { faultsOfTexts } from './step-texts.ts';
import { faultsOfTemplate, type Names, TEMPLATE_NAMES } from './templates.ts';

type LineOf = (path: readonly PropertyKey[]) => number | undefined;

/**
 * Everything that is wrong with the steps as a whole: ids used twice, an order that cannot be, texts that name what is not
 * there, mail without a sender. How a workstream's own lists go with the main ones is for `faultsOfWorkstreams` to ask.
 *
 * @param lineOf the file's line on which a path stands
 */
export function faultsOfSteps(file: FileConfig, lineOf: LineOf): Fault[] {
  const fault: MakeFault = (path, message) => faultAt(path, message, lineOf);
  const all = placedSteps(file);
  return [
    ...faultsOfKickoffSteps(file.kickoff.steps, lineOf),
    ...faultsTogether(placedIn('recovery', file.recovery?.steps ?? {}), fault),
    ...faultsOfMeetingTexts(file, fault),
    ...faultsOfMail(file, all, fault),
    ...faultsOfCalls(file, all, fault),
    ...faultsOfOwn(file, all, fault),
  ];
}

/** What is wrong with the lists of one kickoff, by paths under `kickoff.steps`. */
export function faultsOfKickoffSteps(steps: KickoffPolicy['steps'], lineOf: LineOf): Fault[] {
  return faultsTogether(placedIn('kickoff', steps), (path, message) => faultAt(path, message, lineOf));
}

function faultsTogether(steps: readonly PlacedStep[], fault: MakeFault): Fault[] {
  return [
    ...doubledIds(steps, fault),
    ...faultsOfOrder(steps, fault),
    ...steps.flatMap((entry) => faultsOfTexts(entry, steps, fault)),
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
  const { kickoff, recovery } = TEMPLATE_NAMES;
  const places: { path: PropertyKey[]; texts: Record<string, unknown>; names: Names }[] = [
    { path: ['kickoff'], texts: file.kickoff, names: kickoff.texts },
    { path: ['recovery'], texts: file.recovery ?? {}, names: recovery.texts },
    ...Object.entries(file.workstreams).map(([name, stream]) => ({
      path: ['workstreams', name, 'kickoff'],
      texts: stream.kickoff,
      names: kickoff.texts,
    })),
  ];
  return places.flatMap(({ path, texts, names }) =>
    ['title', 'purpose', 'description'].flatMap((option) => {
      const text = texts[option];
      if (typeof text !== 'string') return [];
      return faultsOfTemplate(text, names).map((message) => fault([...path, option], message));
    }),
  );
}

function faultsOfMail({ mail }: FileConfig, steps: readonly PlacedStep[], fault: MakeFault): Fault[] {
  const { from } = mail;
  if (from !== undefined) {
    const address = /^[^<>]*<([^<>]+)>$/.exec(from)?.[1] ?? from;
    // Addresses are read as a list: a comma, or what would end a header, begins another.
    if (/[,;\p{Cc}]/u.test(from)) return [fault(['mail', 'from'], 'must be one address, its name without , and ;')];
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
