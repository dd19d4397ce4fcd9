import { roleTitle } from '../../registry/index.ts';
import { actionButton } from '../action/button.ts';
import type { ConsoleContext } from '../context.ts';
import { type Content, html, type Markup } from '../page/html.ts';
import { isolated } from '../page/link.ts';
import { table } from '../page/table.ts';
import type { Visit } from '../visit.ts';
import { chairChip } from './accounts-page.ts';
import { ADD_PERSON } from './actions/names.ts';
import { personAddress } from './address.ts';
import { type Chair, type Coverage, coverageOf, DEALS_LOOKED_AT, dealsIn } from './coverage.ts';
import type { AccountDetails } from './read-account.ts';

/** For which kickoff the chairs are. */
interface Scope {
  dealId: string;
  workstream: string;
}

/** Who fills which chair, for every deal and those with people of their own, for the main kickoff and each workstream. */
export function chairsSection(
  visit: Visit,
  { assembly }: Pick<ConsoleContext, 'assembly'>,
  details: AccountDetails,
  today: string,
): Markup {
  return html`<section data-part id="chairs" aria-labelledby="chairs-heading">
<h2 id="chairs-heading">Chairs</h2>
${details.allRows === undefined ? html`<p>This account has too many people to say here who fills which role: see one of its deals.</p>` : scopes(visit, assembly, details, details.allRows, today)}
</section>`;
}

function scopes(
  visit: Visit,
  assembly: ConsoleContext['assembly'],
  { id, account, optedOutEmails }: AccountDetails,
  rows: NonNullable<AccountDetails['allRows']>,
  today: string,
): Content {
  const deals = dealsIn(rows);
  const all: Scope[] = [
    ...['', ...deals.slice(0, DEALS_LOOKED_AT)].map((dealId) => ({ dealId, workstream: '' })),
    ...[...assembly.keys()].filter((name) => name !== '').map((workstream) => ({ dealId: '', workstream })),
  ];
  const parts = all.flatMap((scope) => {
    const policy = assembly.get(scope.workstream);
    if (policy === undefined) return [];
    const coverage = coverageOf({ accountId: id, account, rows, optedOutEmails, today, policy, ...scope });
    return [part(visit, id, scope, coverage)];
  });
  return [
    parts,
    deals.length > DEALS_LOOKED_AT &&
      html`<p>${deals.length - DEALS_LOOKED_AT} more deals have people of their own.</p>`,
  ];
}

function part(visit: Visit, accountId: string, scope: Scope, { chairs, organizer }: Coverage): Markup {
  const label = titleOf(scope);
  return html`<h3>${label}</h3>
${
  chairs.length === 0
    ? html`<p>No roles are asked for.</p>`
    : table(
        `Chairs: ${label}`,
        ['Role', 'Filled by', ...(visit.may === 'act' ? ['Add'] : [])],
        chairs.map((chair) => [
          chair.title,
          chair.holders.length === 0 ? chairChip(chair) : holders(chair),
          ...(visit.may === 'act' ? [addButton(visit, accountId, scope, chair)] : []),
        ]),
      )
}
<p>Invites: ${organizer === undefined ? 'the deal’s owner' : html`${isolated(organizer.name ?? organizer.email)} <span class="quiet">from ${organizer.from}</span>`}</p>
`;
}

function titleOf({ dealId, workstream }: Scope): string {
  if (workstream !== '') return `Workstream ${workstream}, every deal`;
  return dealId === '' ? 'Every deal' : `Deal ${dealId}`;
}

function holders({ holders: people }: Chair): Content {
  const shown = people.slice(0, 5);
  return [
    shown.map(({ email, name }, index) => [
      index > 0 && ', ',
      html`<a href="${personAddress({ email })}">${isolated(name ?? email)}</a>`,
    ]),
    people.length > shown.length && ` and ${people.length - shown.length} more`,
  ];
}

function addButton(visit: Visit, accountId: string, { dealId }: Scope, { roles, holders: people }: Chair): Content {
  const [role] = roles;
  if (role === undefined || people.length > 0) return undefined;
  const action = { ...ADD_PERSON, label: `Add somebody for ${roleTitle(role)}` };
  return actionButton(visit, action, accountId, { roles: role, deal_id: dealId });
}
