import type { MeetingRequestRow, StepRow } from '../../database/index.ts';
import type { RecoveryStatus } from '../../workflows/messages.ts';
import { actionButton } from '../action/button.ts';
import { part } from '../kickoff/part.ts';
import { timelinePart } from '../kickoff/timeline-view.ts';
import { leadRecord, leadTitle } from '../ledger/lead-record.ts';
import { type Content, html, type Markup } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import { page } from '../page/layout.ts';
import { isolated, leadPath, outsideLink, temporalPath } from '../page/link.ts';
import { facts, table } from '../page/table.ts';
import type { Visit } from '../visit.ts';
import { localHour } from '../words/local-hour.ts';
import { originWords } from '../words/origin.ts';
import { recoveryChip, recoveryWordsOf } from '../words/recovery.ts';
import { stepKind } from '../words/steps.ts';
import { isLeadCommand, LEAD_ACTIONS, OPT_IN, OPT_OUT } from './names.ts';
import type { LeadDetails } from './read.ts';
import { storyOf, submittedAt } from './story.ts';

/** One recovery of a lead: what it needs, what may be done, and all that has happened. */
export function leadPage(visit: Visit, details: LeadDetails, now: Date): Markup {
  const { row, record, others } = details;
  return page(
    visit,
    { title: leadTitle(row, record), place: '/leads', live: `lead:${row.workflow_id}` },
    html`<p><a href="/leads">All leads</a></p>
<h1>${isolated(leadTitle(row, record))}</h1>
<section data-part id="state" aria-label="How it stands">
${state(visit, details)}
</section>
${part('lead', 'Lead and form', leadFacts(visit, details, now))}
${part('request', 'Meeting request', requestFacts(visit, details))}
${others.length > 0 && part('others', 'Other attempts', otherTable(visit, details))}
${timelinePart(visit, storyOf(visit, details), undefined)}`,
  );
}

function state(visit: Visit, details: LeadDetails): Markup {
  const { row, record, steps, asked, optedOut } = details;
  const status = asked !== undefined && 'answer' in asked ? asked.answer : undefined;
  const needs = status?.needs ?? (row.phase === 'needs_attention' ? record.needs : []);
  const failed = steps.filter((step) => step.status === 'failed');
  const waiting = status?.waitingFor ?? '';
  return html`<p>${recoveryChip(row.phase)} ${recoveryWordsOf(row.phase).meaning}</p>
${status !== undefined && !waiting.startsWith('nothing') && html`<p>It waits for ${waitingWords(visit, waiting)}.</p>`}
${row.reason !== null && html`<p>Why: ${isolated(row.reason)}</p>`}
${asked !== undefined && 'silent' in asked && html`<p class="notice alert">${asked.silent} What is shown is what the database knows.</p>`}
${needs.length > 0 && html`<div class="notice alert">\n<h2>What it needs</h2>\n<ul>\n${needs.map((need) => html`<li>${need}</li>\n`)}</ul>\n</div>`}
${status !== undefined && stepButtons(visit, row.workflow_id, failed, status)}
<p class="actions">${status !== undefined && commandButtons(visit, row.workflow_id, status)}${actionButton(visit, optedOut === undefined ? OPT_OUT : OPT_IN, row.workflow_id)}</p>
${optedOut !== undefined && html`<p class="notice still">The address has opted out: ${optedOut}.</p>`}`;
}

/** Instants within the workflow's sentence, in the viewer's zone. */
function waitingWords({ zone }: Visit, text: string): Content {
  const parts = text.split(/(\d{4}-\d\d-\d\dT[\d:.]+Z)/);
  return parts.map((each, index) => (index % 2 === 1 ? instant(each, zone) : each));
}

function commandButtons(visit: Visit, workflowId: string, { commands }: RecoveryStatus): Content {
  return commands.map(({ name }) => {
    if (!isLeadCommand(name) || name === 'retryStep' || name === 'skipStep') return undefined;
    return html`${actionButton(visit, LEAD_ACTIONS[name], workflowId)} `;
  });
}

function stepButtons(
  visit: Visit,
  workflowId: string,
  failed: readonly StepRow[],
  { commands }: RecoveryStatus,
): Content {
  if (visit.may !== 'act' || !commands.some(({ name }) => name === 'retryStep')) return undefined;
  return failed.map(
    ({ step_id: id, kind }) =>
      html`<p class="actions">Step <code>${id}</code> (${stepKind(kind)}): ${actionButton(visit, LEAD_ACTIONS.retryStep, workflowId, { id })} ${actionButton(visit, LEAD_ACTIONS.skipStep, workflowId, { id })}</p>`,
  );
}

