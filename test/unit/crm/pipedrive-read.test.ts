import { describe, expect, it } from 'vitest';
import { recordUrl } from '../../../crm/pipedrive/deal.ts';
import { createPipedrive } from '../../../crm/pipedrive/index.ts';
import type { Deal } from '../../../crm/port.ts';
import { json, loopback } from './loopback.ts';
import { acme, answerFrom, type Company, TOKEN, vendor } from './pipedrive/vendor.ts';

async function company(change?: (company: Company) => void) {
  const server = await vendor(change);
  return { ...server, crm: createPipedrive({ apiToken: TOKEN, baseUrl: `${server.url}/` }) };
}

const deal: Deal = { id: '1148', crm: 'pipedrive', name: 'Acme', account: { id: '501', name: 'Acme' }, isWon: true };
const of = (them: Company) => {
  const row = them.deals['1148'];
  if (row === undefined) {
    throw new Error('the company has lost its deal');
  }
  return row;
};

describe('a deal read from Pipedrive', () => {
  it('comes with its owner and its organization', async () => {
    const { crm, calls } = await company();
    expect(await crm.readDeal('1148')).toEqual({
      id: '1148',
      crm: 'pipedrive',
      name: 'Acme Corp – 12 months',
      account: { id: '501', name: 'Acme Corp' },
      isWon: true,
      stage: '5',
      pipeline: '1',
      amount: 48_000.5,
      currency: 'USD',
      closedAt: '2026-02-08T15:00:00.000Z',
      owner: { email: 'jordan@vendor.example', name: 'Jordan Lee', timezone: 'Europe/Tallinn' },
    });
    expect(calls.map(({ path }) => path).sort()).toEqual([
      '/api/v1/users/77',
      '/api/v2/deals/1148',
      '/api/v2/organizations/501',
    ]);
  });

  it('sends the token in its header alone', async () => {
    const { crm, calls } = await company();
    await crm.readDeal('1148');
    expect(calls.map(({ headers }) => headers['x-api-token'])).toEqual([TOKEN, TOKEN, TOKEN]);
    expect(calls.filter(({ path }) => path.includes(TOKEN))).toEqual([]);
  });

  it.each(['open', 'lost', 'Won', null])('with the status %j is not won, whatever its stage', async (status) => {
    const { crm } = await company((them) => Object.assign(of(them), { status }));
    expect((await crm.readDeal('1148')).isWon).toBe(false);
  });

  it('may have nothing but an id', async () => {
    const { crm, calls } = await company((them) => {
      them.deals = { '5': { id: 5, title: ' ', status: 'open', value: null, owner_id: null, org_id: null } };
    });
    expect(await crm.readDeal('5')).toEqual({
      id: '5',
      crm: 'pipedrive',
      name: 'Deal 5',
      account: { id: 'deal-5', name: 'Deal 5' },
      isWon: false,
    });
    expect(calls).toHaveLength(1);
  });

  it('may have ids as text, a free value, and times in the spelling of version 1', async () => {
    const { crm } = await company((them) =>
      Object.assign(of(them), { id: '1148', value: 0, owner_id: '77', won_time: '2026-02-08 15:00:00', stage_id: '5' }),
    );
    expect(await crm.readDeal('1148')).toMatchObject({
      id: '1148',
      amount: 0,
      stage: '5',
      closedAt: '2026-02-08T15:00:00.000Z',
      owner: { email: 'jordan@vendor.example' },
    });
  });

  it('closed when its close time says, where no time of winning is told', async () => {
    const { crm } = await company((them) =>
      Object.assign(of(them), { won_time: null, close_time: '2026-02-09T00:00:00Z' }),
    );
    expect((await crm.readDeal('1148')).closedAt).toBe('2026-02-09T00:00:00.000Z');
  });

  it('whose owner or organization is gone has none', async () => {
    const { crm } = await company((them) => {
      them.users = {};
      them.organizations = {};
    });
    const read = await crm.readDeal('1148');
    expect(read.owner).toBeUndefined();
    expect(read.account).toEqual({ id: '501', name: 'Acme Corp – 12 months' });
  });

  it.each([['Mars/Olympus'], [''], [null], ['+02:00']])(
    'drops the time zone %j of its owner',
    async (timezone_name) => {
      const { crm } = await company((them) => Object.assign(Object(them.users['77']), { timezone_name }));
      expect((await crm.readDeal('1148')).owner).toEqual({ email: 'jordan@vendor.example', name: 'Jordan Lee' });
    },
  );

  it('is not found when it is deleted, unknown, or has an id that no deal can have', async () => {
    const { crm, calls } = await company((them) => Object.assign(of(them), { is_deleted: true }));
    await expect(crm.readDeal('1148')).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringMatching(/deleted/),
    });
    await expect(crm.readDeal('7')).rejects.toMatchObject({ code: 'not_found' });
    const before = calls.length;
    for (const id of ['', '..', '../users/me', '1148?x=1', 'abc', '-1', '9'.repeat(40)]) {
      await expect(crm.readDeal(id)).rejects.toMatchObject({ code: 'not_found' });
    }
    expect(calls).toHaveLength(before);
  });

  it('has a link where the base URL names the company', () => {
    expect(recordUrl('https://acme.pipedrive.com', 'deal', '1148')).toBe('https://acme.pipedrive.com/deal/1148');
    expect(recordUrl('https://api.pipedrive.com', 'deal', '1148')).toBeUndefined();
    expect(recordUrl('https://acme.pipedrive.com.evil.example', 'deal', '1148')).toBeUndefined();
    expect(recordUrl('http://127.0.0.1:1', 'deal', '1148')).toBeUndefined();
  });
});

