import type { AuditAttempt, KickoffEventRow, MeetingRequestRow, StepRow } from '../../database/index.ts';
import { actionButton } from '../action/button.ts';
import { payloadText } from '../kickoff/payload.ts';
import type { TimelineEntry } from '../kickoff/timeline-entry.ts';
import { stepOutcome } from '../ledger/step-outcome.ts';
import { html } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import { isolated, outsideLink } from '../page/link.ts';
import type { Visit } from '../visit.ts';
import { outcomeChip } from '../words/action.ts';
import { INBOX_WORDS, inboxChip, SOURCE_WORDS } from '../words/inbox.ts';
import { recoveryChip } from '../words/recovery.ts';
import { stepKind, stepList } from '../words/steps.ts';
import { leadActionWords } from './names.ts';
import type { LeadDetails } from './read.ts';

/** What happened to a lead since it filled in the form, in the order in which it became known here. */
export function storyOf(visit: Visit, details: LeadDetails): TimelineEntry[] {
  const { row, record, events, requests, steps, audit } = details;
  const submitted = submittedAt(details);
  const entries: TimelineEntry[] = [
    ...(submitted === undefined
      ? []
      : [{ at: submitted, kind: 'CRM' as const, what: html`Filled in ${isolated(record.form.name ?? 'a form')}` }]),
    ...events.map((event) => eventEntry(visit, event)),
    { at: row.created_at, kind: 'Kickoff', what: row.attempt === 1 ? 'Taken up' : `Taken up, attempt ${row.attempt}` },
    ...(row.started_at === null
      ? []
      : [{ at: row.started_at, kind: 'Kickoff' as const, what: 'Its recovery began: it has time to book by itself' }]),
    ...requests.flatMap((request) => requestEntries(request, events)),
    ...steps.map(stepEntry),
    ...audit.map(auditEntry),
    ...(row.ended_at === null
      ? []
      : [
          {
            at: row.ended_at,
            kind: 'Kickoff' as const,
            what: 'It is over',
            chip: recoveryChip(row.phase),
            words: row.reason === null ? [] : [row.reason],
          },
        ]),
  ];
  // The sort is stable: what happened in the same millisecond stays in the order above.
  return entries.sort((a, b) => a.at.getTime() - b.at.getTime());
}

/** Undefined where it was not said, or is no instant. */
export function submittedAt({ record }: Pick<LeadDetails, 'record'>): Date | undefined {
  const at = new Date(record.form.submittedAt ?? Number.NaN);
  return Number.isNaN(at.getTime()) ? undefined : at;
}

function eventEntry(visit: Visit, event: KickoffEventRow): TimelineEntry {
  const { id, source, event_type: type, received_at: at, status, reason, payload } = event;
  return {
    at,
    kind: source === 'skipup' ? 'SkipUp' : 'CRM',
    what: html`${SOURCE_WORDS[source]}: <code>${type}</code>`,
    ...(status !== 'delivered' && { chip: inboxChip(status) }),
    words: [
      ...(status === 'delivered' || reason === null ? [] : [reason]),
      ...(status === 'dead' ? [actionButton(visit, { name: 'inbox.replay', label: 'Replay' }, String(id))] : []),
    ],
    details: {
      id: `event-${id}`,
      body: html`<p>Row ${id}, received ${instant(at, visit.zone)}. ${INBOX_WORDS[status].meaning}</p>
${payload === null ? html`<p class="quiet">What it said is too long to be shown here.</p>` : html`<pre>${payloadText(payload)}</pre>`}`,
    },
  };
}

function requestEntries(request: MeetingRequestRow, events: readonly KickoffEventRow[]): TimelineEntry[] {
  const wasTold = (name: string) =>
    events.some((event) => event.subject === request.request_id && event.event_type === `meeting_request.${name}`);
  const found = (name: 'booked' | 'cancelled', at: Date | null): TimelineEntry[] =>
    at === null || wasTold(name)
      ? []
      : [{ at, kind: 'SkipUp', what: `The meeting was ${name}`, words: ['By SkipUp’s clock.'] }];
  return [
    {
      at: request.created_at,
      kind: 'Kickoff',
      what: 'SkipUp was asked for a meeting',
      words: [html`Key <code>${request.idempotency_key}</code>`],
    },
    ...found('booked', request.booked_at),
    ...found('cancelled', request.cancelled_at),
  ];
}

const STEP_WORDS: Record<StepRow['status'], string> = {
  running: 'begun',
  done: 'done',
  failed: 'failed',
  skipped: 'let go',
  undone: 'taken back',
  left: 'left as it is',
};

function stepEntry(step: StepRow): TimelineEntry {
  const { detail, url } = stepOutcome(step);
  return {
    at: step.finished_at ?? step.started_at,
    kind: 'Step',
    what: html`<code>${step.step_id}</code> (${stepKind(step.kind)}, ${stepList(step.list)}) ${STEP_WORDS[step.status]}`,
    ...(step.status === 'failed' && { chip: html`<span class="chip alert">Failed</span>` }),
    words: [url === undefined ? isolated(detail) : outsideLink(url, isolated(detail === '' ? url : detail))],
  };
}

function auditEntry({ at, name, action, reason, outcome, answer }: AuditAttempt): TimelineEntry {
  return {
    at,
    kind: 'Person',
    what: html`${isolated(name)}: ${leadActionWords(action)}`,
    ...(outcome !== 'done' && { chip: outcomeChip(outcome) }),
    words: [reason !== null && html`Reason: <q>${isolated(reason)}</q>`, answer !== null && html`Answer: ${answer}`],
  };
}
