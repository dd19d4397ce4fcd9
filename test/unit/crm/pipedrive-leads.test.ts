import { describe, expect, it } from 'vitest';
import type { CrmLeads } from '../../../crm/index.ts';
import { createPipedrive, type PipedriveOptions } from '../../../crm/pipedrive/index.ts';
import { type Call, json, loopback } from './loopback.ts';

const SARAH = {
  id: 7,
  name: 'Sarah Chen',
  emails: [{ value: 'Sarah@Acme.example', primary: true }],
  owner_id: 3,
  org_id: 9,
  job_title: 'VP',
  marketing_status: 'subscribed',
};

/** Pipedrive's answers by method and path. */
async function company(answers: Record<string, unknown>, options: PipedriveOptions = {}) {
  const server = await loopback((call: Call, response) => {
    const path = new URL(call.path, 'http://vendor').pathname.replace('/api', '');
    const data = answers[`${call.method} ${path}`];
    if (data === undefined) return json(response, 404, { success: false, error: 'not found' });
    return json(
      response,
      200,
      Array.isArray(data) || !Object.hasOwn(Object(data), 'data') ? { success: true, data } : data,
    );
  });
  const crm = createPipedrive({
    apiToken: 't',
    baseUrl: server.url,
    now: () => new Date('2026-11-21T10:00:00Z'),
    ...options,
  });
  return { leads: leadsOf(crm.leads), calls: server.calls };
}

function leadsOf(leads: CrmLeads | undefined): CrmLeads {
  if (leads === undefined) throw new Error('no leads');
  return leads;
}

const ALL = {
  'GET /v2/persons/7': SARAH,
  'GET /v2/organizations/9': { id: 9, name: 'Acme' },
  'GET /v1/users/3': { email: 'Jordan@Vendor.example', name: 'Jordan Lee', timezone_name: 'Europe/Tallinn' },
};

describe('a lead of Pipedrive', () => {
  it('is a person, by id and by address', async () => {
    const { leads, calls } = await company({ ...ALL, 'GET /v2/persons/search': { items: [{ item: { id: 7 } }] } });
    const lead = {
      id: '7',
      crm: 'pipedrive',
      email: 'sarah@acme.example',
      name: 'Sarah Chen',
      company: 'Acme',
      jobTitle: 'VP',
      owner: { email: 'jordan@vendor.example', name: 'Jordan Lee', timezone: 'Europe/Tallinn' },
      optedOut: false,
    };
    expect(await leads.readLead({ id: '7' })).toEqual(lead);
    expect(await leads.readLead({ id: 'x/../7', email: 'sarah@acme.example' })).toEqual(lead);
    expect(calls.some(({ path }) => path.includes('exact_match=true'))).toBe(true);
  });

  it('that has unsubscribed has opted out; an unknown one is not found, and its address is in no message', async () => {
    const out = await company({ ...ALL, 'GET /v2/persons/7': { ...SARAH, marketing_status: 'unsubscribed' } });
    expect(await out.leads.readLead({ id: '7' })).toMatchObject({ optedOut: true });
    const { leads } = await company({ 'GET /v2/persons/search': { items: [] } });
    await expect(leads.readLead({ email: 'who@acme.example' })).rejects.toMatchObject({
      code: 'not_found',
      message: expect.not.stringContaining('who'),
    });
  });

  it('has a meeting when an activity of a meeting’s type is new or to come', async () => {
    const activities = [
      { id: 1, type: 'call', subject: 'Call', add_time: '2026-11-20T10:00:00Z' },
      { id: 2, type: 'meeting', subject: 'Old', add_time: '2026-11-01T10:00:00Z', due_date: '2026-11-02' },
      { id: 3, type: 'meeting', subject: 'Gone', add_time: '2026-11-20T10:00:00Z', is_deleted: true },
      {
        id: 4,
        type: 'demo',
        subject: 'Demo',
        add_time: '2026-11-01T10:00:00Z',
        due_date: '2026-11-25',
        due_time: '15:30:00',
      },
    ];
    const lead = { id: '7', crm: 'pipedrive', email: 'a@b.example', optedOut: false } as const;
    const { leads } = await company({ 'GET /v2/activities': activities });
    expect(await leads.findMeeting(lead, '2026-11-15T00:00:00Z')).toBeUndefined();
    const ours = await company({ 'GET /v2/activities': activities }, { meetingTypes: ['demo'] });
    expect(await ours.leads.findMeeting(lead, '2026-11-15T00:00:00Z')).toBe(
      '"Demo" on 2026-11-25T15:30:00.000Z (Pipedrive)',
    );
    expect(await ours.leads.findMeeting({ ...lead, id: 'abc' }, '2026-11-15T00:00:00Z')).toBeUndefined();
  });

  it('takes its status as a note, and a task for its owner', async () => {
    const { leads, calls } = await company({
      ...ALL,
      'GET /v1/notes': [],
      'POST /v1/notes': { id: 11 },
      'GET /v2/activities': [],
      'POST /v2/activities': { id: 12 },
    });
    expect(await leads.writeBack('7', { status: 'Follow-up Sent', task: { subject: 'Call' }, marker: 'm' })).toEqual({
      noteId: '11',
      taskId: '12',
    });
    expect(calls.filter(({ method }) => method === 'POST').map(({ json: body }) => body)).toMatchObject([
      { person_id: 7, content: expect.stringContaining('Kickoff: Follow-up Sent') },
      { subject: 'Call', participants: [{ person_id: 7, primary: true }], owner_id: 3 },
    ]);
    await expect(leads.writeBack('../deals/1', { status: 's', marker: 'm' })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('is listed where its origin is a form', async () => {
    const rows = [
      {
        person_id: 7,
        title: 'Sarah',
        source_name: 'Demo form',
        origin: 'WebForms',
        add_time: '2026-11-20T10:00:00.000Z',
      },
      { person_id: 8, title: 'By hand', origin: 'ManuallyCreated', add_time: '2026-11-20T10:00:00.000Z' },
      { person_id: 9, title: 'Too old', origin: 'WebForms', add_time: '2026-10-01T10:00:00.000Z' },
      { person_id: null, title: 'Of nobody', origin: 'WebForms', add_time: '2026-11-20T10:00:00.000Z' },
    ];
    const more = { pagination: { more_items_in_collection: true, next_start: 4 } };
    const { leads } = await company({ 'GET /v1/leads': { success: true, data: rows, additional_data: more } });
    const query = { after: '2026-11-01T00:00:00Z', before: '2026-12-01T00:00:00Z', limit: 100 };
    expect(await leads.listFormLeads?.(query)).toEqual({
      leads: [{ leadId: '7', name: 'Sarah', submittedAt: '2026-11-20T10:00:00.000Z', form: 'Demo form' }],
      next: '4',
    });
    expect(await leads.lastSubmission?.('7')).toEqual({
      name: 'Demo form',
      submittedAt: '2026-11-20T10:00:00.000Z',
      answers: {},
    });
    await expect(leads.listFormLeads?.({ ...query, cursor: '-1' })).rejects.toMatchObject({ code: 'configuration' });
  });
});
