import type { InboxRow } from '../../database/index.ts';
import { html, type Markup } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import { table } from '../page/table.ts';
import type { Visit } from '../visit.ts';
import { inboxChip, SOURCE_WORDS } from '../words/inbox.ts';

/** The webhooks that are about a kickoff, oldest first. Every one of them was verified before it was stored. */
export function eventTable(visit: Visit, events: readonly InboxRow[]): Markup {
  return table(
    'Events, oldest first',
    ['Row', 'Received', 'From', 'Event', 'About', 'Status', 'Reason', 'Delivered'],
    events.map((event) => [
      event.id,
      instant(event.received_at, visit.zone),
      SOURCE_WORDS[event.source],
      event.event_type,
      event.subject !== null && html`<code>${event.subject}</code>`,
      inboxChip(event.status),
      event.reason,
      event.delivered_at !== null && instant(event.delivered_at, visit.zone),
    ]),
  );
}
