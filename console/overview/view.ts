import { checksOf } from '../health/checks.ts';
import { healthSection } from '../health/section.ts';
import type { TemporalState } from '../health/temporal.ts';
import { onlyKickoffs } from '../kickoffs/address.ts';
import { html, type Markup } from '../page/html.ts';
import { page } from '../page/layout.ts';
import type { Visit } from '../visit.ts';
import { isPhase, PHASE_WORDS } from '../words/phase.ts';
import { RECOVERY_WORDS } from '../words/recovery.ts';
import { askSection } from './ask-section.ts';
import { whole } from './count-words.ts';
import type { Overview } from './read.ts';
import { speedSection } from './speed-section.ts';

export interface OverviewView {
  overview: Overview;
  temporal: TemporalState;
  crms: readonly string[];
  now: Date;
}

/** What needs a person first; then how it goes, and whether everything that makes it go is well. */
export function overviewPage(visit: Visit, { overview, temporal, crms, now }: OverviewView): Markup {
  const { asks, phases, leads, inbox, times, health } = overview;
  const total = Object.values(phases).reduce((sum, count) => sum + count, 0);
  const isEmpty = total === 0 && asks.shown.length === 0 && Object.keys(leads).length === 0;
  const checks = checksOf({ ...health, inbox, temporal, crms, now }, visit.zone);
  return page(
    visit,
    { title: 'Overview', place: '/', live: 'overview' },
    html`<h1>Overview</h1>
${isEmpty ? firstSteps(visit) : askSection(visit, asks, inbox, now)}
${!isEmpty && phaseSection(phases)}
${leadSection(leads)}
${speedSection(times, now)}
${healthSection(checks)}`,
  );
}

/** There is nothing to show yet: what to do first. */
function firstSteps(visit: Visit): Markup {
  const mayStart = visit.may === 'act';
  return html`<section data-part id="asks" aria-labelledby="asks-title">
<h2 id="asks-title">What to do first</h2>
<div class="empty">
<p>No deal has closed yet. A kickoff begins when one does:</p>
<ul>
${visit.hasSandbox && html`<li><a href="/sandbox">close the sample deal</a> in the sandbox, and watch what happens,</li>\n`}<li>close a deal in the connected CRM, or</li>
<li>${mayStart ? html`<a href="/start">start one by hand</a>` : 'have somebody who may start one do it'}: with the deal’s id, or <code>kickoff dispatch --deal &lt;the deal’s id&gt;</code>.</li>
</ul>
<p>What came in and started nothing is in the <a href="/inbox">inbox</a>, with the reason.</p>
</div>
</section>`;
}

function phaseSection(counts: Overview['phases']): Markup {
  const phases = Object.keys(PHASE_WORDS).filter(isPhase);
  return html`<section data-part id="phases" aria-labelledby="phases-title">
<h2 id="phases-title">Kickoffs by phase</h2>
<ul class="counts">
${phases.map((phase) => counts[phase] > 0 && html`<li><a href="${onlyKickoffs({ phases: [phase] })}">${PHASE_WORDS[phase].label} <strong>${whole(counts[phase])}</strong></a></li>\n`)}<li><a href="/kickoffs">All kickoffs</a></li>
</ul>
</section>`;
}

/** The second pipeline; nothing where there are none. */
function leadSection(counts: Overview['leads']): Markup | undefined {
  const phases = Object.entries(RECOVERY_WORDS).filter(([phase]) => counts[phase] !== undefined);
  if (phases.length === 0) return undefined;
  return html`<section data-part id="leads" aria-labelledby="leads-title">
<h2 id="leads-title">Leads by phase</h2>
<ul class="counts">
${phases.map(([phase, { label }]) => html`<li><a href="/leads?phase=${phase}">${label} <strong>${whole(counts[phase] ?? 0)}</strong></a></li>\n`)}</ul>
</section>`;
}
