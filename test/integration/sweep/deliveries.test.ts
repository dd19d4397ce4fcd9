import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { insertInbox, lastSweeps } from '../../../database/index.ts';
import { webhookDedupeKey } from '../../../skipup/index.ts';
import { type Sweeping, startSweeping } from './sweeping.ts';

let sweeping: Sweeping;
let endpointId: string;
beforeAll(async () => {
  sweeping = await startSweeping();
});
afterAll(() => sweeping.close());
beforeEach(async () => {
  await sweeping.control('DELETE', '/faults');
  await sweeping.control('PATCH', '/settings', { autoDisableAfter: 1_000 });
  sweeping.receiver.answers.status = 200;
  sweeping.calls();
});

/** Nothing is on its way any more: what fails has failed for good. */
async function allAttemptsMade(): Promise<void> {
  await sweeping.control('POST', '/clock', { advance: '3h' });
  await vi.waitFor(async () => {
    const { items } = await sweeping.client.webhookEndpoints.deliveries(endpointId, { status: 'pending' }).firstPage();
    expect(items).toEqual([]);
  });
}

const subjects = async () => (await sweeping.inbox()).map(({ event_type, subject }) => `${event_type} ${subject}`);

describe('webhooks that SkipUp could not deliver', () => {
  it('are not looked for without a public address, and an endpoint that is missing is told', async () => {
    expect(await sweeping.sweepDeliveries({ publicUrl: undefined })).toMatchObject({ endpoint: 'not_configured' });
    expect(sweeping.calls()).toEqual([]);
    expect(await sweeping.sweepDeliveries()).toMatchObject({
      endpoint: 'missing',
      advice: expect.stringContaining('kickoff webhooks ensure'),
    });
    endpointId = (await sweeping.subscribe()).id;
    expect(await sweeping.sweepDeliveries({ publicUrl: `${sweeping.receiver.url}/` })).toMatchObject({
      endpoint: 'on',
    });
  });

  it('cost one call when no request is open', async () => {
    await sweeping.sweepDeliveries();
    expect(sweeping.calls()).toEqual(['GET /webhook_endpoints']);
  });

  it('are taken in once, follow-ups too, those of others not at all, and what came after all is known', async () => {
    const { id } = await sweeping.newRequest();
    const foreign = await sweeping.client.meetingRequests.create(
      { organizer_email: 'jordan.lee@yourcompany.example', participant_emails: ['somebody@else.example'] },
      { idempotencyKey: 'foreign' },
    );
    await vi.waitFor(() => expect(sweeping.receiver.bodies).toHaveLength(2));
    sweeping.receiver.answers.status = 503;
    for (const event of ['follow_up_sent', 'paused', 'resumed', 'booked']) {
      await sweeping.control('POST', '/clock', { advance: 1_000 });
      await sweeping.happens(id, event);
    }
    await sweeping.happens(foreign.id, 'booked');
    await allAttemptsMade();

    // The receiver had stored one of them and was killed before it could answer.
    const { items } = await sweeping.client.webhookEndpoints.deliveries(endpointId, { status: 'failed' }).firstPage();
    const paused = items.find(({ event_type }) => event_type === 'meeting_request.paused');
    await insertInbox(sweeping.database.db, [
      {
        source: 'skipup',
        dedupeKey: webhookDedupeKey(JSON.stringify(paused?.payload)),
        eventType: 'meeting_request.paused',
        subject: id,
        payload: paused?.payload ?? {},
      },
    ]);

    expect(await sweeping.sweepDeliveries()).toMatchObject({ endpoint: 'on', takenIn: 3, known: 1 });
    expect((await subjects()).sort()).toEqual(
      ['booked', 'follow_up_sent', 'paused', 'resumed'].map((event) => `meeting_request.${event} ${id}`),
    );
    expect(await sweeping.sweepDeliveries()).toMatchObject({ takenIn: 0, known: 4 });
    // What is in the inbox is not noticed a second time.
    expect(await sweeping.sweepRequests()).toMatchObject({ takenIn: 0, underWay: 1 });
  });

  it('are read over several pages, from where an attempt that was cut off had got to', async () => {
    sweeping.receiver.answers.status = 503;
    const { id } = await sweeping.newRequest();
    for (let count = 0; count < 129; count += 1) {
      await sweeping.control('POST', '/clock', { advance: 1_000 });
      await sweeping.happens(id, 'follow_up_sent');
    }
    await allAttemptsMade();
    const before = (await sweeping.inbox()).length;
    const reached: unknown[] = [];
    await expect(
      sweeping.sweepDeliveries({
        onHeartbeat(details, cancel) {
          reached.push(details);
          cancel();
        },
      }),
    ).rejects.toThrow();
    expect(reached.at(-1)).toMatchObject({ takenIn: 100, cursor: expect.any(String) });
    expect(await sweeping.sweepDeliveries({ heartbeatDetails: reached.at(-1) })).toMatchObject({ takenIn: 130 });
    expect((await sweeping.inbox()).length - before).toBe(130);
    expect(sweeping.calls().filter((call) => call.endsWith('/deliveries')).length).toBeLessThan(8);
  });
});

