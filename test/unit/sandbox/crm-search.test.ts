import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { countSearch } from '../../../sandbox/crm/search-rate.ts';
import { ACME_DEAL_ID } from '../../../sandbox/index.ts';
import type { Running } from './running.ts';
import { receiver, running } from './running.ts';

const SEARCH = 'POST /objects/2026-03/0-3/search';
const unlimited = { settings: { crmSearchesPerSecond: 0 } };
const foundSchema = z.object({
  total: z.int(),
  results: z.array(z.object({ id: z.string(), properties: z.record(z.string(), z.string().nullable()) })),
  paging: z.object({ next: z.object({ after: z.string() }) }).optional(),
});

async function search(sandbox: Running, body: object) {
  const answer = await sandbox.crm(SEARCH, body);
  if (answer.status !== 200) throw new Error(answer.text);
  return foundSchema.parse(answer.body);
}

const where = (...filters: object[]) => ({ filterGroups: [{ filters }] });
const filter = (propertyName: string, operator: string, more: object = {}) => ({ propertyName, operator, ...more });
const ids = ({ results }: z.infer<typeof foundSchema>) => results.map(({ id }) => id);

/** Five deals: closed on the first five days of 2025, 101 to 105, the last two in another pipeline. */
async function withDeals(): Promise<Running> {
  const sandbox = await running(unlimited);
  const bulk = { closedFrom: '2025-01-01T00:00:00Z', closedTo: '2025-01-04T00:00:00Z' };
  await sandbox.control('POST /crm/deals/bulk', { ...bulk, count: 3, firstId: '101' });
  const more = { closedFrom: '2025-01-04T00:00:00Z', closedTo: '2025-01-06T00:00:00Z', pipeline: 'Renewals' };
  await sandbox.control('POST /crm/deals/bulk', { ...more, count: 2, firstId: '104' });
  return sandbox;
}

