import { needsOf } from '../ledger/kickoff-record.ts';
import { type Content, html, type Markup } from '../page/html.ts';
import type { Visit } from '../visit.ts';
import { phaseChip, phaseWordsOf } from '../words/phase.ts';
import { stepKind } from '../words/steps.ts';
import { commandButtons, stepButtons } from './buttons.ts';
import { prose } from './prose.ts';
import type { KickoffDetails } from './read.ts';
import { isOfRegistry, registryLink } from './registry-link.ts';
import type { StepView } from './step-views.ts';

/** How it stands: the phase, what it waits for, what it needs, and what may be done about it now. */
export function nowPart(visit: Visit, details: KickoffDetails, steps: readonly StepView[]): Markup {
  const { row, status, silent } = details;
  return html`<section data-part id="now" aria-label="How it stands">
<p class="stands">${phaseChip(status?.phase ?? row.phase)} ${sentence(visit, details)}</p>
${needs(visit, details, steps)}
${status !== undefined && commandButtons(visit, status)}
${silent !== undefined && html`<p class="${isOver(row) ? 'quiet' : 'notice still'}">${silent} What stands here is what the database knows.${!isOver(row) && ' Nothing can be sent to it from here until it answers.'}</p>`}
</section>
`;
}

/** Of one that is over no answer is awaited, and nothing is open any more. */
export function isOver({ phase }: KickoffDetails['row']): boolean {
  return phase === 'done' || phase === 'cancelled' || phase === 'expired' || phase === 'failed';
}

function sentence(visit: Visit, { row, status }: KickoffDetails): Content {
  return status === undefined
    ? phaseWordsOf(row.phase).meaning
    : html`It waits for ${prose(status.waitingFor.replace(' send the update `proceed`', ' proceed'), visit.zone)}.`;
}

function needs(visit: Visit, { row, record, status }: KickoffDetails, steps: readonly StepView[]): Content {
  const failed = steps.filter((step) => step.canSettle || (step.state === 'failed' && step.revision === undefined));
  const isAboutStep = (need: string) =>
    failed.some(({ id }) => need.startsWith(`Step ${id} failed: `) || need.startsWith(`What step ${id} made `));
  const others = (status?.needs ?? needsOf(row, record)).filter((need) => !isAboutStep(need));
  if (others.length + failed.length === 0) return undefined;
  const isForRegistry = record.gaps.some((gap) => gap.severity === 'block' && isOfRegistry(gap)) && others.length > 0;
  return html`<div class="needs">
<h2 id="needs">What it needs</h2>
<ul>
${others.map((need) => html`<li>${prose(need, visit.zone)}</li>\n`)}${failed.map((step) => failedStep(visit, row.workflow_id, step))}</ul>
${isForRegistry && html`<p>${registryLink(visit, row.account_id)}</p>\n`}</div>`;
}

function failedStep(visit: Visit, workflowId: string, { id, kind, state, detail, canSettle }: StepView): Markup {
  const what = state === 'left' ? 'could not be taken back' : 'failed';
  return html`<li>Step <code>${id}</code> (${stepKind(kind)}) ${what}: ${detail === '' ? 'no reason was recorded' : detail} ${canSettle && stepButtons(visit, workflowId, id)}</li>\n`;
}
