import type { MeetingRequestRow } from '../../database/index.ts';
import type { ParticipantRecord } from '../ledger/kickoff-record.ts';
import { type Content, html, type Markup } from '../page/html.ts';
import { isolated } from '../page/link.ts';
import { table } from '../page/table.ts';
import type { Visit } from '../visit.ts';
import { clockDifference, localSpan, localTime } from './local-time.ts';
import { part } from './part.ts';
import type { KickoffDetails } from './read.ts';
import { registryLink } from './registry-link.ts';
import { listed, roleWords } from './role-words.ts';

/** Who meets: the organizer and everybody invited, each with their own time. */
export function peoplePart(visit: Visit, details: KickoffDetails): Markup {
  const { row, record, requests, now } = details;
  const { organizer, participants } = record;
  const request = requests.findLast((one) => one.revision === row.revision && one.status !== 'cancelled');
  const people: ParticipantRecord[] = [
    ...(organizer === undefined ? [] : [{ ...organizer, side: 'vendor', attendance: 'invites', roles: ['organizer'] }]),
    ...participants,
  ];
  const columns = [
    'Name',
    'Role',
    'Attendance',
    'Local time now',
    ...(request === undefined ? [] : ['The window there']),
    'Known from',
  ];
  return part(
    'people',
    'Participants',
    html`${
      people.length === 0
        ? html`<p>Nobody has been chosen yet.</p>`
        : table(
            'Who meets, with their own times',
            columns,
            people.map((person) => personLine(person, { now, request, organizerZone: organizer?.timezone })),
          )
    }
<p>${registryLink(visit, row.account_id)}</p>`,
  );
}

interface Times {
  now: Date;
  request: MeetingRequestRow | undefined;
  organizerZone: string | undefined;
}

function personLine(person: ParticipantRecord, times: Times): Content[] {
  const { name, email = '–', roles, side, attendance, from } = person;
  return [
    html`${isolated(name ?? email)}${name !== undefined && html`<br><span class="quiet">${isolated(email)}</span>`}`,
    roles.length === 0 ? 'no role' : listed(roles.map(roleWords)),
    [attendance, side].filter((word) => word !== undefined).join(', ') || 'not known',
    timeNow(person.timezone, times),
    ...(times.request === undefined ? [] : [windowThere(person.timezone, times.request)]),
    from,
  ];
}

function timeNow(zone: string | undefined, { now, organizerZone }: Times): Content {
  const local = zone === undefined ? undefined : localTime(now, zone);
  if (zone === undefined || local === undefined) return html`<span class="quiet">time zone not known</span>`;
  const difference = organizerZone === undefined ? undefined : clockDifference(now, zone, organizerZone);
  const notes = [local.hint, difference && `${difference} the organizer`].filter((note) => note !== undefined);
  // To the minute, as it is shown: the part is otherwise another whenever it is asked for.
  const minute = `${now.toISOString().slice(0, 16)}Z`;
  return html`<time datetime="${minute}">${local.text}</time>${notes.length > 0 && html`<br><span class="quiet">${notes.join(', ')}</span>`}`;
}

function windowThere(zone: string | undefined, request: MeetingRequestRow): Content {
  const span = zone === undefined ? undefined : localSpan(request.timeframe_start, request.timeframe_end, zone);
  return span ?? html`<span class="quiet">time zone not known</span>`;
}
