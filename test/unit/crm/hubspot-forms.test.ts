import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normaliseHubSpotForms } from '../../../crm/hubspot/forms.ts';
import { TriggerRefused } from '../../../crm/index.ts';

const bytes = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const read = (value: unknown) => normaliseHubSpotForms(bytes(value));
const AT = 1_784_000_000_123;
const CHANGE = {
  eventId: 1,
  subscriptionId: 25,
  portalId: 33,
  occurredAt: AT,
  subscriptionType: 'contact.propertyChange',
  attemptNumber: 0,
  objectId: 501,
  propertyName: 'recent_conversion_date',
  propertyValue: String(AT),
  changeSource: 'FORM',
};
/** What a workflow posts: a contact as HubSpot's Contacts API v1 gives it. */
const CONTACT = {
  vid: 501,
  'canonical-vid': 501,
  'portal-id': 33,
  'is-contact': true,
  properties: { email: { value: 'Sarah@Acme.example', versions: [] }, firstname: { value: 'Sarah' } },
  'form-submissions': [
    {
      'conversion-id': 'c-old',
      timestamp: AT - 1_000,
      title: 'Newsletter',
      'page-url': 'https://v.example/n',
      'meta-data': [],
    },
    {
      'conversion-id': 'c-new',
      timestamp: AT,
      title: 'Demo request',
      'page-url': 'https://v.example/demo',
      'meta-data': [
        { name: 'size', label: 'Company size', value: '50-200' },
        { name: 'email', label: 'Email', value: 'sarah@acme.example' },
      ],
    },
  ],
  'identity-profiles': [{ vid: 501, identities: [{ type: 'EMAIL', value: 'sarah@acme.example' }] }],
};

describe('HubSpot’s events of contacts', () => {
  it('of one submission have one key, in either form and however often they come', () => {
    const events = [
      CHANGE,
      { ...CHANGE, attemptNumber: 3, eventId: 2 },
      { ...CHANGE, propertyName: 'recent_conversion_event_name', propertyValue: 'Demo request', occurredAt: AT + 400 },
      { ...CHANGE, propertyName: 'num_conversion_events', propertyValue: '2' },
      { ...CHANGE, subscriptionType: 'object.propertyChange', objectTypeId: '0-1' },
      { ...CHANGE, subscriptionType: 'contact.creation', propertyName: undefined, propertyValue: undefined },
    ];
    const signals = read(events);
    expect(new Set(signals.map(({ submissionKey }) => submissionKey)).size).toBe(1);
    expect(signals.every(({ event, ignore }) => event === 'form_submitted' && ignore === undefined)).toBe(true);
    expect(signals[0]).toMatchObject({ lead: { id: '501' }, occurredAt: new Date(AT).toISOString() });
    expect(signals[2]?.form?.name).toBe('Demo request');
  });

  it('of the next submission, of another contact and of a booking have others', () => {
    const keys = read([
      CHANGE,
      { ...CHANGE, propertyValue: String(AT + 60_000) },
      { ...CHANGE, objectId: 502 },
      { ...CHANGE, propertyName: 'engagements_last_meeting_booked' },
    ]).map(({ submissionKey }) => submissionKey);
    expect(new Set(keys).size).toBe(4);
  });

  it('of a meeting that was booked are a booking', () => {
    const [signal] = read([{ ...CHANGE, propertyName: 'engagements_last_meeting_booked' }]);
    expect(signal).toMatchObject({ event: 'meeting_booked', lead: { id: '501' } });
    expect(signal).not.toHaveProperty('form');
  });

  it.each([
    [{ ...CHANGE, propertyName: 'lifecyclestage' }, 'property lifecyclestage changed'],
    [{ ...CHANGE, propertyValue: '' }, 'emptied'],
    [{ ...CHANGE, subscriptionType: 'contact.creation', changeSource: 'IMPORT' }, 'made by IMPORT'],
    [{ ...CHANGE, subscriptionType: 'contact.deletion' }, 'no submission'],
    [{ ...CHANGE, subscriptionType: 'deal.propertyChange' }, 'about deal'],
    [{ ...CHANGE, subscriptionType: 'object.propertyChange', objectTypeId: '0-3' }, 'object type 0-3'],
  ])('that can be neither are recorded as ignored: %j', (event, reason) => {
    expect(read([event])[0]?.ignore).toContain(reason);
  });

  it.each([
    [[{ ...CHANGE, objectId: 'x' }], 'at 0.objectId'],
    [[CHANGE, { ...CHANGE, portalId: undefined }], 'at 1.portalId'],
    [[{}], 'at 0.subscriptionType'],
    [Array.from({ length: 101 }, () => CHANGE), 'at most 100'],
    [{}, 'names no contact'],
    [{ ...CONTACT, 'form-submissions': [{ timestamp: 'x' }] }, 'form-submissions.0.timestamp'],
    ['', 'not JSON'],
  ])('that are not as documented are refused: %#', (body, where) => {
    expect(() => read(body)).toThrow(
      expect.objectContaining({ code: 'malformed_body', message: expect.stringContaining(where) }),
    );
  });
});

