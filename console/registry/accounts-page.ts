import { actionButton } from '../action/button.ts';
import { type Content, html, type Markup } from '../page/html.ts';
import { page } from '../page/layout.ts';
import { isolated } from '../page/link.ts';
import { table } from '../page/table.ts';
import type { Visit } from '../visit.ts';
import { ADD_ACCOUNT } from './actions/names.ts';
import { accountAddress, personAddress, type RegistryFilter, registryAddress } from './address.ts';
import type { Chair } from './coverage.ts';
import { pagesOf } from './pages-of.ts';
import type { ListedAccount, RegistryList } from './read-accounts.ts';
import { counted } from './words.ts';

/** All accounts, or those that a search or a filter leaves. */
export function accountsPage(visit: Visit, list: RegistryList, filter: RegistryFilter): Markup {
  const isFiltered = filter.search !== undefined || filter.withEmptyChairs === true;
  const isEmpty = list.accounts.length === 0 && !isFiltered && filter.after === undefined;
  return page(
    visit,
    { title: 'Registry', place: '/registry', live: 'registry' },
    html`<h1>Registry</h1>
<p>Who belongs to an account, who of them is invited, and who is missing.</p>
${ways(visit, isEmpty)}
${isEmpty ? firstSteps(visit) : html`${searchForm(filter, isFiltered)}\n${accounts(list, filter)}\n${people(list, filter)}`}`,
  );
}

function ways(visit: Visit, isEmpty: boolean): Markup {
  return html`<p class="actions">${actionButton(visit, ADD_ACCOUNT, 'registry')} ${visit.may === 'act' && html`<a class="button" href="/registry/import">Import a file</a> `}${!isEmpty && html`<a href="/registry/export.csv">Export as CSV</a> · <a href="/registry/export.yaml">as YAML</a> · `}<a href="/registry/check">Whom would a deal invite?</a></p>`;
}

function firstSteps(visit: Visit): Markup {
  return html`<p>The registry is empty. Kickoffs then know the CRM’s contacts alone.</p>
${visit.may === 'act' ? html`<p>Import a file of people, or add an account and then its people.</p>` : html`<p>An operator can import a file of people here, or add an account and then its people.</p>`}`;
}

function searchForm({ search, withEmptyChairs }: RegistryFilter, isFiltered: boolean): Markup {
  return html`<form class="search" method="get" action="/registry" role="search">
<div><label for="q">Account, person or address</label><input type="search" id="q" name="q" value="${search}" maxlength="200"></div>
<div class="check"><input type="checkbox" id="chairs" name="chairs" value="empty"${withEmptyChairs === true && html` checked`}> <label for="chairs">With empty chairs</label></div>
<button type="submit">Search</button>
${isFiltered && html`<a href="/registry">Show all</a>`}
</form>`;
}

function accounts(list: RegistryList, filter: RegistryFilter): Markup {
  return html`<section data-part id="accounts" aria-labelledby="accounts-heading">
<h2 id="accounts-heading">${filter.withEmptyChairs === true ? 'Accounts with empty chairs' : 'Accounts'}</h2>
${
  list.accounts.length === 0
    ? html`<p>${nothingFound(list, filter)}</p>`
    : table('Accounts, by id', ['Account', 'People', 'Filled', 'Empty chairs'], list.accounts.map(line))
}
${pagesOf('accounts', {
  first: filter.after === undefined ? undefined : registryAddress({ ...filter, after: undefined }),
  next: list.after === undefined ? undefined : registryAddress({ ...filter, after: list.after }),
})}
</section>`;
}

function line({ id, name, people, chairs }: ListedAccount): Content[] {
  return [
    html`<a href="${accountAddress({ id })}">${isolated(name ?? id)}</a>${name !== undefined && html` <span class="quiet">${isolated(id)}</span>`}`,
    people.toLocaleString('en'),
    chairs === undefined
      ? 'too many people to look through: see a deal'
      : chairs
          .filter(({ holders }) => holders.length > 0)
          .map(({ title }) => title)
          .join('; '),
    chairs?.filter(({ holders }) => holders.length === 0).map((chair) => html`${chairChip(chair)} `),
  ];
}

/** An empty chair. */
export function chairChip({ title, isRequired }: Chair): Markup {
  return html`<span class="chip ${isRequired ? 'alert' : 'still'}">${isRequired ? 'Needed: ' : 'No '}${title}</span>`;
}

function nothingFound({ after }: RegistryList, { search, withEmptyChairs }: RegistryFilter): string {
  if (after !== undefined) return 'None among the accounts that were looked through; go on with the next page.';
  if (search !== undefined)
    return `No account’s id or name contains “${search}”${withEmptyChairs === true ? ', and has an empty chair' : ''}.`;
  return withEmptyChairs === true ? 'Every chair of every account is filled.' : 'There are no more accounts.';
}

function people({ people: found, hasMorePeople }: RegistryList, { search }: RegistryFilter): Markup | undefined {
  if (found === undefined) return undefined;
  return html`<section data-part id="people" aria-labelledby="people-heading">
<h2 id="people-heading">People</h2>
${
  found.length === 0
    ? html`<p>Nobody’s name or address contains “${search}”.</p>`
    : table(
        'People, by address',
        ['Person', 'E-mail', 'Account'],
        found.map(({ email, name, accounts: count, accountId }) => [
          html`<a href="${personAddress({ email })}">${isolated(name ?? email)}</a>`,
          isolated(email),
          html`<a href="${accountAddress({ id: accountId })}">${isolated(accountId)}</a>${count > 1 && ` and ${counted(count - 1, 'more account')}`}`,
        ]),
      )
}
${hasMorePeople && html`<p>There are more: search for more of the name or the address.</p>`}
</section>`;
}
