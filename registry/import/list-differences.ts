import type { Account, Stakeholder } from '../model.ts';
import type { RegistryDifferences } from './compare-registry.ts';

/** One difference that an import makes, field by field. */
export interface Difference {
  change: 'added' | 'changed' | 'ended' | 'account';
  account: string;
  deal?: string | undefined;
  /** Not of an account. */
  email?: string | undefined;
  fields: Record<string, { before: unknown; after: unknown }>;
}

/** Accounts first, then who is new, who changes and who ends; each with the fields that are worth saying. */
export function listDifferences({ accounts, added, changed, ended }: RegistryDifferences): Difference[] {
  const person = (
    change: Difference['change'],
    before: Stakeholder | undefined,
    after: Stakeholder,
    fields: readonly (keyof Stakeholder)[],
  ) => ({
    change,
    account: after.accountId,
    deal: after.dealId,
    email: after.email,
    fields: pairs(before, after, fields),
  });
  return [
    ...accounts.map(({ before, after, fields }) => ({
      change: 'account' as const,
      account: after.id,
      fields: pairs<Account>(before, after, fields),
    })),
    ...added.map((after) => person('added', undefined, after, saidOf(after))),
    ...changed.map(({ before, after, fields }) => person('changed', before, after, fields)),
    ...ended.map(({ before, after, fields }) => person('ended', before, after, fields)),
  ];
}

/** How often each field is different; of somebody new none counts. */
export function countFields(list: readonly Difference[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { change, fields } of list) {
    if (change === 'added') continue;
    for (const field of Object.keys(fields)) counts[field] = (counts[field] ?? 0) + 1;
  }
  return counts;
}

/** Whether there is anything to write. */
export function isNothing({ added, changed, ended, accounts }: RegistryDifferences): boolean {
  return added.length + changed.length + ended.length + accounts.length === 0;
}

/** The accounts in which something is different. */
export function accountsTouched({ added, changed, ended, accounts }: RegistryDifferences): Set<string> {
  const people = [...added, ...changed.map(({ after }) => after), ...ended.map(({ after }) => after)];
  return new Set([...people.map((person) => person.accountId), ...accounts.map(({ after }) => after.id)]);
}

/** A value in a few words; nothing, "no" and an empty list are a dash. */
export function valueInWords(value: unknown): string {
  if (value === undefined || value === null || value === '' || value === false) return '–';
  if (value === true) return 'yes';
  if (Array.isArray(value)) return value.length === 0 ? '–' : value.join(' + ');
  if (typeof value === 'object') {
    const entries = Object.entries(value).map(([key, one]) => `${key} ${String(one)}`);
    return entries.length === 0 ? '–' : entries.join(' + ');
  }
  return String(value);
}

/** What is worth saying of somebody new: not what everybody is. */
function saidOf(person: Stakeholder): (keyof Stakeholder)[] {
  const fields = [
    'name',
    'side',
    'roles',
    'attendance',
    'workstreams',
    'timezone',
    'activeFrom',
    'activeTo',
    'optedOut',
  ] as const;
  return fields.filter((field) => field === 'side' || valueInWords(person[field]) !== '–');
}

function pairs<T extends object>(
  before: T | undefined,
  after: T,
  fields: readonly (keyof T & string)[],
): Difference['fields'] {
  return Object.fromEntries(
    fields.map((field) => [field, { before: before?.[field] ?? null, after: after[field] ?? null }]),
  );
}
