import type { InboxRow } from '../../database/index.ts';
import { type Content, html, type Markup } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import { page } from '../page/layout.ts';
import { isolated, workflowLink } from '../page/link.ts';
import { paging } from '../page/paging.ts';
import { table } from '../page/table.ts';
import type { Visit } from '../visit.ts';
import { INBOX_WORDS, inboxChip, isInboxStatus, SOURCE_WORDS } from '../words/inbox.ts';
import { type InboxPageFilter, inboxAddress } from './address.ts';
import type { Inbox } from './read.ts';

export function inboxPage(visit: Visit, inbox: Inbox, filter: InboxPageFilter): Markup {
  return page(
    visit,
    { title: 'Inbox', place: '/inbox', live: 'inbox' },
    html`<h1>Inbox</h1>
<p>Everything that came in with a right signature, and what became of it.</p>
${counts(inbox, filter)}
${
  inbox.events.length === 0
    ? nothing(filter)
    : table(
        'Events, newest first',
        ['Row', 'Received', 'From', 'Event', 'About', 'Status', 'Reason', 'Attempts', 'Workflow'],
        inbox.events.map((event) => line(visit, event)),
      )
}
${paging({
  newest: filter.before === undefined ? undefined : inboxAddress({ ...filter, before: undefined }),
  older: inbox.older && inboxAddress(inbox.older),
})}`,
  );
}

function counts(inbox: Inbox, filter: InboxPageFilter): Markup {
  const entries = Object.keys(INBOX_WORDS).filter(isInboxStatus);
  return html`<ul class="counts">
<li><a href="/inbox"${filter.status === undefined && html` aria-current="true"`}>All: ${Object.values(inbox.counts).reduce((sum, count) => sum + count, 0)}</a></li>
${entries.map((status) => html`<li><a href="${inboxAddress({ status })}"${status === filter.status && html` aria-current="true"`}>${INBOX_WORDS[status].label}: ${inbox.counts[status]}</a></li>\n`)}</ul>
${filter.status !== undefined && html`<p>${INBOX_WORDS[filter.status].label}: ${INBOX_WORDS[filter.status].meaning}</p>`}`;
}

function line(visit: Visit, event: InboxRow): Content[] {
  return [
    event.id,
    instant(event.received_at, visit.zone),
    SOURCE_WORDS[event.source],
    event.event_type,
    event.subject !== null && isolated(event.subject),
    inboxChip(event.status),
    fate(visit, event),
    event.attempts,
    event.workflow_id !== null && workflowLink(event.workflow_id),
  ];
}

/** Why it is where it is, and what can be done about it. */
function fate(visit: Visit, event: InboxRow): Content {
  switch (event.status) {
    case 'dead':
      return html`${event.reason} <br>Replay it: <code>kickoff replay ${event.id}</code>`;
    case 'pending':
      return html`${event.reason} ${event.attempts > 0 && html`<br>Next attempt ${instant(event.next_attempt_at, visit.zone)}`}`;
    case 'unmatched':
    case 'delivered':
    case 'ignored':
      return event.reason ?? INBOX_WORDS[event.status].meaning;
  }
}

function nothing(filter: InboxPageFilter): Markup {
  if (filter.before !== undefined) return html`<p>There are no older ones.</p>`;
  if (filter.status !== undefined) return html`<p>No event is ${INBOX_WORDS[filter.status].label.toLowerCase()}.</p>`;
  return html`<p>Nothing has come in yet. Point the CRM’s webhook at <code>/triggers/hubspot</code> or <code>/triggers/deal</code>, a form at <code>/triggers/form</code>, and SkipUp’s at <code>/webhooks/skipup</code>; <code>kickoff doctor</code> says what is still missing.</p>`;
}