describe('a search for deals', () => {
  it.each([
    ['EQ of a computed value', [filter('hs_is_closed_won', 'EQ', { value: 'true' })], '101 102 103 104 105'],
    ['NEQ', [filter('hs_is_closed_won', 'NEQ', { value: 'true' })], ACME_DEAL_ID],
    ['a text in another case', [filter('dealname', 'EQ', { value: 'COMPANY 102 – 12 months' })], '102'],
    ['an enumeration in another case', [filter('pipeline', 'EQ', { value: 'renewals' })], ''],
    ['IN', [filter('pipeline', 'IN', { values: ['Renewals', 'x'] })], '104 105'],
    ['NOT_IN', [filter('pipeline', 'NOT_IN', { values: ['default'] })], '104 105'],
    ['IN of a text that is not in lower case', [filter('dealname', 'IN', { values: ['Company 102 – 12 months'] })], ''],
    ['GTE of a date in ms', [filter('closedate', 'GTE', { value: String(Date.UTC(2025, 0, 4)) })], '104 105'],
    ['GT of a date in ISO 8601', [filter('closedate', 'GT', { value: '2025-01-04T00:00:00Z' })], '105'],
    ['LT and LTE', [filter('closedate', 'LT', { value: '2025-01-02T00:00:00.000Z' })], '101'],
    ['LTE', [filter('closedate', 'LTE', { value: '2025-01-02T00:00:00.000Z' })], '101 102'],
    [
      'BETWEEN, both ends included',
      [filter('closedate', 'BETWEEN', { value: '2025-01-02T00:00:00Z', highValue: '2025-01-03T00:00:00Z' })],
      '102 103',
    ],
    ['HAS_PROPERTY', [filter('closedate', 'HAS_PROPERTY'), filter('hs_object_id', 'LT', { value: '103' })], '101 102'],
    ['NOT_HAS_PROPERTY', [filter('closedate', 'NOT_HAS_PROPERTY')], ACME_DEAL_ID],
    [
      'an id as a number, not as a text',
      [filter('hs_object_id', 'GT', { value: 99 })],
      `101 102 103 104 105 ${ACME_DEAL_ID}`,
    ],
    ['an amount as a number', [filter('amount', 'GT', { value: '99000' })], ACME_DEAL_ID],
    ['the last change', [filter('hs_lastmodifieddate', 'GTE', { value: '2026-01-01T00:00:00Z' })], ACME_DEAL_ID],
    [
      'several, all of which must hold',
      [
        filter('pipeline', 'EQ', { value: 'default' }),
        filter('hs_object_id', 'GT', { value: '101' }),
        filter('hs_is_closed_won', 'EQ', { value: true }),
      ],
      '102 103',
    ],
  ])('understands %s', async (_what, filters, expected) => {
    const sandbox = await withDeals();
    const found = await search(sandbox, where(...filters));
    expect(ids(found).join(' ')).toBe(expected);
    expect(found.total).toBe(found.results.length);
  });

  it('finds what is in any of several groups, once, and takes filters without a group', async () => {
    const sandbox = await withDeals();
    const low = filter('hs_object_id', 'LT', { value: '103' });
    const renewals = filter('pipeline', 'EQ', { value: 'Renewals' });
    const either = await search(sandbox, {
      filterGroups: [{ filters: [low] }, { filters: [renewals, low] }, { filters: [renewals] }],
    });
    expect(ids(either)).toEqual(['101', '102', '104', '105']);
    expect(ids(await search(sandbox, { filters: [low] }))).toEqual(['101', '102']);
  });

  it('sorts, pages and gives the properties that are asked for', async () => {
    const sandbox = await withDeals();
    const sorts = [{ propertyName: 'closedate', direction: 'DESCENDING' }];
    const body = {
      ...where(filter('closedate', 'HAS_PROPERTY')),
      sorts,
      limit: 2,
      properties: ['pipeline', 'nothing'],
    };
    const first = await search(sandbox, body);
    expect(first).toMatchObject({ total: 5, paging: { next: { after: '2' } } });
    expect(ids(first)).toEqual(['105', '104']);
    expect(first.results[0]?.properties).toEqual({
      pipeline: 'Renewals',
      nothing: null,
      hs_object_id: '105',
      createdate: '2024-12-06T00:00:00.000Z',
      hs_lastmodifieddate: '2025-01-05T00:00:00.000Z',
    });
    const last = await search(sandbox, { ...body, after: '4' });
    expect([ids(last), last.paging]).toEqual([['101'], undefined]);
  });

  it('sees a deal that was put in, changed or taken out at once', async () => {
    const sandbox = await withDeals();
    const won = where(filter('hs_is_closed_won', 'EQ', { value: 'true' }));
    expect((await search(sandbox, won)).total).toBe(5);
    await sandbox.control('PUT /crm/deals/103', { properties: { dealstage: 'closedlost' } });
    await sandbox.control('PUT /crm/deals/100', { properties: { dealstage: 'closedwon' } });
    await sandbox.control('POST /crm/deals/104/delete');
    await sandbox.control(`POST /crm/deals/${ACME_DEAL_ID}/close`, { notify: false });
    expect(ids(await search(sandbox, won))).toEqual(['100', '101', '102', '105', ACME_DEAL_ID]);
  });

  it.each([
    ['more than 200 a page', { limit: 201 }],
    ['a page past the 10,000th result', { limit: 200, after: '9801' }],
    ['more than five groups', { filterGroups: Array(6).fill({ filters: [filter('amount', 'HAS_PROPERTY')] }) }],
    ['more than six filters in a group', where(...Array(7).fill(filter('amount', 'HAS_PROPERTY')))],
    [
      'more than 18 filters',
      { filterGroups: Array(4).fill({ filters: Array(5).fill(filter('amount', 'HAS_PROPERTY')) }) },
    ],
    ['two sorting rules', { sorts: [{ propertyName: 'amount' }, { propertyName: 'closedate' }] }],
    ['an unknown operator', where(filter('amount', 'ABOUT', { value: '1' }))],
    ['a filter without its value', where(filter('amount', 'EQ'))],
    ['a date that is none', where(filter('closedate', 'GT', { value: 'yesterday' }))],
    ['an offset that is no integer', { after: 'x' }],
    ['more than 3,000 characters', where(filter('pipeline', 'IN', { values: [`${'x'.repeat(3_000)}`] }))],
  ])('refuses %s with 400', async (_what, body) => {
    const sandbox = await running(unlimited);
    const answer = await sandbox.crm(SEARCH, body);
    expect([answer.status, answer.body.category]).toEqual([400, 'VALIDATION_ERROR']);
  });

  it('pages up to the 10,000th result', async () => {
    const sandbox = await running(unlimited);
    expect((await search(sandbox, { limit: 200, after: 9_800 })).results).toEqual([]);
  });

  it('is answered five times in any second of real time', () => {
    let now = 0;
    const workspace = { state: { settings: { crmSearchesPerSecond: 5 } }, real: () => now };
    const answered: number[] = [];
    for (; now < 3_000; now += 50) if (countSearch(workspace)) answered.push(now);
    expect(answered).toEqual([0, 50, 100, 150, 200, 1000, 1050, 1100, 1150, 1200, 2000, 2050, 2100, 2150, 2200]);
    workspace.state.settings.crmSearchesPerSecond = 0;
    expect(Array.from({ length: 10 }, () => countSearch(workspace))).not.toContain(false);
  });

  it('too many are refused in HubSpot’s words, which name no time to wait; other calls are not', async () => {
    const sandbox = await running({ settings: { crmSearchesPerSecond: 1 } });
    const answers = await Promise.all(Array.from({ length: 20 }, () => sandbox.crm(SEARCH, {})));
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.body).toEqual({
      status: 'error',
      message: 'You have reached your secondly limit.',
      errorType: 'RATE_LIMIT',
      policyName: 'SECONDLY',
      correlationId: expect.any(String),
      requestId: expect.any(String),
    });
    expect((await sandbox.crm(`GET /objects/2026-03/0-3/${ACME_DEAL_ID}`)).status).toBe(200);
  });
});

