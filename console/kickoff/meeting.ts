import type { MeetingRequestRow } from '../../database/index.ts';
import { html, type Markup } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import { isolated } from '../page/link.ts';
import { facts } from '../page/table.ts';
import type { Visit } from '../visit.ts';

/** @param zone the organizer's, for the window, which is made of that zone's days */
export function meetingSection(visit: Visit, requests: readonly MeetingRequestRow[], zone: string | undefined): Markup {
  return html`<section aria-labelledby="meeting">
<h2 id="meeting">Meeting request</h2>
${requests.length === 0 ? html`<p>None has been sent yet.</p>` : requests.toReversed().map((request) => requestFacts(visit, request, zone))}
</section>`;
}

function requestFacts(visit: Visit, request: MeetingRequestRow, zone = visit.zone): Markup {
  return facts([
    ['Status', request.status === 'cancelled' && request.was_booked ? 'cancelled after it was booked' : request.status],
    ['Request', request.request_id === null ? 'SkipUp has not answered yet' : html`<code>${request.request_id}</code>`],
    ['Idempotency key', html`<code>${request.idempotency_key}</code>`],
    ['Revision', request.revision],
    ['Organizer', request.organizer_email !== null && isolated(request.organizer_email)],
    ['Follow-ups', request.follow_ups],
    ['Earliest', instant(request.timeframe_start, zone)],
    ['Latest', instant(request.timeframe_end, zone)],
    ['First tried', instant(request.first_tried_at, visit.zone)],
    ['Booked', request.booked_at !== null && instant(request.booked_at, visit.zone)],
    ['Calendar event', request.calendar_event_id !== null && html`<code>${request.calendar_event_id}</code>`],
    ['Cancelled', request.cancelled_at !== null && instant(request.cancelled_at, visit.zone)],
  ]);
}
