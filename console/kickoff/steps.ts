import { type Content, html, type Markup } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import { outsideLink } from '../page/link.ts';
import { table } from '../page/table.ts';
import type { Visit } from '../visit.ts';
import { stepChip, stepKind, stepList } from '../words/steps.ts';
import { stepButtons } from './buttons.ts';
import { part } from './part.ts';
import type { StepView } from './step-views.ts';

/** Every onboarding step: when it runs, what it made or waits for, and what may be done about a failed one. */
export function stepsPart(visit: Visit, workflowId: string, steps: readonly StepView[]): Markup {
  const columns = ['Step', 'Runs', 'State', 'Result', 'Attempts', 'When'];
  const canSettle = visit.may === 'act' && steps.some((step) => step.canSettle);
  return part(
    'steps',
    'Onboarding steps',
    steps.length === 0
      ? html`<p>None has run yet. They run when the deal closes, when the request is sent and when the meeting is booked, as the configuration says.</p>`
      : table(
          'Each step and what it made',
          canSettle ? [...columns, 'Do'] : columns,
          steps.map((step) => stepLine(visit, workflowId, step, canSettle)),
        ),
  );
}

function stepLine(visit: Visit, workflowId: string, step: StepView, hasButtons: boolean): Content[] {
  const { id, kind, list, occurrence, state, detail, url, attempts, at, revision, canSettle } = step;
  return [
    html`<code>${id}</code><br><span class="quiet">${stepKind(kind)}${revision !== undefined && `, revision ${revision}`}</span>`,
    html`${stepList(list)}${occurrence !== '' && html` <span class="quiet">${occurrence}</span>`}`,
    stepChip(state),
    html`${detail}${url !== undefined && html` ${outsideLink(url, html`Open<span class="visually-hidden"> what step ${id} made</span>`)}`}`,
    attempts > 0 && attempts,
    at !== undefined && instant(at, visit.zone),
    ...(hasButtons ? [canSettle && stepButtons(visit, workflowId, id)] : []),
  ];
}