describe('the contact that a HubSpot workflow posts', () => {
  it('is its newest submission, with what was filled in and without the address', () => {
    expect(read(CONTACT)).toEqual([
      {
        event: 'form_submitted',
        lead: { id: '501', email: 'sarah@acme.example' },
        eventType: 'workflow.webhook',
        submissionKey: 'hubspot:conversion:c-new',
        occurredAt: new Date(AT).toISOString(),
        form: {
          name: 'Demo request',
          submittedAt: new Date(AT).toISOString(),
          page: 'https://v.example/demo',
          answers: { 'Company size': '50-200' },
        },
      },
    ]);
  });

  it('may be a body of the workflow’s own making, with the properties’ names', () => {
    const body = {
      hs_object_id: 501,
      email: 'sarah@acme.example',
      recent_conversion_date: AT,
      recent_conversion_event_name: 'Demo',
    };
    expect(read(body)[0]).toMatchObject({
      lead: { id: '501' },
      submissionKey: read([CHANGE])[0]?.submissionKey.replace(':33:', '::'),
      form: { name: 'Demo' },
    });
  });

  it('that tells of no submission is recorded as ignored', () => {
    expect(read({ vid: 501, properties: {} })[0]?.ignore).toContain('sent no submission');
  });

  it('has no address in its key', () => {
    const [signal] = read({ email: 'sarah@acme.example', recent_conversion_date: AT });
    expect(signal?.submissionKey).not.toContain('@');
  });

  it('never makes it throw anything but a refusal, whatever comes', () => {
    const event = fc.record(
      {
        subscriptionType: fc.constantFrom('contact.creation', 'object.propertyChange', 'x'),
        objectTypeId: fc.constantFrom('0-1', '0-3'),
        objectId: fc.oneof(fc.nat(), fc.string()),
        portalId: fc.nat(),
        occurredAt: fc.oneof(fc.nat(), fc.double()),
        propertyName: fc.constantFrom('recent_conversion_date', 'email'),
        propertyValue: fc.jsonValue(),
        changeSource: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const contact = fc.record(
      {
        vid: fc.oneof(fc.nat(), fc.jsonValue()),
        properties: fc.jsonValue(),
        email: fc.jsonValue(),
        'form-submissions': fc.jsonValue(),
        'identity-profiles': fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.array(event).map((list) => JSON.stringify(list)),
          contact.map((one) => JSON.stringify(one)),
        ),
        (text) => {
          try {
            return read(text).every(
              ({ submissionKey, occurredAt }) => submissionKey !== '' && !Number.isNaN(Date.parse(occurredAt)),
            );
          } catch (error) {
            return error instanceof TriggerRefused;
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