describe('the people of a Pipedrive deal', () => {
  it('are its person first, then its participants, without those who are gone', async () => {
    const { crm } = await company();
    expect(await crm.listStakeholders(deal)).toEqual([
      { id: '3', email: 'pat@acme.example', name: 'Pat Doe', labels: ['Champion'], isPrimary: true, optedOut: false },
      {
        id: '1',
        email: 'jamie@acme.example',
        name: 'Jamie Chen',
        labels: ['Champion', 'Billing contact'],
        isPrimary: false,
        optedOut: false,
      },
      { id: '2', email: 'robin@acme.example', name: 'Robin', labels: [], isPrimary: false, optedOut: true },
      { id: '6', name: 'No Mail', labels: [], isPrimary: false, optedOut: false },
    ]);
  });

  it('are read page by page, from where the last page says', async () => {
    const { crm, calls } = await company();
    await crm.listStakeholders(deal);
    const starts = calls.flatMap(({ path }) => (path.includes('/participants') ? [path.split('?')[1]] : []));
    expect(starts).toEqual(['start=0&limit=100', 'start=2&limit=100', 'start=4&limit=100']);
  });

  it('hold nobody twice, and put the deal’s person first wherever it is listed', async () => {
    const { crm, calls } = await company((them) => Object.assign(of(them), { person_id: 2 }));
    const people = await crm.listStakeholders(deal);
    expect(people.map(({ id, isPrimary }) => [id, isPrimary])).toEqual([
      ['2', true],
      ['1', false],
      ['6', false],
    ]);
    expect(calls.filter(({ path }) => path.includes('/persons/'))).toEqual([]);
  });

  it('may be none, for which version 1 answers null', async () => {
    const { crm } = await company((them) => {
      them.participants = [];
      Object.assign(of(them), { person_id: null });
    });
    expect(await crm.listStakeholders(deal)).toEqual([]);
  });

  it('leave out the deal’s person when it is deleted', async () => {
    const { crm } = await company((them) => {
      them.persons = {};
      them.participants = them.participants.slice(1, 2);
    });
    expect((await crm.listStakeholders(deal)).map(({ id }) => id)).toEqual(['2']);
  });

  it('ask for the marketing status, and do without it where the company has none', async () => {
    const { crm } = await company((them) =>
      Object.assign(Object(them.persons['3']), { marketing_status: 'unsubscribed' }),
    );
    expect((await crm.listStakeholders(deal))[0]).toMatchObject({ id: '3', optedOut: true });

    const without = await vendorWithoutCampaigns();
    expect((await without.crm.listStakeholders(deal))[0]).toMatchObject({ id: '3', optedOut: false });
    expect(without.calls.filter(({ path }) => path.includes('/persons/')).map(({ path }) => path)).toEqual([
      '/api/v2/persons/3?include_fields=marketing_status',
      '/api/v2/persons/3',
    ]);
  });

  it('have their labels looked up once', async () => {
    const { crm, calls } = await company();
    await crm.listStakeholders(deal);
    await crm.listStakeholders(deal);
    expect(calls.filter(({ path }) => path.includes('personFields'))).toHaveLength(1);
  });

  it('have no labels when these may not be read', async () => {
    const answer = answerFrom(acme());
    const server = await loopback((call, response) =>
      call.path.includes('personFields')
        ? json(response, 403, { success: false, error: 'Scope and URL mismatch' })
        : answer(call, response),
    );
    const crm = createPipedrive({ apiToken: TOKEN, baseUrl: server.url });
    expect((await crm.listStakeholders(deal)).flatMap(({ labels }) => labels)).toEqual([]);
  });

  it('end at a limit when the pages do not', async () => {
    const server = await loopback((call, response) =>
      call.path.includes('/participants')
        ? json(response, 200, {
            success: true,
            data: [{ person: { id: 1, name: 'Again' } }],
            additional_data: { pagination: { more_items_in_collection: true, next_start: 0 } },
          })
        : json(response, 200, { success: true, data: { id: 1148, person_id: 1 } }),
    );
    const crm = createPipedrive({ apiToken: TOKEN, baseUrl: server.url });
    expect(await crm.listStakeholders(deal)).toHaveLength(1);
    expect(server.calls).toHaveLength(11);
  });
});

async function vendorWithoutCampaigns() {
  const answer = answerFrom(acme());
  const server = await loopback((call, response) =>
    call.path.includes('include_fields')
      ? json(response, 400, {
          success: false,
          error: 'Validation failed: include_fields',
          code: 'ERR_SCHEMA_VALIDATION_FAILED',
        })
      : answer(call, response),
  );
  return { ...server, crm: createPipedrive({ apiToken: TOKEN, baseUrl: server.url }) };
}
