import type { KickoffEventRow } from '../../database/index.ts';
import { actionButton } from '../action/button.ts';
import { type Content, html } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import { workflowLink } from '../page/link.ts';
import { facts } from '../page/table.ts';
import type { Visit } from '../visit.ts';
import { INBOX_WORDS, inboxChip, SOURCE_WORDS } from '../words/inbox.ts';
import { verificationWords } from '../words/verification.ts';
import { payloadText } from './payload.ts';
import type { KickoffDetails } from './read.ts';
import type { TimelineEntry } from './timeline-entry.ts';

/** What SkipUp's events say, in words; one that is not known here as it is called. */
const SKIPUP_WORDS = new Map([
  ['meeting_request.created', 'The request was accepted'],
  ['meeting_request.booked', 'The meeting was booked'],
  ['meeting_request.cancelled', 'The request was cancelled'],
  ['meeting_request.paused', 'The scheduling was paused'],
  ['meeting_request.resumed', 'The scheduling was resumed'],
  ['meeting_request.organizer_changed', 'Another organizer'],
  ['meeting_request.follow_up_sent', 'A follow-up was sent'],
]);

/** Something that came in: a webhook, or what the sweep or a catch-up put into the inbox. */
export function eventEntry(visit: Visit, details: KickoffDetails, event: KickoffEventRow): TimelineEntry {
  const { id, source, status, reason, received_at: at } = event;
  const isSkipUp = source === 'skipup';
  const revision = revisionOf(details, event);
  return {
    at,
    kind: isSkipUp ? 'SkipUp' : 'CRM',
    what: html`${whatHappened(details, event)} <code>${event.event_type}</code>`,
    // Delivered is what an event is meant to be.
    ...(status !== 'delivered' && { chip: inboxChip(status) }),
    words: [
      howKnown(event),
      ...(status === 'delivered' || reason === null ? [] : [reason]),
      ...(status === 'dead' ? [replayButton(visit, id)] : []),
      ...deliveredElsewhere(details, event),
    ],
    details: { id: `event-${id}`, body: eventDetails(visit, event) },
    ...(revision !== undefined && { revision }),
  };
}

function whatHappened({ record }: KickoffDetails, { source, event_type: type, payload }: KickoffEventRow): string {
  if (source === 'skipup') {
    const isBookedOne = type === 'meeting_request.cancelled' && field(payload, 'was_booked') === true;
    return isBookedOne ? 'The booked meeting was cancelled' : (SKIPUP_WORDS.get(type) ?? 'SkipUp said');
  }
  const transition = field(payload, 'transitionKey');
  const isOrigin = transition !== undefined && transition === record.origin.reference;
  if (type === 'catch_up') return isOrigin ? 'The deal was found to be won' : 'The deal was found to have changed';
  return `${SOURCE_WORDS[source]} told of the deal${isOrigin ? ', which began this kickoff' : ''}`;
}

/** The former revision whose request it is about. */
function revisionOf({ row, requests }: KickoffDetails, event: KickoffEventRow): number | undefined {
  if (event.source !== 'skipup') return undefined;
  const revision = requests.find((request) => request.request_id === event.subject)?.revision;
  return revision === row.revision ? undefined : revision;
}

/** Rows of an earlier version say in other ways that no webhook brought them. */
function howKnown(event: KickoffEventRow): string {
  if (event.verification !== null) return verificationWords(event);
  if (event.event_type === 'catch_up') return verificationWords({ ...event, verification: { by: 'catch-up' } });
  const isOfSweep = field(event.payload, 'noticed_by') === 'sweep';
  return verificationWords({ ...event, verification: isOfSweep ? { by: 'sweep' } : null });
}

function deliveredElsewhere({ row }: KickoffDetails, { workflow_id: to }: KickoffEventRow): Content[] {
  return to === null || to === row.workflow_id
    ? []
    : [html`Delivered to the deal’s kickoffs, among them ${workflowLink(to)}`];
}

function eventDetails({ zone }: Visit, event: KickoffEventRow): Content {
  const {
    id,
    source,
    subject,
    status,
    attempts,
    received_at: received,
    delivered_at: delivered,
    payload,
    verification,
  } = event;
  const said = field(payload, source === 'skipup' ? 'timestamp' : 'occurredAt');
  return html`${facts([
    ['Inbox row', id],
    ['About', subject !== null && html`<code>${subject}</code>`],
    ['Happened, as its sender says', typeof said === 'string' && instant(said, zone)],
    ['Signed', verification?.signedAt !== undefined && instant(verification.signedAt, zone)],
    ['Received', instant(received, zone)],
    ['Delivered', delivered !== null && instant(delivered, zone)],
    ['Attempts', attempts > 1 && attempts],
    ['Fate', INBOX_WORDS[status].meaning],
  ])}
${payload === null ? html`<p class="quiet">What it said is too long to be shown here.</p>` : html`<pre>${payloadText(payload)}</pre>`}`;
}

function field(payload: object | null, name: string): unknown {
  return payload === null ? undefined : Reflect.get(payload, name);
}

function replayButton(visit: Visit, id: number): Content {
  const button = actionButton(visit, { name: 'inbox.replay', label: 'Replay' }, String(id));
  return button && html`<span class="actions">${button}</span>`;
}
