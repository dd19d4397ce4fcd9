import { expect, it } from 'vitest';
import type { LiveEvent } from '../../../cli/live-event.ts';
import { tell } from '../../../cli/story.ts';

const at = '2026-02-08T10:00:00.000Z';
const workflowId = 'lead:40101:recovery:2026-02-08';
const sarah = { workflowId, leadId: '40101', leadName: 'Sarah Chen' };
const crm = { type: 'crm', at, action: 'properties', objectId: '40101', source: 'control' } as const;
const submitted = 'recent_conversion_date = 2026-02-08, recent_conversion_event_name = Demo, or more';

it.each<[string, LiveEvent, string[]]>([
  [
    'a form in the CRM',
    { room: 'sandbox', event: { ...crm, text: `${submitted}, num_conversion_events = 1` } },
    ['form      filled in at HubSpot: “Demo, or more”'],
  ],
  [
    'the same form once more',
    { room: 'sandbox', event: { ...crm, text: 'recent_conversion_date = 2026-02-09, num_conversion_events = 2' } },
    ['form      filled in at HubSpot again'],
  ],
  [
    'a booking past SkipUp',
    { room: 'sandbox', event: { ...crm, text: 'engagements_last_meeting_booked = 1784000000000' } },
    ['lead      books a meeting by itself'],
  ],
  [
    'a deal that is closed',
    { room: 'sandbox', event: { ...crm, dealId: '5', text: 'dealstage = closedwon' } },
    ['deal      closed in HubSpot: dealstage = closedwon'],
  ],
  [
    'a lead that is taken up',
    { room: 'triggers', event: { type: 'recovery_started', ...sarah, company: 'Globex', form: 'Demo' } },
    [
      `lead      Sarah Chen, Globex has filled in “Demo”: taken up as workflow ${workflowId}`,
      'waiting   the lead has time to book by itself',
    ],
  ],
  [
    'one that nobody knows by name',
    { room: 'triggers', event: { type: 'recovery_started', workflowId, leadId: '40101', form: 'Demo' } },
    [
      `lead      lead 40101 has filled in “Demo”: taken up as workflow ${workflowId}`,
      'waiting   the lead has time to book by itself',
    ],
  ],
  [
    'the question to the CRM',
    { room: 'activities', event: { type: 'checked', ...sarah, crm: 'hubspot' } },
    ['asked     HubSpot: Sarah Chen has booked nothing'],
  ],
  [
    'a meeting that it has found',
    { room: 'activities', event: { type: 'checked', ...sarah, crm: 'pipedrive', meeting: 'Demo on 10 Feb' } },
    ['asked     Pipedrive: Sarah Chen has booked by itself, Demo on 10 Feb'],
  ],
  [
    'an opting out that it has found',
    { room: 'activities', event: { type: 'checked', ...sarah, crm: 'generic', optedOut: 'unsubscribed' } },
    ['asked     no CRM: Sarah Chen may not be written to, unsubscribed'],
  ],
])('tells of %s in people’s words', (_what, live, lines) => {
  const told = tell(live, false);
  expect(told.lines).toEqual(lines);
  expect(told.document).toEqual({ ...live.event, room: live.room });
});
