import type { InboxRow, MeetingRequestRow, StepRow } from '../../database/index.ts';
import { kickoffRecord } from '../ledger/kickoff-record.ts';
import { stepOutcome } from '../ledger/step-outcome.ts';
import { INBOX_WORDS, SOURCE_WORDS } from '../words/inbox.ts';
import { originWords } from '../words/origin.ts';
import { stepKind } from '../words/steps.ts';
import type { KickoffDetails } from './read.ts';

export interface TimelineEntry {
  at: Date;
  what: string;
  detail?: string;
}

/**
 * What happened to a kickoff, in the order in which it became known here. Where SkipUp's own instant is all there is (the
 * sweep found out, no webhook came), it stands for that.
 */
export function timelineOf({ row, requests, steps, events }: KickoffDetails): TimelineEntry[] {
  const entries = [
    ...events.map(eventEntry),
    { at: row.created_at, what: `Kickoff begun by ${originWords(kickoffRecord(row).origin)}` },
    ...(row.started_at === null ? [] : [{ at: row.started_at, what: 'Workflow started' }]),
    ...requests.flatMap((request) => requestEntries(request, events)),
    ...steps.map(stepEntry),
  ];
  // The sort is stable: what happened in the same millisecond stays in the order above.
  return entries.sort((a, b) => a.at.getTime() - b.at.getTime());
}

function eventEntry(event: InboxRow): TimelineEntry {
  const { label } = INBOX_WORDS[event.status];
  return {
    at: event.received_at,
    what: `${SOURCE_WORDS[event.source]}: ${event.event_type}`,
    detail: event.reason === null ? label : `${label}: ${event.reason}`,
  };
}

function requestEntries(request: MeetingRequestRow, events: readonly InboxRow[]): TimelineEntry[] {
  const wasTold = (name: string) =>
    events.some((event) => event.subject === request.request_id && event.event_type === `meeting_request.${name}`);
  const found = (name: 'booked' | 'cancelled', at: Date | null) =>
    at === null || wasTold(name)
      ? []
      : [{ at, what: `SkipUp: ${name}`, detail: `${request.request_id ?? ''}, by SkipUp’s clock` }];
  return [
    { at: request.created_at, what: 'Meeting request begun', detail: `key ${request.idempotency_key}` },
    ...found('booked', request.booked_at),
    ...found('cancelled', request.cancelled_at),
  ];
}

function stepEntry(step: StepRow): TimelineEntry {
  const { detail } = stepOutcome(step);
  return {
    at: step.finished_at ?? step.started_at,
    what: `Step ${step.step_id} (${stepKind(step.kind)}) ${step.status === 'running' ? 'begun' : step.status}`,
    ...(detail === '' ? {} : { detail }),
  };
}
