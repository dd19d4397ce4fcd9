import type { Account, RegistryDifferences, Stakeholder } from '../registry/index.ts';
import type { Output } from './output.ts';

/** So many differences of a kind are shown to a person; a program is told all of them. */
const SHOWN = 100;

type Change = 'added' | 'changed' | 'ended' | 'account';
const SIGNS = { added: '+', changed: '~', ended: '-', account: '~' } as const satisfies Record<Change, string>;

interface Difference {
  change: Change;
  account: string;
  deal?: string | undefined;
  email?: string | undefined;
  fields: Record<string, { before: unknown; after: unknown }>;
}

/** Says what would change, field by field, and how much of it there is. */
export function showDifferences(output: Output, differences: RegistryDifferences): void {
  const list = listDifferences(differences);
  const perKind = new Map<Change, number>();
  for (const difference of list) {
    const count = (perKind.get(difference.change) ?? 0) + 1;
    perKind.set(difference.change, count);
    output.emit({ type: 'difference', ...difference }, count <= SHOWN ? sentence(difference) : undefined);
  }
  for (const [change, count] of perKind) {
    if (count > SHOWN && !output.json)
      output.emit({ type: 'more' }, `… ${count - SHOWN} more ${change} (--json lists all)`);
  }
  for (const person of differences.keptOptedOut.slice(0, SHOWN)) {
    output.emit(
      { type: 'kept_opted_out', account: person.accountId, deal: person.dealId, email: person.email },
      `= ${who(person)} stays opted out`,
    );
  }
  const { added, changed, ended, unchanged, accounts } = differences;
  const fields = countFields(list);
  output.emit(
    {
      type: 'preview',
      added: added.length,
      changed: changed.length,
      ended: ended.length,
      unchanged: unchanged.length,
      accounts: accounts.length,
      fields,
    },
    [
      `${added.length} new, ${changed.length} changed, ${ended.length} ended, ${unchanged.length} unchanged; ${accounts.length} account(s).`,
      ...(Object.keys(fields).length === 0
        ? []
        : [
            `Fields: ${Object.entries(fields)
              .map(([field, count]) => `${field} ${count}`)
              .join(', ')}.`,
          ]),
    ].join('\n'),
  );
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

function listDifferences({ accounts, added, changed, ended }: RegistryDifferences): Difference[] {
  const person = (
    change: Change,
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
  return fields.filter((field) => field === 'side' || shown(person[field]) !== '–');
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

function sentence({ change, account, deal, email, fields }: Difference): string {
  const subject = email === undefined ? `account ${account}` : who({ accountId: account, dealId: deal, email });
  const parts = Object.entries(fields).map(([field, { before, after }]) =>
    change === 'added' ? `${field} ${shown(after)}` : `${field} ${shown(before)} → ${shown(after)}`,
  );
  return `${SIGNS[change]} ${subject}: ${parts.join(', ')}`;
}

function who(person: { accountId: string; dealId?: string | undefined; email: string }): string {
  const deal = person.dealId === undefined ? '' : `, deal ${person.dealId}`;
  return `${person.email} (account ${person.accountId}${deal})`;
}

/** A value in a few words. */
export function shown(value: unknown): string {
  if (value === undefined || value === null || value === '' || value === false) return '–';
  if (value === true) return 'yes';
  if (Array.isArray(value)) return value.length === 0 ? '–' : value.join(' + ');
  if (typeof value === 'object') {
    const entries = Object.entries(value).map(([key, one]) => `${key} ${String(one)}`);
    return entries.length === 0 ? '–' : entries.join(' + ');
  }
  return String(value);
}

function countFields(list: readonly Difference[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { change, fields } of list) {
    if (change === 'added') continue;
    for (const field of Object.keys(fields)) counts[field] = (counts[field] ?? 0) + 1;
  }
  return counts;
}
