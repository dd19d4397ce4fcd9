import type { z } from 'zod';
import type { Fault } from './errors.ts';
import { knownKeys } from './json-schema.ts';
import { nearestName } from './nearest-name.ts';

type Path = readonly PropertyKey[];

const SECRET_KEY = /secret|token|password|passwd|api_?key|access_?key|private_?key|credential|webhook_?url|dsn/i;
const SECRET_VALUE = /^(sk_|whsec_|xox[abprs]-|pat-[a-z]{2}\d-|bearer\s)|hooks\.slack\.com|:\/\/[^/\s:@]+:[^/\s@]+@/i;

/** `['a', 'b', 0, 'c']` → `a.b[0].c`. */
export function pathText(path: Path): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    '',
  );
}

/**
 * Turns what zod found wrong in the file into sentences. Unknown options get the nearest known name; unknown options that
 * look like a secret get told where secrets belong.
 *
 * @param lineOf the file's line on which a path stands
 */
export function faultsOfFile(issues: readonly z.core.$ZodIssue[], lineOf: (path: Path) => number | undefined): Fault[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => faultAt([...issue.path, key], unknownKey(issue.path, key), lineOf));
    }
    return [faultAt(issue.path, sentence(issue), lineOf)];
  });
}

/** The same for the environment; the value is never shown. */
export function faultsOfEnvironment(issues: readonly z.core.$ZodIssue[]): Fault[] {
  return issues.map((issue) => ({ path: pathText(issue.path), message: sentence(issue) }));
}

/** Finds values in the file that look like secrets, whatever option they stand under. */
export function secretsInFile(value: unknown, lineOf: (path: Path) => number | undefined, path: Path = []): Fault[] {
  if (typeof value === 'string' && SECRET_VALUE.test(value)) {
    return [faultAt(path, 'looks like a secret; secrets are read from the environment only', lineOf)];
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => secretsInFile(item, lineOf, [...path, index]));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, item]) => secretsInFile(item, lineOf, [...path, key]));
  }
  return [];
}

/** @param lineOf the file's line on which a path stands */
export function faultAt(path: Path, message: string, lineOf: (path: Path) => number | undefined): Fault {
  const line = lineOf(path);
  return { path: pathText(path) || '(file)', message, ...(line === undefined ? {} : { line }) };
}

function unknownKey(path: Path, key: string): string {
  if (SECRET_KEY.test(key)) return 'secrets are read from the environment only; take it out of the file';
  const nearest = nearestName(key, knownKeys(path));
  return nearest === undefined ? 'is not an option' : `is not an option; did you mean ${nearest}?`;
}

function sentence(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_key' && issue.issues[0] !== undefined) return sentence(issue.issues[0]);
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined')) {
    return `is missing (${issue.expected})`;
  }
  const text = issue.message.replace(/^Invalid input: /, '').replace(/^Invalid option: /, '');
  return text.charAt(0).toLowerCase() + text.slice(1);
}
