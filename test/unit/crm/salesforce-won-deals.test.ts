import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WonDeal } from '../../../crm/port.ts';
import { createSalesforce } from '../../../crm/salesforce/index.ts';
import { parseRecordId } from '../../../crm/salesforce/record-id.ts';
import { CLIENT, type Organization, organization, type Row, reply } from './salesforce/organization.ts';
import { all, page } from './won-deals.ts';

const YEAR = { after: '2026-01-01T00:00:00Z', before: '2027-01-01T00:00:00Z', limit: 100 } as const;

async function connected(rows: Row[] = []) {
  const org = await organization();
  fill(org, rows);
  const crm = createSalesforce({ triggerTokens: [], loginUrl: org.url, ...CLIENT });
  return { org, crm };
}

function fill(org: Organization, rows: Row[]): void {
  org.opportunities = Object.fromEntries(rows.map((row) => [String(row.Id), row]));
}

const idOf = (short: string) => parseRecordId(short) ?? 'none';
const numbered = (n: number) => idOf(`006Hs${String(n).padStart(10, '0')}`);

function won(Id: string, change: Row = {}): Row {
  return {
    Id,
    Name: `Deal ${Id}`,
    IsWon: true,
    CloseDate: '2026-06-15',
    CreatedDate: '2026-01-02T08:00:00.000+0000',
    SystemModstamp: '2026-06-16T10:00:00.000+0000',
    LastStageChangeDate: '2026-06-15T16:30:00.000+0000',
    ...change,
  };
}

const ids = (deals: WonDeal[]) => deals.map(({ dealId }) => dealId).sort();
const lists = (org: Organization) => org.calls.map(({ soql }) => soql).filter((soql) => soql !== '');

