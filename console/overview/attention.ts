import { kickoffRecord, kickoffTitle, needsOf } from '../ledger/kickoff-record.ts';
import { html, type Markup } from '../page/html.ts';
import { isolated, kickoffPath } from '../page/link.ts';
import { commandLine } from '../words/command.ts';
import { phaseChip } from '../words/phase.ts';
import { stepKind, stepList } from '../words/steps.ts';
import type { AttentionItem, Overview } from './read.ts';

/** What needs a person, with what it needs. */
export function attentionSection({ attention, hasMore, deadEvents, leads }: Overview): Markup {
  const isQuiet = attention.length + leads.attention.length + deadEvents === 0;
  return html`<section aria-labelledby="attention">
<h2 id="attention">Needs a person</h2>
${isQuiet && html`<p>Nothing needs a person now.</p>`}
${attention.length > 0 && html`<ul class="cards">\n${attention.map(card)}</ul>`}
${hasMore.waiting && html`<p>There are more: <a href="/?phase=needs_attention">all that wait for a person</a>.</p>`}
${hasMore.failed && html`<p>More steps have failed; these are the latest.</p>`}
${deadEvents > 0 && html`<p><a href="/inbox?status=dead">${deadEvents === 1 ? '1 event' : `${deadEvents} events`} could not be delivered</a> and can be replayed.</p>`}
</section>`;
}

function card({ row, failed }: AttentionItem): Markup {
  const record = kickoffRecord(row);
  const needs = needsOf(row, record);
  return html`<li>
<h3><a href="${kickoffPath(row.workflow_id)}">${isolated(kickoffTitle(row, record))}</a></h3>
<p>${phaseChip(row.phase)}</p>
${needs.length + failed.length > 0 && html`<ul>\n${needs.map((need) => html`<li>${need}</li>\n`)}${failed.map(failedStep)}</ul>`}
${row.phase === 'needs_attention' && html`<p>When it is settled: <code>${commandLine('proceed', row)}</code></p>`}
</li>
`;
}

function failedStep(step: AttentionItem['failed'][number]): Markup {
  const what = `${stepKind(step.kind)}, ${stepList(step.list)}`;
  return html`<li>Step <code>${step.step_id}</code> (${what}) failed: ${step.error ?? 'no reason was recorded'}</li>\n`;
}
