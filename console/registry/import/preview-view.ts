import {
  countFields,
  type Difference,
  type ImportFault,
  listDifferences,
  type RegistryDifferences,
} from '../../../registry/index.ts';
import { type Content, html, type Markup } from '../../page/html.ts';
import { isolated } from '../../page/link.ts';
import { table } from '../../page/table.ts';
import { fieldList } from '../history.ts';
import { counted, dealWords, fieldWords } from '../words.ts';

/** So many of a kind are listed. */
export const LISTED = 100;

/** Everything that is wrong with a file, with its places. */
export function faultTable(faults: readonly ImportFault[]): Markup {
  return html`<p>The file has ${counted(faults.length, 'fault')}; nothing was imported. Mend ${faults.length === 1 ? 'it' : 'them'} and choose it again.</p>
${table(
  'Faults, in the order of the file',
  ['Line', 'Column', 'What is wrong'],
  faults.slice(0, LISTED).map(({ line, column, message }) => [line, column, isolated(message)]),
)}
${more(faults.length)}`;
}

const KINDS = [
  { change: 'account', title: 'Accounts' },
  { change: 'added', title: 'New people' },
  { change: 'changed', title: 'Changed' },
  { change: 'ended', title: 'Ended' },
] as const satisfies { change: Difference['change']; title: string }[];

/** What would change, field by field, and how much of it there is. */
export function differencesView(differences: RegistryDifferences): Markup {
  const { added, changed, ended, unchanged, accounts, keptOptedOut } = differences;
  const list = listDifferences(differences);
  const fields = Object.entries(countFields(list));
  return html`<p><strong>${counted(added.length, 'new person', 'new people')}, ${changed.length.toLocaleString('en')} changed, ${ended.length.toLocaleString('en')} ended, ${unchanged.length.toLocaleString('en')} unchanged; ${counted(accounts.length, 'account')}.</strong></p>
${fields.length > 0 && html`<p>Fields that change: ${fields.map(([field, count]) => `${fieldWords(field)} ${count}`).join(', ')}.</p>`}
${KINDS.map(({ change, title }) => {
  const of = list.filter((difference) => difference.change === change);
  return (
    of.length > 0 &&
    html`<section aria-labelledby="${change}-heading">
<h2 id="${change}-heading">${title}</h2>
${table(`${title}, field by field`, [change === 'account' ? 'Account' : 'Who', 'Fields'], of.slice(0, LISTED).map(line))}
${more(of.length)}
</section>
`
  );
})}${
  keptOptedOut.length > 0 &&
  html`<section aria-labelledby="kept-heading">
<h2 id="kept-heading">Stay opted out</h2>
<p>The file does not say so of them; only a person opts somebody in again.</p>
<ul>
${keptOptedOut.slice(0, LISTED).map(({ email, accountId, dealId }) => html`<li>${who(accountId, dealId, email)}</li>\n`)}</ul>
${more(keptOptedOut.length)}
</section>`
}`;
}

function line({ change, account, deal, email, fields }: Difference): Content[] {
  const entries = Object.entries(fields).map(([field, values]) => ({ field, ...values }));
  return [email === undefined ? isolated(account) : who(account, deal, email), fieldList(entries, change === 'added')];
}

function who(account: string, deal: string | undefined, email: string): Content {
  return html`${isolated(email)} <span class="quiet">${isolated(account)}${deal !== undefined && [', ', dealWords(deal)]}</span>`;
}

function more(count: number): Markup | undefined {
  if (count <= LISTED) return undefined;
  return html`<p>… and ${(count - LISTED).toLocaleString('en')} more.</p>`;
}
