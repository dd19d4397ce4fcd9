import { describe, expect, it, vi } from 'vitest';
import { CrmError } from '../../../crm/port.ts';
import { createSalesforce, type SalesforceOptions } from '../../../crm/salesforce/index.ts';
import { CLIENT, DEAL_ID, type Organization, organization, reply } from './salesforce/organization.ts';

const now = () => new Date('2026-11-21T10:00:00Z');

function connect(org: Organization, options: Partial<SalesforceOptions> = {}) {
  return createSalesforce({ triggerTokens: [], loginUrl: org.url, ...CLIENT, now, ...options });
}

async function acme(options: Partial<SalesforceOptions> = {}) {
  const org = await organization();
  return { org, crm: connect(org, options) };
}

async function failure(work: Promise<unknown>): Promise<CrmError> {
  const error: unknown = await work.then(
    () => 'it succeeded',
    (reason: unknown) => reason,
  );
  if (!(error instanceof CrmError)) {
    throw new Error(`not a CrmError: ${String(error)}`);
  }
  return error;
}

const isLogin = (path: string) => path === '/services/oauth2/token';

describe('an Opportunity', () => {
  it('is read with its account, its owner and its link', async () => {
    const { org, crm } = await acme();
    expect(await crm.readDeal(DEAL_ID.slice(0, 15))).toEqual({
      id: DEAL_ID,
      crm: 'salesforce',
      name: 'Acme rollout',
      account: { id: '001Hs00001AbCdEIAV', name: 'Acme' },
      isWon: true,
      stage: 'Signed',
      amount: 12_500.5,
      currency: 'EUR',
      closedAt: '2026-11-20',
      owner: { email: 'sam@vendor.example', name: 'Sam Lee', timezone: 'America/Los_Angeles' },
      url: `${org.url}/lightning/r/Opportunity/${DEAL_ID}/view`,
    });
    expect(org.calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /services/oauth2/token',
      'GET /services/data/v65.0/query',
    ]);
  });

  it('is won only when Salesforce says so, whatever its stage is called', async () => {
    const { org, crm } = await acme();
    Object.assign(org.opportunities[DEAL_ID] ?? {}, { StageName: 'Closed Won', IsWon: false });
    expect((await crm.readDeal(DEAL_ID)).isWon).toBe(false);
  });

  it('of an organization with one currency is read without it, which is found out once', async () => {
    const { org, crm } = await acme();
    org.hasCurrencies = false;
    delete org.opportunities[DEAL_ID]?.CurrencyIsoCode;
    expect(await crm.readDeal(DEAL_ID)).not.toHaveProperty('currency');
    await crm.readDeal(DEAL_ID);
    const queries = org.calls.filter(({ soql }) => soql !== '').map(({ soql }) => soql.includes('CurrencyIsoCode'));
    expect(queries).toEqual([true, false, false]);
  });

  it('without account, owner, amount and zone has what there is', async () => {
    const { org, crm } = await acme();
    const bare = { AccountId: null, Account: null, Owner: { TimeZoneSidKey: 'Mars/Base' }, Amount: null, Name: null };
    Object.assign(org.opportunities[DEAL_ID] ?? {}, bare);
    const deal = await crm.readDeal(DEAL_ID);
    const name = `Opportunity ${DEAL_ID}`;
    expect(deal).toMatchObject({ name, account: { id: `deal-${DEAL_ID}`, name } });
    expect(deal).not.toHaveProperty('owner');
    expect(deal).not.toHaveProperty('amount');
    Object.assign(org.opportunities[DEAL_ID] ?? {}, { Owner: { Email: 'a@b.example', TimeZoneSidKey: 'Mars/Base' } });
    expect((await crm.readDeal(DEAL_ID)).owner).toEqual({ email: 'a@b.example' });
  });

  it('that is not there, or has no id of Salesforce, is not found; the latter is never asked for', async () => {
    const { org, crm } = await acme();
    expect(await failure(crm.readDeal('006Hs00001AbCdF'))).toMatchObject({ code: 'not_found', retryable: false });
    const asked = org.calls.length;
    for (const id of ["006' OR Id != '", '123', '', `${DEAL_ID}/../Task`, "006Hs00001AbCd'"]) {
      expect(await failure(crm.readDeal(id))).toMatchObject({ code: 'not_found' });
      expect(await failure(crm.writeBack(id, { note: 'x', marker: 'm' }))).toMatchObject({ code: 'not_found' });
    }
    expect(org.calls).toHaveLength(asked);
  });
});

