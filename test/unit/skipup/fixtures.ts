import type { CreateMeetingRequest } from '../../../skipup/index.ts';

/** A kickoff with four participants in three time zones, an hour long, in a window of ten days. */
export const kickoff = {
  organizer_email: 'jordan.lee@yourcompany.example',
  organizer_name: 'Jordan Lee',
  organizer_timezone: 'America/New_York',
  participants: [
    { email: 'jamie.chen@acme.example', name: 'Jamie Chen', timezone: 'America/New_York' },
    { email: 'pat.kumar@acme.example', name: 'Pat Kumar', timezone: 'America/Chicago' },
    { email: 'alex.ross@acme.example', name: 'Alex Ross', timezone: 'America/Los_Angeles' },
    { email: 'taylor.kim@acme.example', name: 'Taylor Kim', timezone: 'America/Chicago' },
  ],
  include_introduction: true,
  context: {
    title: 'Implementation kickoff: Acme Corp + YourCompany',
    purpose: 'Kick off the Q1 implementation with all stakeholders',
    description: 'Acme Corp signed a 12-month enterprise contract on 2026-02-08.',
    duration_minutes: 60,
    timeframe: { start: '2026-02-12T00:00:00Z', end: '2026-02-21T23:59:59Z' },
  },
} satisfies CreateMeetingRequest;

export const KEY = 'impl:acme-corp:kickoff:2026-02-10';
