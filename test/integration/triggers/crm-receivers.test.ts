import { expect, it } from 'vitest';
import { createCrms } from '../../../crm/index.ts';
import { eachDatabase } from '../../harness/databases.ts';
import { receivers, send } from './stack.ts';

const TOKEN = 'a-long-random-end-of-the-address';
const crms = createCrms({
  salesforce: { triggerTokens: [TOKEN], organizationId: '00D000000000062EAA' },
  pipedrive: { webhookUser: 'kickoff', webhookPassword: 'a:pass' },
});

const xml = { 'content-type': 'text/xml; charset=utf-8' };
const outboundMessage = (notifications: string, organization = '00D000000000062EAA') =>
  `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body>
  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">
   <OrganizationId>${organization}</OrganizationId>
   <ActionId>04k000000000001AAA</ActionId>
   <SessionId xsi:nil="true"/>
   ${notifications}
  </notifications>
 </soapenv:Body>
</soapenv:Envelope>`;
const notification = (id: string, opportunity: string) =>
  `<Notification><Id>${id}</Id><sObject xsi:type="sf:Opportunity" xmlns:sf="urn:sobject.enterprise.soap.sforce.com"><sf:Id>${opportunity}</sf:Id><sf:StageName>Closed Won</sf:StageName></sObject></Notification>`;
const TWO = outboundMessage(
  notification('04l000000000001AAA', '006000000000001AAA') + notification('04l000000000002AAA', '006000000000002AAA'),
);

const basic = (user: string) => ({
  'content-type': 'application/json',
  authorization: `Basic ${Buffer.from(user).toString('base64')}`,
});
const WON = {
  meta: {
    action: 'change',
    entity: 'deal',
    entity_id: '42',
    id: 'e3b0c442-0000-4000-8000-000000000001',
    attempt: 1,
    version: '2.0',
    timestamp: '2026-11-20T16:00:00.000Z',
    company_id: '7',
  },
  data: { id: 42, status: 'won', stage_id: 5 },
  previous: { status: 'open' },
};

eachDatabase('the receivers of other CRMs', (open) => {
  it('store each notification of a Salesforce message and acknowledge it in SOAP', async () => {
    const server = await receivers(await open(), { crms });
    const url = `${server.url}/triggers/salesforce/${TOKEN}`;
    const answer = await send(url, { headers: xml, body: TWO });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('text/xml');
    expect(answer.body).toMatch(/<Ack>true<\/Ack>/);
    await send(url, { headers: xml, body: TWO });
    expect(await server.inbox()).toMatchObject([
      { source: 'salesforce', subject: '006000000000001AAA', status: 'pending', payload: { crm: 'salesforce' } },
      { source: 'salesforce', subject: '006000000000002AAA', status: 'pending' },
    ]);
    expect(server.logged()).not.toContain(TOKEN);
  });

  it.each([
    ['another address', 'guessed', TWO, 401],
    [
      'another organization',
      TOKEN,
      outboundMessage(notification('04l000000000001AAA', '006000000000001AAA'), '00D000000000099EAA'),
      401,
    ],
    ['an entity', TOKEN, `<!DOCTYPE x [<!ENTITY y "z">]>${TWO}`, 400],
    ['no XML', TOKEN, 'won!', 400],
  ])('refuse a Salesforce message with %s and store nothing', async (_what, token, body, status) => {
    const server = await receivers(await open(), { crms });
    const answer = await send(`${server.url}/triggers/salesforce/${token}`, { headers: xml, body });
    expect(answer.status).toBe(status);
    expect(await server.inbox()).toEqual([]);
  });

  it('store a Pipedrive deal that was won, once however often it is sent, and its later edits as ignored', async () => {
    const server = await receivers(await open(), { crms });
    const url = `${server.url}/triggers/pipedrive`;
    const deliver = (event: object) => send(url, { headers: basic('kickoff:a:pass'), body: JSON.stringify(event) });
    expect(await deliver(WON)).toMatchObject({ status: 200, body: { received: true, events: 1, duplicates: 0 } });
    expect(await deliver({ ...WON, meta: { ...WON.meta, attempt: 2 } })).toMatchObject({ body: { duplicates: 1 } });
    await deliver({ ...WON, meta: { ...WON.meta, id: 'another' }, previous: { title: 'before' } });
    expect(await server.inbox()).toMatchObject([
      { source: 'pipedrive', subject: '42', status: 'pending' },
      { source: 'pipedrive', subject: '42', status: 'ignored' },
    ]);
  });

  it('refuse a Pipedrive webhook without the right user and password', async () => {
    const server = await receivers(await open(), { crms });
    const url = `${server.url}/triggers/pipedrive`;
    const statuses = [
      await send(url, { headers: basic('kickoff:wrong'), body: JSON.stringify(WON) }),
      await send(url, { headers: { 'content-type': 'application/json' }, body: JSON.stringify(WON) }),
    ].map(({ status }) => status);
    expect(statuses).toEqual([401, 401]);
    expect(await server.inbox()).toEqual([]);
  });

  it.each(['/triggers/salesforce/x', '/triggers/pipedrive'])(
    'say what to set when %s is not configured',
    async (path) => {
      const server = await receivers(await open());
      const answer = await send(`${server.url}${path}`, { body: '{}' });
      expect(answer.status).toBe(503);
      expect(JSON.stringify(answer.body)).toMatch(/SALESFORCE_TRIGGER_TOKENS|PIPEDRIVE_WEBHOOK_USER/);
    },
  );
});
