import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { createCrms } from '../../../crm/index.ts';
import { signWebhook } from '../../../skipup/index.ts';
import { eachDatabase } from '../../harness/databases.ts';
import {
  BOOKED,
  DEAL_SECRET,
  dealEvent,
  HUBSPOT_SECRET,
  hubspotWebhook,
  PUBLIC_URL,
  receivers,
  SKIPUP_SECRET,
  STAGE_CHANGE,
  send,
} from './stack.ts';

const PIPEDRIVE_EVENT = JSON.stringify({
  meta: {
    action: 'change',
    entity: 'deal',
    entity_id: '42',
    id: 'e3b0c442',
    version: '2.0',
    timestamp: '2026-11-20T16:00:00.000Z',
  },
  data: { id: 42, status: 'won', stage_id: 5 },
  previous: { status: 'open' },
});

eachDatabase('verification', (open) => {
  it('a row of the inbox says how its sender was known, and never by what', async () => {
    const database = await open();
    const server = await receivers(database, {
      crms: createCrms({
        hubspot: { clientSecret: HUBSPOT_SECRET, publicUrl: PUBLIC_URL },
        salesforce: { triggerTokens: ['first-token', 'second-token'] },
        pipedrive: { webhookUser: 'user', webhookPassword: 'pipedrive-password' },
        generic: { secrets: [DEAL_SECRET], tokens: ['old-token', 'deal-token'] },
      }),
      skipup: { secrets: ['a-newer-secret', SKIPUP_SECRET], tolerance: { pastSeconds: 7_200, futureSeconds: 300 } },
      forms: { secrets: ['form-secret'], tokens: [] },
    });
    const signedAt = new Date(Math.floor(Date.now() / 1000) * 1000 - 60_000);
    const seconds = String(signedAt.getTime() / 1000);
    const body = JSON.stringify(BOOKED);
    const signature = signWebhook({ body, secret: SKIPUP_SECRET, timestamp: signedAt });
    const form = JSON.stringify({ event: 'form.submitted', lead: { email: 'sarah@globex.example' }, form: {} });
    const formSignature = createHmac('sha256', 'form-secret').update(`${seconds}.${form}`).digest('hex');
    const deal = { id: 'D/1', name: 'Acme', account: { id: 'a', name: 'Acme' }, isWon: true };
    const requests: [path: string, init: Parameters<typeof send>[1]][] = [
      ['/webhooks/skipup', { body, headers: { 'x-webhook-signature': signature } }],
      ['/triggers/hubspot', hubspotWebhook([STAGE_CHANGE])],
      [
        '/triggers/pipedrive',
        { body: PIPEDRIVE_EVENT, headers: { authorization: `Basic ${btoa('user:pipedrive-password')}` } },
      ],
      ['/triggers/deal', dealEvent({ dealId: '42', eventId: 'e1' })],
      ['/triggers/deal', { body: JSON.stringify({ deal }), headers: { authorization: 'Bearer deal-token' } }],
      [
        '/triggers/form',
        {
          body: form,
          headers: { 'content-type': 'application/json', 'x-webhook-signature': `t=${seconds},v1=${formSignature}` },
        },
      ],
    ];
    for (const [path, init] of requests) expect((await send(`${server.url}${path}`, init)).status).toBeLessThan(300);
    const rows = await server.inbox();
    const anInstant = expect.stringMatching(/^\d{4}-.*Z$/);
    expect(rows.map(({ verification }) => verification)).toEqual([
      { by: 'skipup-t,v1', signedAt: signedAt.toISOString(), secret: 2 },
      { by: 'hubspot-v3', signedAt: anInstant },
      { by: 'pipedrive-basic' },
      { by: 'deal-signature', signedAt: anInstant, secret: 1 },
      { by: 'deal-bearer', secret: 2 },
      { by: 'form-signature', signedAt: signedAt.toISOString(), secret: 1 },
    ]);
    const kept = JSON.stringify(rows.map(({ verification }) => verification));
    expect(kept).not.toMatch(/secret-|-secret"|token"|password|[0-9a-f]{32}/);
  });
});
