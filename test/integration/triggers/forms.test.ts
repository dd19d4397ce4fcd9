import { createHmac } from 'node:crypto';
import { WorkflowNotFoundError } from '@temporalio/client';
import pino from 'pino';
import { Registry } from 'prom-client';
import { expect, it, onTestFinished, vi } from 'vitest';
import { CrmError, createCrms, createHubSpot, type Lead, leadIdOfAddress } from '../../../crm/index.ts';
import { claimRecovery, type Database, listInbox, markRecoveryStarted } from '../../../database/index.ts';
import { startSandbox } from '../../../sandbox/index.ts';
import { freePort } from '../../../temporal/index.ts';
import { createRelay, createTriggerServer, formOpenApi, listen, type RelayOptions } from '../../../triggers/index.ts';
import { eachDatabase } from '../../harness/databases.ts';
import { HUBSPOT_SECRET, PUBLIC_URL, send, skipupWebhook } from './stack.ts';

const SECRET = 'form-secret';
const AT = 1_784_000_000_000;
const CHANGE = {
  eventId: 1,
  portalId: 33,
  occurredAt: AT,
  subscriptionType: 'contact.propertyChange',
  objectId: 501,
  propertyName: 'recent_conversion_date',
  propertyValue: String(AT),
};
const SUBMITTED = {
  event: 'form.submitted',
  lead: { email: 'sarah@acme.example', name: 'Sarah Chen' },
  form: { name: 'Demo request', submittedAt: '2026-02-08T15:00:00Z' },
};
const own = (event: unknown, secret = SECRET) => skipupWebhook(event, new Date(), secret);

function hubspot(body: unknown, path: string, secret = HUBSPOT_SECRET, at = Date.now()): RequestInit {
  const text = JSON.stringify(body);
  const v3 = createHmac('sha256', secret).update(`POST${PUBLIC_URL}${path}${text}${at}`).digest('base64');
  return { body: text, headers: { 'x-hubspot-signature-v3': v3, 'x-hubspot-request-timestamp': String(at) } };
}

/** The receivers and a relay over one inbox, with a CRM that knows the leads given. */
async function formsOver(
  database: Database,
  options: { configured?: boolean; leads?: Lead[]; relay?: Partial<RelayOptions> } = {},
) {
  const crms = createCrms({ hubspot: { clientSecret: HUBSPOT_SECRET, publicUrl: PUBLIC_URL } });
  const known = options.leads ?? [];
  const reading = {
    ...crms.hubspot,
    leads: {
      readLead: async ({ id, email }: { id?: string; email?: string }) => {
        const lead = known.find((one) => one.id === id || one.email === email);
        if (lead === undefined) throw new CrmError('not_found', 'HubSpot has no such contact.');
        return lead;
      },
      findMeeting: async () => undefined,
      writeBack: async () => ({}),
      lastSubmission: async () => ({ name: 'From the CRM', submittedAt: new Date(AT).toISOString(), answers: {} }),
    },
  };
  const started: { lead: Lead; form: { name: string }; origin: { kind: string; reference: string } }[] = [];
  const signals: { workflowId: string; name: string; event: unknown }[] = [];
  const state = { started: true, gone: new Set<string>(), now: () => new Date() };
  const metrics = new Registry();
  const relay = createRelay({
    database,
    client: {
      connection: { withDeadline: (_deadline, work) => work() },
      workflow: {
        getHandle: (workflowId) => ({
          async signal(name, event) {
            if (state.gone.has(workflowId)) throw new WorkflowNotFoundError('gone', workflowId, undefined);
            signals.push({ workflowId, name, event });
          },
          query: async () => ({ phase: 'scheduling' }),
        }),
      },
    },
    crms: { hubspot: Object.assign(createHubSpot({}), reading) },
    startKickoff: async () => ({ workflowId: '', started: false, message: 'no deals here' }),
    startRecovery: async (input) => {
      if (!state.started)
        return { workflowId: '', started: false, message: `Lead ${input.lead.id} has been taken up today already.` };
      started.push(input);
      return { workflowId: `lead:${input.lead.id}:recovery:2026-02-08`, started: true, message: '' };
    },
    logger: pino({ level: 'silent' }),
    metrics,
    random: () => 0,
    now: () => state.now(),
    ...options.relay,
  });
  const app = await createTriggerServer({
    database,
    crms,
    skipup: { secrets: ['s'], tolerance: { pastSeconds: 60, futureSeconds: 60 } },
    ...(options.configured === false ? {} : { forms: { secrets: [SECRET], tokens: ['form-token'] } }),
    isTemporalReachable: async () => undefined,
    relay,
    logger: pino({ level: 'silent' }),
    metrics: new Registry(),
  });
  onTestFinished(async () => {
    await app.close();
    await relay.stop();
  });
  const url = await listen(app, { port: 0 });
  const rows = async () => (await listInbox(database.db)).reverse();
  return { url: `${url}/triggers/form`, base: url, relay, started, signals, state, rows };
}