describe('the contacts of an Opportunity', () => {
  const role = (id: string, extra: object = {}) => ({
    ContactId: id,
    Role: null,
    IsPrimary: false,
    Contact: { Name: `Name ${id}`, Email: `${id}@Acme.example`, HasOptedOutOfEmail: false },
    ...extra,
  });
  const deal = { id: DEAL_ID, crm: 'salesforce' as const, name: 'a', account: { id: 'a', name: 'a' }, isWon: true };

  it('have roles as labels, come once, and keep who opted out', async () => {
    const { org, crm } = await acme();
    org.roles = [
      role('003a', { Role: 'Decision Maker', IsPrimary: true }),
      role('003b', { Contact: { Name: 'Jo', Email: null, HasOptedOutOfEmail: true } }),
      role('003a', { Role: 'Executive Sponsor' }),
      role('003c', { Contact: null }),
    ];
    expect(await crm.listStakeholders(deal)).toEqual([
      {
        id: '003a',
        email: '003a@acme.example',
        name: 'Name 003a',
        labels: ['Decision Maker', 'Executive Sponsor'],
        isPrimary: true,
        optedOut: false,
      },
      { id: '003b', name: 'Jo', labels: [], isPrimary: false, optedOut: true },
      { id: '003c', labels: [], isPrimary: false, optedOut: false },
    ]);
  });

  it('are read page by page', async () => {
    const { org, crm } = await acme();
    org.pageSize = 2;
    org.roles = Array.from({ length: 5 }, (_, index) => role(`003${index}`));
    expect(await crm.listStakeholders(deal)).toHaveLength(5);
    expect(org.calls.filter(({ path }) => path.includes('/query'))).toHaveLength(3);
  });

  it('never send the token where a page’s address leads elsewhere', async () => {
    const { org, crm } = await acme();
    org.intercept = ({ path }, response) =>
      path.includes('/query') &&
      reply(response, 200, { records: [], done: false, nextRecordsUrl: 'https://attacker.example/x' });
    expect(await failure(crm.listStakeholders(deal))).toMatchObject({ code: 'malformed_answer' });
  });
});

