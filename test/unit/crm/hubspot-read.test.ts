import { describe, expect, it } from 'vitest';
import { createHubSpot } from '../../../crm/index.ts';
import { acme, answerFrom } from './hubspot-records.ts';
import { loopback } from './loopback.ts';

async function portal(change: (acmePortal: ReturnType<typeof acme>) => void = () => undefined) {
  const records = acme();
  change(records);
  const server = await loopback(answerFrom(records));
  return { crm: createHubSpot({ accessToken: 'pat', baseUrl: `${server.url}/`, portalId: '33' }), calls: server.calls };
}

describe('a deal read from HubSpot', () => {
  it('has its owner, its primary company, and is won by hs_is_closed_won', async () => {
    const { crm, calls } = await portal();
    expect(await crm.readDeal('1148')).toEqual({
      id: '1148',
      crm: 'hubspot',
      name: 'Acme Corp – 12 months',
      account: { id: '501', name: 'Acme Corp' },
      isWon: true,
      stage: '75e28846',
      pipeline: 'default',
      amount: 48_000.5,
      currency: 'USD',
      closedAt: '2026-02-08T15:00:00Z',
      owner: { email: 'jordan@vendor.example', name: 'Jordan Lee' },
      url: 'https://app.hubspot.com/contacts/33/record/0-3/1148',
    });
    expect(calls.every(({ headers }) => headers.authorization === 'Bearer pat')).toBe(true);
    expect(calls[0]?.path).toContain('/crm/objects/2026-03/0-3/1148?properties=dealname%2Cdealstage');
  });

  it.each(['false', '', null])(
    'is not won when hs_is_closed_won is %j, whatever its stage is called',
    async (value) => {
      const { crm } = await portal(({ deal }) => {
        deal.properties.hs_is_closed_won = value;
        deal.properties.dealstage = 'closedwon';
      });
      expect((await crm.readDeal('1148')).isWon).toBe(false);
    },
  );

  it('without owner, amount, name and company is still a deal', async () => {
    const { crm } = await portal((records) => {
      records.deal.properties = { hs_is_closed_won: 'true', amount: null, dealname: '' };
      records.associated.companies = [];
    });
    expect(await crm.readDeal('1148')).toMatchObject({
      name: 'Deal 1148',
      account: { id: 'deal-1148', name: 'Deal 1148' },
      isWon: true,
    });
  });

  it('whose owner and company were deleted has none', async () => {
    const { crm } = await portal((records) => {
      records.owners = {};
      records.companies = {};
    });
    const deal = await crm.readDeal('1148');
    expect(deal.owner).toBeUndefined();
    expect(deal.account).toEqual({ id: '501', name: 'Acme Corp – 12 months' });
  });

  it('that does not exist is not found', async () => {
    const { crm } = await portal();
    await expect(crm.readDeal('9')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is asked for under exactly the id that was given', async () => {
    const { crm, calls } = await portal();
    await expect(crm.readDeal('1148/../1?x=')).rejects.toMatchObject({ code: 'not_found' });
    expect(calls[0]?.path).toMatch(/^\/crm\/objects\/2026-03\/0-3\/1148%2F\.\.%2F1%3Fx%3D\?properties=/);
  });
});

describe('the contacts of a HubSpot deal', () => {
  it('come with labels, IANA zones and opt-outs, over all pages, without those that are gone', async () => {
    const { crm, calls } = await portal();
    const deal = await crm.readDeal('1148');
    expect(await crm.listStakeholders(deal)).toEqual([
      {
        id: '1',
        email: 'jamie@acme.example',
        name: 'Jamie Chen',
        labels: ['Champion', 'Project lead'],
        isPrimary: false,
        timezone: 'America/New_York',
        optedOut: false,
      },
      { id: '2', email: 'pat@acme.example', name: 'Pat', labels: [], isPrimary: false, optedOut: false },
      { id: '3', labels: ['Billing contact'], isPrimary: true, optedOut: true },
    ]);
    const pages = calls.filter(({ path }) => path.includes('associations/contacts'));
    expect(pages.map(({ path }) => path.split('?')[1])).toEqual(['limit=500', 'limit=500&after=2']);
  });

  it('are read a hundred at a time', async () => {
    const { crm, calls } = await portal((records) => {
      const ids = Array.from({ length: 250 }, (_, index) => String(index + 1));
      records.pageSize = 200;
      records.associated.contacts = ids.map((id) => [id, null]);
      records.contacts = Object.fromEntries(ids.map((id) => [id, { email: `p${id}@acme.example` }]));
    });
    expect(await crm.listStakeholders(await crm.readDeal('1148'))).toHaveLength(250);
    const batches = calls.filter(({ path }) => path.endsWith('/contacts/batch/read'));
    expect(batches.map(({ json }) => Object(json).inputs.length)).toEqual([100, 100, 50]);
  });

  it('may be none', async () => {
    const { crm } = await portal((records) => {
      records.associated.contacts = [];
    });
    expect(await crm.listStakeholders(await crm.readDeal('1148'))).toEqual([]);
  });
});
