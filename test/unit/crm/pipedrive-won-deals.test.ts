import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCrms } from '../../../crm/index.ts';
import { createPipedrive } from '../../../crm/pipedrive/index.ts';
import type { WonDeal } from '../../../crm/port.ts';
import { json, loopback } from './loopback.ts';
import { acme, answerFrom, type Company, TOKEN, vendor } from './pipedrive/vendor.ts';
import { all, page } from './won-deals.ts';

type Row = Record<string, unknown>;

const YEAR = { after: '2026-01-01T00:00:00Z', before: '2027-01-01T00:00:00Z', limit: 100 } as const;

async function company(rows: Row[] = []) {
  const server = await vendor((them) => fill(them, rows));
  return { ...server, crm: createPipedrive({ apiToken: TOKEN, baseUrl: server.url }) };
}

function fill(them: Company, rows: Row[]): void {
  them.deals = Object.fromEntries(rows.map((row) => [String(row.id), row]));
}

function won(id: number, change: Row = {}): Row {
  return {
    id,
    title: `Deal ${id}`,
    status: 'won',
    pipeline_id: 1,
    is_deleted: false,
    is_archived: false,
    update_time: '2026-06-16T10:00:00Z',
    won_time: '2026-06-15T16:30:00Z',
    close_time: '2026-06-15T16:30:00Z',
    ...change,
  };
}

const ids = (deals: WonDeal[]) => deals.map(({ dealId }) => Number(dealId)).sort((left, right) => left - right);
const byId = (left: number, right: number) => left - right;

