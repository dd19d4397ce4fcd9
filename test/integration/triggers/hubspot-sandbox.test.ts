import pino from 'pino';
import { Registry } from 'prom-client';
import { expect, it, onTestFinished } from 'vitest';
import { createCrms } from '../../../crm/index.ts';
import { type Database, listInbox } from '../../../database/index.ts';
import { ACME_DEAL_ID, startSandbox } from '../../../sandbox/index.ts';
import { freePort } from '../../../temporal/free-port.ts';
import { createRelay, createTriggerServer, listen, type StartKickoff } from '../../../triggers/index.ts';
import { eachDatabase } from '../../harness/databases.ts';
import { send } from './stack.ts';

/** The sandbox's CRM, the receivers and the relay, all over HTTP; only Temporal is not there. */
async function hubspotStack(database: Database) {
  // The public address is part of what HubSpot signs: it must be known before anything is up.
  const port = await freePort('127.0.0.1');
  const publicUrl = `http://127.0.0.1:${port}`;
  const sandbox = await startSandbox({ seed: 'hubspot', hubspot: { webhookUrl: `${publicUrl}/triggers/hubspot` } });
  onTestFinished(() => sandbox.close());
  const crms = createCrms({ hubspot: { ...sandbox.hubspot, baseUrl: sandbox.hubspotBaseUrl, publicUrl } });
  const started: Parameters<StartKickoff>[0][] = [];
  const shared = { database, crms, logger: pino({ level: 'silent' }), metrics: new Registry() };
  const relay = createRelay({
    ...shared,
    client: {
      connection: { withDeadline: (_deadline, work) => work() },
      workflow: {
        getHandle: () => ({
          signal: () => Promise.reject(new Error('nothing is to be signalled')),
          query: () => Promise.reject(new Error('nothing is to be asked')),
        }),
      },
    },
    startKickoff: async (input) => {
      const isFirst = started.push(input) === 1;
      return {
        workflowId: `kickoff:${input.deal.id}`,
        started: isFirst,
        message: isFirst ? 'started' : 'has a kickoff',
      };
    },
  });
  const app = await createTriggerServer({
    ...shared,
    skipup: { secrets: [], tolerance: { pastSeconds: 300, futureSeconds: 300 } },
    isTemporalReachable: async () => undefined,
    relay,
  });
  onTestFinished(() => app.close());
  await listen(app, { port });
  const steer = (action: string, body: object) =>
    send(`${sandbox.url}/_sandbox/crm/deals/${ACME_DEAL_ID}/${action}`, {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
  const close = (body: object) => steer('close', body);
  const put = (id: string, deal: object) =>
    send(`${sandbox.url}/_sandbox/crm/deals/${id}`, { method: 'PUT', body: JSON.stringify(deal) });
  return { sandbox, hubspot: crms.hubspot, relay, started, close, steer, put };
}

eachDatabase('a deal closed in a CRM that speaks as HubSpot does', (open) => {
  it.each(['deal', 'object'])(
    'starts one kickoff, in the form %s, among other events, sent three times at once',
    async (form) => {
      const database = await open();
      const { relay, started, close } = await hubspotStack(database);
      const { body } = await close({ form, others: 4, repeat: 3 });
      expect(body).toMatchObject({ sent: [{ status: 200 }, { status: 200 }, { status: 200 }] });
      while ((await relay.drainOnce()) > 0);
      expect(started).toMatchObject([
        {
          deal: {
            id: ACME_DEAL_ID,
            crm: 'hubspot',
            isWon: true,
            account: { name: 'Acme Corp' },
            owner: { name: 'Jordan Lee' },
          },
        },
      ]);
      const rows = await listInbox(database.db);
      expect(rows.map(({ status, reason }) => `${status}: ${reason ?? 'started'}`).sort()).toEqual([
        'delivered: started',
        'ignored: property amount changed, not dealstage',
        'ignored: property amount changed, not dealstage',
        'ignored: unknown deal',
        'ignored: unknown deal',
      ]);
    },
  );

  it('and lost, or only moved on, starts none', async () => {
    const database = await open();
    const { relay, started, close } = await hubspotStack(database);
    await close({ stage: 'closedlost' });
    while ((await relay.drainOnce()) > 0);
    expect(started).toEqual([]);
    expect(await listInbox(database.db)).toMatchObject([
      { status: 'ignored', reason: 'deal is at stage closedlost, not closed-won' },
    ]);
  });

  it('is read with its contacts, and written back to without starting itself again', async () => {
    const database = await open();
    const { relay, hubspot, close, sandbox, started } = await hubspotStack(database);
    await close({});
    const deal = await hubspot?.readDeal(ACME_DEAL_ID);
    if (hubspot === undefined || deal === undefined) {
      throw new Error('the deal was not read');
    }
    const contacts = await hubspot.listStakeholders(deal);
    expect(contacts).toContainEqual({
      id: '30102',
      email: 'alex.ross@acme-corp.example',
      name: 'Alex Ross',
      labels: ['Executive sponsor'],
      isPrimary: false,
      timezone: 'America/Los_Angeles',
      optedOut: false,
    });
    const write = { status: 'Kickoff Scheduled', note: 'Booked <b>', task: { subject: 'Prepare' }, marker: 'm' };
    const first = await hubspot.writeBack(ACME_DEAL_ID, write);
    expect(await hubspot.writeBack(ACME_DEAL_ID, write)).toEqual(first);
    const details = await send(`${sandbox.url}/_sandbox/crm/deals/${ACME_DEAL_ID}`, { method: 'GET' });
    expect(details.body).toMatchObject({
      properties: { kickoff_status: 'Kickoff Scheduled' },
      notes: [{ id: first.noteId, properties: { hs_note_body: expect.stringMatching(/^Booked &lt;b&gt;<br>Ref: /) } }],
      tasks: [{ id: first.taskId, properties: { hs_task_subject: 'Prepare', hubspot_owner_id: '71001' } }],
    });
    while ((await relay.drainOnce()) > 0);
    expect(started).toHaveLength(1);
  });

  it('makes a hundred rows of a batch of a hundred events, however often it comes', async () => {
    const database = await open();
    const { relay, started, close } = await hubspotStack(database);
    const { body } = await close({ others: 99, repeat: 3 });
    expect(body).toMatchObject({ sent: [{ status: 200 }, { status: 200 }, { status: 200 }] });
    expect(await listInbox(database.db, { limit: 1_000 })).toHaveLength(100);
    while ((await relay.drainOnce()) > 0);
    expect(started).toHaveLength(1);
  });

  it.each(['deal', 'object'])(
    'and merged with another is read as the deal that came of it, and closes no sale by that (%s.merge)',
    async (form) => {
      const database = await open();
      const { relay, started, close, steer, put } = await hubspotStack(database);
      await close({ notify: false });
      await put('6000000001', { properties: { dealname: 'Acme once more' } });
      const { body } = await steer('merge', { with: '6000000001', form });
      expect(body).toMatchObject({ sent: [{ status: 200 }] });
      while ((await relay.drainOnce()) > 0);
      const { deal } = Object(body);
      expect(started).toEqual([]);
      expect(await listInbox(database.db)).toMatchObject([
        {
          subject: deal.id,
          payload: { dealId: deal.id, mergedIds: [ACME_DEAL_ID, '6000000001'] },
          status: 'ignored',
          reason: `${form}.merge closes no sale, and no kickoff of deal ${deal.id} need know`,
        },
      ]);
    },
  );
});
