import type { Fault } from './errors.ts';
import { pathText } from './faults.ts';
import { pathOf, placedSteps, type StepRules } from './placed-steps.ts';

/** What a step’s secret headers may name. */
const NAME = /^STEP_HEADER_[A-Z0-9_]{1,60}$/;
/** A shorter value could not be kept out of messages without blotting out words of the language. */
const SHORTEST = 6;
/** Parts of a value from this length on are blotted out by themselves, too. */
const SHORTEST_PART = 12;

/** The variables that hold the values of secret headers, by name. */
export function headerVariables(env: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env)
      .filter(([name]) => NAME.test(name))
      .map(([name, value]) => [name, value.replace(/^ +| +$/g, '')]),
  );
}

/** Values that no header can carry, or that could not be kept secret. The value is never shown. */
export function faultsOfHeaderVariables(env: Record<string, string>): Fault[] {
  return Object.entries(headerVariables(env)).flatMap(([path, value]) => {
    const message = faultOfValue(value);
    return message === undefined ? [] : [{ path, message }];
  });
}

function faultOfValue(value: string): string | undefined {
  if (/[\r\n]/.test(value)) return 'holds a line break, which would end the header; take it out';
  if (/[^\x20-\x7e]/.test(value)) return 'holds a character that no header can carry; take it out';
  return value.length < SHORTEST
    ? `is shorter than ${SHORTEST} characters; give the whole value of the header`
    : undefined;
}

/** One fault for each variable that steps name and that is not set, with what it is for. */
export function missingHeaderVariables(env: Record<string, string>, file: StepRules): Fault[] {
  const uses = placedSteps(file).flatMap((entry) => {
    const { step } = entry;
    if (step.kind !== 'http') return [];
    return [step.secretHeaders, step.undoWith?.secretHeaders].flatMap((headers) =>
      Object.entries(headers ?? {}).map(([header, variable]) => ({ header, variable, entry })),
    );
  });
  const missing = uses.filter(({ variable }) => env[variable] === undefined);
  const first = missing.filter(
    (use, index) => missing.findIndex(({ variable }) => variable === use.variable) === index,
  );
  return first.map(({ header, variable, entry }) => {
    const isMain = entry.pipeline === 'kickoff' && entry.workstream === undefined;
    const where = isMain ? entry.list : pathText(pathOf(entry).slice(0, -1));
    return { path: variable, message: `is not set; step ${entry.step.id} of ${where} sends it as ${header}` };
  });
}

/**
 * The texts to blot out for a header’s value: it whole, and what a receiver may repeat without the rest: the credential
 * after the scheme (`Bearer …`), user and password of `Basic …`, the values of a cookie.
 */
export function secretsOfHeader(value: string): string[] {
  const [, scheme = '', credential = ''] = /^([A-Za-z][\w-]*) +(.+)$/.exec(value) ?? [];
  const pair = scheme.toLowerCase() === 'basic' ? Buffer.from(credential, 'base64').toString('utf8') : '';
  const parts = value.split(/[\s;,="]+/).filter((part) => part.length >= SHORTEST_PART);
  const texts = [value, credential, pair, pair.slice(pair.indexOf(':') + 1), ...parts];
  return [...new Set(texts.filter((text) => text !== ''))];
}
