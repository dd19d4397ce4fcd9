import { expect, it, onTestFinished } from 'vitest';
import { type CrmLeads, createHubSpot, type FormLead } from '../../../crm/index.ts';
import { startSandbox } from '../../../sandbox/index.ts';
import { json, loopback } from './loopback.ts';

const FROZEN = '2026-02-10T14:00:00Z';
const ID = '501';
const PERSON = {
  email: 'Sarah@Acme.example',
  firstName: 'Sarah',
  lastName: 'Chen',
  timezone: 'America/Los_Angeles',
  company: 'Acme Corp',
  jobTitle: 'VP of Operations',
  owner: { id: '77', email: 'Jordan@Vendor.example', firstName: 'Jordan', lastName: 'Lee' },
};

async function portal() {
  const sandbox = await startSandbox({ seed: 'leads', clock: { frozenAt: FROZEN } });
  onTestFinished(() => sandbox.close());
  const control = async (method: string, path: string, body?: object) => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const answer = await fetch(`${sandbox.url}/_sandbox/crm${path}`, init);
    expect(answer.ok, await answer.clone().text()).toBe(true);
    return Object(await answer.json());
  };
  await control('PUT', `/contacts/${ID}`, PERSON);
  const crm = createHubSpot({
    ...sandbox.hubspot,
    baseUrl: sandbox.hubspotBaseUrl,
    portalId: '33',
    now: () => new Date(FROZEN),
  });
  return { leads: leadsOf(crm.leads), control };
}

function leadsOf(leads: CrmLeads | undefined): CrmLeads {
  if (leads === undefined) throw new Error('this CRM has no leads');
  return leads;
}

it('a contact is read as a lead, by its id and by its address', async () => {
  const { leads } = await portal();
  const lead = {
    id: ID,
    crm: 'hubspot',
    email: 'sarah@acme.example',
    name: 'Sarah Chen',
    company: 'Acme Corp',
    jobTitle: 'VP of Operations',
    timezone: 'America/Los_Angeles',
    owner: { email: 'jordan@vendor.example', name: 'Jordan Lee' },
    optedOut: false,
    url: 'https://app.hubspot.com/contacts/33/record/0-1/501',
  };
  expect(await leads.readLead({ id: ID })).toEqual(lead);
  expect(await leads.readLead({ email: 'sarah@acme.example' })).toEqual(lead);
  expect(await leads.readLead({ id: '999', email: 'sarah@acme.example' })).toEqual(lead);
});

it('who has opted out is read so; an unknown lead is not found, and its address is in no message', async () => {
  const { leads, control } = await portal();
  await control('PUT', '/contacts/502', { email: 'out@acme.example', optedOut: true });
  await control('PUT', '/contacts/503', { firstName: 'Nobody' });
  expect(await leads.readLead({ id: '502' })).toMatchObject({ optedOut: true });
  for (const which of [{ email: 'who@acme.example' }, { id: '999' }, { id: '../owners/77' }, { id: '503' }, {}]) {
    const error = await leads.readLead(which).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'not_found', message: expect.not.stringContaining('who@') });
  }
});

it('a meeting counts when it was made or takes place since, and was not cancelled', async () => {
  const { leads, control } = await portal();
  const lead = await leads.readLead({ id: ID });
  const find = async (since: string) => await leads.findMeeting(lead, since);
  await control('POST', `/contacts/${ID}/meeting`, { notify: false, outcome: 'CANCELED' });
  expect(await find('2026-02-01T00:00:00Z')).toBeUndefined();
  await control('POST', `/contacts/${ID}/meeting`, {
    notify: false,
    title: 'De"mo\ncall',
    start: '2026-02-12T15:00:00Z',
  });
  expect(await find('2026-02-01T00:00:00Z')).toBe('"De mo call" on 2026-02-12T15:00:00.000Z (HubSpot)');
  expect(await find('2026-02-11T00:00:00Z')).toContain('2026-02-12');
  expect(await find('2026-02-13T00:00:00Z')).toBeUndefined();
  expect(await leads.findMeeting({ ...lead, id: 'a1b2c3d4e5f60718' }, '2026-02-01T00:00:00Z')).toBeUndefined();
});

it('status, properties, note and task go to the contact, and nothing is made twice', async () => {
  const { leads, control } = await portal();
  const write = {
    status: 'Meeting Requested',
    properties: { a: 'b' },
    note: 'Asked',
    task: { subject: 'Call' },
    marker: 'm',
  };
  const made = await leads.writeBack(ID, write);
  expect(await leads.writeBack(ID, write)).toEqual(made);
  const contact = await control('GET', `/contacts/${ID}`);
  expect(contact.properties).toMatchObject({ kickoff_lead_status: 'Meeting Requested', a: 'b' });
  expect(contact.notes).toHaveLength(1);
  expect(contact.tasks).toMatchObject([{ properties: { hs_task_subject: 'Call', hubspot_owner_id: '77' } }]);
  await expect(leads.writeBack('../0-3/1', write)).rejects.toMatchObject({ code: 'not_found' });
});

it('the last submission is told, with the form’s name', async () => {
  const { leads, control } = await portal();
  expect(await leads.lastSubmission?.(ID)).toBeUndefined();
  await control('POST', `/contacts/${ID}/submit`, { notify: false, form: 'Demo request' });
  expect(await leads.lastSubmission?.(ID)).toEqual({
    name: 'Demo request',
    submittedAt: '2026-02-10T14:00:00.000Z',
    answers: {},
  });
});

it('leads are listed by their last submission, each once, page by page', async () => {
  const { leads, control } = await portal();
  const window = { submittedFrom: '2025-01-01T00:00:00Z', submittedTo: '2025-02-01T00:00:00Z' };
  await control('POST', '/contacts/bulk', { count: 450, ...window });
  const query = { after: '2025-01-01T00:00:00Z', before: '2025-01-16T12:00:00Z', limit: 100 };
  const found: FormLead[] = [];
  let cursor: string | undefined;
  do {
    const page = await leads.listFormLeads?.({ ...query, ...(cursor === undefined ? {} : { cursor }) });
    if (found.length === 0) expect(page?.remaining).toBe(225);
    found.push(...(page?.leads ?? []));
    cursor = page?.next;
  } while (cursor !== undefined);
  expect(found).toHaveLength(225);
  expect(new Set(found.map(({ leadId }) => leadId)).size).toBe(225);
  expect(found[0]).toMatchObject({
    leadId: '2000000000',
    email: 'lead-2000000000@company-2000000000.example',
    form: 'Demo request',
    submittedAt: '2025-01-01T00:00:00.000Z',
  });
});

it.each([[{ results: [{ id: {}, properties: {} }] }], [{ results: [{ id: '1', properties: { email: 7 } }] }], [[]]])(
  'an answer that is not as documented is said to be so: %j',
  async (answer) => {
    const server = await loopback((_call, response) => json(response, 200, answer));
    const { leads } = createHubSpot({ accessToken: 'pat', baseUrl: server.url });
    await expect(leads?.readLead({ id: '1' })).rejects.toMatchObject({ code: 'malformed_answer' });
  },
);
