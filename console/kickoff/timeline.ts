import type { MeetingRequestRow } from '../../database/index.ts';
import { html } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import { outsideLink } from '../page/link.ts';
import type { Visit } from '../visit.ts';
import { originWords } from '../words/origin.ts';
import { phaseWordsOf } from '../words/phase.ts';
import { stepChip, stepKind, stepList } from '../words/steps.ts';
import { auditEntry } from './audit-entry.ts';
import { escalationEntries } from './escalations.ts';
import { eventEntry } from './event-entry.ts';
import type { KickoffDetails } from './read.ts';
import type { StepView } from './step-views.ts';
import type { TimelineEntry } from './timeline-entry.ts';

const ENDED = new Set(['cancelled', 'expired', 'failed']);

/**
 * What happened to a kickoff, in the order in which it became known here. Where SkipUp's own instant is all there is (the
 * sweep found out, no webhook came), it stands for that.
 */
export function timelineOf(visit: Visit, details: KickoffDetails, steps: readonly StepView[]): TimelineEntry[] {
  const entries = [
    ...details.events.map((event) => eventEntry(visit, details, event)),
    ...beginning(details),
    ...decision(details),
    ...details.requests.flatMap((request) => requestEntries(visit, details, request)),
    ...escalationEntries(details),
    ...details.audit.map((attempt) => auditEntry(attempt)),
    ...steps.flatMap((step) => stepEntry(step)),
    ...ending(visit, details),
  ];
  // The sort is stable: what happened in the same millisecond stays in the order above.
  return entries.sort((a, b) => a.at.getTime() - b.at.getTime());
}

function beginning({ row, record }: KickoffDetails): TimelineEntry[] {
  const by = originWords(record.origin);
  const isFirst = row.revision === 1;
  const started = row.started_at;
  return [
    { at: row.created_at, kind: 'Kickoff', what: isFirst ? `Begun by ${by}` : 'First begun' },
    ...(started === null
      ? []
      : [
          {
            at: started,
            kind: 'Kickoff' as const,
            what: isFirst ? 'Its workflow started' : `The workflow of revision ${row.revision} started, begun by ${by}`,
          },
        ]),
    ...(row.deal_lost_at === null
      ? []
      : [{ at: row.deal_lost_at, kind: 'CRM' as const, what: 'The deal is not won any more' }]),
  ];
}

/** It is taken just before the request is made; while there is none, it is as of the last change. */
function decision({ row, record, requests }: KickoffDetails): TimelineEntry[] {
  const { participants, excluded, gaps, organizer } = record;
  if (participants.length + excluded.length + gaps.length === 0 && organizer === undefined) return [];
  const request = requests.find((one) => one.revision === row.revision);
  const missing = gaps.filter(({ severity }) => severity === 'block').length;
  const counts = [
    `${participants.length} invited`,
    `${excluded.length} left out`,
    ...(missing === 0 ? [] : [`${missing} missing`]),
  ];
  return [
    {
      at: request?.created_at ?? row.updated_at,
      kind: 'Kickoff',
      what: html`The registry’s decision: <a href="#why">${counts.join(', ')}</a>`,
    },
  ];
}

function requestEntries(visit: Visit, { row, events }: KickoffDetails, request: MeetingRequestRow): TimelineEntry[] {
  const former = request.revision === row.revision ? {} : { revision: request.revision };
  const wasTold = (name: string) =>
    events.some((event) => event.subject === request.request_id && event.event_type === `meeting_request.${name}`);
  const found = (name: 'booked' | 'cancelled', at: Date | null): TimelineEntry[] =>
    at === null || wasTold(name)
      ? []
      : [
          {
            at,
            kind: 'SkipUp',
            what: name === 'booked' ? 'The meeting was booked' : 'The request was cancelled',
            words: ['By SkipUp’s clock; no event of it came in.'],
            ...former,
          },
        ];
  return [
    {
      at: request.created_at,
      kind: 'Kickoff',
      what:
        request.request_id === null
          ? 'The meeting request is being sent'
          : html`The meeting request was sent: <code>${request.request_id}</code>`,
      words: [
        html`Key <code>${request.idempotency_key}</code>, to be booked before ${instant(request.timeframe_end, visit.zone)}`,
      ],
      ...former,
    },
    ...found('booked', request.booked_at),
    ...found('cancelled', request.cancelled_at),
  ];
}

/** One that waits for its turn has not happened yet. */
function stepEntry(step: StepView): TimelineEntry[] {
  const { at, id, kind, list, occurrence, state, detail, url, attempts, revision } = step;
  if (at === undefined) return [];
  const words = [
    ...(detail === '' && url === undefined
      ? []
      : [
          html`${detail}${url !== undefined && html` ${outsideLink(url, html`Open<span class="visually-hidden"> what step ${id} made</span>`)}`}`,
        ]),
    ...(attempts > 1 ? [`After ${attempts} attempts`] : []),
  ];
  return [
    {
      at,
      kind: 'Step',
      what: html`<code>${id}</code> (${stepKind(kind)}, ${stepList(list)}${occurrence !== '' && `, ${occurrence}`})`,
      chip: stepChip(state),
      words,
      ...(revision !== undefined && { revision }),
    },
  ];
}

/** How it ended, when it has: everything that is written after is of the steps. */
function ending({ zone }: Visit, { row, now }: KickoffDetails): TimelineEntry[] {
  if (ENDED.has(row.phase)) {
    const { label, meaning } = phaseWordsOf(row.phase);
    return [{ at: row.updated_at, kind: 'Kickoff', what: `It ended: ${label}`, words: [meaning] }];
  }
  const closes = row.closes_at;
  if (row.phase !== 'done' || closes === null) return [];
  if (closes > now)
    return [
      {
        at: row.updated_at,
        kind: 'Kickoff',
        what: 'Done',
        words: [html`It listens for a late cancellation until ${instant(closes, zone)}.`],
      },
    ];
  return [{ at: closes, kind: 'Kickoff', what: 'It closed by itself' }];
}
