import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { exampleFile } from '../../../cli/example-files.ts';
import {
  inPhase,
  newDeal,
  sendHubSpotEvent,
  sendSkipUpEvent,
  statusOf,
  type TestStack,
  winQuietly,
} from '../../harness/stack.ts';
import { describeStack } from '../../harness/stacks.ts';

const AT = {
  paused: '2026-02-10T11:00:00Z',
  resumed: '2026-02-10T12:00:00Z',
  booked: '2026-02-11T10:00:00Z',
  cancelled: '2026-02-12T10:00:00Z',
  follow_up_sent: '2026-02-10T13:00:00Z',
} as const;
type Name = keyof typeof AT;

const payload = (name: Name, id: string) => ({
  event: `meeting_request.${name}`,
  timestamp: AT[name],
  id,
  ...(name === 'booked' ? { status: 'booked', calendar_event_id: 'evt_abc123', booked_at: AT.booked } : {}),
  ...(name === 'cancelled' ? { status: 'cancelled', was_booked: true, cancelled_at: AT.cancelled } : {}),
});

// The example's rules, but that a late cancellation is the end.
const folder = mkdtempSync(join(tmpdir(), 'kickoff-events-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const configFile = join(folder, 'kickoff.config.yaml');
const example = readFileSync(exampleFile('kickoff.config.yaml'), 'utf8');
writeFileSync(configFile, example.replace(/^kickoff:$/m, '$&\n  whenBookingIsCancelled: close'));

function tests(stack: () => TestStack): void {
  beforeAll(async () => {
    // The test speaks for SkipUp: what the sandbox itself would say is kept back.
    await stack().control('POST', '/faults', { fault: 'webhook_drop' });
  });

  async function scheduling(): Promise<{ dealId: string; requestId: string }> {
    const dealId = await newDeal(stack());
    await winQuietly(stack(), dealId);
    await sendHubSpotEvent(stack(), dealId);
    const { request } = await inPhase(stack(), dealId, 'scheduling');
    return { dealId, requestId: request?.id ?? '' };
  }

  const orders: [Name[], 'done' | 'cancelled'][] = [
    [['booked'], 'done'],
    [['booked', 'booked'], 'done'],
    [['paused', 'resumed', 'booked'], 'done'],
    [['booked', 'resumed', 'paused'], 'done'],
    [['resumed', 'booked', 'follow_up_sent', 'paused'], 'done'],
    [['booked', 'cancelled'], 'cancelled'],
    [['cancelled', 'booked'], 'cancelled'],
    [['paused', 'cancelled', 'booked', 'resumed'], 'cancelled'],
  ];
  it.each(orders)('%j ends %s', async (order, end) => {
    const { dealId, requestId } = await scheduling();
    for (const name of order) expect(await sendSkipUpEvent(stack(), payload(name, requestId))).toBe(200);
    await vi.waitFor(async () => {
      const rows = await stack()
        .services.database.db.selectFrom('inbox')
        .select('status')
        .where('subject', '=', requestId)
        .execute();
      expect(rows.filter((row) => row.status === 'pending')).toEqual([]);
    }, 15_000);
    if (end === 'done') {
      const status = await inPhase(stack(), dealId, 'done');
      expect(status.request).toMatchObject({ status: 'booked', calendarEventId: 'evt_abc123' });
      expect(status.steps.filter((step) => step.list === 'on_booked').map((step) => step.state)).toEqual([
        'done',
        'done',
        'done',
      ]);
    } else {
      const handle = stack().services.temporal.client.workflow.getHandle(`kickoff:${dealId}`);
      expect(await handle.result()).toMatchObject({ phase: 'cancelled' });
    }
    const deal = await stack().control<{ properties: Record<string, string> }>('GET', `/crm/deals/${dealId}`);
    expect(deal.properties.kickoff_status).toBe(end === 'done' ? 'Kickoff Scheduled' : 'Kickoff cancelled: follow up');
  });

  it('an event of somebody else’s request is acknowledged and kept, and touches nothing', async () => {
    expect(await sendSkipUpEvent(stack(), payload('booked', 'mr_somebody_elses'))).toBe(200);
    await vi.waitFor(async () => {
      const row = await stack()
        .services.database.db.selectFrom('inbox')
        .select('status')
        .where('subject', '=', 'mr_somebody_elses')
        .executeTakeFirstOrThrow();
      expect(row.status).toBe('unmatched');
    }, 10_000);
  });

  it('an unsigned or altered webhook changes nothing', async () => {
    const { dealId, requestId } = await scheduling();
    const secret = stack().secrets.skipupWebhook;
    const forged = { ...stack(), secrets: { ...stack().secrets, skipupWebhook: `${secret}x` } };
    expect(await sendSkipUpEvent(forged, payload('booked', requestId))).toBe(401);
    expect((await statusOf(stack(), dealId)).phase).toBe('scheduling');
  });
}

describeStack('webhooks in any order', tests, { configFile });
