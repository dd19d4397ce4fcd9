import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSearchPace } from '../../../crm/hubspot/search-pace.ts';
import { createHubSpot, type WonDeal, type WonDealsQuery } from '../../../crm/index.ts';
import { ACME_DEAL_ID, startSandbox } from '../../../sandbox/index.ts';
import { json, loopback } from './loopback.ts';

const YEAR = { after: '2025-01-01T00:00:00Z', before: '2026-01-01T00:00:00Z', limit: 200 };
/** A clock on which waiting takes no time. */
const paceClock = () => {
  let now = 0;
  const sleep = async (ms: number) => {
    now += ms;
  };
  return { now: () => now, sleep };
};

async function portal() {
  const sandbox = await startSandbox({
    seed: 'won',
    clock: { frozenAt: '2026-02-10T14:00:00Z' },
    settings: { crmSearchesPerSecond: 0 },
  });
  onTestFinished(() => sandbox.close());
  const options = { ...sandbox.hubspot, baseUrl: sandbox.hubspotBaseUrl, paceClock: paceClock() };
  const control = async (path: string, body: object, method = 'POST') => {
    const answer = await fetch(`${sandbox.url}/_sandbox${path}`, { method, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(await answer.text());
    return Object(await answer.json());
  };
  const bulk = (more: object) =>
    control('/crm/deals/bulk', { count: 1, contacts: 0, closedFrom: YEAR.after, closedTo: YEAR.before, ...more });
  const advance = (by: string) => control('/clock', { advance: by });
  return { sandbox, crm: createHubSpot(options), control, bulk, advance };
}

/** All pages, one after another. */
async function allOf(crm: ReturnType<typeof createHubSpot>, query: Omit<WonDealsQuery, 'cursor'>) {
  const pages: WonDeal[][] = [];
  const remaining: (number | undefined)[] = [];
  let cursor: string | undefined;
  do {
    const page = await crm.listWonDeals?.({ ...query, ...(cursor === undefined ? {} : { cursor }) });
    pages.push(page?.deals ?? []);
    remaining.push(page?.remaining);
    cursor = page?.next;
  } while (cursor !== undefined);
  return { deals: pages.flat(), pages, remaining };
}

describe('HubSpot’s won deals by their close date', () => {
  it('come each once, in the order of their ids, however many there are in the window', async () => {
    const { crm, bulk } = await portal();
    await bulk({ count: 10_500 });
    const { deals, pages, remaining } = await allOf(crm, { ...YEAR, by: 'closed' });
    const ids = deals.map(({ dealId }) => Number(dealId));
    expect(ids).toEqual(Array.from({ length: 10_500 }, (_, nth) => 1_000_000_000 + nth));
    expect(pages).toHaveLength(53);
    expect(remaining.slice(0, 3)).toEqual([10_500, 10_300, 10_100]);
    expect(deals[0]).toEqual({
      dealId: '1000000000',
      name: 'Company 1000000000 – 12 months',
      pipeline: 'default',
      closedAt: '2025-01-01T00:00:00.000Z',
    });
  });

  it('are those from the one instant on and before the other', async () => {
    const { crm, bulk } = await portal();
    await bulk({ count: 4, closedFrom: '2025-03-01T00:00:00Z', closedTo: '2025-03-05T00:00:00Z', firstId: '11' });
    const window = { after: '2025-03-02T00:00:00Z', before: '2025-03-04T00:00:00+00:00' };
    const { deals } = await allOf(crm, { ...window, by: 'closed', limit: 1 });
    expect(deals.map(({ dealId }) => dealId)).toEqual(['12', '13']);
  });

  it('are of the pipelines that are asked for, also when their list is too long to be searched by', async () => {
    const { crm, bulk } = await portal();
    await bulk({ count: 2, firstId: '11' });
    await bulk({ count: 2, firstId: '21', pipeline: 'renewals' });
    const others = Array.from({ length: 200 }, (_, nth) => `a-pipeline-of-another-team-${nth}`);
    for (const pipelines of [['renewals'], ['renewals', ...others]]) {
      const { deals } = await allOf(crm, { ...YEAR, by: 'closed', pipelines });
      expect(deals.map(({ dealId }) => dealId)).toEqual(['21', '22']);
    }
  });

  it('are won, and stay out when they are lost, reopened or deleted', async () => {
    const { crm, bulk, control } = await portal();
    await bulk({ count: 4, firstId: '11' });
    await bulk({ count: 1, firstId: '21', stage: 'closedlost' });
    await control('/crm/deals/11/properties', { properties: { dealstage: 'closedlost' } });
    await control('/crm/deals/12/stage', { stage: 'contractsent' });
    await control('/crm/deals/13/delete', {});
    const { deals } = await allOf(crm, { ...YEAR, by: 'closed' });
    expect(deals.map(({ dealId }) => dealId)).toEqual(['14']);
  });

  it('are none in an empty window, and one page', async () => {
    const { crm } = await portal();
    expect(await crm.listWonDeals?.({ ...YEAR, by: 'closed' })).toEqual({ deals: [], remaining: 0 });
  });

  it('that were merged name what they were made of', async () => {
    const { crm, bulk, control } = await portal();
    await bulk({ count: 2, firstId: '11' });
    const { deal } = await control('/crm/deals/12/merge', { with: '11' });
    const { deals } = await allOf(crm, { ...YEAR, by: 'closed' });
    expect(deals).toMatchObject([{ dealId: deal.id, mergedIds: ['12', '11'] }]);
    const read = await crm.readDeal('11');
    expect(read).toMatchObject({ id: deal.id, isWon: true, mergedIds: ['12', '11'] });
    expect((await crm.readDeal(deal.id)).mergedIds).toEqual(['12', '11']);
  });
});

describe('HubSpot’s won deals by their last change', () => {
  const window = { after: '2026-02-10T00:00:00Z', before: '2026-02-20T00:00:00Z', limit: 200, by: 'changed' as const };

  it('say when they became won, whatever was edited since', async () => {
    const { crm, control, advance } = await portal();
    await control(`/crm/deals/${ACME_DEAL_ID}/close`, {});
    await advance('1d');
    await control(`/crm/deals/${ACME_DEAL_ID}/properties`, { properties: { amount: '5', closedate: '2020-01-01' } });
    const [deal, ...others] = (await allOf(crm, window)).deals;
    expect(others).toEqual([]);
    expect(deal).toMatchObject({ dealId: ACME_DEAL_ID, wonAt: '2026-02-10T14:00:00.000Z', closedAt: '2020-01-01' });
  });

  it('say when they became won the last time', async () => {
    const { crm, control, advance } = await portal();
    await control(`/crm/deals/${ACME_DEAL_ID}/close`, {});
    await advance('1h');
    await control(`/crm/deals/${ACME_DEAL_ID}/stage`, { stage: 'contractsent' });
    await advance('1h');
    await control(`/crm/deals/${ACME_DEAL_ID}/close`, {});
    expect((await allOf(crm, window)).deals).toMatchObject([{ wonAt: '2026-02-10T16:00:00.000Z' }]);
  });

  it('are asked for their history fifty at a time', async () => {
    const { crm, bulk, sandbox } = await portal();
    await bulk({ count: 120, closedFrom: '2026-02-11T00:00:00Z', closedTo: '2026-02-12T00:00:00Z' });
    const { deals } = await allOf(crm, { ...window, limit: 100 });
    expect(deals).toHaveLength(120);
    expect(deals.every(({ wonAt, closedAt }) => wonAt !== undefined && wonAt === closedAt)).toBe(true);
    const answer = await fetch(`${sandbox.url}/_sandbox/journal?type=api`);
    const { entries }: { entries: { path: string }[] } = Object(await answer.json());
    expect(entries.map(({ path }) => path.split('/').at(-1))).toEqual(['search', 'read', 'read', 'search', 'read']);
  });

  /** A portal that answers one search and one batch read with what is given. */
  async function answering(found: object[], read: object[]) {
    const server = await loopback((call, response) => {
      const results = call.path.endsWith('/search') ? found : read;
      json(response, 200, { total: found.length, results });
    });
    return createHubSpot({ accessToken: 'pat', baseUrl: server.url, paceClock: paceClock() });
  }
  const won = (id: string) => ({
    id,
    properties: { hs_is_closed_won: 'true', dealstage: 'won', createdate: '2025-01-01T00:00:00Z' },
  });
  const versions = (...of: [string, string][]) => ({
    propertiesWithHistory: { dealstage: of.map(([value, timestamp]) => ({ value, timestamp })) },
  });

  it.each([
    [
      'the stage was written twice with the same value',
      [
        ['won', '2025-03-03T00:00:00Z'],
        ['won', '2025-03-02T00:00:00Z'],
        ['open', '2025-03-01T00:00:00Z'],
      ],
      '2025-03-02T00:00:00Z',
    ],
    [
      'the versions come in no order',
      [
        ['open', '2025-03-01T00:00:00Z'],
        ['won', '2025-03-04T00:00:00Z'],
        ['lost', '2025-03-03T00:00:00Z'],
        ['won', '2025-03-02T00:00:00Z'],
      ],
      '2025-03-04T00:00:00Z',
    ],
    [
      'the newest version is that of a merged deal',
      [
        ['lost', '2025-03-09T00:00:00Z'],
        ['won', '2025-03-02T00:00:00Z'],
      ],
      '2025-03-02T00:00:00Z',
    ],
    ['it was made so', [['won', '2025-03-01T00:00:00Z']], '2025-03-01T00:00:00Z'],
    ['there is no history', [], '2025-01-01T00:00:00Z'],
  ] satisfies [string, [string, string][], string][])('say so when %s', async (_what, history, wonAt) => {
    const crm = await answering([won('7')], [{ ...won('7'), ...versions(...history) }]);
    expect((await crm.listWonDeals?.(window))?.deals).toEqual([{ dealId: '7', wonAt }]);
  });

  it('leave out what the search still shows and is not won any more, or gone', async () => {
    const reopened = { id: '8', properties: { hs_is_closed_won: 'false', dealstage: 'open' } };
    const crm = await answering([won('7'), won('8'), won('9')], [won('7'), reopened]);
    expect((await crm.listWonDeals?.(window))?.deals.map(({ dealId }) => dealId)).toEqual(['7']);
  });
});

describe('a search at HubSpot', () => {
  const query = { ...YEAR, by: 'closed' as const };
  const found = (...ids: string[]) => ids.map((id) => ({ id, properties: {} }));

  it('asks by keyset: never by offset, and within HubSpot’s limits', async () => {
    const server = await loopback((call, response) => {
      const cursor = Object(call.json).filterGroups[0].filters.at(-1).value;
      json(response, 200, { total: 2, results: found(cursor === '11' ? '12' : '11') });
    });
    const crm = createHubSpot({ accessToken: 'pat', baseUrl: server.url, paceClock: paceClock() });
    expect(await crm.listWonDeals?.({ ...query, limit: 5_000, pipelines: ['a', 'b'] })).toEqual({
      deals: [{ dealId: '11' }],
      next: '11',
      remaining: 2,
    });
    await crm.listWonDeals?.({ ...query, cursor: '11' });
    expect(server.calls[0]).toMatchObject({ method: 'POST', path: '/crm/objects/2026-03/0-3/search' });
    expect(server.calls[0]?.json).toEqual({
      filterGroups: [
        {
          filters: [
            { propertyName: 'hs_is_closed_won', operator: 'EQ', value: 'true' },
            { propertyName: 'closedate', operator: 'GTE', value: String(Date.UTC(2025, 0, 1)) },
            { propertyName: 'closedate', operator: 'LT', value: String(Date.UTC(2026, 0, 1)) },
            { propertyName: 'pipeline', operator: 'IN', values: ['a', 'b'] },
          ],
        },
      ],
      sorts: [{ propertyName: 'hs_object_id', direction: 'ASCENDING' }],
      properties: ['dealname', 'pipeline', 'closedate', 'hs_merged_object_ids'],
      limit: 200,
    });
    const filters = Object(server.calls[1]?.json).filterGroups[0].filters;
    expect(filters.at(-1)).toEqual({ propertyName: 'hs_object_id', operator: 'GT', value: '11' });
    expect(server.calls.every(({ json: body }) => !('after' in Object(body)))).toBe(true);
  });

  it.each([
    ['not sorted', ['12', '11']],
    ['not above the cursor', ['10']],
    ['not ids', ['a']],
  ])('whose results are %s is a malformed answer: deals would be lost', async (_what, ids) => {
    const server = await loopback((_call, response) => json(response, 200, { total: 9, results: found(...ids) }));
    const crm = createHubSpot({ accessToken: 'pat', baseUrl: server.url, paceClock: paceClock() });
    await expect(crm.listWonDeals?.({ ...query, cursor: '10' })).rejects.toMatchObject({ code: 'malformed_answer' });
  });

  it('that comes too often is rate limited, with the wait that HubSpot asks for, clamped', async () => {
    const body = {
      status: 'error',
      message: 'You have reached your secondly limit.',
      errorType: 'RATE_LIMIT',
      policyName: 'SECONDLY',
    };
    for (const [header, expected] of [
      [undefined, undefined],
      ['0', 1_000],
      ['10', 10_000],
      ['12000', 12_000],
      ['90', 30_000],
    ] as const) {
      const server = await loopback((_call, response) =>
        json(response, 429, body, header === undefined ? {} : { 'retry-after': header }),
      );
      const crm = createHubSpot({ accessToken: 'pat', baseUrl: server.url, paceClock: paceClock() });
      await expect(crm.listWonDeals?.(query)).rejects.toMatchObject({
        code: 'rate_limited',
        retryable: true,
        retryAfterMs: expected,
      });
    }
  });

  it('for an instant that is none says so and asks nobody', async () => {
    const crm = createHubSpot({ accessToken: 'pat', baseUrl: 'http://127.0.0.1:1', paceClock: paceClock() });
    await expect(crm.listWonDeals?.({ ...query, after: 'yesterday' })).rejects.toMatchObject({ code: 'configuration' });
  });

  it('waits its turn, whoever asks: under four in a second', async () => {
    const clock = paceClock();
    const waits: number[] = [];
    const pace = createSearchPace({
      now: clock.now,
      sleep: async (ms) => {
        waits.push(ms);
      },
    });
    await Promise.all(Array.from({ length: 5 }, () => pace.turn()));
    expect(waits).toEqual([300, 600, 900, 1_200]);
    await clock.sleep(10_000);
    await pace.turn();
    expect(waits).toHaveLength(4);
  });

  it('that is given up while it waits is unavailable', async () => {
    const pace = createSearchPace({ now: () => 0, sleep: (ms, signal) => sleep(ms, undefined, { signal }) });
    await pace.turn();
    await expect(pace.turn(AbortSignal.abort())).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('tells the pipelines that are configured', () => {
    expect(createHubSpot({ pipelines: ['default'] }).pipelines).toEqual(['default']);
    expect(createHubSpot({}).pipelines).toBeUndefined();
  });
});