describe('the won Opportunities', () => {
  it('come with name, close date and the moment of their last change of stage; the first page says how many', async () => {
    const { org, crm } = await connected([won(numbered(1)), won(numbered(2), { IsWon: false })]);
    expect(await page(crm, { by: 'closed', ...YEAR })).toEqual({
      deals: [
        {
          dealId: numbered(1),
          name: `Deal ${numbered(1)}`,
          closedAt: '2026-06-15',
          wonAt: '2026-06-15T16:30:00.000Z',
        },
      ],
      remaining: 1,
    });
    expect(lists(org)).toEqual([
      'SELECT Id, Name, CloseDate, CreatedDate, SystemModstamp, LastStageChangeDate FROM Opportunity WHERE IsWon = true AND CloseDate >= 2026-01-01 AND CloseDate <= 2026-12-31 ORDER BY Id LIMIT 100',
      'SELECT COUNT() FROM Opportunity WHERE IsWon = true AND CloseDate >= 2026-01-01 AND CloseDate <= 2026-12-31',
    ]);
  });

  it('go on behind the last id, without OFFSET, and are counted once', async () => {
    const { org, crm } = await connected(Array.from({ length: 7 }, (_, n) => won(numbered(n))));
    expect(await all(crm, { by: 'closed', ...YEAR, limit: 3 })).toHaveLength(7);
    const asked = lists(org);
    expect(asked.filter((soql) => soql.includes('COUNT()'))).toHaveLength(1);
    expect(asked.filter((soql) => soql.includes(`AND Id > '${numbered(5)}' ORDER BY Id LIMIT 3`))).toHaveLength(1);
    expect(asked.join()).not.toContain('OFFSET');
  });

  it('are at most 200 in a page, whatever is asked for', async () => {
    const { org, crm } = await connected([won(numbered(1))]);
    await page(crm, { by: 'closed', ...YEAR, limit: 5_000 });
    await page(crm, { by: 'closed', ...YEAR, limit: 0 });
    expect(lists(org).flatMap((soql) => /LIMIT (\d+)/.exec(soql)?.[1] ?? [])).toEqual(['200', '1']);
  });

  it.each([
    ['from noon to noon takes both days', '2026-06-14T12:00:00Z', '2026-06-15T12:00:00Z', ['14', '15']],
    ['that ends at midnight takes nothing of the next day', '2026-06-14T00:00:00Z', '2026-06-15T00:00:00Z', ['14']],
    ['that ends a moment later does', '2026-06-14T00:00:00Z', '2026-06-15T00:00:00.001Z', ['14', '15']],
    ['of another zone is UTC’s', '2026-06-14T22:00:00-04:00', '2026-06-15T22:00:00-04:00', ['15', '16']],
    ['without length is empty', '2026-06-15T12:00:00Z', '2026-06-15T12:00:00Z', []],
    ['that ends before it begins is empty', '2026-06-16T00:00:00Z', '2026-06-15T00:00:00Z', []],
  ])('by close date: a window %s', async (_what, after, before, days) => {
    const { crm } = await connected(
      [13, 14, 15, 16, 17].map((day) => won(numbered(day), { CloseDate: `2026-06-${day}` })),
    );
    const found = await all(crm, { by: 'closed', after, before, limit: 2 });
    expect(found.map(({ closedAt }) => closedAt?.slice(-2))).toEqual(days);
  });

  it('by change: from the first instant on and before the last one, in fractions of a second too', async () => {
    const at = (time: string) => ({ SystemModstamp: `2026-06-16T${time}+0000` });
    const { org, crm } = await connected([
      won(numbered(1), at('10:00:00.499')),
      won(numbered(2), at('10:00:00.500')),
      won(numbered(3), at('11:00:00.249')),
      won(numbered(4), at('11:00:00.250')),
    ]);
    const window = { after: '2026-06-16T10:00:00.500Z', before: '2026-06-16T11:00:00.250Z' };
    const { deals, ...rest } = await page(crm, { by: 'changed', ...window, limit: 10 });
    expect(ids(deals)).toEqual([numbered(2), numbered(3)]);
    expect(rest).toEqual({});
    expect(lists(org)[0]).toContain('SystemModstamp >= 2026-06-16T10:00:00Z AND SystemModstamp < 2026-06-16T11:00:01Z');
  });

  it('by change have the same moment of winning after every edit', async () => {
    const { org, crm } = await connected([won(numbered(1))]);
    const [before] = await all(crm, { by: 'changed', ...YEAR });
    Object.assign(org.opportunities[numbered(1)] ?? {}, {
      Name: 'Renamed',
      SystemModstamp: '2026-07-01T10:00:00.000+0000',
    });
    const [after] = await all(crm, { by: 'changed', ...YEAR });
    expect(after).toEqual({ ...before, name: 'Renamed' });
  });

  it.each([
    ['is null', (org: Organization, row: Row) => [Object.assign(row, { LastStageChangeDate: null }), org]],
    ['is hidden', (org: Organization) => org.hidden.add('LastStageChangeDate')],
  ])('whose LastStageChangeDate %s were won at the last change of stage in their history', async (_what, hide) => {
    const row = won(numbered(1));
    const { org, crm } = await connected([row]);
    hide(org, row);
    const entry = (n: number, StageName: string, day: string) => ({
      Id: idOf(`008Hs${String(n).padStart(10, '0')}`),
      OpportunityId: numbered(1),
      StageName,
      CreatedDate: `2026-06-${day}T09:00:00.000+0000`,
    });
    org.history = [
      entry(1, 'Won', '01'),
      entry(2, 'Open', '02'),
      entry(3, 'Won', '03'),
      entry(4, 'Won', '04'),
      { ...entry(5, 'Lost', '05'), OpportunityId: numbered(2) },
    ];
    for (const by of ['changed', 'closed'] as const) {
      expect((await all(crm, { by, ...YEAR }))[0]?.wonAt).toBe('2026-06-03T09:00:00.000Z');
    }
    const refused = lists(org).filter((soql) => soql.includes('LastStageChangeDate'));
    expect(refused).toHaveLength(org.hidden.size === 0 ? 2 : 1);
  });

  it('without any history were won when they were made', async () => {
    const { crm } = await connected([won(numbered(1), { LastStageChangeDate: null })]);
    expect((await all(crm, { by: 'changed', ...YEAR }))[0]?.wonAt).toBe('2026-01-02T08:00:00.000Z');
  });

  it('are listed without a count when counting takes the organization too long', async () => {
    const { org, crm } = await connected([won(numbered(1))]);
    org.intercept = ({ soql }, response) =>
      soql.includes('COUNT()') && reply(response, 400, [{ message: 'too long', errorCode: 'QUERY_TIMEOUT' }]);
    const { deals, remaining } = await page(crm, { by: 'closed', ...YEAR });
    expect(deals).toHaveLength(1);
    expect(remaining).toBeUndefined();
  });

  it('are asked for again by the caller after the organization’s limit of requests', async () => {
    const { org, crm } = await connected([won(numbered(1))]);
    org.intercept = ({ soql }, response) =>
      soql !== '' &&
      reply(response, 403, [{ message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }]);
    const limited = page(crm, { by: 'changed', ...YEAR });
    await expect(limited).rejects.toMatchObject({ code: 'rate_limited', retryable: true });
    org.intercept = () => false;
    expect((await page(crm, { by: 'changed', ...YEAR })).deals).toHaveLength(1);
  });

  it('go on with the same cursor when the session ends between two pages', async () => {
    const { org, crm } = await connected(Array.from({ length: 4 }, (_, n) => won(numbered(n))));
    const found = await all(crm, { by: 'closed', ...YEAR, limit: 2 }, () => org.tokens.clear());
    expect(found).toHaveLength(4);
    expect(org.logins).toBeGreaterThan(1);
  });

  it.each([
    ["006Hs0000000001' OR Name != '", {}],
    ['', {}],
    [undefined, { after: "2026-01-01' OR IsWon = false" }],
    [undefined, { before: 'tomorrow' }],
    [undefined, { before: '+012026-01-01T00:00:00Z' }],
  ])('with the cursor %j and the window %j ask Salesforce nothing', async (cursor, change) => {
    const { org, crm } = await connected();
    const query = { by: 'closed' as const, ...YEAR, ...change, ...(cursor === undefined ? {} : { cursor }) };
    await expect(page(crm, query)).rejects.toMatchObject({ code: 'configuration' });
    expect(org.calls).toEqual([]);
  });
});

