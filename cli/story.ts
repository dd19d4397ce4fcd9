import { styleText } from 'node:util';
import type { LiveEvent } from './live-event.ts';
import type { JsonDocument } from './output.ts';

type Colour = Parameters<typeof styleText>[0];

/** One thing told: to a program as a document, to a person as lines. Undefined lines are not worth a person's time. */
export interface Telling {
  document: JsonDocument;
  lines?: string[];
}

/**
 * Tells what happens as a story that a person can follow.
 *
 * @param colours whether the terminal shows them
 */
export function tell(live: LiveEvent, colours: boolean): Telling {
  const paint = (colour: Colour, text: string) => (colours ? styleText(colour, text) : text);
  const line = (label: string, text: string, colour: Colour = 'cyan') => `${paint(colour, label.padEnd(9))} ${text}`;
  return { document: { ...live.event, room: live.room }, ...linesOf(live, line, paint) };
}

type Line = (label: string, text: string, colour?: Colour) => string;
type Paint = (colour: Colour, text: string) => string;

function linesOf(live: LiveEvent, line: Line, paint: Paint): { lines?: string[] } {
  switch (live.room) {
    case 'triggers':
      return lines(aboutTriggers(live.event, line));
    case 'activities':
      return lines(aboutActivities(live.event, line, paint));
    case 'sandbox':
      return lines(aboutSandbox(live.event, line, paint));
  }
}

function lines(told: string[]): { lines?: string[] } {
  return told.length === 0 ? {} : { lines: told };
}

const SENDERS = {
  skipup: 'SkipUp',
  hubspot: 'HubSpot',
  salesforce: 'Salesforce',
  pipedrive: 'Pipedrive',
  deal: 'deal trigger',
  form: 'form',
};

function aboutTriggers(event: Extract<LiveEvent, { room: 'triggers' }>['event'], line: Line): string[] {
  switch (event.type) {
    case 'webhook_received': {
      const from = SENDERS[event.source];
      const repeat = event.duplicate ? ', a repeat' : '';
      return [
        line('webhook', `${from}: ${event.eventType} · signature ${event.verified} verified, stored${repeat}`, 'blue'),
      ];
    }
    case 'kickoff_started':
      return [line('kickoff', `started as workflow ${event.workflowId}`, 'green')];
    case 'recovery_started': {
      const who = [event.leadName ?? `lead ${event.leadId}`, event.company].filter((part) => part !== undefined);
      return [
        line(
          'lead',
          `${who.join(', ')} has filled in “${event.form}”: taken up as workflow ${event.workflowId}`,
          'green',
        ),
        line('waiting', 'the lead has time to book by itself'),
      ];
    }
    case 'ignored':
      return [line('ignored', `${event.eventType}: ${event.reason}`, 'gray')];
    case 'refused':
      return [line('refused', `${event.status} ${event.code}: ${event.message}`, 'red')];
    case 'dead':
      return [line('dead', `${event.eventType}: ${event.reason}`, 'red')];
    default:
      return [];
  }
}

function aboutActivities(
  event: Extract<LiveEvent, { room: 'activities' }>['event'],
  line: Line,
  paint: Paint,
): string[] {
  switch (event.type) {
    case 'resolved': {
      const { organizer, participants, excluded, gaps } = event.resolution;
      const zones = new Set(participants.map((person) => person.timezone));
      const width = Math.max(0, ...participants.map((person) => (person.name ?? person.email).length));
      return [
        line(
          'people',
          `${participants.length} participants in ${zones.size} time zones; organizer ${organizer?.name ?? organizer?.email ?? 'nobody'}`,
        ),
        ...participants.map((person) =>
          line(
            '',
            `${(person.name ?? person.email).padEnd(width)}  ${words(person.roles)}  ${paint('gray', `${person.timezone ?? 'no time zone'} · from ${person.from}`)}`,
          ),
        ),
        ...excluded.map((person) =>
          line('', paint('gray', `not invited: ${person.name ?? person.email ?? 'somebody'} (${person.reason})`)),
        ),
        ...gaps.map((gap) => line('missing', gap.message, gap.severity === 'block' ? 'red' : 'yellow')),
      ];
    }
    case 'checked': {
      const who = event.leadName ?? `lead ${event.leadId}`;
      const by = event.crm === 'generic' ? 'no CRM' : SENDERS[event.crm];
      if (event.meeting !== undefined)
        return [line('asked', `${by}: ${who} has booked by itself, ${event.meeting}`, 'green')];
      if (event.optedOut !== undefined)
        return [line('asked', `${by}: ${who} may not be written to, ${event.optedOut}`)];
      return [line('asked', `${by}: ${who} has booked nothing`)];
    }
    case 'requested':
      return [
        line('request', `${event.requestId} ${event.fresh ? 'sent' : 'found again'} under ${event.key}`, 'green'),
      ];
    case 'step':
      return [line('step', `${event.id} done`, 'magenta')];
  }
}

function aboutSandbox(event: Extract<LiveEvent, { room: 'sandbox' }>['event'], line: Line, paint: Paint): string[] {
  switch (event.type) {
    case 'conversation':
      return [line('SkipUp', `${paint('gray', clock(event.at))} ${event.from}: ${shorten(event.text)}`, 'gray')];
    case 'delivery':
      return event.outcome === 'success'
        ? []
        : [
            line(
              'SkipUp',
              `${event.event} not delivered (${event.error ?? event.responseCode}), attempt ${event.attempt}`,
              'yellow',
            ),
          ];
    case 'meeting_request':
      return event.slot === undefined ? [] : [line('booked', `${event.slot.start} – ${event.slot.end}`, 'green')];
    case 'crm':
      if (event.source === 'control' && event.action === 'properties' && event.dealId === undefined)
        return aboutContact(event.text, line);
      return event.source === 'control'
        ? [line('deal', `${wordOf(event)} in HubSpot: ${event.text}`, 'green')]
        : [line('CRM', `${event.action} written: ${event.text.replace(/<br>.*$/s, '')}`, 'magenta')];
    case 'slack':
      return [line('Slack', event.text, 'magenta')];
    default:
      return [];
  }
}

/** What a contact has done: filled in a form, or booked past SkipUp. Their properties say which. */
function aboutContact(text: string, line: Line): string[] {
  const [, form] = /recent_conversion_event_name = (.*?)(?:, \w+ = |$)/.exec(text) ?? [];
  if (text.includes('recent_conversion_date = ')) {
    return [line('form', `filled in at HubSpot${form === undefined ? ' again' : `: “${form}”`}`, 'green')];
  }
  if (text.includes('engagements_last_meeting_booked = ')) return [line('lead', 'books a meeting by itself', 'green')];
  return [line('lead', `changed in HubSpot: ${text}`, 'green')];
}

/** What somebody has done with a deal. */
function wordOf({ action, text }: { action: string; text: string }): string {
  if (action === 'merge') return 'merged';
  if (action === 'deletion') return 'deleted';
  return text.includes('dealstage = closed') ? 'closed' : 'changed';
}

function words(roles: readonly string[]): string {
  return roles.length === 0 ? 'no role' : roles.map((role) => role.replaceAll('_', ' ')).join(', ');
}

/** `Sat 14:30`, UTC. */
function clock(at: string): string {
  const date = new Date(at);
  return `${date.toLocaleDateString('en', { weekday: 'short', timeZone: 'UTC' })} ${at.slice(11, 16)}`;
}

/** A line of a conversation, short enough for a terminal. */
function shorten(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 119).replace(/\s+\S*$/, '')}…`;
}