describe('a write to Salesforce', () => {
  it('puts the status and the properties on the Opportunity', async () => {
    const { org, crm } = await acme();
    const result = await crm.writeBack(DEAL_ID, { status: 'Scheduled', properties: { A__c: 'b' }, marker: 'm' });
    expect(org.opportunities[DEAL_ID]).toMatchObject({ Kickoff_Status__c: 'Scheduled', A__c: 'b' });
    expect(org.calls.filter(({ path }) => !isLogin(path))).toHaveLength(1);
    expect(result).toEqual({ url: `${org.url}/lightning/r/Opportunity/${DEAL_ID}/view` });
    await connect(org, { statusField: 'Onboarding__c' }).writeBack(DEAL_ID, { status: 'Done', marker: 'm' });
    expect(org.opportunities[DEAL_ID]).toMatchObject({ Onboarding__c: 'Done' });
  });

  it('makes of a note a completed Task, and of a task an open one of the deal’s owner, due on the owner’s day', async () => {
    const { org, crm } = await acme();
    const task = { subject: 'Call Jamie', body: 'about the agenda', dueAt: '2026-11-24T02:00:00Z' };
    const result = await crm.writeBack(DEAL_ID, { note: 'Booked', task, marker: 'kickoff/note' });
    expect(org.tasks).toEqual([
      {
        Id: result.noteId,
        Subject: 'Kickoff note',
        Status: 'Completed',
        ActivityDate: '2026-11-21',
        WhatId: DEAL_ID,
        Description: expect.stringMatching(/^Booked\n\nRef: kickoff-[0-9a-f]{16}$/),
      },
      {
        Id: result.taskId,
        Subject: 'Call Jamie',
        Status: 'Not Started',
        ActivityDate: '2026-11-23',
        WhatId: DEAL_ID,
        OwnerId: '005Hs00001AbCdEIAV',
        Description: expect.stringMatching(/^about the agenda\n\nRef: kickoff-[0-9a-f]{16}$/),
      },
    ]);
  });

  it('gives no task to an owner who has left, keeps plain dates, and refuses what is none', async () => {
    const { org, crm } = await acme();
    Object.assign(org.opportunities[DEAL_ID] ?? {}, { Owner: { IsActive: false, TimeZoneSidKey: 'Mars/Base' } });
    await crm.writeBack(DEAL_ID, { task: { subject: 'x'.repeat(300), dueAt: '2026-11-24' }, marker: 'm' });
    expect(org.tasks[0]).toMatchObject({ ActivityDate: '2026-11-24', Subject: 'x'.repeat(255) });
    expect(org.tasks[0]).not.toHaveProperty('OwnerId');
    const wrong = crm.writeBack(DEAL_ID, { task: { subject: 'x', dueAt: 'soon' }, marker: 'n' });
    expect(await failure(wrong)).toMatchObject({ code: 'refused' });
  });

  it('that is repeated with its marker makes nothing twice; with another marker it does', async () => {
    const { org, crm } = await acme();
    const write = { note: 'Booked', task: { subject: 'Kickoff note' }, marker: 'one' };
    const first = await crm.writeBack(DEAL_ID, write);
    expect(first.noteId).not.toBe(first.taskId);
    expect(await crm.writeBack(DEAL_ID, write)).toEqual(first);
    expect(org.tasks).toHaveLength(2);
    await crm.writeBack(DEAL_ID, { ...write, marker: 'two' });
    expect(org.tasks).toHaveLength(4);
  });

  it('finds its earlier note behind the first page', async () => {
    const { org, crm } = await acme();
    const { noteId } = await crm.writeBack(DEAL_ID, { note: 'Booked', marker: 'one' });
    org.tasks.push(...Array.from({ length: 5 }, (_, n) => ({ Id: `t${n}`, WhatId: DEAL_ID, Description: null })));
    org.pageSize = 2;
    expect(await crm.writeBack(DEAL_ID, { note: 'Booked', marker: 'one' })).toMatchObject({ noteId });
  });

  it('whose answer was lost finds what it made', async () => {
    const { org, crm } = await acme();
    let isLost = true;
    org.intercept = ({ path, text }, response) => {
      if (!isLost || !path.endsWith('/sobjects/Task')) {
        return false;
      }
      isLost = false;
      org.tasks.push({ Id: '00THs00000000099', ...JSON.parse(text) });
      response.destroy();
      return true;
    };
    const write = { note: 'Booked', marker: 'one' };
    expect(await failure(crm.writeBack(DEAL_ID, write))).toMatchObject({ code: 'unavailable', retryable: true });
    expect(await crm.writeBack(DEAL_ID, write)).toMatchObject({ noteId: '00THs00000000099' });
    expect(org.tasks).toHaveLength(1);
  });

  it('that the organization refuses says so in Salesforce’s words', async () => {
    const { org, crm } = await acme();
    org.intercept = ({ method }, response) =>
      method === 'PATCH' &&
      reply(response, 400, [
        { message: 'A rollout needs a region', errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', fields: ['Region__c'] },
        { message: 'Stage is closed', errorCode: 'FIELD_INTEGRITY_EXCEPTION', fields: [] },
      ]);
    const error = await failure(crm.writeBack(DEAL_ID, { status: 'x', marker: 'm' }));
    expect(error).toMatchObject({ code: 'refused', retryable: false });
    expect(error.message).toContain('FIELD_CUSTOM_VALIDATION_EXCEPTION: A rollout needs a region');
    expect(error.message).toContain('FIELD_INTEGRITY_EXCEPTION: Stage is closed');
  });

  it('to a deal that was deleted is not found', async () => {
    const { org, crm } = await acme();
    delete org.opportunities[DEAL_ID];
    expect(await failure(crm.writeBack(DEAL_ID, { status: 'x', marker: 'm' }))).toMatchObject({ code: 'not_found' });
  });
});

describe('the login at Salesforce', () => {
  it('is one for all calls, also for those that come at the same time', async () => {
    const { org, crm } = await acme();
    await Promise.all(Array.from({ length: 10 }, () => crm.readDeal(DEAL_ID)));
    await crm.readDeal(DEAL_ID);
    expect(org.logins).toBe(1);
  });

  it('is renewed once when the session has ended, and the call is made again', async () => {
    const { org, crm } = await acme();
    await crm.readDeal(DEAL_ID);
    org.tokens.clear();
    const deals = await Promise.all(Array.from({ length: 5 }, () => crm.readDeal(DEAL_ID)));
    expect(deals).toHaveLength(5);
    expect(org.logins).toBe(2);
  });

  it('is renewed in the middle of a write, which is made once', async () => {
    const { org, crm } = await acme();
    org.intercept = ({ path }) => {
      if (path.endsWith('/sobjects/Task') && org.logins === 1) {
        org.tokens.clear();
      }
      return false;
    };
    await crm.writeBack(DEAL_ID, { note: 'Booked', marker: 'm' });
    expect(org.tasks).toHaveLength(1);
    expect(org.logins).toBe(2);
  });

  it('is not renewed without end when new sessions are refused too', async () => {
    const { org, crm } = await acme();
    const refusal = [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }];
    org.intercept = ({ path }, response) => !isLogin(path) && reply(response, 401, refusal);
    expect(await failure(crm.readDeal(DEAL_ID))).toMatchObject({ code: 'unauthorized', retryable: false });
    expect(org.logins).toBe(2);
    expect(org.calls).toHaveLength(4);
  });

  it('with wrong credentials says what to check and keeps the secret; the next call tries again', async () => {
    const { org } = await acme();
    const clientSecret = 'another-secret';
    const crm = connect(org, { clientSecret });
    org.intercept = ({ text }, response) =>
      org.calls.length === 1 && reply(response, 400, { error: 'invalid_client', error_description: `bad ${text}` });
    const error = await failure(crm.readDeal(DEAL_ID));
    expect(error).toMatchObject({ code: 'unauthorized', retryable: false });
    expect(error.message).toContain('invalid_client');
    expect(error.message).not.toContain(clientSecret);
    expect((await failure(crm.readDeal(DEAL_ID))).message).toContain('invalid client credentials');
  });

  it.each([
    [400, { error: 'invalid_grant', error_description: 'no client credentials user enabled' }, 'unauthorized'],
    [400, { error: 'invalid_grant', error_description: 'login rate exceeded' }, 'rate_limited'],
    [503, '<html>', 'unavailable'],
    [200, { token_type: 'Bearer' }, 'malformed_answer'],
    [200, { access_token: 'x', instance_url: 'javascript:alert(1)' }, 'malformed_answer'],
    [200, 'null', 'malformed_answer'],
    [302, {}, 'configuration'],
  ])('answered with %i %j is %s', async (status, body, code) => {
    const { org, crm } = await acme();
    org.intercept = (_call, response) => reply(response, status, body, { location: 'http://127.0.0.1:1/' });
    expect(await failure(crm.readDeal(DEAL_ID))).toMatchObject({ code });
  });

  it('for want of credentials is a matter of configuration, and calls nobody', async () => {
    const { org } = await acme();
    for (const missing of [{ clientId: undefined }, { clientSecret: '' }]) {
      expect(await failure(connect(org, missing).readDeal(DEAL_ID))).toMatchObject({ code: 'configuration' });
    }
    expect(org.calls).toEqual([]);
  });
});

