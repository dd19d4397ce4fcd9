import type { MeetingRequestRow } from '../../database/index.ts';
import { html, type Markup } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import { isolated } from '../page/link.ts';
import { facts } from '../page/table.ts';
import type { Visit } from '../visit.ts';
import { localSpan } from './local-time.ts';
import { part } from './part.ts';
import type { KickoffDetails } from './read.ts';

/** The meeting request at SkipUp; those of former revisions are folded away. */
export function meetingPart(visit: Visit, { row, record, requests }: KickoffDetails): Markup {
  const zone = record.organizer?.timezone;
  const current = requests.filter((request) => request.revision === row.revision);
  const former = requests.filter((request) => request.revision !== row.revision).toReversed();
  return part(
    'meeting',
    'Meeting request',
    html`${current.length === 0 ? html`<p>None has been sent${former.length > 0 && ' for this revision'} yet.</p>` : current.toReversed().map((request) => requestFacts(visit, request, zone))}
${former.length > 0 && html`<details id="former-requests">\n<summary>${former.length === 1 ? 'The request of the revision before' : `${former.length} requests of former revisions`}</summary>\n${former.map((request) => requestFacts(visit, request, zone))}</details>`}`,
  );
}

/** @param zone the organizer's, for the window, which is made of that zone's days */
function requestFacts(visit: Visit, request: MeetingRequestRow, zone = visit.zone): Markup {
  const isOver = request.status === 'booked' || request.status === 'cancelled';
  return facts([
    [
      'Status',
      request.status === 'cancelled' && request.was_booked
        ? 'cancelled after it was booked'
        : statusWords(request.status),
    ],
    ['Request', request.request_id === null ? 'SkipUp has not answered yet' : html`<code>${request.request_id}</code>`],
    ['Idempotency key', html`<code>${request.idempotency_key}</code>`],
    ['Revision', request.revision],
    [
      'Organizer',
      request.organizer_email === null ? 'has changed; SkipUp has not said to whom' : isolated(request.organizer_email),
    ],
    ['Follow-ups', request.follow_ups],
    [
      isOver ? 'Window' : 'To be booked within',
      localSpan(request.timeframe_start, request.timeframe_end, zone) ??
        html`${instant(request.timeframe_start, 'UTC')} to ${instant(request.timeframe_end, 'UTC')}`,
    ],
    ['First tried', instant(request.first_tried_at, visit.zone)],
    [
      'Booked',
      request.booked_at !== null &&
        html`${instant(request.booked_at, visit.zone)}<br><span class="quiet">SkipUp does not tell for when: it stands in the invitation.</span>`,
    ],
    ['Calendar event', request.calendar_event_id !== null && html`<code>${request.calendar_event_id}</code>`],
    ['Cancelled', request.cancelled_at !== null && instant(request.cancelled_at, visit.zone)],
  ]);
}

function statusWords(status: string): string {
  return status === 'requesting' ? 'being sent' : status;
}
