import { expect, test } from 'vitest';
import {
  type CreateMeetingRequest,
  contextSchema,
  createMeetingRequestSchema,
  createWebhookEndpointSchema,
  emailSchema,
  errorBodySchema,
  listMeetingRequestsQuerySchema,
  resourceIdSchema,
  timeZoneSchema,
  updateWebhookEndpointSchema,
  WEBHOOK_EVENT_TYPES,
  webhookDeliverySchema,
  webhookEndpointSchema,
  webhookEventSchema,
  webhookEventSchemas,
} from '../../../skipup/schemas.ts';
import { KEY, kickoff } from './fixtures.ts';
import { clientOf, errorOf, loopback, meeting } from './loopback.ts';

const people = (count: number) => Array.from({ length: count }, (_, index) => ({ email: `p${index}@acme.example` }));

test.each<[string, Partial<Record<keyof CreateMeetingRequest, unknown>>]>([
  ['the whole kickoff', {}],
  ['a title of 255 characters', { context: { title: 'x'.repeat(255) } }],
  ['a title of 255 characters outside the basic plane', { context: { title: '🎉'.repeat(255) } }],
  ['a purpose of 500', { context: { purpose: 'x'.repeat(500) } }],
  ['a description of 5000', { context: { description: 'x'.repeat(5000) } }],
  ['one participant', { participants: people(1) }],
  ['fifty participants', { participants: people(50) }],
  ['addresses alone', { participants: undefined, participant_emails: ['a@b.example'] }],
  [
    'a timeframe with an offset',
    { context: { timeframe: { start: '2026-02-12T00:00:00+01:00', end: '2026-02-12T00:00:01+01:00' } } },
  ],
  ['a campaign', { campaign_id: 'cmp_1' }],
])('%s may be sent', (_name, change) => {
  expect(createMeetingRequestSchema.safeParse({ ...kickoff, ...change }).success).toBe(true);
});

const frame = (start: unknown, end: unknown) => ({ context: { timeframe: { start, end } } });

test.each<[string, string, Record<string, unknown>]>([
  ['no organizer', 'organizer_email', { organizer_email: undefined }],
  ['an organizer without address', 'organizer_email', { organizer_email: 'Jordan Lee' }],
  ['an organizer in a zone that is none', 'organizer_timezone', { organizer_timezone: 'Mars/Phobos' }],
  ['no participants', 'participants', { participants: undefined }],
  ['participants twice over', 'participants', { participant_emails: ['a@b.example'] }],
  ['an empty list', 'participants', { participants: [] }],
  ['51 participants', 'participants', { participants: people(51) }],
  [
    '51 addresses',
    'participant_emails',
    { participants: undefined, participant_emails: people(51).map(({ email }) => email) },
  ],
  [
    'a participant with a wrong address',
    'participants.1.email',
    { participants: [{ email: 'a@b.example' }, { email: 'x' }] },
  ],
  [
    'a participant in an offset',
    'participants.0.timezone',
    { participants: [{ email: 'a@b.example', timezone: '+02:00' }] },
  ],
  [
    'a participant with more than SkipUp knows',
    'participants.0',
    { participants: [{ email: 'a@b.example', role: 'x' }] },
  ],
  ['a title of 256 characters', 'context.title', { context: { title: 'x'.repeat(256) } }],
  ['a purpose of 501', 'context.purpose', { context: { purpose: 'x'.repeat(501) } }],
  ['a description of 5001', 'context.description', { context: { description: 'x'.repeat(5001) } }],
  ['a text with a NUL', 'context.title', { context: { title: 'a\0b' } }],
  ['a text with half a surrogate pair', 'context.description', { context: { description: 'a\ud800' } }],
  ['no duration', 'context.duration_minutes', { context: { duration_minutes: 0 } }],
  ['half a minute', 'context.duration_minutes', { context: { duration_minutes: 0.5 } }],
  ['a duration in text', 'context.duration_minutes', { context: { duration_minutes: '60' } }],
  [
    'a timeframe that ends before it starts',
    'context.timeframe.end',
    frame('2026-02-12T00:00:00Z', '2026-02-11T00:00:00Z'),
  ],
  ['a timeframe of nothing', 'context.timeframe.end', frame('2026-02-12T00:00:00Z', '2026-02-12T01:00:00+01:00')],
  ['a timeframe without zone', 'context.timeframe.start', frame('2026-02-12T00:00:00', '2026-02-13T00:00:00Z')],
  ['a day that does not exist', 'context.timeframe.start', frame('2026-02-30T00:00:00Z', '2026-03-13T00:00:00Z')],
  ['a timeframe without end', 'context.timeframe.end', frame('2026-02-12T00:00:00Z', undefined)],
  ['a field that SkipUp does not know', '', { organiser: 'x' }],
])('%s is found before sending, by its path', async (_name, path, change) => {
  const server = await loopback(meeting());
  const error = await errorOf(
    clientOf(server).meetingRequests.create(JSON.parse(JSON.stringify({ ...kickoff, ...change })), {
      idempotencyKey: KEY,
    }),
  );
  expect(error).toMatchObject({ code: 'validation', status: undefined, retryable: false, ambiguous: false });
  expect(error).toHaveProperty('issues', expect.arrayContaining([expect.objectContaining({ path })]));
  expect(server.seen).toHaveLength(0);
});