describe('the history of a deal’s stage', () => {
  it('comes with a batch of deals, the newest version first', async () => {
    const sandbox = await running();
    await sandbox.advance('1d');
    await sandbox.control(`POST /crm/deals/${ACME_DEAL_ID}/close`);
    await sandbox.advance('1d');
    await sandbox.control(`POST /crm/deals/${ACME_DEAL_ID}/stage`, { stage: 'contractsent' });
    const { status, body } = await sandbox.crm('POST /objects/2026-03/0-3/batch/read', {
      properties: ['dealstage', 'closedate'],
      propertiesWithHistory: ['dealstage', 'nothing'],
      inputs: [{ id: ACME_DEAL_ID }, { id: '1' }],
    });
    expect(status).toBe(207);
    expect(body.results).toMatchObject([
      {
        id: ACME_DEAL_ID,
        properties: { dealstage: 'contractsent', closedate: '2026-02-11T14:00:00.000Z' },
        propertiesWithHistory: {
          dealstage: [
            { value: 'contractsent', timestamp: '2026-02-12T14:00:00.000Z' },
            { value: 'closedwon', timestamp: '2026-02-11T14:00:00.000Z' },
            { value: 'contractsent', timestamp: '2026-02-10T14:00:00.000Z' },
          ],
          nothing: [],
        },
      },
    ]);
  });

  it('is given for fifty deals at most', async () => {
    const sandbox = await running();
    const inputs = Array.from({ length: 51 }, (_, nth) => ({ id: String(nth + 1) }));
    const answer = await sandbox.crm('POST /objects/2026-03/0-3/batch/read', {
      inputs,
      propertiesWithHistory: ['dealstage'],
    });
    expect([answer.status, answer.body.message]).toEqual([400, expect.stringContaining('property histories is 50')]);
    expect((await sandbox.crm('POST /objects/2026-03/0-3/batch/read', { inputs })).status).toBe(207);
  });
});

describe('historical deals', () => {
  it('are put in by the thousand, with owner, company and contacts, and no webhook tells of them', async () => {
    const hook = await receiver(200);
    const sandbox = await running({ ...unlimited, hubspot: { webhookUrl: hook.url } });
    const window = { closedFrom: '2025-01-01T00:00:00Z', closedTo: '2026-01-01T00:00:00Z' };
    const { status, body } = await sandbox.control('POST /crm/deals/bulk', { ...window, count: 1_000, contacts: 2 });
    expect([status, body]).toEqual([201, { count: 1_000, firstId: '1000000000', lastId: '1000000999' }]);
    await sandbox.advance('1h');
    expect(hook.received).toEqual([]);
    const deal = (await sandbox.crm('GET /objects/2026-03/0-3/1000000999?properties=hs_is_closed_won,hubspot_owner_id'))
      .body;
    expect(deal.properties).toMatchObject({ hs_is_closed_won: 'true', hubspot_owner_id: '71001' });
    const contacts = (await sandbox.crm('GET /objects/2026-03/deals/1000000999/associations/contacts')).body.results;
    const labels = z.array(
      z.object({ toObjectId: z.number(), associationTypes: z.array(z.object({ label: z.string().nullable() })) }),
    );
    expect(labels.parse(contacts).map(({ associationTypes }) => associationTypes.at(-1)?.label)).toEqual([
      'Project lead',
      'Executive sponsor',
    ]);
    const inputs = labels.parse(contacts).map(({ toObjectId }) => ({ id: String(toObjectId) }));
    const people = await sandbox.crm('POST /objects/2026-03/contacts/batch/read', { properties: ['email'], inputs });
    expect(people.body.results).toMatchObject([
      { properties: { email: 'p1@company-1000000999.example' } },
      { properties: { email: 'p2@company-1000000999.example' } },
    ]);
  });

  it.each([
    ['none', { count: 0 }],
    ['a window that ends before it begins', { closedFrom: '2026-01-01T00:00:00Z' }],
    ['a first id that is no id', { firstId: 'x' }],
    ['more contacts than there are roles', { contacts: 6 }],
  ])('are refused when %s is asked for', async (_what, change) => {
    const sandbox = await running();
    const bulk = { count: 1, closedFrom: '2025-01-01T00:00:00Z', closedTo: '2025-01-02T00:00:00Z', ...change };
    expect((await sandbox.control('POST /crm/deals/bulk', bulk)).status).toBe(400);
  });
});