function leadFacts(visit: Visit, { row, record, ...rest }: LeadDetails, now: Date): Markup {
  const { lead, form, origin, organizer } = record;
  const submitted = submittedAt({ record, ...rest });
  const name = isolated(lead.name ?? row.lead_id);
  const hour = lead.timezone === undefined ? undefined : localHour(now, lead.timezone);
  const answers = Object.entries(form.answers);
  return html`${facts([
    [
      'Lead',
      html`${lead.url === undefined ? name : outsideLink(lead.url, name)} <span class="quiet">${row.lead_id} in ${row.crm}</span>`,
    ],
    ['E-mail', isolated(row.email)],
    ['Company', lead.company !== undefined && isolated(lead.company)],
    ['Job title', lead.jobTitle !== undefined && isolated(lead.jobTitle)],
    ['There it is', hour !== undefined && html`${hour} <span class="quiet">${lead.timezone}</span>`],
    ['Who invites', personWords(organizer ?? lead.owner)],
    ['Form', isolated(form.name ?? 'a form')],
    ['Filled in', submitted && instant(submitted, visit.zone)],
    ['On the page', form.page !== undefined && outsideLink(form.page, isolated(form.page))],
    ['Started by', originWords({ kind: origin.kind, reference: '' })],
    ['Attempt', row.attempt],
    ['Closes by itself', row.closes_at !== null && instant(row.closes_at, visit.zone)],
    [
      'Workflow',
      visit.temporalUi === undefined
        ? html`<code>${isolated(row.workflow_id)}</code>`
        : outsideLink(
            temporalPath(visit.temporalUi, row.workflow_id),
            html`<code>${isolated(row.workflow_id)}</code> in the Temporal UI`,
          ),
    ],
  ])}
${
  answers.length > 0 &&
  html`<details id="answers">
<summary>What was filled in</summary>
${facts(answers.map(([field, answer]) => [field, isolated(answer)]))}
</details>`
}`;
}

function personWords(person: { email?: string | undefined; name?: string | undefined } | undefined): Content {
  if (person === undefined) return 'nobody is known';
  const { name, email } = person;
  return html`${isolated(name ?? email ?? '')}${name !== undefined && email !== undefined && html` <span class="quiet">${isolated(email)}</span>`}`;
}

function requestFacts(visit: Visit, { requests, record }: LeadDetails): Content {
  if (requests.length === 0) return html`<p>SkipUp has not been asked.</p>`;
  const zone = record.organizer?.timezone ?? visit.zone;
  return requests.toReversed().map((request) => oneRequest(visit, request, zone));
}

function oneRequest({ zone }: Visit, request: MeetingRequestRow, windowZone: string): Markup {
  return facts([
    ['Status', request.status === 'cancelled' && request.was_booked ? 'cancelled after it was booked' : request.status],
    ['Request', request.request_id === null ? 'SkipUp has not answered yet' : html`<code>${request.request_id}</code>`],
    ['Idempotency key', html`<code>${request.idempotency_key}</code>`],
    ['Organizer', request.organizer_email !== null && isolated(request.organizer_email)],
    ['Follow-ups', request.follow_ups],
    ['Earliest', instant(request.timeframe_start, windowZone)],
    ['Latest', instant(request.timeframe_end, windowZone)],
    ['First tried', instant(request.first_tried_at, zone)],
    ['Booked', request.booked_at !== null && instant(request.booked_at, zone)],
    ['Cancelled', request.cancelled_at !== null && instant(request.cancelled_at, zone)],
  ]);
}

function otherTable({ zone }: Visit, { others }: LeadDetails): Markup {
  return table(
    'Other attempts',
    ['Taken up', 'Phase', 'Lead', 'Form', 'Why'],
    others.map((row) => {
      const record = leadRecord(row);
      return [
        html`<a href="${leadPath(row.workflow_id)}">${instant(row.created_at, zone)}</a>`,
        recoveryChip(row.phase),
        html`${isolated(leadTitle(row, record))} <span class="quiet">${row.lead_id} in ${row.crm}</span>`,
        isolated(record.form.name ?? '–'),
        isolated(row.reason ?? ''),
      ];
    }),
  );
}
