import type { RecoveryRow } from '../../database/index.ts';
import { actionButton } from '../action/button.ts';
import { leadRecord, leadTitle } from '../ledger/lead-record.ts';
import { type Content, html, type Markup } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import { page } from '../page/layout.ts';
import { isolated, leadPath } from '../page/link.ts';
import { paging } from '../page/paging.ts';
import { table } from '../page/table.ts';
import type { Visit } from '../visit.ts';
import { isRecoveryPhase, RECOVERY_WORDS, recoveryChip } from '../words/recovery.ts';
import { type LeadsFilter, leadsAddress } from './address.ts';
import { NEW_LEAD, TAKE_UP } from './names.ts';
import { FIGURES_DAYS, type Leads } from './read.ts';

/** Recoveries of leads: how they do, and which there are. */
export function leadsPage(visit: Visit, leads: Leads, filter: LeadsFilter, hasRecovery: boolean): Markup {
  const total = Object.values(leads.counts).reduce((sum, count) => sum + count, 0);
  return page(
    visit,
    { title: 'Leads', place: '/leads', live: 'leads' },
    html`<h1>Leads</h1>
<p>Who filled in a form and booked nothing: each is given time, looked up in its CRM, and asked for a meeting.</p>
${hasRecovery && html`<p class="actions">${actionButton(visit, TAKE_UP, NEW_LEAD)}</p>`}
${total === 0 ? html`<section data-part id="list" aria-label="Recoveries">${nothingYet(hasRecovery)}</section>` : html`${figures(leads)}${search(filter)}${counts(leads, filter, total)}${list(visit, leads, filter)}`}`,
  );
}

function nothingYet(hasRecovery: boolean): Markup {
  return hasRecovery
    ? html`<div class="empty"><p>No lead has come in yet.</p><p>Point a form at <code>/triggers/form</code>, or HubSpot’s form submissions at <code>/triggers/hubspot</code>; <a href="/backfills">a backfill</a> takes up those of long ago. <code>kickoff doctor</code> says what is still missing.</p></div>`
    : html`<div class="empty"><p>Leads are not recovered here.</p><p>Switch it on with <code>recovery: {}</code> in <code>kickoff.config.yaml</code> (every default; the example configuration has the options), start the workers anew, and point a form at <code>/triggers/form</code>.</p></div>`;
}

function figures({ figures: { asked, booked, medianDays, p90Days } }: Leads): Markup {
  return html`<section data-part id="figures" aria-labelledby="figures-heading">
<h2 id="figures-heading">The last ${FIGURES_DAYS} days</h2>
<ul class="figures">
<li><strong>${asked}</strong> asked</li>
<li><strong>${booked}</strong> recovered</li>
<li><strong>${asked === 0 ? '–' : `${Math.round((booked / asked) * 100)} %`}</strong> of those asked</li>
<li><strong>${daysWords(medianDays)}</strong> to the booking, half of them</li>
<li><strong>${daysWords(p90Days)}</strong> nine in ten of them</li>
</ul>
</section>`;
}

/** `2.5 days` */
function daysWords(days: number | undefined): string {
  if (days === undefined) return '–';
  return days < 1 ? `${Math.max(1, Math.round(days * 24))} h` : `${days.toFixed(1)} days`;
}

function search({ search = '', phase }: LeadsFilter): Markup {
  return html`<form class="search" method="get" action="/leads" role="search">
<div><label for="q">Name, company, address, lead’s id or request’s id</label>
<input type="search" id="q" name="q" value="${search}" maxlength="200"></div>
${phase !== undefined && html`<input type="hidden" name="phase" value="${phase}">`}
<button type="submit">Search</button>
${search !== '' && html`<a href="${leadsAddress({ ...(phase !== undefined && { phase }) })}">Show all</a>`}
</form>`;
}

function counts({ counts: known }: Leads, { search: words, phase }: LeadsFilter, total: number): Markup {
  const kept = words === undefined ? {} : { search: words };
  const phases = Object.keys(RECOVERY_WORDS).filter(isRecoveryPhase);
  const shown = phases.filter((each) => known[each] !== undefined || each === phase);
  return html`<section data-part id="counts" aria-label="By phase">
<ul class="counts">
<li><a href="${leadsAddress(kept)}"${phase === undefined && html` aria-current="true"`}>All: ${total}</a></li>
${shown.map((each) => html`<li><a href="${leadsAddress({ ...kept, phase: each })}"${each === phase && html` aria-current="true"`}>${RECOVERY_WORDS[each].label}: ${known[each] ?? 0}</a></li>\n`)}</ul>
</section>`;
}

function list(visit: Visit, { rows, older }: Leads, filter: LeadsFilter): Markup {
  return html`<section data-part id="list" aria-label="Recoveries">
${
  rows.length === 0
    ? html`<p>${filter.before === undefined ? 'No lead is like that.' : 'There are no older ones.'} <a href="/leads">Show all</a></p>`
    : table(
        'Recoveries, newest first',
        ['Lead', 'Phase', 'Form', 'Needs', 'Attempt', 'Taken up', 'Changed'],
        rows.map((row) => line(visit, row)),
      )
}
${paging({
  newest: filter.before === undefined ? undefined : leadsAddress({ ...filter, before: undefined }),
  older: older && leadsAddress(older),
})}
</section>`;
}

function line({ zone }: Visit, row: RecoveryRow): Content[] {
  const record = leadRecord(row);
  const needs = row.phase === 'needs_attention' ? record.needs.join(' ') : (row.reason ?? '');
  return [
    html`<a href="${leadPath(row.workflow_id)}">${isolated(leadTitle(row, record))}</a>`,
    recoveryChip(row.phase),
    isolated(record.form.name ?? '–'),
    isolated(needs),
    row.attempt,
    instant(row.created_at, zone),
    instant(row.updated_at, zone),
  ];
}
