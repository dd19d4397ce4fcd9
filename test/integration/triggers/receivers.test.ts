import { EventEmitter, once } from 'node:events';
import { sql } from 'kysely';
import { expect, it, vi } from 'vitest';
import { eachDatabase } from '../../harness/databases.ts';
import {
  BOOKED,
  dealEvent,
  hubspotWebhook,
  receivers,
  SKIPUP_SECRET,
  STAGE_CHANGE,
  send,
  skipupWebhook,
} from './stack.ts';

eachDatabase('the receivers', (open) => {
  it('store a SkipUp webhook before they acknowledge it, and wake the relay', async () => {
    const server = await receivers(await open());
    const answer = await send(`${server.url}/webhooks/skipup`, skipupWebhook(BOOKED));
    expect(answer).toMatchObject({ status: 200, body: { received: true } });
    expect(await server.inbox()).toMatchObject([
      {
        source: 'skipup',
        event_type: 'meeting_request.booked',
        subject: 'mr_1',
        status: 'pending',
        payload: BOOKED,
        dedupe_key: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
    expect(server.wakes()).toBe(1);
    expect(server.events).toEqual([
      {
        type: 'webhook_received',
        source: 'skipup',
        eventType: BOOKED.event,
        subject: 'mr_1',
        verified: 't,v1',
        duplicate: false,
      },
    ]);
  });

  it('acknowledge a repeated webhook and keep one row, also when ten come at once', async () => {
    const server = await receivers(await open());
    const statuses = await Promise.all(
      Array.from(
        { length: 10 },
        async () => (await send(`${server.url}/webhooks/skipup`, skipupWebhook(BOOKED))).status,
      ),
    );
    expect(statuses).toEqual(Array(10).fill(200));
    expect(await server.inbox()).toHaveLength(1);
    expect(server.events.filter((event) => event.type === 'webhook_received' && event.duplicate)).toHaveLength(9);
    expect(await server.metrics.metrics()).toContain('kickoff_events_duplicate_total{source="skipup"} 9');
  });

  it('tell two events of the same kind from each other by their bytes', async () => {
    const server = await receivers(await open());
    await send(`${server.url}/webhooks/skipup`, skipupWebhook(BOOKED));
    await send(`${server.url}/webhooks/skipup`, skipupWebhook({ ...BOOKED, timestamp: '2026-11-20T16:00:01Z' }));
    expect(await server.inbox()).toHaveLength(2);
  });

  it.each([
    [{ event: 'test', timestamp: '2026-11-20T16:00:00Z', message: 'Test webhook delivery' }, /test delivery/],
    [{ event: 'meeting_request.teleported', timestamp: '2026-11-20T16:00:00Z', id: 'mr_1' }, /does not know/],
  ])('acknowledge %j and keep it as ignored with the reason', async (event, reason) => {
    const server = await receivers(await open());
    expect(await send(`${server.url}/webhooks/skipup`, skipupWebhook(event))).toMatchObject({ status: 200 });
    expect(await server.inbox()).toMatchObject([
      { status: 'ignored', event_type: event.event, reason: expect.stringMatching(reason) },
    ]);
    expect(server.wakes()).toBe(0);
    expect(server.events).toMatchObject([{ type: 'webhook_received' }, { type: 'ignored', source: 'skipup' }]);
  });

  it('store a HubSpot batch of a hundred as a hundred rows in one go', async () => {
    const server = await receivers(await open());
    const batch = Array.from({ length: 100 }, (_, index) => ({
      ...STAGE_CHANGE,
      eventId: index,
      objectId: 1000 + index,
    }));
    const answer = await send(`${server.url}/triggers/hubspot`, hubspotWebhook(batch));
    expect(answer).toMatchObject({ status: 200, body: { received: true, events: 100, duplicates: 0 } });
    expect(new Set((await server.inbox()).map(({ subject }) => subject)).size).toBe(50);
    expect(server.events.filter(({ type }) => type === 'webhook_received')).toHaveLength(100);
    expect(await server.metrics.metrics()).toContain('kickoff_inbox_rows{status="pending"} 100');
  });

  it('know HubSpot’s next attempt of the same events, and a batch that holds one event twice', async () => {
    const server = await receivers(await open());
    await send(`${server.url}/triggers/hubspot`, hubspotWebhook([STAGE_CHANGE, STAGE_CHANGE]));
    const again = await send(`${server.url}/triggers/hubspot`, hubspotWebhook([{ ...STAGE_CHANGE, attemptNumber: 3 }]));
    expect(again).toMatchObject({ status: 200, body: { events: 1, duplicates: 1 } });
    expect(await server.inbox()).toHaveLength(1);
    await send(
      `${server.url}/triggers/hubspot`,
      hubspotWebhook([{ ...STAGE_CHANGE, eventId: 2, occurredAt: 1_784_000_100_000 }]),
    );
    expect(await server.inbox()).toHaveLength(2);
  });

  it('acknowledge a HubSpot batch of which nothing is of use, and keep why', async () => {
    const server = await receivers(await open());
    const batch = [
      { ...STAGE_CHANGE, propertyName: 'kickoff_status' },
      { ...STAGE_CHANGE, subscriptionType: 'contact.propertyChange' },
    ];
    expect(await send(`${server.url}/triggers/hubspot`, hubspotWebhook(batch))).toMatchObject({ status: 200 });
    expect(await server.inbox()).toMatchObject([
      { status: 'ignored', reason: expect.stringContaining('kickoff_status') },
      { status: 'ignored', reason: expect.stringContaining('contact') },
    ]);
    expect(await send(`${server.url}/triggers/hubspot`, hubspotWebhook([]))).toMatchObject({ status: 200 });
  });

  it('take a deal event signed or with a token, and answer 202', async () => {
    const server = await receivers(await open());
    const first = await send(`${server.url}/triggers/deal`, dealEvent({ dealId: '42', eventId: 'e1' }));
    expect(first).toMatchObject({ status: 202, body: { received: true, duplicates: 0 } });
    const deal = { id: 'D/1', name: 'Acme\u0000 Corp', account: { id: 'a', name: 'Acme' }, isWon: true };
    const init = {
      body: JSON.stringify({ deal, workstream: 'data' }),
      headers: { authorization: 'Bearer deal-token' },
    };
    expect(await send(`${server.url}/triggers/deal`, init)).toMatchObject({ status: 202, body: { duplicates: 0 } });
    expect(await send(`${server.url}/triggers/deal`, init)).toMatchObject({ status: 202, body: { duplicates: 1 } });
    expect(await server.inbox()).toMatchObject([
      { source: 'deal', subject: '42', dedupe_key: 'e1', payload: { dealId: '42', crm: 'hubspot' } },
      { source: 'deal', subject: 'D/1', payload: { crm: 'generic', workstream: 'data', deal: { isWon: true } } },
    ]);
    expect(server.events.map((event) => event.type === 'webhook_received' && event.verified)).toEqual([
      't,v1',
      'bearer',
      'bearer',
    ]);
  });

  it('answer 503 when storing takes too long, and know the repeat once it was stored after all', async () => {
    const database = await open();
    const server = await receivers(database, { limits: { storeMs: 100 } });
    const webhook = skipupWebhook(BOOKED);
    const locked = new EventEmitter();
    const isLocked = once(locked, 'locked');
    const holder = database.db.transaction().execute(async (tx) => {
      await sql`lock table inbox`.execute(tx);
      const isFree = once(locked, 'free');
      locked.emit('locked');
      await isFree;
    });
    await isLocked;
    expect(await send(`${server.url}/webhooks/skipup`, webhook)).toMatchObject({ status: 503 });
    locked.emit('free');
    await holder;
    await vi.waitFor(async () => expect(await server.inbox()).toHaveLength(1), 5_000);
    expect(await send(`${server.url}/webhooks/skipup`, webhook)).toMatchObject({ status: 200 });
    expect(await server.inbox()).toHaveLength(1);
    expect(server.events).toMatchObject([{ type: 'refused' }, { type: 'webhook_received', duplicate: true }]);
  });

  it('acknowledge nothing while the database is gone, and say when to come back', async () => {
    const database = await open({ empty: true });
    const server = await receivers(database);
    for (const [path, init] of [
      ['/webhooks/skipup', skipupWebhook(BOOKED)],
      ['/triggers/hubspot', hubspotWebhook([STAGE_CHANGE])],
      ['/triggers/deal', dealEvent({ dealId: '1' })],
    ] as const) {
      const answer = await send(server.url + path, init);
      expect(answer).toMatchObject({ status: 503, body: { error: { type: 'storage_unavailable' } } });
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(server.wakes()).toBe(0);
    expect(server.logged()).not.toContain(SKIPUP_SECRET);
  });
});