test('a refusal before sending names fields, not people', async () => {
  const server = await loopback(meeting());
  const participants = [{ email: 'jamie.chen at acme', name: 'Jamie' }];
  const error = await errorOf(
    clientOf(server).meetingRequests.create({ ...kickoff, participants }, { idempotencyKey: KEY }),
  );
  expect(error.message).toContain('participants.0.email');
  expect(error.message).not.toContain('jamie');
});

test.each([
  ['a@b.example', true],
  ["o'brien+kickoff@mail.b-c.co.uk", true],
  ['jörg@bücher.example', true],
  ['a@xn--bcher-kva.example', true],
  [`${'a'.repeat(64)}@b.example`, true],
  [`${'a'.repeat(65)}@b.example`, false],
  [`a@${'b.'.repeat(130)}example`, false],
  ['a@b', false],
  ['a.b.example', false],
  ['a@b..example', false],
  ['a@@b.example', false],
  ['a b@c.example', false],
  ['a@b.example,c@d.example', false],
  ['a@b.example\nbcc: c@d.example', false],
  ['<a@b.example>', false],
  ['', false],
])('%s as an e-mail address: %s', (address, valid) => {
  expect(emailSchema.safeParse(address).success).toBe(valid);
});

test('an address as long as a book is refused at once', () => {
  // Its own time on the processor: what else the machine does is not its fault.
  const before = process.cpuUsage();
  expect(emailSchema.safeParse(`a@${'a.'.repeat(500_000)}`).success).toBe(false);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(2_000);
});

test.each([
  ['America/New_York', true],
  ['Europe/Berlin', true],
  ['America/Argentina/Buenos_Aires', true],
  ['UTC', true],
  ['Etc/GMT+5', true],
  ['us_slash_eastern', false],
  ['+02:00', false],
  ['Mars/Phobos', false],
  ['', false],
  ['../etc', false],
])('%s as a time zone: %s', (zone, valid) => {
  expect(timeZoneSchema.safeParse(zone).success).toBe(valid);
});

test('a query is read from text as from numbers', () => {
  expect(listMeetingRequestsQuerySchema.parse({ limit: '10' })).toEqual({ limit: 10 });
  expect(listMeetingRequestsQuerySchema.parse({ limit: 100, created_after: '2026-02-01' })).toEqual({
    limit: 100,
    created_after: '2026-02-01',
  });
  for (const limit of ['0', '101', 'ten', '1.5', '', 0, 101, 1.5, null]) {
    expect(listMeetingRequestsQuerySchema.safeParse({ limit }).success).toBe(false);
  }
  expect(listMeetingRequestsQuerySchema.safeParse({ status: 'open' }).success).toBe(false);
  expect(listMeetingRequestsQuerySchema.safeParse({ page: '2' }).success).toBe(false);
});

test('an update needs something to update', () => {
  expect(contextSchema.safeParse({}).success).toBe(false);
  expect(contextSchema.safeParse({ title: undefined }).success).toBe(false);
  expect(updateWebhookEndpointSchema.safeParse({}).success).toBe(false);
  expect(updateWebhookEndpointSchema.safeParse({ enabled: false }).success).toBe(true);
});

