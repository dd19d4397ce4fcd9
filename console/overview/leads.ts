import { leadRecord } from '../ledger/lead-record.ts';
import { html, type Markup } from '../page/html.ts';
import { isolated, workflowLink } from '../page/link.ts';
import { shellWord } from '../words/command.ts';
import { RECOVERY_WORDS, recoveryChip } from '../words/recovery.ts';
import { stepKind, stepList } from '../words/steps.ts';
import type { LeadsOverview } from './read-leads.ts';

/** The second pipeline: how many leads are in which phase, and which of them need a person. Nothing where there are none. */
export function leadsSection(leads: LeadsOverview): Markup | undefined {
  if (Object.keys(leads.counts).length === 0) return undefined;
  const phases = Object.entries(RECOVERY_WORDS).filter(([phase]) => leads.counts[phase] !== undefined);
  return html`<section aria-labelledby="leads">
<h2 id="leads">Leads</h2>
<ul class="counts">
${phases.map(([phase, { label }]) => html`<li>${label}: ${leads.counts[phase]}</li>\n`)}</ul>
${leads.attention.length > 0 && html`<ul class="cards">\n${leads.attention.map((item) => card(item))}</ul>`}
${leads.hasMore && html`<p>There are more: <code>kickoff leads list --phase needs_attention</code></p>`}
<p>Each of them: <code>kickoff leads list</code></p>
</section>`;
}

function card({ row, failed }: LeadsOverview['attention'][number]): Markup {
  const { lead, needs } = leadRecord(row);
  const isWaiting = row.phase === 'needs_attention';
  const id = shellWord(row.workflow_id);
  const open = isWaiting ? needs : [];
  return html`<li>
<h3>${isolated(lead.name ?? lead.email ?? row.lead_id)}${lead.company !== undefined && html`, ${isolated(lead.company)}`}</h3>
<p>${recoveryChip(row.phase)} ${workflowLink(row.workflow_id)}</p>
${
  open.length + failed.length > 0 &&
  html`<ul>\n${open.map((need) => html`<li>${need}</li>\n`)}${failed.map(
    (step) =>
      html`<li>Step <code>${step.step_id}</code> (${stepKind(step.kind)}, ${stepList(step.list)}) failed: ${step.error ?? 'no reason was recorded'}</li>\n`,
  )}</ul>`
}
<p>${isWaiting ? html`When it is settled: <code>kickoff leads proceed ${id}</code>` : html`How it stands: <code>kickoff leads show ${id}</code>`}</p>
</li>
`;
}
