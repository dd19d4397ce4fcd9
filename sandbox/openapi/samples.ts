/** The figures that every example is made of: one kickoff, four people in three zones. */
export const REQUEST_ID = 'mr_01HQX4T7B9ZC8RD5YFNPV6M2K3';
export const ENDPOINT_ID = 'we_01HQY7M2K3V6NP5YFRD8ZCB9T4';
const DELIVERY_ID = 'wd_01HQZC8RD5YFNPV6M2K3X4T7B9';
export const ORGANIZER = 'jordan.lee@yourcompany.example';
export const SUCCESSOR = 'morgan.diaz@yourcompany.example';

const AT = '2026-02-10T14:00:00Z';
export const TIMEFRAME = { start: '2026-02-12T00:00:00Z', end: '2026-02-20T23:59:59Z' };
const PEOPLE = [
  { email: 'jamie.chen@acme-corp.example', name: 'Jamie Chen', timezone: 'America/New_York' },
  { email: 'pat.kumar@acme-corp.example', name: 'Pat Kumar', timezone: 'America/Chicago' },
  { email: 'alex.ross@acme-corp.example', name: 'Alex Ross', timezone: 'America/Los_Angeles' },
  { email: 'taylor.kim@acme-corp.example', name: 'Taylor Kim', timezone: 'America/Chicago' },
];
const CONTEXT = {
  title: 'Implementation kickoff: Acme Corp + YourCompany',
  purpose: 'Start the implementation with everybody at the table',
  description: 'A contract of twelve months. Jamie leads the project, Pat owns the CRM, Alex is the executive sponsor.',
  duration_minutes: 60,
  timeframe: TIMEFRAME,
};

export const KICKOFF_KEY = 'impl:acme-corp:kickoff:2026-02-10';
export const kickoffBody = {
  organizer_email: ORGANIZER,
  organizer_name: 'Jordan Lee',
  organizer_timezone: 'America/New_York',
  participants: PEOPLE,
  include_introduction: true,
  context: CONTEXT,
};
export const RECOVERY_KEY = 'lead:9f2k1x:recovery:2026-02-10';
export const recoveryBody = {
  organizer_email: ORGANIZER,
  participant_emails: ['sarah.chen@acme-corp.example'],
  include_introduction: true,
  context: { title: 'Demo for Acme Corp', duration_minutes: 30, timeframe: TIMEFRAME },
};

const { title, purpose, description } = CONTEXT;
/** A meeting request as it is answered. */
export const requestAnswer = {
  id: REQUEST_ID,
  status: 'active',
  organizer_email: ORGANIZER,
  participant_emails: PEOPLE.map(({ email }) => email),
  title,
  purpose,
  description,
  include_introduction: true,
  duration_minutes: 60,
  timeframe: TIMEFRAME,
  created_at: AT,
  updated_at: AT,
};

export const memberAnswer = {
  id: 'mem_01HQ5YFNPV6M2K3X4T7B9ZC8RD',
  email: ORGANIZER,
  name: 'Jordan Lee',
  role: 'member',
  deactivated_at: null,
  created_at: AT,
};

export const endpointBody = {
  url: 'https://yourapp.example.com/webhooks/skipup',
  events: ['meeting_request.booked', 'meeting_request.cancelled', 'meeting_request.follow_up_sent'],
  description: 'Kickoffs and lead recovery',
  headers: [{ key: 'X-Route', value: 'kickoffs' }],
};
export const endpointAnswer = {
  id: ENDPOINT_ID,
  url: endpointBody.url,
  description: endpointBody.description,
  enabled: true,
  events: endpointBody.events,
  disabled_at: null,
  disabled_reason: null,
  created_at: AT,
  updated_at: AT,
};

export const testAnswer = { delivery_id: DELIVERY_ID, status: 'queued' };
export const deliveryAnswer = {
  id: DELIVERY_ID,
  event_type: 'meeting_request.booked',
  status: 'failed',
  payload: {
    event: 'meeting_request.booked',
    timestamp: '2026-02-11T16:00:00Z',
    id: REQUEST_ID,
    calendar_event_id: 'evt_01V6M2Q9XK4T7B3ZC8RD5YFHNP',
    status: 'booked',
    booked_at: '2026-02-11T16:00:00Z',
  },
  response_code: 500,
  attempts: 8,
  delivered_at: null,
  last_attempted_at: '2026-02-11T17:20:07Z',
  created_at: '2026-02-11T16:00:00Z',
};
export const lastPage = { limit: 25, has_more: false };
