import { isDeepStrictEqual } from 'node:util';
import type { Account, Stakeholder } from './model.ts';

/** What may differ between two states of one person. Where a row came from is recorded, and is no change by itself. */
const COMPARED = [
  'name',
  'side',
  'roles',
  'attendance',
  'workstreams',
  'timezone',
  'timezoneSource',
  'activeFrom',
  'activeTo',
  'optedOut',
  'optedOutReason',
  'source',
  'verifiedAt',
] as const satisfies (keyof Stakeholder)[];
export type PersonField = (typeof COMPARED)[number];

const ACCOUNT_FIELDS = ['name', 'country', 'timezone'] as const satisfies (keyof Account)[];
export type AccountField = (typeof ACCOUNT_FIELDS)[number];

/** The fields in which two states of a person differ. */
export function personDifferences(before: Stakeholder, after: Stakeholder): PersonField[] {
  return COMPARED.filter((field) => !isSame(before[field], after[field]));
}

/** The fields in which two states of an account differ. */
export function accountDifferences(before: Account, after: Account): AccountField[] {
  return ACCOUNT_FIELDS.filter((field) => before[field] !== after[field]);
}

/** What is known of a person, without where and who it is. */
export function personFacts(person: Stakeholder): object {
  return onlyFields(person, COMPARED);
}

/** These fields, with null for what is not known: JSON has no undefined. */
export function onlyFields<T extends object, K extends keyof T>(
  from: T,
  fields: readonly K[],
): { [P in K]?: T[P] | null } {
  const picked: { [P in K]?: T[P] | null } = {};
  for (const field of fields) picked[field] = from[field] ?? null;
  return picked;
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === 'object' && isDeepStrictEqual(a, b));
}
