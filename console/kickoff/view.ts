import type { StepRow } from '../../database/index.ts';
import { type KickoffRecord, kickoffRecord, kickoffTitle, needsOf } from '../ledger/kickoff-record.ts';
import { stepOutcome } from '../ledger/step-outcome.ts';
import { type Content, html, type Markup } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import { page } from '../page/layout.ts';
import { isolated, outsideLink, temporalPath } from '../page/link.ts';
import { facts, table } from '../page/table.ts';
import type { Visit } from '../visit.ts';
import { commandLine } from '../words/command.ts';
import { originWords } from '../words/origin.ts';
import { phaseChip, phaseWordsOf } from '../words/phase.ts';
import { stepKind, stepList } from '../words/steps.ts';
import { eventTable } from './events.ts';
import { meetingSection } from './meeting.ts';
import { peopleSections } from './people.ts';
import type { KickoffDetails } from './read.ts';
import { timelineOf } from './timeline.ts';

export function kickoffPage(visit: Visit, details: KickoffDetails): Markup {
  const { row, requests, steps, events } = details;
  const record = kickoffRecord(row);
  const title = kickoffTitle(row, record);
  return page(
    visit,
    { title, live: `kickoff:${row.workflow_id}` },
    html`<h1>${isolated(title)}</h1>
<p>${phaseChip(row.phase)} ${phaseWordsOf(row.phase).meaning}</p>
${needsSection(details, record)}
${summary(visit, details, record)}
${peopleSections(record)}
${meetingSection(visit, requests, record.organizer?.timezone)}
<section aria-labelledby="events">
<h2 id="events">Events</h2>
${events.length === 0 ? html`<p>None has come in: it was started by hand.</p>` : eventTable(visit, events)}
</section>
<section aria-labelledby="steps">
<h2 id="steps">Onboarding steps</h2>
${
  steps.length === 0
    ? html`<p>None has run yet.</p>`
    : table(
        'Onboarding steps',
        ['Step', 'Kind', 'Runs', 'Status', 'Result', 'Attempts', 'When'],
        steps.map((step) => stepLine(visit, step, row.revision)),
      )
}
</section>
<section aria-labelledby="timeline">
<h2 id="timeline">Timeline</h2>
<ol class="timeline">
${timelineOf(details).map(({ at, what, detail }) => html`<li>${instant(at, visit.zone)} ${what}${detail !== undefined && html`<br><span class="quiet">${detail}</span>`}</li>\n`)}</ol>
</section>`,
  );
}

function needsSection({ row, steps }: KickoffDetails, record: KickoffRecord): Markup | undefined {
  const needs = needsOf(row, record);
  const failed = steps.filter((step) => step.status === 'failed' && step.revision === row.revision);
  if (needs.length + failed.length === 0) return undefined;
  return html`<section aria-labelledby="needs">
<h2 id="needs">What it needs</h2>
<ul>
${needs.map((need) => html`<li>${need}</li>\n`)}${failed.map(
  (step) =>
    html`<li>Step <code>${step.step_id}</code> failed: ${step.error ?? 'no reason was recorded'}<br>In the Temporal UI, send the update <code>retryStep</code> or <code>skipStep</code> with <code>${JSON.stringify({ id: step.step_id })}</code> (a skip also takes a <code>reason</code>).</li>\n`,
)}</ul>
${row.phase === 'needs_attention' && html`<p>When it is settled: <code>${commandLine('proceed', row)}</code></p>`}
</section>`;
}

function summary(visit: Visit, { row }: KickoffDetails, record: KickoffRecord): Markup {
  const { temporalUi, zone } = visit;
  const { deal, organizer, origin } = record;
  const workflow = html`<code>${row.workflow_id}</code>`;
  return facts([
    ['Account', isolated(row.account_name)],
    [
      'Deal',
      html`${deal.url === undefined ? isolated(deal.name ?? row.deal_id) : outsideLink(deal.url, isolated(deal.name ?? row.deal_id))} <span class="quiet">${row.deal_id} in ${row.crm}</span>`,
    ],
    ['Closed', deal.closedAt !== undefined && instant(deal.closedAt, zone)],
    ['Workstream', row.workstream],
    ['Organizer', organizer === undefined ? 'not known yet' : organizerWords(organizer)],
    ['Started by', originWords(origin)],
    ['Revision', row.revision],
    ['Begun', instant(row.created_at, zone)],
    ['Changed', instant(row.updated_at, zone)],
    ['Closes by itself', row.closes_at !== null && instant(row.closes_at, zone)],
    [
      'Workflow',
      temporalUi === undefined
        ? workflow
        : outsideLink(temporalPath(temporalUi, row.workflow_id), html`${workflow} in the Temporal UI`),
    ],
  ]);
}

function organizerWords({ email, name, timezone, from }: NonNullable<KickoffRecord['organizer']>): Content {
  const known = [timezone, from].filter((part) => part !== undefined).join(', ');
  return html`${isolated(name ?? email)} ${name !== undefined && html`${isolated(email)} `}${known !== '' && html`<span class="quiet">${known}</span>`}`;
}

function stepLine(visit: Visit, step: StepRow, revision: number): Content[] {
  const { detail, url } = stepOutcome(step);
  return [
    html`<code>${step.step_id}</code>${step.revision !== revision && html` <span class="quiet">revision ${step.revision}</span>`}`,
    stepKind(step.kind),
    html`${stepList(step.list)}${step.occurrence !== '' && html` <span class="quiet">${step.occurrence}</span>`}`,
    html`<span class="chip ${STEP_TONES[step.status]}">${step.status}</span>`,
    html`${detail}${url !== undefined && html` ${outsideLink(url, 'Open')}`}`,
    step.attempts,
    instant(step.finished_at ?? step.started_at, visit.zone),
  ];
}

const STEP_TONES = {
  running: 'busy',
  done: 'good',
  failed: 'alert',
  skipped: 'still',
  undone: 'still',
  left: 'alert',
} as const satisfies Record<StepRow['status'], string>;