describe('a call to Salesforce that fails', () => {
  it.each([
    [403, 'REQUEST_LIMIT_EXCEEDED', 'rate_limited', true],
    [403, 'API_DISABLED_FOR_ORG', 'unauthorized', false],
    [403, 'INSUFFICIENT_ACCESS', 'unauthorized', false],
    [404, 'NOT_FOUND', 'not_found', false],
    [400, 'MALFORMED_QUERY', 'refused', false],
    [400, 'INVALID_FIELD', 'refused', false],
    [400, 'UNABLE_TO_LOCK_ROW', 'unavailable', true],
    [400, 'QUERY_TIMEOUT', 'unavailable', true],
    [420, 'UNKNOWN', 'unavailable', true],
    [429, 'TOO_MANY', 'rate_limited', true],
    [500, 'UNKNOWN_EXCEPTION', 'unavailable', true],
    [503, 'SERVER_UNAVAILABLE', 'unavailable', true],
  ])('with %i %s is %s, and is not repeated here', async (status, errorCode, code, retryable) => {
    const { org, crm } = await acme();
    org.intercept = ({ path }, response) =>
      !isLogin(path) && reply(response, status, [{ errorCode, message: 'in its words' }], { 'retry-after': '7' });
    const error = await failure(crm.readDeal(DEAL_ID));
    expect(error).toMatchObject({ code, retryable, retryAfterMs: 7_000 });
    expect(error.message).toContain(`${status}`);
    expect(error.message).toContain(`${errorCode}: in its words`);
    expect(error.message).not.toMatch(/token-1|very-secret/);
    expect(org.calls).toHaveLength(2);
  });

  it('with a page of a proxy is unavailable, and the page is not quoted', async () => {
    const { org, crm } = await acme();
    org.intercept = ({ path }, response) => {
      if (!isLogin(path)) {
        response.writeHead(502, { 'content-type': 'text/html' }).end('<html>gateway</html>');
      }
      return !isLogin(path);
    };
    const error = await failure(crm.readDeal(DEAL_ID));
    expect(error.code).toBe('unavailable');
    expect(error.message).not.toContain('<html>');
  });

  it.each([
    ['something else than JSON', '<html>'],
    ['other JSON', '{"records":[{"Id":1}]}'],
    ['too much of it', `{"records":[],"more":"${'x'.repeat(5 * 1024 * 1024)}"}`],
  ])('by answering with %s is a malformed answer', async (_what, body) => {
    const { org, crm } = await acme();
    org.intercept = ({ path }, response) => {
      if (!isLogin(path)) {
        response.writeHead(200, { 'content-type': 'application/json' }).end(body);
      }
      return !isLogin(path);
    };
    expect(await failure(crm.readDeal(DEAL_ID))).toMatchObject({ code: 'malformed_answer', retryable: false });
  });

  it('by a redirect is not followed with the token', async () => {
    const { org, crm } = await acme();
    const elsewhere = await organization();
    org.intercept = ({ path }, response) => !isLogin(path) && reply(response, 302, {}, { location: elsewhere.url });
    expect(await failure(crm.readDeal(DEAL_ID))).toMatchObject({ code: 'configuration' });
    expect(elsewhere.calls).toEqual([]);
  });

  it.each([
    ['login', (path: string) => isLogin(path)],
    ['query', (path: string) => !isLogin(path)],
  ])('by not answering the %s in time, in part or at all, is unavailable', async (_what, matches) => {
    const { org } = await acme();
    org.intercept = ({ path }) => matches(path);
    const late = await failure(connect(org, { timeoutMs: 60 }).readDeal(DEAL_ID));
    expect(late).toMatchObject({ code: 'unavailable', retryable: true });
    expect(late.message).toContain('60 ms');
    org.intercept = ({ path }, response) => matches(path) && response.writeHead(200).write('{"re');
    const stalled = await failure(connect(org, { timeoutMs: 60 }).readDeal(DEAL_ID));
    expect(stalled).toMatchObject({ code: 'unavailable' });
    org.intercept = ({ path }, response) => matches(path) && response.destroy() !== undefined;
    expect(await failure(connect(org).readDeal(DEAL_ID))).toMatchObject({ code: 'unavailable' });
  });

  it('because nobody is there is unavailable', async () => {
    const crm = createSalesforce({ triggerTokens: [], loginUrl: 'http://127.0.0.1:1', ...CLIENT });
    expect(await failure(crm.readDeal(DEAL_ID))).toMatchObject({ code: 'unavailable' });
  });

  it('ends when the caller gives up, before, while and after logging in; the login goes on for the others', async () => {
    const { org, crm } = await acme();
    const before = await failure(crm.readDeal(DEAL_ID, AbortSignal.abort()));
    expect(before).toMatchObject({ code: 'unavailable' });
    let release: (() => void) | undefined;
    org.intercept = ({ path }, response) => {
      if (!isLogin(path) || org.logins > 0) {
        return false;
      }
      release = () => {
        org.intercept = () => false;
        org.logins += 1;
        org.tokens.add('late');
        reply(response, 200, { access_token: 'late', instance_url: org.url, id: 'a/b' });
      };
      return true;
    };
    const other = connect(org);
    org.logins = 0;
    const controller = new AbortController();
    const impatient = failure(other.readDeal(DEAL_ID, controller.signal));
    const patient = other.readDeal(DEAL_ID);
    // Not before: a login that has not arrived cannot be answered.
    await vi.waitFor(() => expect(release).toBeDefined());
    controller.abort();
    expect(await impatient).toMatchObject({ code: 'unavailable' });
    release?.();
    expect(await patient).toMatchObject({ id: DEAL_ID });
    org.intercept = () => true;
    expect(await failure(other.readDeal(DEAL_ID, AbortSignal.timeout(30)))).toMatchObject({ code: 'unavailable' });
  });
});
