import { DateTime } from 'luxon';
import type { MeetingRequestRecord } from '../state/schema.ts';
import type { Span } from './calendar.ts';

/** Who writes on SkipUp's side. */
export const ASSISTANT = 'SkipUp';

const firstName = (name: string) => name.split(/[\s@]/)[0] ?? name;

/** Looking a zone's abbreviation up takes Intl most of a millisecond, and there are few of them. */
const abbreviations = new Map<string, string>();

function abbreviationAt(time: DateTime): string {
  const key = `${time.zoneName} ${time.offset}`;
  const known = abbreviations.get(key) ?? time.toFormat('ZZZZ');
  abbreviations.set(key, known);
  return known;
}

/** A span in somebody's own time: `Thu 12 Feb 10:00–11:30 EST`. */
export function inWords(span: Span, zone: string): string {
  const start = DateTime.fromMillis(span.start, { zone, locale: 'en-US' });
  const end = DateTime.fromMillis(span.end, { zone, locale: 'en-US' });
  return `${start.toFormat('ccc d LLL HH:mm')}–${end.toFormat('HH:mm')} ${abbreviationAt(start)}`;
}

function meetingInWords(request: MeetingRequestRecord): string {
  return request.title === undefined ? 'a meeting' : `“${request.title}”`;
}

export function introduction(organizer: string): string {
  return `Hello, I am SkipUp, ${organizer}'s scheduling assistant. I will find a time that suits everybody; just answer in your own words.`;
}

export function outreach(request: MeetingRequestRecord, name: string, organizer: string): string {
  const purpose = request.purpose === undefined || request.purpose === '' ? '' : ` ${request.purpose}.`;
  const from = request.timeframe.start.slice(0, 10);
  const to = request.timeframe.end.slice(0, 10);
  return `${firstName(name)}, ${organizer} would like to meet for ${meetingInWords(request)}, ${request.durationMinutes} minutes, between ${from} and ${to}.${purpose} When could you?`;
}

export function reply(spans: readonly Span[], zone: string): string {
  if (spans.length === 0) return 'I am sorry, I have no time at all in that window.';
  return `I could do ${spans.map((span) => inWords(span, zone)).join(', or ')}.`;
}

export function followUp(name: string, round: number): string {
  return round === 1
    ? `${firstName(name)}, a short reminder: when could you meet?`
    : `${firstName(name)}, I am asking for the ${ordinal(round)} time: which times would suit you?`;
}

function ordinal(n: number): string {
  if (n === 2) return 'second';
  return n === 3 ? 'third' : `${n}th`;
}

export function invitation(request: MeetingRequestRecord, slot: Span, zone: string): string {
  return `It is settled: ${meetingInWords(request)} on ${inWords(slot, zone)}. Invitations are sent.`;
}

export function noSlot(request: MeetingRequestRecord): string {
  return `No time within ${request.timeframe.start} to ${request.timeframe.end} suits everybody for ${request.durationMinutes} minutes. I need another window or a shorter meeting.`;
}

export function silence(names: readonly string[], rounds: number): string {
  const times = rounds === 1 ? 'one follow-up' : `${rounds} follow-ups`;
  return `${names.join(', ')} did not answer ${times}. I will wait and ask no more.`;
}
