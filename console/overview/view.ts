import type { KickoffRow } from '../../database/index.ts';
import { kickoffRecord } from '../ledger/kickoff-record.ts';
import { html, type Markup } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import { page } from '../page/layout.ts';
import { isolated, kickoffPath } from '../page/link.ts';
import { paging } from '../page/paging.ts';
import { table } from '../page/table.ts';
import type { Visit } from '../visit.ts';
import { isPhase, PHASE_WORDS, phaseChip } from '../words/phase.ts';
import { type OverviewFilter, overviewAddress } from './address.ts';
import { attentionSection } from './attention.ts';
import { leadsSection } from './leads.ts';
import type { Overview } from './read.ts';

export function overviewPage(visit: Visit, overview: Overview, filter: OverviewFilter): Markup {
  const total = Object.values(overview.counts).reduce((sum, count) => sum + count, 0);
  const leads = leadsSection(overview.leads);
  const isEmpty = total === 0 && overview.deadEvents === 0 && leads === undefined;
  return page(
    visit,
    { title: 'Kickoffs', place: '/', live: 'overview' },
    html`<h1>Kickoffs</h1>
${isEmpty ? firstSteps(visit) : html`${attentionSection(overview)}\n${leads}\n${phases(overview, filter)}\n${list(visit, overview, filter)}`}`,
  );
}

/** There is nothing to show yet: what to do first. */
function firstSteps({ hasSandbox }: Visit): Markup {
  return html`<p>No deal has closed yet. A kickoff begins when one does:</p>
<ul>
${hasSandbox && html`<li>close the sample deal in the <a href="/sandbox">sandbox</a>,</li>\n`}<li>close a deal in the connected CRM, or</li>
<li>start one by hand with <code>kickoff dispatch --deal &lt;the deal’s id&gt;</code>.</li>
</ul>
<p>What came in and started nothing is in the <a href="/inbox">inbox</a>, with the reason.</p>`;
}

function phases({ counts }: Overview, filter: OverviewFilter): Markup {
  const current = (phase: string) => phase === filter.phase && html` aria-current="true"`;
  return html`<section aria-labelledby="phases">
<h2 id="phases">By phase</h2>
<ul class="counts">
${Object.keys(PHASE_WORDS).map((phase) => {
  if (!isPhase(phase) || (counts[phase] === 0 && phase !== filter.phase)) return undefined;
  return html`<li><a href="${overviewAddress({ phase })}"${current(phase)}>${PHASE_WORDS[phase].label}: ${counts[phase]}</a></li>\n`;
})}</ul>
</section>`;
}

function list(visit: Visit, { kickoffs, older }: Overview, filter: OverviewFilter): Markup {
  const isFiltered = Object.keys(filter).length > 0;
  return html`<section aria-labelledby="list">
<h2 id="list">${filter.phase === undefined ? 'All kickoffs' : PHASE_WORDS[filter.phase].label}</h2>
<form class="search" method="get" action="/" role="search">
<div><label for="q">Deal or account</label><input type="search" id="q" name="q" value="${filter.search}" maxlength="200"></div>
${filter.phase !== undefined && html`<input type="hidden" name="phase" value="${filter.phase}">`}
<button type="submit">Search</button>
${isFiltered && html`<a href="/">Show all</a>`}
</form>
${
  kickoffs.length === 0
    ? html`<p>${nothingFound(filter)}</p>`
    : table(
        'Kickoffs, newest first',
        ['Account', 'Deal', 'Phase', 'Begun', 'Changed'],
        kickoffs.map((row) => line(visit, row)),
      )
}
${paging({
  newest: filter.before && overviewAddress({ ...filter, before: undefined }),
  older: older && overviewAddress(older),
})}
</section>`;
}

function line(visit: Visit, row: KickoffRow) {
  const { deal } = kickoffRecord(row);
  const stream = row.workstream === '' ? '' : ` (${row.workstream})`;
  return [
    html`<a href="${kickoffPath(row.workflow_id)}">${isolated(row.account_name)}</a>`,
    html`${isolated(deal.name ?? row.deal_id)}${stream} <span class="quiet">${row.deal_id}</span>`,
    phaseChip(row.phase),
    instant(row.created_at, visit.zone),
    instant(row.updated_at, visit.zone),
  ];
}

function nothingFound(filter: OverviewFilter): string {
  if (filter.search !== undefined) return `No kickoff’s deal or account contains “${filter.search}”.`;
  if (filter.before !== undefined) return 'There are no older ones.';
  return filter.phase === undefined ? 'No deal has closed yet.' : 'No kickoff is in this phase now.';
}
