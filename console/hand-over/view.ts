import { handOverId } from '../../temporal/index.ts';
import type { HandOverResult, HandOverStatus } from '../../workflows/messages.ts';
import type { Faults } from '../action/action.ts';
import { actionButton } from '../action/button.ts';
import { faultList, inputField } from '../action/field.ts';
import { type Content, html, type Markup } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import { page } from '../page/layout.ts';
import { isolated, workflowLink } from '../page/link.ts';
import { table } from '../page/table.ts';
import type { Asked } from '../temporal/ask.ts';
import type { Ran } from '../temporal/run.ts';
import type { Visit } from '../visit.ts';
import { phaseChip } from '../words/phase.ts';
import { recoveryChip } from '../words/recovery.ts';
import { HAND_OVER_ASK, HAND_OVER_TO } from './actions.ts';
import type { RunningHandOver } from './read.ts';

export interface HandOversPage {
  running: Asked<RunningHandOver[]>;
  /** What was looked for. */
  look?: { email: string; found?: Ran<HandOverResult> | undefined; faults: Faults } | undefined;
}

/** Who organizes no more, and what waits for somebody else. */
export function handOversPage(visit: Visit, { running, look }: HandOversPage): Markup {
  return page(
    visit,
    { title: 'Hand-overs', place: '/kickoffs' },
    html`<h1>Hand-overs</h1>
<p>When somebody leaves, or is away, what they organize goes to a colleague. One begins by itself when a member of the SkipUp workspace is deactivated.</p>
<section data-part id="running" aria-labelledby="running-heading">
<h2 id="running-heading">Waiting for a name</h2>
${'silent' in running ? html`<p class="notice alert">${running.silent}</p>` : waiting(visit, running.answer)}
</section>
<section aria-labelledby="look-heading">
<h2 id="look-heading">What does somebody organize?</h2>
${faultList(look?.faults ?? {})}
<form class="action" method="post" action="/hand-overs">
<input type="hidden" name="csrf" value="${visit.csrfToken}">
${inputField({ name: 'email', type: 'email', label: 'Their e-mail address', value: look?.email ?? '', required: true, maxLength: 254, faults: look?.faults ?? {} })}
<p><button type="submit">Look</button></p>
</form>
${look?.found !== undefined && found(visit, look.email, look.found)}
</section>`,
  );
}

function waiting(visit: Visit, running: readonly RunningHandOver[]): Markup {
  if (running.length === 0) return html`<p>None: everybody who organizes something is there.</p>`;
  return html`<ul class="cards">
${running.map((each) => html`<li>${card(visit, each)}</li>\n`)}</ul>`;
}

function card(visit: Visit, { workflowId, startedAt, status }: RunningHandOver): Markup {
  if ('silent' in status) {
    return html`<h3><code>${isolated(workflowId)}</code></h3>\n<p>${status.silent}</p>`;
  }
  const { email, open, done, waitingFor } = status.answer;
  const failed = done.filter(({ ok }) => !ok);
  return html`<h3>${isolated(email)}</h3>
<p>Since ${instant(startedAt, visit.zone)}. It waits for ${waitingFor}.</p>
${openTable(open)}
${failed.length > 0 && html`<ul>\n${failed.map((each) => html`<li>${workflowLink(each.workflowId)}: ${each.message}</li>\n`)}</ul>`}
<p class="actions">${actionButton(visit, HAND_OVER_TO, workflowId)}</p>`;
}

function found(visit: Visit, email: string, ran: Ran<HandOverResult>): Markup {
  if ('silent' in ran) return html`<p class="notice alert" role="alert">${ran.silent}</p>`;
  if ('failed' in ran) return html`<p class="notice alert" role="alert">${ran.failed}</p>`;
  const { open } = ran.answer;
  if (open.length === 0) return html`<p role="status">${isolated(email)} organizes nothing that is open.</p>`;
  const on = handOverId(email);
  return html`<h3>${isolated(email)} organizes</h3>
${openTable(open)}
<p class="actions">${actionButton(visit, HAND_OVER_TO, on, { email })} ${actionButton(visit, HAND_OVER_ASK, on, { email })}</p>`;
}

function openTable(open: HandOverStatus['open']): Content {
  if (open.length === 0) return undefined;
  return table(
    'What they organize',
    ['Kickoff or lead', 'Account', 'Phase'],
    open.map(({ workflowId, account, phase }) => [
      workflowLink(workflowId),
      isolated(account),
      workflowId.startsWith('lead:') ? recoveryChip(phase) : phaseChip(phase),
    ]),
  );
}
