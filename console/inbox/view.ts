import type { InboxLine } from '../../database/index.ts';
import { actionButton } from '../action/button.ts';
import { type Content, html, type Markup } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import { page } from '../page/layout.ts';
import { isolated, workflowLink } from '../page/link.ts';
import { paging } from '../page/paging.ts';
import { table } from '../page/table.ts';
import type { Visit } from '../visit.ts';
import { INBOX_WORDS, inboxChip, isInboxSource, isInboxStatus, SOURCE_WORDS } from '../words/inbox.ts';
import { verificationWords } from '../words/verification.ts';
import { REPLAY_ALL } from './actions.ts';
import { type InboxPageFilter, inboxAddress } from './address.ts';
import { fateOf } from './fate.ts';
import type { Inbox } from './read.ts';

export function inboxPage(visit: Visit, inbox: Inbox, filter: InboxPageFilter): Markup {
  return page(
    visit,
    { title: 'Inbox', place: '/inbox', live: 'inbox' },
    html`<h1>Inbox</h1>
<p>Everything that came in with a right signature, and what became of it. <a href="/webhooks">SkipUp’s endpoint and its deliveries</a></p>
<section data-part id="counts" aria-label="By status">
${counts(inbox, filter)}
</section>
${search(filter)}
<section data-part id="events" aria-label="Events">
${bulk(visit, inbox, filter)}${inbox.events.length === 0 ? nothing(filter) : eventTable(visit, 'Events, newest first', inbox.events)}
${paging({
  newest: filter.before === undefined ? undefined : inboxAddress({ ...filter, before: undefined }),
  older: inbox.older && inboxAddress(inbox.older),
})}
</section>`,
  );
}

export function eventTable(visit: Visit, label: string, events: readonly InboxLine[]): Markup {
  const columns = ['Event', 'Received', 'About', 'What became of it', 'Attempts', 'Workflow'];
  return table(
    label,
    columns,
    events.map((event) => line(visit, event)),
  );
}

const STATUSES = Object.keys(INBOX_WORDS).filter(isInboxStatus);
const SOURCES = Object.keys(SOURCE_WORDS).filter(isInboxSource);

function counts({ counts: counted }: Inbox, filter: InboxPageFilter): Markup {
  const { before: _page, status: current, ...rest } = filter;
  // Delivered and ignored ones are not counted: there may be a million.
  const countOf = (status: string) => Object.entries(counted).find(([name]) => name === status)?.[1];
  return html`<ul class="counts">
<li><a href="${inboxAddress(rest)}"${current === undefined && html` aria-current="true"`}>All</a></li>
${STATUSES.map((status) => {
  const count = countOf(status);
  return html`<li><a href="${inboxAddress({ ...rest, status })}"${status === current && html` aria-current="true"`}>${INBOX_WORDS[status].label}${count !== undefined && `: ${count}`}</a></li>\n`;
})}</ul>
${current !== undefined && html`<p>${INBOX_WORDS[current].label}: ${INBOX_WORDS[current].meaning}</p>`}`;
}

function search({ status, source, q, since, until }: InboxPageFilter): Markup {
  return html`<form class="search" role="search" method="get" action="/inbox">
${status !== undefined && html`<input type="hidden" name="status" value="${status}">\n`}<div><label for="q">About, workflow or event</label><input type="search" id="q" name="q" value="${q ?? ''}" maxlength="200" placeholder="mr_…, 5012, booked"></div>
<div><label for="source">From</label><select id="source" name="source">
<option value="">Everywhere</option>
${SOURCES.map((each) => html`<option value="${each}"${each === source && html` selected`}>${SOURCE_WORDS[each]}</option>\n`)}</select></div>
<div><label for="since">Received since</label><input type="date" id="since" name="since" value="${since ?? ''}"></div>
<div><label for="until">until</label><input type="date" id="until" name="until" value="${until ?? ''}"></div>
<div><button type="submit">Search</button>${isSearched({ source, q, since, until }) && html` <a href="${inboxAddress(status === undefined ? {} : { status })}">Clear</a>`}</div>
</form>`;
}

function isSearched(parts: { [name: string]: string | undefined }): boolean {
  return Object.values(parts).some((part) => part !== undefined);
}

/** Only dead ones can be replayed together: the ignored were ignored for a reason. */
function bulk(visit: Visit, { events }: Inbox, filter: InboxPageFilter): Markup | undefined {
  if (filter.status !== 'dead' || filter.before !== undefined || events.length < 2) return undefined;
  const button = actionButton(visit, REPLAY_ALL, inboxAddress(filter));
  return button && html`<p>${button}</p>\n`;
}

function line(visit: Visit, event: InboxLine): Content[] {
  return [
    html`<a href="/inbox/${event.id}">${SOURCE_WORDS[event.source]}: ${event.event_type}</a>`,
    html`${instant(event.received_at, visit.zone)} <br><span class="quiet">${verificationWords(event)}</span>`,
    event.subject !== null && isolated(event.subject),
    html`${inboxChip(event.status)} ${fateOf(visit, event)}`,
    event.attempts,
    event.workflow_id !== null && workflowLink(event.workflow_id),
  ];
}

function nothing(filter: InboxPageFilter): Markup {
  if (filter.before !== undefined) return html`<p>There are no older ones.</p>`;
  const { status, ...others } = filter;
  if (isSearched({ ...others, before: undefined })) {
    return html`<p>No event is like that. <a href="/inbox">All events</a></p>`;
  }
  if (status !== undefined) return html`<p>No event is ${INBOX_WORDS[status].label.toLowerCase()}.</p>`;
  return html`<p>Nothing has come in yet. Point the CRM’s webhook at <code>/triggers/hubspot</code> or <code>/triggers/deal</code>, a form at <code>/triggers/form</code>, and SkipUp’s at <code>/webhooks/skipup</code>; <a href="/webhooks">SkipUp’s endpoint</a> and <code>kickoff doctor</code> say what is still missing.</p>`;
}
