import {
  countFields,
  type Difference,
  listDifferences,
  type RegistryDifferences,
  valueInWords,
} from '../registry/index.ts';
import type { Output } from './output.ts';

/** So many differences of a kind are shown to a person; a program is told all of them. */
const SHOWN = 100;

const SIGNS = { added: '+', changed: '~', ended: '-', account: '~' } as const satisfies Record<
  Difference['change'],
  string
>;

/** Says what would change, field by field, and how much of it there is. */
export function showDifferences(output: Output, differences: RegistryDifferences): void {
  const list = listDifferences(differences);
  const perKind = new Map<Difference['change'], number>();
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

function sentence({ change, account, deal, email, fields }: Difference): string {
  const subject = email === undefined ? `account ${account}` : who({ accountId: account, dealId: deal, email });
  const parts = Object.entries(fields).map(([field, { before, after }]) =>
    change === 'added'
      ? `${field} ${valueInWords(after)}`
      : `${field} ${valueInWords(before)} → ${valueInWords(after)}`,
  );
  return `${SIGNS[change]} ${subject}: ${parts.join(', ')}`;
}

function who(person: { accountId: string; dealId?: string | undefined; email: string }): string {
  const deal = person.dealId === undefined ? '' : `, deal ${person.dealId}`;
  return `${person.email} (account ${person.accountId}${deal})`;
}