describe('an endpoint that is off', () => {
  const endpoint = () => sweeping.client.webhookEndpoints.get(endpointId);
  const tests = async () =>
    await sweeping.client.webhookEndpoints.deliveries(endpointId, { event_type: 'test' }).toArray({ limit: 100 });

  async function switchedOff(): Promise<void> {
    await sweeping.control('PATCH', '/settings', { autoDisableAfter: 1, autoDisableCounts: 'attempts' });
    sweeping.receiver.answers.status = 503;
    await sweeping.newRequest();
    await vi.waitFor(async () => expect((await endpoint()).enabled).toBe(false));
    await sweeping.control('PATCH', '/settings', { autoDisableAfter: 1_000 });
  }

  it('stays off while the receiver does not answer, is not tested with every sweep, and comes back when it does', async () => {
    await switchedOff();
    const quick = { lookAfterMs: [50, 100, 200] };
    const off = await sweeping.sweepDeliveries(quick);
    // What is pending may never be sent: it is taken in.
    expect(off).toMatchObject({ endpoint: 'off', takenIn: 1, test: { sent: 1 } });
    expect(off.advice).toMatch(/test delivery got the answer 503/);
    expect(await endpoint()).toMatchObject({ enabled: false, disabled_reason: 'too_many_failures' });
    expect(await sweeping.sweepDeliveries(quick)).toMatchObject({ endpoint: 'off', test: { sent: 1 } });
    expect(sweeping.warnings().filter((line) => line.includes('has switched the endpoint'))).toHaveLength(1);
    expect(await tests()).toHaveLength(1);

    // SkipUp tries its test again by itself.
    sweeping.receiver.answers.status = 200;
    await sweeping.control('POST', '/clock', { advance: '1m' });
    await vi.waitFor(async () => expect((await tests())[0]?.status).toBe('success'));
    expect(await sweeping.sweepDeliveries(quick)).toMatchObject({ endpoint: 'brought_back' });
    expect(await endpoint()).toMatchObject({ enabled: true });
    expect(await tests()).toHaveLength(1);
    expect(await sweeping.sweepDeliveries(quick)).toMatchObject({ endpoint: 'on' });
  });

  it('comes back at once when the receiver answers again', async () => {
    await switchedOff();
    sweeping.receiver.answers.status = 200;
    expect(await sweeping.sweepDeliveries()).toMatchObject({ endpoint: 'brought_back' });
    expect(await endpoint()).toMatchObject({ enabled: true });
    expect(
      (await lastSweeps(sweeping.database.db)).find(({ part }) => part === 'deliveries')?.findings,
    ).not.toHaveProperty('test');
  });

  it('is tested at longer and longer intervals when SkipUp tries no test, and a person is told', async () => {
    await switchedOff();
    sweeping.receiver.answers.status = 200;
    await sweeping.control('POST', '/faults', { fault: 'webhook_drop', event: 'test' });
    const began = Date.now();
    const after = (minutes: number) => ({ now: () => new Date(began + minutes * 60_000), lookAfterMs: [10] });
    const sent: number[] = [];
    for (let minutes = 0; minutes <= 75; minutes += 5) {
      const found = await sweeping.sweepDeliveries(after(minutes));
      expect(found.endpoint).toBe('off');
      expect(found.advice).toMatch(/has not tried its test delivery.*kickoff webhooks ensure/);
      if (found.test?.sent !== sent.length) sent.push(minutes);
    }
    expect(sent).toEqual([0, 10, 30, 70]);
    expect((await endpoint()).enabled).toBe(false);
    await sweeping.client.webhookEndpoints.update(endpointId, { enabled: true });
  });

  it('stays off when a person has switched it off', async () => {
    await sweeping.client.webhookEndpoints.update(endpointId, { enabled: false });
    const before = (await tests()).length;
    expect(await sweeping.sweepDeliveries()).toMatchObject({
      endpoint: 'off_by_person',
      advice: expect.stringContaining('Somebody has switched'),
    });
    expect((await endpoint()).enabled).toBe(false);
    expect(await tests()).toHaveLength(before);
  });
});