const character = fc.constantFrom(...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz');
const recordId = fc.array(character, { minLength: 4, maxLength: 4 }).map((tail) => idOf(`006Hs000000${tail.join('')}`));
const hour = (n: number) => new Date(Date.UTC(2026, 5, 1, n)).toISOString();
const moment = fc.integer({ min: 0, max: 24 * 20 }).map(hour);
const record = fc
  .record({ Id: recordId, IsWon: fc.boolean(), closed: moment, changed: moment })
  .map(({ Id, IsWon, closed, changed }) =>
    won(Id, { IsWon, CloseDate: closed.slice(0, 10), SystemModstamp: changed.replace('Z', '+0000') }),
  );
const records = fc.uniqueArray(record, { maxLength: 40, selector: ({ Id }) => Id });
const window = fc.tuple(moment, moment).map(([one, other]) => (one < other ? [one, other] : [other, one]));

describe('any list of won Opportunities', () => {
  it('has every deal of the window once and none from outside, for any deals, windows and page sizes', async () => {
    const { org, crm } = await connected();
    await fc.assert(
      fc.asyncProperty(
        records,
        window,
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom('closed', 'changed'),
        async (rows, [after = '', before = ''], limit, by) => {
          fill(org, rows);
          const expected = rows.filter((row) => row.IsWon === true && isExpected(row, by, after, before));
          const found = await all(crm, { by, after, before, limit });
          expect(ids(found)).toEqual(expected.map(({ Id }) => String(Id)).sort());
        },
      ),
      { numRuns: 60 },
    );
  });

  it('misses no deal that is in the window all the time while others come, go and change', async () => {
    const { org, crm } = await connected();
    await fc.assert(
      fc.asyncProperty(
        records,
        fc.array(record, { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 5 }),
        async (rows, changes, limit) => {
          fill(org, rows);
          const touched = new Set<unknown>();
          const found = await all(crm, { by: 'closed', after: hour(48), before: hour(240), limit }, (n) => {
            const change = changes[n];
            if (change !== undefined) {
              touched.add(change.Id);
              org.opportunities[String(change.Id)] = change;
            }
          });
          const lasting = rows.filter(
            (row) => row.IsWon === true && !touched.has(row.Id) && isExpected(row, 'closed', hour(48), hour(240)),
          );
          expect(ids(found)).toEqual(expect.arrayContaining(lasting.map(({ Id }) => String(Id))));
        },
      ),
      { numRuns: 40 },
    );
  });
});

/** Said otherwise than the adapter says it: a day is in the window when any moment of it is. */
function isExpected(row: Row, by: 'closed' | 'changed', after: string, before: string): boolean {
  if (Date.parse(after) >= Date.parse(before)) {
    return false;
  }
  if (by === 'changed') {
    const changed = Date.parse(String(row.SystemModstamp).replace('+0000', 'Z'));
    return changed >= Date.parse(after) && changed < Date.parse(before);
  }
  const start = Date.parse(`${String(row.CloseDate)}T00:00:00Z`);
  return start < Date.parse(before) && start + 86_400_000 > Date.parse(after);
}