describe('the won deals of Pipedrive', () => {
  it('come with name, pipeline and the moment they were won, those of the archive too', async () => {
    const { crm, calls } = await company([won(1), won(2, { is_archived: true }), won(3, { status: 'open' })]);
    expect(await all(crm, { by: 'closed', ...YEAR })).toEqual(
      [1, 2].map((id) => ({
        dealId: String(id),
        name: `Deal ${id}`,
        pipeline: '1',
        closedAt: '2026-06-15T16:30:00.000Z',
        wonAt: '2026-06-15T16:30:00.000Z',
      })),
    );
    const query = 'status=won&sort_by=id&sort_direction=asc&limit=100&updated_since=2025-12-31T00%3A00%3A00Z';
    expect(calls.map(({ path }) => path)).toEqual([`/api/v2/deals?${query}`, `/api/v2/deals/archived?${query}`]);
  });

  it('by change: from the first instant on and before the last one, asked for in whole seconds', async () => {
    const at = (time: string) => ({ update_time: `2026-06-16T${time}Z`, won_time: '2020-01-01T00:00:00Z' });
    const { crm, calls } = await company([
      won(1, at('10:00:00')),
      won(2, at('10:00:01')),
      won(3, at('10:59:59')),
      won(4, at('11:00:00')),
      won(5, at('11:00:01')),
    ]);
    const window = { after: '2026-06-16T10:00:00.500Z', before: '2026-06-16T11:00:00.250Z' };
    const found = await all(crm, { by: 'changed', ...window, limit: 10 });
    expect(ids(found)).toEqual([2, 3, 4]);
    expect(new Set(found.map(({ wonAt }) => wonAt))).toEqual(new Set(['2020-01-01T00:00:00.000Z']));
    expect(calls[0]?.path).toContain('updated_since=2026-06-16T10%3A00%3A00Z&updated_until=2026-06-16T11%3A00%3A01Z');
  });

  it('by close may have pages without any deal of the window, which are not the last', async () => {
    const early = { won_time: '2020-06-15T16:30:00Z' };
    const { crm } = await company([won(1, early), won(2, early), won(3)]);
    const query = { by: 'closed', ...YEAR, limit: 2 } as const;
    const first = await page(crm, query);
    expect(first).toMatchObject({ deals: [], next: expect.stringMatching(/^deals\.0\../) });
    expect(ids(await all(crm, query))).toEqual([3]);
  });

  it.each([
    [['1'], 'pipeline_id=1', [1]],
    [['1', '2'], undefined, [1, 2]],
    [['none of Pipedrive’s'], undefined, []],
    [undefined, undefined, [1, 2, 3]],
  ])('of the pipelines %j are asked for with %j', async (pipelines, parameter, expected) => {
    const { crm, calls } = await company([1, 2, 3].map((id) => won(id, { pipeline_id: id })));
    const found = await all(crm, { by: 'closed', ...YEAR, ...(pipelines === undefined ? {} : { pipelines }) });
    expect(ids(found)).toEqual(expected);
    expect(calls.map(({ path }) => /pipeline_id=[^&]+/.exec(path)?.[0])).toEqual([parameter, parameter]);
  });

  it('of configured pipelines are known to the caller, who asks for them', () => {
    expect(createCrms({ pipedrive: { pipelines: ['1', '7'] } }).pipedrive?.pipelines).toEqual(['1', '7']);
    expect(createCrms({ pipedrive: {} }).pipedrive?.pipelines).toBeUndefined();
  });

  it('are at most 500 in a page, whatever is asked for', async () => {
    const { crm, calls } = await company();
    await page(crm, { by: 'closed', ...YEAR, limit: 5_000 });
    await page(crm, { by: 'closed', ...YEAR, limit: 0 });
    expect(calls.map(({ path }) => /limit=\d+/.exec(path)?.[0])).toEqual(['limit=500', 'limit=1']);
  });

  it('leave out what was deleted or is won no more, even when Pipedrive lists it', async () => {
    const answer = [won(1, { is_deleted: true }), won(2, { status: 'lost' }), won(3)];
    const server = await loopback((_call, response) => json(response, 200, { success: true, data: answer }));
    const crm = createPipedrive({ apiToken: TOKEN, baseUrl: server.url });
    expect(ids((await page(crm, { by: 'closed', ...YEAR })).deals)).toEqual([3]);
  });

  it('without a won time are given their close time', async () => {
    const { crm } = await company([won(1, { won_time: null }), won(2, { won_time: null, close_time: null })]);
    const found = await all(crm, { by: 'changed', ...YEAR });
    expect(found.map(({ wonAt }) => wonAt)).toEqual(['2026-06-15T16:30:00.000Z', '2026-06-16T10:00:00.000Z']);
  });

  it('begin again when Pipedrive refuses a cursor, so that none is missed', async () => {
    const { crm, company: them, calls } = await company([1, 2, 3, 4, 5].map((id) => won(id)));
    const found = await all(crm, { by: 'closed', ...YEAR, limit: 2 }, (n) => n === 1 && them.cursors.clear());
    expect(new Set(ids(found))).toEqual(new Set([1, 2, 3, 4, 5]));
    expect(found.length).toBeGreaterThan(5);
    expect(calls.filter(({ path }) => !path.includes('cursor') && !path.includes('archived'))).toHaveLength(2);
  });

  it('do not begin again without end', async () => {
    const { crm, company: them } = await company([1, 2, 3].map((id) => won(id)));
    const endless = all(crm, { by: 'closed', ...YEAR, limit: 1 }, () => them.cursors.clear());
    await expect(endless).rejects.toMatchObject({ code: 'refused', retryable: false });
  });

  it('of a company that has no archive are those of its pipelines', async () => {
    const answer = answerFrom({ ...acme(), deals: { '1': won(1) } });
    const server = await loopback((call, response) =>
      call.path.includes('archived')
        ? json(response, 404, { success: false, error: 'unknown' })
        : answer(call, response),
    );
    const crm = createPipedrive({ apiToken: TOKEN, baseUrl: server.url });
    expect(ids(await all(crm, { by: 'closed', ...YEAR }))).toEqual([1]);
  });

  it('that were asked for too fast say when to ask again, with the same cursor', async () => {
    const { crm, company: them } = await company([1, 2, 3].map((id) => won(id)));
    const first = await page(crm, { by: 'closed', ...YEAR, limit: 2 });
    const second = { by: 'closed' as const, ...YEAR, limit: 2, cursor: first.next ?? '' };
    them.callsLeft = 0;
    await expect(page(crm, second)).rejects.toMatchObject({ code: 'rate_limited', retryAfterMs: 2_000 });
    them.callsLeft = 1;
    expect(ids((await page(crm, second)).deals)).toEqual([3]);
  });

  it('are refused with a wrong token', async () => {
    const { url } = await company([won(1)]);
    const crm = createPipedrive({ apiToken: 'expired', baseUrl: url });
    await expect(page(crm, { by: 'changed', ...YEAR })).rejects.toMatchObject({ code: 'unauthorized' });
  });

  it.each([
    ['', {}],
    ['leads.0.x', {}],
    ['deals.0.a b', {}],
    [undefined, { after: 'yesterday' }],
  ])('with the cursor %j and the window %j ask Pipedrive nothing', async (cursor, change) => {
    const { crm, calls } = await company();
    const query = { by: 'closed' as const, ...YEAR, ...change, ...(cursor === undefined ? {} : { cursor }) };
    await expect(page(crm, query)).rejects.toMatchObject({ code: 'configuration' });
    expect(calls).toEqual([]);
  });

  it('of a window without length are none, and nobody is asked', async () => {
    const { crm, calls } = await company([won(1)]);
    expect(await page(crm, { by: 'closed', ...YEAR, before: YEAR.after })).toEqual({ deals: [] });
    expect(calls).toEqual([]);
  });
});

