import type { KickoffRow } from '../../database/index.ts';
import { KICKOFF_ACTIONS, type KickoffCommand } from '../kickoff/commands/names.ts';
import { kickoffRecord, needsOf } from '../ledger/kickoff-record.ts';
import { type Content, html, type Markup } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import { page } from '../page/layout.ts';
import { isolated, kickoffPath } from '../page/link.ts';
import { paging } from '../page/paging.ts';
import { table } from '../page/table.ts';
import type { Visit } from '../visit.ts';
import { phaseChip } from '../words/phase.ts';
import { isFiltered, type KickoffsFilter, type KickoffsPlace, kickoffsAddress, onlyKickoffs } from './address.ts';
import { type FilterChoices, filterForm } from './filter-form.ts';
import { filterParts } from './filter-words.ts';
import { type KickoffsPage, MOST_COUNTED } from './read.ts';

export interface KickoffsView {
  filter: KickoffsFilter;
  place: KickoffsPlace;
  found: KickoffsPage;
  choices: FilterChoices;
}

export function kickoffsPage(visit: Visit, view: KickoffsView): Markup {
  const { filter, choices } = view;
  return page(
    visit,
    { title: 'Kickoffs', place: '/kickoffs', live: 'kickoffs' },
    html`<h1>Kickoffs</h1>
${filterForm(filter, choices)}
${filterChips(filter)}
<section data-part id="list" aria-labelledby="list-title">
${list(visit, view)}
</section>`,
  );
}

/** What the list is narrowed to; each leads to the list without it. */
function filterChips(filter: KickoffsFilter): Markup | undefined {
  const parts = filterParts(filter);
  if (parts.length === 0) return undefined;
  return html`<ul class="counts" aria-label="Shown are only">
${parts.map(({ words, without }) => html`<li><a href="${kickoffsAddress(without)}">${words} <span aria-hidden="true">×</span><span class="visually-hidden">, take away</span></a></li>\n`)}</ul>`;
}

function list(visit: Visit, { filter, place, found }: KickoffsView): Content {
  const { rows, count, failedSteps } = found;
  if (rows.length === 0 && place.before === undefined) return nothing(visit, filter);
  return html`<h2 id="list-title">${howMany(count)}</h2>
${bulkLinks(visit, filter)}
${table(
  'Kickoffs, newest first',
  ['Account', 'Deal', 'Phase', 'Organizer', 'Needs', 'Begun', 'Changed'],
  rows.map((row) => line(visit, row, failedSteps.get(row.workflow_id) ?? 0)),
)}
${paging({
  newest: place.before === undefined && place.after === undefined ? undefined : kickoffsAddress(filter),
  newer: found.newer && kickoffsAddress(filter, found.newer),
  older: found.older && kickoffsAddress(filter, found.older),
})}`;
}

function howMany(count: number): string {
  if (count > MOST_COUNTED) return `More than ${MOST_COUNTED.toLocaleString('en')} kickoffs`;
  return count === 1 ? '1 kickoff' : `${count.toLocaleString('en')} kickoffs`;
}

function line(visit: Visit, row: KickoffRow, failedSteps: number): Content[] {
  const record = kickoffRecord(row);
  const { deal, organizer } = record;
  return [
    html`<a href="${kickoffPath(row.workflow_id)}">${isolated(row.account_name)}</a>`,
    html`${isolated(deal.name ?? row.deal_id)}${row.workstream !== '' && html` (${row.workstream})`} <span class="quiet">${row.deal_id}</span>`,
    phaseChip(row.phase),
    organizer &&
      html`<a href="${onlyKickoffs({ organizer: organizer.email })}">${isolated(organizer.name ?? organizer.email)}</a>`,
    needsCell(needsOf(row, record), failedSteps),
    instant(row.created_at, visit.zone),
    instant(row.updated_at, visit.zone),
  ];
}

/** The first need, and how many more there are: the kickoff's own page has them all. */
function needsCell(needs: readonly string[], failedSteps: number): Content {
  const [first, ...others] = needs;
  const rest = [
    ...(others.length > 0 ? [`${others.length} more`] : []),
    ...(failedSteps > 0 ? [failedSteps === 1 ? '1 failed step' : `${failedSteps} failed steps`] : []),
  ];
  if (first === undefined) return rest.join(', ');
  return html`${first}${rest.length > 0 && html` <span class="quiet">and ${rest.join(', ')}</span>`}`;
}

/** What makes sense for many at once; `/bulk/<action>` shows which these are, how many, and asks why. */
const BULK_COMMANDS = ['proceed', 'pause', 'resume', 'changeOrganizer', 'cancel'] as const satisfies KickoffCommand[];

/** Never without a filter: nobody means everything there is. */
function bulkLinks(visit: Visit, filter: KickoffsFilter): Markup | undefined {
  if (visit.may !== 'act' || !isFiltered(filter)) return undefined;
  return html`<details id="bulk"><summary>Do something with all of these …</summary>
<p class="actions">
${BULK_COMMANDS.map((command) => {
  const { name, label, isDangerous } = KICKOFF_ACTIONS[command];
  return html`<a class="button${isDangerous && ' danger'}" href="${kickoffsAddress(filter, {}, `/bulk/${name}`)}">${label} …</a>\n`;
})}</p>
</details>`;
}

function nothing(visit: Visit, filter: KickoffsFilter): Markup {
  if (isFiltered(filter)) {
    return html`<h2 id="list-title">None</h2>
<div class="empty">
<p>No kickoff is like that.</p>
${filter.search !== undefined && html`<p>A search finds deals by their id and name, accounts by name and id, people by name and address, and a meeting request by its whole id. Every word must be there; one of less than three letters must begin a word.</p>`}
<p><a href="${onlyKickoffs({})}">Show all kickoffs</a></p>
</div>`;
  }
  return html`<h2 id="list-title">None yet</h2>
<div class="empty">
<p>No deal has closed yet. A kickoff begins when one does.</p>
<p>${visit.may === 'act' && html`<a class="button primary" href="/start">Start one by hand</a> `}<a href="/">What else there is to do first</a></p>
</div>`;
}