const sarah: Lead = {
  id: '501',
  crm: 'hubspot',
  email: 'sarah@acme.example',
  name: 'Sarah Chen (CRM)',
  optedOut: false,
};

eachDatabase('a form', (open) => {
  it('of our own form is stored once, whatever repeats it, and its address is in the payload alone', async () => {
    const { url, rows } = await formsOver(await open());
    expect(await send(url, own(SUBMITTED))).toMatchObject({ status: 202, body: { received: true, duplicates: 0 } });
    expect(await send(url, own({ ...SUBMITTED, lead: { ...SUBMITTED.lead, company: 'Acme' } }))).toMatchObject({
      body: { duplicates: 1 },
    });
    const token = { body: JSON.stringify(SUBMITTED), headers: { authorization: 'Bearer form-token' } };
    expect(await send(url, token)).toMatchObject({ status: 202, body: { duplicates: 1 } });
    const [row, ...others] = await rows();
    expect(others).toEqual([]);
    expect(row).toMatchObject({ source: 'form', status: 'pending', subject: leadIdOfAddress('sarah@acme.example') });
    expect(JSON.stringify({ ...row, payload: undefined })).not.toContain('@');
  });

  it.each([
    ['unsigned', { body: '{}' }, 401, 'missing_signature'],
    ['signed with another secret', own(SUBMITTED, 'other'), 401, 'no_match'],
    ['of HubSpot with another secret', hubspot([CHANGE], '/triggers/form', 'other'), 401, 'no_match'],
    ['of HubSpot for another address', hubspot([CHANGE], '/triggers/hubspot'), 401, 'no_match'],
    [
      'of HubSpot and old',
      hubspot([CHANGE], '/triggers/form', HUBSPOT_SECRET, Date.now() - 600_000),
      401,
      'timestamp_too_old',
    ],
    ['of HubSpot with our own body', hubspot(SUBMITTED, '/triggers/form'), 400, 'malformed_body'],
    ['not as documented', own({ event: 'form.submitted' }), 400, 'malformed_body'],
    ['too large', own({ ...SUBMITTED, id: 'x'.repeat(300_000) }), 413, 'body_too_large'],
  ])('%s is refused, and nothing is stored', async (_what, init, status, type) => {
    const { url, rows } = await formsOver(await open());
    const answer = await send(url, init);
    expect(answer).toMatchObject({ status, body: { error: { type } } });
    expect(Object(Object(formOpenApi().paths)['/triggers/form'].post.responses[status]).description).toContain(type);
    expect(await rows()).toEqual([]);
  });

  it('where recovery is not configured is answered with 503 and a sentence', async () => {
    const { url } = await formsOver(await open(), { configured: false });
    const answer = await send(url, own(SUBMITTED));
    expect(answer).toMatchObject({
      status: 503,
      body: { error: { type: 'configuration', message: expect.stringContaining('recovery') } },
    });
    expect(answer.headers.get('retry-after')).toBe('5');
  });

  it('of HubSpot comes in batches; each submission is one row, what is none is recorded', async () => {
    const { url, base, rows } = await formsOver(await open());
    const batch = [
      CHANGE,
      { ...CHANGE, propertyName: 'num_conversion_events', propertyValue: '1' },
      { ...CHANGE, objectId: 502 },
      { ...CHANGE, propertyName: 'lifecyclestage', propertyValue: 'lead' },
    ];
    expect(await send(url, hubspot(batch, '/triggers/form'))).toMatchObject({
      status: 200,
      body: { received: true, events: 4, duplicates: 1 },
    });
    expect((await rows()).map(({ subject, status }) => [subject, status])).toEqual([
      ['501', 'pending'],
      ['502', 'pending'],
      ['501', 'ignored'],
    ]);
    // The app's one address is the deals': there it is the same submission.
    const deal = { ...CHANGE, subscriptionType: 'deal.propertyChange', propertyName: 'dealstage', objectId: 7 };
    await send(`${base}/triggers/hubspot`, hubspot([CHANGE, deal, { ...CHANGE, objectId: 503 }], '/triggers/hubspot'));
    const forms = (await rows()).filter(({ source, status }) => source === 'form' && status === 'pending');
    expect(forms.map(({ subject }) => subject)).toEqual(['501', '502', '503']);
  });

  it('becomes the recovery of the lead as the CRM knows it', async () => {
    const { url, relay, started, rows } = await formsOver(await open(), { leads: [sarah] });
    await send(url, own({ ...SUBMITTED, lead: { ...SUBMITTED.lead, company: 'Acme', optedOut: true } }));
    await send(
      url,
      hubspot([{ ...CHANGE, occurredAt: AT + 60_000, propertyValue: String(AT + 60_000) }], '/triggers/form'),
    );
    await relay.drainOnce();
    await vi.waitFor(async () => expect((await rows()).every(({ status }) => status === 'delivered')).toBe(true));
    expect(started).toMatchObject([
      {
        lead: { id: '501', name: 'Sarah Chen (CRM)', company: 'Acme', optedOut: true },
        form: { name: 'Demo request' },
        origin: { kind: 'form' },
      },
      { lead: { id: '501', optedOut: false }, form: { name: 'From the CRM' }, origin: { kind: 'hubspot' } },
    ]);
    expect((await rows())[0]?.workflow_id).toBe('lead:501:recovery:2026-02-08');
  });

  it('of a lead that the CRM does not know yet waits a minute for it; then the sender’s word is taken', async () => {
    const { url, relay, started, state, rows } = await formsOver(await open());
    const database = { rows };
    await send(url, own(SUBMITTED));
    await relay.drainOnce();
    expect(started).toEqual([]);
    expect((await database.rows())[0]).toMatchObject({ status: 'pending' });
    state.now = () => new Date(Date.now() + 120_000);
    await send(
      url,
      own({ ...SUBMITTED, crm: 'generic', id: 'of-nobody', lead: { ...SUBMITTED.lead, email: 'x@y.example' } }),
    );
    await relay.drainOnce();
    expect(started).toMatchObject([{ lead: { id: leadIdOfAddress('x@y.example'), crm: 'generic' } }]);
  });

  it('that is refused is ignored, with the sentence; without the lead’s address it is asked for no more', async () => {
    const { url, relay, state, rows } = await formsOver(await open(), { leads: [sarah] });
    state.started = false;
    await send(url, own(SUBMITTED));
    state.now = () => new Date(Date.now() + 120_000);
    await send(url, hubspot([{ ...CHANGE, objectId: 999 }], '/triggers/form'));
    await relay.drainOnce();
    expect((await rows()).map(({ status, reason }) => [status, reason])).toEqual([
      ['ignored', 'Lead 501 has been taken up today already.'],
      ['ignored', 'unknown lead: HubSpot has no such contact.'],
    ]);
  });

  it('waits while the recovery cannot be started', async () => {
    const { url, relay, rows } = await formsOver(await open(), {
      leads: [sarah],
      relay: { startRecovery: async () => Promise.reject(new Error('Temporal is away')) },
    });
    await send(url, own(SUBMITTED));
    await relay.drainOnce();
    expect((await rows())[0]).toMatchObject({ status: 'pending', reason: expect.stringContaining('Temporal is away') });
  });

  it('of a booking tells the open recovery, by the lead’s id or its address; where there is none it is ignored', async () => {
    const database = await open();
    const { url, relay, signals, rows } = await formsOver(database, { leads: [sarah] });
    const claim = async (workflowId: string, crm: string, leadId: string, email = sarah.email) => {
      await claimRecovery(database.db, {
        workflowId,
        crm,
        leadId,
        email,
        attempt: 1,
        lead: sarah,
        form: {},
        origin: {},
      });
      await markRecoveryStarted(database.db, workflowId);
    };
    await claim('lead:501:recovery:2026-02-08', 'hubspot', '501');
    await send(url, own({ event: 'meeting.booked', lead: { email: 'sarah@acme.example' }, meeting: 'Demo' }));
    await send(url, hubspot([{ ...CHANGE, propertyName: 'engagements_last_meeting_booked' }], '/triggers/form'));
    await send(url, own({ event: 'meeting.booked', lead: { email: 'nobody@acme.example' } }));
    await relay.drainOnce();
    // Of a lead that no CRM has, which is known by its sender's id and by its address.
    await claim('lead:of-nobody:recovery:2026-02-08', 'generic', 'of-nobody', 'robin@nowhere.example');
    const nobodys = { event: 'meeting.booked', crm: 'generic' };
    await send(url, own({ ...nobodys, lead: { id: 'of-nobody', email: 'robin@other.example' } }));
    await send(url, own({ ...nobodys, lead: { email: 'Robin@nowhere.example' } }));
    await relay.drainOnce();
    expect(signals).toMatchObject([
      { workflowId: 'lead:501:recovery:2026-02-08', name: 'leadBooked', event: { meeting: 'Demo' } },
      { workflowId: 'lead:501:recovery:2026-02-08', name: 'leadBooked' },
      { workflowId: 'lead:of-nobody:recovery:2026-02-08', name: 'leadBooked' },
      { workflowId: 'lead:of-nobody:recovery:2026-02-08', name: 'leadBooked' },
    ]);
    expect((await rows()).map(({ status }) => status)).toEqual([
      'delivered',
      'delivered',
      'ignored',
      'delivered',
      'delivered',
    ]);
  });
});