const second = (n: number) => `${new Date(Date.UTC(2026, 5, 1) + n * 1_000).toISOString().slice(0, 19)}Z`;
const time = fc.integer({ min: 0, max: 400_000 });
const record = fc
  .record({
    id: fc.integer({ min: 1, max: 500 }),
    status: fc.constantFrom('won', 'won', 'open', 'lost'),
    wonAt: time,
    later: fc.integer({ min: 0, max: 200_000 }),
    pipeline: fc.integer({ min: 1, max: 3 }),
    is_archived: fc.boolean(),
  })
  .map(({ id, status, wonAt, later, pipeline, is_archived }) =>
    // A deal's last change is its winning, or later.
    won(id, {
      status,
      won_time: second(wonAt),
      update_time: second(wonAt + later),
      pipeline_id: pipeline,
      is_archived,
    }),
  );
const records = fc.uniqueArray(record, { maxLength: 40, selector: ({ id }) => id });
const window = fc
  .tuple(time, time, fc.integer({ min: 0, max: 999 }))
  .map(([one, other, ms]) =>
    [Math.min(one, other), Math.max(one, other)].map((n) => second(n).replace('Z', `.${String(ms).padStart(3, '0')}Z`)),
  );
const someOf = fc.option(fc.uniqueArray(fc.constantFrom('1', '2', '3'), { minLength: 1 }), { nil: undefined });

describe('any list of won deals', () => {
  it('has every deal of the window once and none from outside, for any deals, windows, pipelines and page sizes', async () => {
    const { crm, company: them } = await company();
    await fc.assert(
      fc.asyncProperty(
        records,
        window,
        someOf,
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom('closed', 'changed'),
        async (rows, [after = '', before = ''], pipelines, limit, by) => {
          fill(them, rows);
          const found = await all(crm, { by, after, before, limit, ...(pipelines === undefined ? {} : { pipelines }) });
          expect(ids(found)).toEqual(expectedOf(rows, by, after, before, pipelines));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('misses no deal that is in the window all the time while others change, archive and are won', async () => {
    const { crm, company: them } = await company();
    await fc.assert(
      fc.asyncProperty(
        records,
        fc.array(record, { minLength: 1, maxLength: 20 }),
        fc.array(fc.integer({ min: 1, max: 500 }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 5 }),
        async (rows, changes, archived, limit) => {
          fill(them, rows);
          const touched = new Set<unknown>();
          const found = await all(crm, { by: 'closed', after: second(50_000), before: second(350_000), limit }, (n) => {
            const change = changes[n];
            if (change !== undefined) {
              touched.add(change.id);
              them.deals[String(change.id)] = { ...change };
            }
            // To put a deal away while the list is read hides it from nobody.
            const filed = them.deals[String(archived[n])];
            if (filed !== undefined) {
              filed.is_archived = true;
            }
          });
          const lasting = expectedOf(
            rows.filter(({ id }) => !touched.has(id)),
            'closed',
            second(50_000),
            second(350_000),
            undefined,
          );
          expect(ids(found)).toEqual(expect.arrayContaining(lasting));
        },
      ),
      { numRuns: 40 },
    );
  });
});

function expectedOf(rows: Row[], by: string, after: string, before: string, pipelines: string[] | undefined): number[] {
  return rows
    .filter(({ status, pipeline_id }) => status === 'won' && pipelines?.includes(String(pipeline_id)) !== false)
    .filter((row) => {
      const at = Date.parse(String(by === 'closed' ? row.won_time : row.update_time));
      return at >= Date.parse(after) && at < Date.parse(before);
    })
    .map(({ id }) => Number(id))
    .sort(byId);
}
