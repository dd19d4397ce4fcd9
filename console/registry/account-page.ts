import { actionButton } from '../action/button.ts';
import type { ConsoleContext } from '../context.ts';
import { addressOf } from '../page/address.ts';
import { type Content, html, type Markup } from '../page/html.ts';
import { page } from '../page/layout.ts';
import { isolated } from '../page/link.ts';
import { facts } from '../page/table.ts';
import type { Visit } from '../visit.ts';
import { ADD_PERSON, EDIT_ACCOUNT } from './actions/names.ts';
import { type AccountFilter, accountAddress } from './address.ts';
import { chairsSection } from './chairs.ts';
import { historySection } from './history.ts';
import { kickoffList } from './kickoff-list.ts';
import { pagesOf } from './pages-of.ts';
import { peopleTable } from './people-table.ts';
import { type AccountDetails, KICKOFFS_SHOWN } from './read-account.ts';
import { counted } from './words.ts';

/** One account: who belongs to it, who is missing, its kickoffs, and who changed what. */
export function accountPage(
  visit: Visit,
  context: Pick<ConsoleContext, 'assembly'>,
  details: AccountDetails,
  filter: AccountFilter,
  today: string,
): Markup {
  const { id, name, kickoffs, history } = details;
  return page(
    visit,
    { title: name ?? id, place: '/registry', live: 'registry' },
    html`<h1>${isolated(name ?? id)}</h1>
${accountFacts(visit, details)}
${chairsSection(visit, context, details, today)}
${peopleSection(visit, details, filter, today)}
${kickoffList(visit, kickoffs, KICKOFFS_SHOWN, 'No deal of this account has had a kickoff yet.')}
${historySection(visit, history, {
  first: filter.changesBefore === undefined ? undefined : accountAddress({ ...filter, changesBefore: undefined }),
  next: history.before === undefined ? undefined : accountAddress({ ...filter, changesBefore: history.before }),
})}`,
  );
}

function accountFacts(visit: Visit, { id, account, name, people }: AccountDetails): Markup {
  return html`<section data-part id="facts" aria-label="The account">
${facts([
  ['Id in the CRM', html`<code>${isolated(id)}</code>`],
  ['Name', nameWords(account?.name, name)],
  ['Country', account?.country ?? 'not known'],
  ['Time zone', account?.timezone ?? 'not known'],
  ['People', people === 0 ? 'nobody yet' : counted(people, 'person', 'people')],
])}
<p class="actions">${actionButton(visit, EDIT_ACCOUNT, id)} ${actionButton(visit, ADD_PERSON, id)} ${people > 0 && html`<a href="${addressOf('/registry/export.csv', { account: id })}">Export as CSV</a> · <a href="${addressOf('/registry/export.yaml', { account: id })}">as YAML</a>`}</p>
</section>`;
}

function nameWords(own: string | undefined, known: string | undefined): Content {
  if (own !== undefined) return isolated(own);
  return known === undefined ? 'not known' : html`${isolated(known)} <span class="quiet">from the CRM</span>`;
}

function peopleSection(visit: Visit, details: AccountDetails, filter: AccountFilter, today: string): Markup {
  const { rows, optedOutEmails, after } = details;
  const deals = [...new Set(rows.map(({ dealId = '' }) => dealId))];
  return html`<section data-part id="people" aria-labelledby="people-heading">
<h2 id="people-heading">People</h2>
${rows.length === 0 && html`<p>The registry knows nobody of this account: a kickoff asks the CRM’s contacts alone.</p>`}
${deals.map((dealId) => {
  const of = rows.filter((row) => (row.dealId ?? '') === dealId);
  const label = dealId === '' ? 'People of every deal' : `People of deal ${dealId}`;
  return html`<h3>${dealId === '' ? 'Every deal' : html`Deal ${isolated(dealId)}`}</h3>
${peopleTable(visit, { label, rows: of, optedOutEmails, today, first: 'person' })}
`;
})}
${pagesOf('people', {
  first: filter.after === undefined ? undefined : accountAddress({ ...filter, after: undefined }),
  next: after === undefined ? undefined : accountAddress({ ...filter, after }),
})}
</section>`;
}
