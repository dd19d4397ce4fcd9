import { describe, expect, it } from 'vitest';
import type { CrmLeads } from '../../../crm/index.ts';
import { createSalesforce, type SalesforceOptions } from '../../../crm/salesforce/index.ts';
import { CLIENT, type Organization, organization, type Row, reply } from './salesforce/organization.ts';

const LEAD = '00QHs00001AbCdEMAV';
const CONTACT = '003Hs00001AbCdEIAV';
const USER = '005Hs00001AbCdEIAV';
const now = () => new Date('2026-11-21T10:00:00Z');

/** An organization that answers each query by what it asks for, in order. */
async function org(answers: [RegExp, Row[]][], options: Partial<SalesforceOptions> = {}) {
  const asked: string[] = [];
  const writes: { path: string; body: Row }[] = [];
  const vendor: Organization = await organization();
  vendor.intercept = ({ method, path, soql, text }, response) => {
    if (method === 'GET' && soql !== '') {
      asked.push(soql);
      const records = answers.find(([pattern]) => pattern.test(soql))?.[1] ?? [];
      return reply(response, 200, { totalSize: records.length, done: true, records });
    }
    if (method === 'PATCH' || (method === 'POST' && path.includes('/sobjects/'))) {
      writes.push({ path: path.replace(/^.*\/sobjects\//, ''), body: JSON.parse(text) });
      return reply(response, method === 'POST' ? 201 : 200, { id: '00THs0000000000AAA', success: true });
    }
    return false;
  };
  const crm = createSalesforce({ triggerTokens: [], loginUrl: vendor.url, ...CLIENT, now, ...options });
  return { leads: leadsOf(crm.leads), asked, writes, url: vendor.url };
}

function leadsOf(leads: CrmLeads | undefined): CrmLeads {
  if (leads === undefined) throw new Error('no leads');
  return leads;
}

const sarah = {
  Id: LEAD,
  Name: 'Sarah Chen',
  Email: 'Sarah@Acme.example',
  Company: 'Acme',
  Title: 'VP',
  OwnerId: USER,
  IsConverted: false,
};
const jordan = { Email: 'Jordan@Vendor.example', Name: 'Jordan Lee', TimeZoneSidKey: 'America/New_York' };

describe('a lead of Salesforce', () => {
  it('is read by its id, with its owner', async () => {
    const { leads, url } = await org([
      [/FROM Lead WHERE Id/, [sarah]],
      [/FROM User/, [jordan]],
    ]);
    expect(await leads.readLead({ id: LEAD.slice(0, 15) })).toEqual({
      id: LEAD,
      crm: 'salesforce',
      email: 'sarah@acme.example',
      name: 'Sarah Chen',
      company: 'Acme',
      jobTitle: 'VP',
      owner: { email: 'jordan@vendor.example', name: 'Jordan Lee', timezone: 'America/New_York' },
      optedOut: false,
      url: `${url}/lightning/r/Lead/${LEAD}/view`,
    });
  });

  it('that was converted is read as the contact that came of it', async () => {
    const contact = {
      Id: CONTACT,
      Name: 'Sarah',
      Email: 's@a.example',
      Account: { Name: 'Acme' },
      HasOptedOutOfEmail: true,
    };
    const { leads } = await org([
      [/FROM Lead WHERE Id/, [{ ...sarah, IsConverted: true, ConvertedContactId: CONTACT }]],
      [/FROM Contact/, [contact]],
    ]);
    expect(await leads.readLead({ id: LEAD })).toMatchObject({ id: CONTACT, company: 'Acme', optedOut: true });
  });

  it('is found by its address, which cannot say more than an address in the query', async () => {
    const { leads, asked } = await org([]);
    const email = `x' OR Name != '\\\n@acme.example`;
    await expect(leads.readLead({ email })).rejects.toMatchObject({
      code: 'not_found',
      message: expect.not.stringContaining('acme'),
    });
    expect(asked[0]).toContain(`WHERE Email = 'x\\' OR Name != \\'\\\\\\n@acme.example' AND IsConverted = false`);
    expect(asked[1]).toContain('FROM Contact WHERE Email = ');
  });

  it('of a queue has no owner; one without an address is nobody to write to', async () => {
    const { leads } = await org([[/FROM Lead WHERE Id/, [{ ...sarah, OwnerId: '00GHs00001AbCdEMAV' }]]]);
    expect(await leads.readLead({ id: LEAD })).not.toHaveProperty('owner');
    const other = await org([[/FROM Lead/, [{ ...sarah, Email: null }]]]);
    await expect(other.leads.readLead({ id: LEAD })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('has a meeting when an event of its name is new or to come', async () => {
    const { leads, asked } = await org([
      [/FROM Event/, [{ Subject: 'Demo', StartDateTime: '2026-11-25T15:00:00.000+0000' }]],
    ]);
    const lead = { id: LEAD, crm: 'salesforce', email: 'a@b.example', optedOut: false } as const;
    expect(await leads.findMeeting(lead, '2026-11-20T10:00:00.500Z')).toBe(
      '"Demo" on 2026-11-25T15:00:00.000Z (Salesforce)',
    );
    expect(asked[0]).toContain(
      `WhoId = '${LEAD}' AND (CreatedDate >= 2026-11-20T10:00:00Z OR StartDateTime >= 2026-11-20T10:00:00Z)`,
    );
    expect(await leads.findMeeting({ ...lead, id: 'abc' }, '2026-11-20T10:00:00Z')).toBeUndefined();
  });

  it('takes status, note and task; a converted one’s go to its contact', async () => {
    const { leads, writes } = await org([], { leadStatusField: 'Recovery__c' });
    await leads.writeBack(LEAD, { status: 'Re-enter Nurture', note: 'n', task: { subject: 't' }, marker: 'm' });
    expect(writes).toMatchObject([
      { path: `Lead/${LEAD}`, body: { Recovery__c: 'Re-enter Nurture' } },
      { path: 'Task', body: { WhoId: LEAD, Status: 'Completed' } },
      { path: 'Task', body: { WhoId: LEAD, Subject: 't' } },
    ]);
    const converted = await org([[/ConvertedContactId/, [{ ConvertedContactId: CONTACT }]]]);
    await converted.leads.writeBack(LEAD, { status: 's', marker: 'm' });
    expect(converted.writes).toMatchObject([{ path: `Contact/${CONTACT}` }]);
    await expect(leads.writeBack("00Q' OR", { status: 's', marker: 'm' })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is listed where its source is a form, by its creation', async () => {
    const row = {
      Id: LEAD,
      Name: 'Sarah',
      Email: 'S@a.example',
      LeadSource: 'Web',
      CreatedDate: '2026-11-20T16:00:00.000+0000',
    };
    const { leads, asked } = await org(
      [
        [/COUNT/, [{}]],
        [/FROM Lead/, [row]],
      ],
      { leadSources: ['Web', "It's"] },
    );
    const query = { after: '2026-11-01T00:00:00Z', before: '2026-12-01T00:00:00Z', limit: 100 };
    expect(await leads.listFormLeads?.(query)).toEqual({
      leads: [
        { leadId: LEAD, email: 's@a.example', name: 'Sarah', submittedAt: '2026-11-20T16:00:00.000Z', form: 'Web' },
      ],
      remaining: 1,
    });
    expect(asked[0]).toContain(`LeadSource IN ('Web', 'It\\'s') AND CreatedDate >= 2026-11-01T00:00:00Z`);
    await expect(leads.listFormLeads?.({ ...query, cursor: "' OR" })).rejects.toMatchObject({ code: 'configuration' });
    await leads.listFormLeads?.({ ...query, cursor: LEAD });
    expect(asked.at(-1)).toContain(`AND Id > '${LEAD}' ORDER BY Id LIMIT 100`);
  });
});
