import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hubspotSignatureHeaders } from '../../../sandbox/crm/signature.ts';
import { ACME_DEAL_ID, acmeDeal } from '../../../sandbox/index.ts';
import { receiver, running } from './running.ts';

const DEAL = `/objects/2026-03/0-3/${ACME_DEAL_ID}`;
const ASSOCIATIONS = `/objects/2026-03/deals/${ACME_DEAL_ID}/associations`;

describe('the CRM behind HubSpot’s paths', () => {
  it('has the Acme deal, not yet won, with its owner and company', async () => {
    const sandbox = await running();
    const { body } = await sandbox.crm(
      `GET ${DEAL}?properties=dealname,dealstage,pipeline,amount,hubspot_owner_id,hs_is_closed_won,nothing`,
    );
    expect(body).toMatchObject({
      id: ACME_DEAL_ID,
      properties: {
        dealname: 'Acme Corp – Enterprise, 12 months',
        dealstage: 'contractsent',
        amount: '148000',
        hubspot_owner_id: '71001',
        hs_is_closed_won: 'false',
        nothing: null,
      },
      archived: false,
    });
    expect((await sandbox.crm('GET /owners/2026-03/71001')).body).toMatchObject({
      email: 'jordan.lee@yourcompany.example',
      firstName: 'Jordan',
      lastName: 'Lee',
    });
    const companies = (await sandbox.crm(`GET ${ASSOCIATIONS}/companies`)).body.results;
    expect(companies).toMatchObject([{ toObjectId: 9087654321, associationTypes: [{ label: 'Primary' }] }]);
    const company = await sandbox.crm('GET /objects/2026-03/companies/9087654321?properties=name');
    expect(company.body).toMatchObject({ properties: { name: 'Acme Corp' } });
  });

  it('gives the contacts with labels, zones and who has opted out', async () => {
    const sandbox = await running();
    const { results } = (await sandbox.crm(`GET ${ASSOCIATIONS}/contacts?limit=500`)).body;
    expect(results).toMatchObject([
      {
        toObjectId: 30101,
        associationTypes: [
          { typeId: 3, label: null },
          { category: 'USER_DEFINED', label: 'Project lead' },
        ],
      },
      { toObjectId: 30102 },
      { toObjectId: 30103 },
      { toObjectId: 30104 },
    ]);
    const { status, body } = await sandbox.crm('POST /objects/2026-03/contacts/batch/read', {
      properties: ['email', 'hs_timezone', 'hs_email_optout'],
      inputs: [{ id: '30101' }, { id: '30104' }, { id: '999' }],
    });
    expect(status).toBe(207);
    expect(body).toMatchObject({
      status: 'COMPLETE',
      results: [
        {
          properties: {
            email: 'jamie.chen@acme-corp.example',
            hs_timezone: 'us_slash_eastern',
            hs_email_optout: 'false',
          },
        },
        { properties: { email: 'sam.rivera@acme-corp.example', hs_email_optout: 'true' } },
      ],
      numErrors: 1,
      errors: [{ category: 'OBJECT_NOT_FOUND', context: { ids: ['999'] } }],
    });
  });

  it('pages associations', async () => {
    const sandbox = await running();
    const first = (await sandbox.crm(`GET ${ASSOCIATIONS}/contacts?limit=3`)).body;
    expect(first).toMatchObject({ results: [{}, {}, {}], paging: { next: { after: '3' } } });
    const rest = (await sandbox.crm(`GET ${ASSOCIATIONS}/contacts?limit=3&after=3`)).body;
    expect(rest).toEqual({ results: [expect.objectContaining({ toObjectId: 30104 })] });
  });

  it('takes properties, notes and tasks, and shows them by association and to the control', async () => {
    const sandbox = await running();
    expect(
      (await sandbox.crm(`PATCH ${DEAL}`, { properties: { kickoff_status: 'Scheduling in Progress' } })).status,
    ).toBe(200);
    const associations = (typeId: number) => [
      { to: { id: ACME_DEAL_ID }, types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: typeId }] },
    ];
    const hs_timestamp = '2026-02-10T14:00:00.000Z';
    const note = await sandbox.crm('POST /objects/2026-03/notes', {
      properties: { hs_timestamp, hs_note_body: 'Asked for a date' },
      associations: associations(214),
    });
    const task = await sandbox.crm('POST /objects/2026-03/tasks', {
      properties: { hs_timestamp, hs_task_subject: 'Call Jamie' },
      associations: associations(216),
    });
    expect([note.status, task.status]).toEqual([201, 201]);
    for (const [kind, made, text] of [
      ['notes', note, { hs_note_body: 'Asked for a date' }],
      ['tasks', task, { hs_task_subject: 'Call Jamie' }],
    ] as const) {
      const { results } = (await sandbox.crm(`GET ${ASSOCIATIONS}/${kind}`)).body;
      expect(results).toMatchObject([{ toObjectId: Number(made.body.id) }]);
      const read = await sandbox.crm(`POST /objects/2026-03/${kind}/batch/read`, {
        properties: Object.keys(text),
        inputs: [{ id: made.body.id }],
      });
      expect(read.body).toMatchObject({ results: [{ properties: text }] });
    }
    expect((await sandbox.control(`GET /crm/deals/${ACME_DEAL_ID}`)).body).toMatchObject({
      properties: { kickoff_status: 'Scheduling in Progress' },
      notes: [{ properties: { hs_note_body: 'Asked for a date' } }],
      tasks: [{ properties: { hs_task_subject: 'Call Jamie' } }],
      history: [{ property: 'kickoff_status', from: null, to: 'Scheduling in Progress', source: 'api' }],
    });
    expect(sandbox.events.filter((event) => event.type === 'crm').map(({ action }) => action)).toEqual([
      'properties',
      'note',
      'task',
    ]);
  });

  it.each([
    ['an unknown deal', 'GET /objects/2026-03/0-3/1', undefined, 404, 'OBJECT_NOT_FOUND'],
    ['a deal that is no id', 'GET /objects/2026-03/0-3/__proto__', undefined, 404, 'OBJECT_NOT_FOUND'],
    ['an unknown owner', 'GET /owners/2026-03/1', undefined, 404, 'OBJECT_NOT_FOUND'],
    ['another version', 'GET /objects/2025-09/0-3/1', undefined, 404, 'OBJECT_NOT_FOUND'],
    ['a computed property', `PATCH ${DEAL}`, { properties: { hs_is_closed_won: 'true' } }, 400, 'VALIDATION_ERROR'],
    ['no properties', `PATCH ${DEAL}`, {}, 400, 'VALIDATION_ERROR'],
    [
      'a note without a time',
      'POST /objects/2026-03/notes',
      { properties: { hs_note_body: 'x' } },
      400,
      'VALIDATION_ERROR',
    ],
    [
      'a task associated as a note',
      'POST /objects/2026-03/tasks',
      {
        properties: { hs_timestamp: '1' },
        associations: [
          { to: { id: ACME_DEAL_ID }, types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 214 }] },
        ],
      },
      400,
      'VALIDATION_ERROR',
    ],
  ])('refuses %s in HubSpot’s words', async (_name, route, sent, status, category) => {
    const sandbox = await running();
    const answer = await sandbox.crm(route, sent);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({
      status: 'error',
      category,
      message: expect.any(String),
      correlationId: expect.any(String),
    });
  });

  it('asks for its token', async () => {
    const sandbox = await running();
    const answer = await sandbox.crm(`GET ${DEAL}`, undefined, 'another');
    expect([answer.status, answer.body.category]).toEqual([401, 'INVALID_AUTHENTICATION']);
  });
});