eachDatabase('a form that the sandbox’s contact fills in', (open) => {
  it('comes by subscription, by workflow and in our own form, each signed, each kept once', async () => {
    const sandbox = await startSandbox({ seed: 'forms', hubspot: { clientSecret: HUBSPOT_SECRET } });
    onTestFinished(() => sandbox.close());
    const database = await open();
    const port = await freePort('127.0.0.1');
    const url = `http://127.0.0.1:${port}`;
    const app = await createTriggerServer({
      database,
      crms: createCrms({ hubspot: { clientSecret: HUBSPOT_SECRET, publicUrl: url } }),
      skipup: { secrets: ['s'], tolerance: { pastSeconds: 60, futureSeconds: 60 } },
      forms: { secrets: [SECRET], tokens: [] },
      isTemporalReachable: async () => undefined,
      relay: { wake: () => undefined },
      logger: pino({ level: 'silent' }),
      metrics: new Registry(),
    });
    onTestFinished(() => app.close());
    await listen(app, { port });
    const control = async (method: string, path: string, body: object) =>
      await send(`${sandbox.url}/_sandbox/crm${path}`, { method, body: JSON.stringify(body) });
    await control('POST', '/webhook', { url: `${url}/triggers/hubspot` });
    await control('PUT', '/contacts/501', { email: 'sarah@acme.example', firstName: 'Sarah' });
    for (const via of ['contact', 'object', 'workflow', 'own']) {
      const submit = { via, repeat: 2, ...(via === 'own' ? { secret: SECRET } : {}) };
      const { status, body } = await control('POST', '/contacts/501/submit', submit);
      expect([status, Object(body).sent.map((one: { status: number }) => one.status)]).toEqual([
        200,
        via === 'own' ? [202, 202] : [200, 200],
      ]);
    }
    await control('POST', '/contacts/501/meeting', { via: 'object' });
    const rows = (await listInbox(database.db)).filter(({ source }) => source === 'form').reverse();
    const types = new Set(rows.map(({ event_type: type, status }) => `${type} ${status}`));
    expect(types).toEqual(
      new Set([
        'contact.propertyChange pending',
        'object.propertyChange pending',
        'workflow.webhook pending',
        'form.submitted pending',
      ]),
    );
    expect(rows.filter(({ event_type: type }) => type === 'workflow.webhook')).toHaveLength(1);
    expect(rows.filter(({ event_type: type }) => type === 'form.submitted')).toHaveLength(1);
    expect(rows.at(-1)).toMatchObject({ subject: '501', payload: { event: 'meeting_booked' } });
  });
});