test.each<[string, object, boolean]>([
  ['as documented', { url: 'https://example.com/webhooks/skipup', events: ['meeting_request.booked'] }, true],
  ['with all events', { url: 'https://example.com', events: WEBHOOK_EVENT_TYPES }, true],
  ['on this machine', { url: 'http://127.0.0.1:3000/webhooks/skipup', events: ['member.deactivated'] }, true],
  [
    'with a header',
    { url: 'https://a.example', events: ['member.deactivated'], headers: [{ key: 'X-A', value: 'b' }] },
    true,
  ],
  ['without events', { url: 'https://example.com', events: [] }, false],
  ['for an unknown event', { url: 'https://example.com', events: ['meeting.moved'] }, false],
  ['for test, which comes unasked', { url: 'https://example.com', events: ['test'] }, false],
  ['of a file', { url: 'file:///etc/passwd', events: ['member.deactivated'] }, false],
  [
    'that splits headers',
    { url: 'https://a.example', events: ['member.deactivated'], headers: [{ key: 'X-A', value: 'b\r\nc: d' }] },
    false,
  ],
  [
    'with a header without name',
    { url: 'https://a.example', events: ['member.deactivated'], headers: [{ key: '', value: 'b' }] },
    false,
  ],
])('a webhook endpoint %s', (_name, body, valid) => {
  expect(createWebhookEndpointSchema.safeParse(body).success).toBe(valid);
});

test('the documented endpoint and delivery are read in full', () => {
  const endpoint = {
    id: 'we_01HQ',
    url: 'https://example.com/webhooks/skipup',
    description: 'Production webhook handler',
    enabled: true,
    events: ['meeting_request.booked', 'meeting_request.cancelled'],
    disabled_at: null,
    disabled_reason: null,
    created_at: '2025-01-10T12:00:00Z',
    updated_at: '2025-01-10T12:00:00Z',
  };
  expect(webhookEndpointSchema.parse(endpoint)).toEqual(endpoint);
  const delivery = {
    id: 'wd_01HQ',
    event_type: 'meeting_request.booked',
    status: 'failed',
    payload: { event: 'meeting_request.booked', timestamp: '2025-01-20T14:30:00Z', id: 'mr_01HQ' },
    response_code: 500,
    attempts: 8,
    delivered_at: null,
    last_attempted_at: '2025-01-20T16:00:00Z',
    created_at: '2025-01-20T14:30:00Z',
  };
  expect(webhookDeliverySchema.parse(delivery)).toEqual(delivery);
});

/** The samples of the webhook reference, and what is known of the events it shows none for. */
const samples = {
  'meeting_request.created': { id: 'mr_01HQ', status: 'active', created_at: '2025-01-20T14:30:00Z' },
  'meeting_request.booked': {
    id: 'mr_01HQ',
    calendar_event_id: 'evt_abc123',
    status: 'booked',
    booked_at: '2025-01-20T16:00:00Z',
  },
  'meeting_request.cancelled': {
    id: 'mr_01HQ',
    status: 'cancelled',
    cancelled_at: '2025-01-21T10:00:00Z',
    was_booked: false,
  },
  'meeting_request.paused': { id: 'mr_01HQ', status: 'paused', paused_at: '2025-01-22T09:00:00Z' },
  'meeting_request.resumed': { id: 'mr_01HQ', status: 'active', resumed_at: '2025-01-23T11:00:00Z' },
  'meeting_request.organizer_changed': { id: 'mr_01HQ' },
  'meeting_request.follow_up_sent': {},
  'member.deactivated': {},
  test: { message: 'Test webhook delivery' },
} as const;

test.each([...WEBHOOK_EVENT_TYPES, 'test' as const])('the documented sample of %s is read in full', (event) => {
  const payload = { event, timestamp: '2025-01-20T14:30:00Z', ...samples[event], added_later: 1 };
  expect(webhookEventSchemas[event].parse(payload)).toEqual(payload);
  expect(webhookEventSchema.parse(payload)).toEqual(payload);
  expect(webhookEventSchemas[event].safeParse({ ...payload, event: 'other' }).success).toBe(false);
});

test.each([
  [{ error: { type: 'not_found', message: 'No such meeting request' } }, true],
  [{ error: 'Not found' }, true],
  [{ error: {} }, true],
  [{ error: null }, false],
  [{}, false],
])('%j as an error body: %s', (body, valid) => {
  expect(errorBodySchema.safeParse(body).success).toBe(valid);
});

test('an id may be anything that stays in its path segment', () => {
  expect(resourceIdSchema.safeParse('mr_01HQ-x.y~z:@ü').success).toBe(true);
  expect(resourceIdSchema.safeParse('../x').success).toBe(false);
});