describe('the CRM’s webhook', () => {
  it('signs as HubSpot’s published vector does', () => {
    const secret = 'yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy';
    const body = "{'example_field':'example_value'}";
    const signed = hubspotSignatureHeaders('POST', 'https://www.example.com/webhook_uri', body, secret, 15_000_000);
    expect(signed['x-hubspot-signature-v3']).toBe('HPW73RUtKmcYoEDADG0s6MmGFWUzWJKAW07r8RDgcQw=');
    expect(hubspotSignatureHeaders('POST', 'https://a.example/x?y=%3Fz', '', secret, 1)).toEqual(
      hubspotSignatureHeaders('POST', 'https://a.example/x?y=?z', '', secret, 1),
    );
  });

  it('tells the documented array when a deal is closed, and the deal is won', async () => {
    const hook = await receiver(204);
    const url = `${hook.url}/triggers/hubspot`;
    const sandbox = await running({ hubspot: { clientSecret: 'client secret', webhookUrl: url } });
    const { body } = await sandbox.control(`POST /crm/deals/${ACME_DEAL_ID}/close`);
    expect(body.sent).toEqual([{ status: 204 }]);
    expect(hook.received).toHaveLength(1);
    const [delivery] = hook.received;
    const timestamp = String(delivery?.headers['x-hubspot-request-timestamp']);
    expect(Math.abs(Number(timestamp) - Date.now())).toBeLessThan(5000);
    const expected = createHmac('sha256', 'client secret')
      .update(`POST${url}${delivery?.raw}${timestamp}`)
      .digest('base64');
    expect(delivery?.headers['x-hubspot-signature-v3']).toBe(expected);
    expect(JSON.parse(delivery?.raw ?? '')).toEqual([
      {
        eventId: expect.any(Number),
        subscriptionId: expect.any(Number),
        portalId: expect.any(Number),
        appId: expect.any(Number),
        occurredAt: Date.parse('2026-02-10T14:00:00Z'),
        subscriptionType: 'deal.propertyChange',
        attemptNumber: 0,
        objectId: Number(ACME_DEAL_ID),
        propertyName: 'dealstage',
        propertyValue: 'closedwon',
        changeSource: 'CRM_UI',
        sourceId: expect.any(String),
      },
    ]);
    const deal = await sandbox.crm(`GET ${DEAL}?properties=dealstage,hs_is_closed_won,closedate`);
    expect(deal.body).toMatchObject({
      properties: { dealstage: 'closedwon', hs_is_closed_won: 'true', closedate: '2026-02-10T14:00:00.000Z' },
    });
  });

  it('repeats, batches and speaks the newer form when asked to', async () => {
    const hook = await receiver(200);
    const sandbox = await running();
    await sandbox.control('POST /crm/webhook', { url: hook.url });
    await sandbox.control(`POST /crm/deals/${ACME_DEAL_ID}/close`, { repeat: 3, others: 99, form: 'object' });
    expect(hook.received).toHaveLength(3);
    expect(new Set(hook.received.map(({ raw }) => raw)).size).toBe(1);
    const events: Record<string, unknown>[] = JSON.parse(hook.received[0]?.raw ?? '');
    expect(events).toHaveLength(100);
    const ours = events.filter(
      ({ objectId, propertyName }) => objectId === Number(ACME_DEAL_ID) && propertyName === 'dealstage',
    );
    expect(ours).toMatchObject([{ subscriptionType: 'object.propertyChange', objectTypeId: '0-3' }]);
    expect(events.indexOf(ours[0] ?? {})).toBe(49);
  });

  it('is tried again later when it is not taken, with its attempt’s number', async () => {
    const hook = await receiver(500, 503, 200);
    const sandbox = await running({ hubspot: { webhookUrl: hook.url } });
    await sandbox.control(`POST /crm/deals/${ACME_DEAL_ID}/close`);
    await sandbox.advance('1d');
    expect(hook.received.map(({ raw }) => JSON.parse(raw)[0].attemptNumber)).toEqual([0, 1, 2]);
  });

  it('gives up after ten more attempts within a day', async () => {
    const hook = await receiver(500);
    const sandbox = await running({ hubspot: { webhookUrl: hook.url } });
    await sandbox.control(`POST /crm/deals/${ACME_DEAL_ID}/close`);
    await sandbox.advance('3d');
    expect(hook.received).toHaveLength(11);
    const last = sandbox.events.filter((event) => event.type === 'crm_webhook').at(-1);
    expect(Date.parse(last?.at ?? '') - Date.parse('2026-02-10T14:00:00Z')).toBeLessThan(86_400_000);
  });

  it('also tells a stage that a program has written, and keeps quiet when asked to', async () => {
    const hook = await receiver(200);
    const sandbox = await running({ hubspot: { webhookUrl: hook.url } });
    await sandbox.control(`POST /crm/deals/${ACME_DEAL_ID}/close`, { notify: false });
    await sandbox.crm(`PATCH ${DEAL}`, { properties: { kickoff_status: 'x' } });
    await sandbox.advance('1s');
    expect(hook.received).toHaveLength(0);
    await sandbox.crm(`PATCH ${DEAL}`, { properties: { dealstage: 'closedlost' } });
    await sandbox.advance('1s');
    expect(JSON.parse(hook.received[0]?.raw ?? '')).toMatchObject([
      { propertyValue: 'closedlost', changeSource: 'INTEGRATION' },
    ]);
    expect((await sandbox.control(`GET /crm/deals/${ACME_DEAL_ID}`)).body).toMatchObject({
      properties: { hs_is_closed: 'true', hs_is_closed_won: 'false' },
    });
  });

  it('takes further deals, and refuses what is none', async () => {
    const sandbox = await running();
    const { id: _id, ...deal } = acmeDeal;
    expect(
      (await sandbox.control('PUT /crm/deals/6000000001', { ...deal, properties: { dealname: 'Beta' } })).status,
    ).toBe(200);
    const read = await sandbox.crm('GET /objects/2026-03/0-3/6000000001');
    expect(read.body).toMatchObject({ properties: { dealname: 'Beta' } });
    for (const [id, body] of [
      ['acme', {}],
      ['0', {}],
      ['6000000002', { owner: 'Jordan' }],
      ['6000000002', { colour: 'red' }],
    ]) {
      expect((await sandbox.control(`PUT /crm/deals/${String(id)}`, body)).status).toBe(400);
    }
    expect((await sandbox.control('POST /crm/deals/6000000002/close')).status).toBe(404);
  });
});
