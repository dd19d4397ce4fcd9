import { beforeAll, expect, it, vi } from 'vitest';
import {
  countAtSkipUp,
  inPhase,
  newDeal,
  requestsOf,
  sendHubSpotEvent,
  statusOf,
  type TestStack,
  winQuietly,
} from '../../harness/stack.ts';
import { describeStacks } from '../../harness/stacks.ts';

describeStacks('one kickoff for each deal', (stack) => {
  let before = 0;
  beforeAll(async () => {
    before = await countAtSkipUp(stack());
  });

  /** Requests at SkipUp since the last look. */
  async function newRequests(of: TestStack): Promise<number> {
    const now = await countAtSkipUp(of);
    const made = now - before;
    before = now;
    return made;
  }

  it('ten deliveries of one event at once, and one more after midnight, make one request', async () => {
    const dealId = await newDeal(stack());
    await winQuietly(stack(), dealId);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_none, attemptNumber) => sendHubSpotEvent(stack(), dealId, { attemptNumber })),
    );
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toBeLessThan(300);
    await inPhase(stack(), dealId, 'scheduling');
    const tomorrow = Date.now() + 86_400_000;
    await sendHubSpotEvent(stack(), dealId, { eventId: 2, occurredAt: tomorrow });
    await vi.waitFor(async () => {
      const rows = await stack()
        .services.database.db.selectFrom('inbox')
        .selectAll()
        .where('subject', '=', dealId)
        .execute();
      expect(rows.map((row) => row.status).sort()).toEqual(['delivered', 'ignored']);
      expect(rows.find((row) => row.status === 'ignored')?.reason).toContain('already has a kickoff');
    }, 15_000);
    expect(await newRequests(stack())).toBe(1);
    expect(await requestsOf(stack(), dealId)).toHaveLength(1);
  });

  it('a 202 that is lost leaves one request', async () => {
    const dealId = await newDeal(stack());
    await winQuietly(stack(), dealId);
    await stack().control('POST', '/faults', {
      fault: 'drop',
      when: 'after',
      method: 'POST',
      path: '/meeting_requests',
      next: 2,
    });
    await sendHubSpotEvent(stack(), dealId);
    const status = await inPhase(stack(), dealId, 'scheduling');
    expect(status.request?.id).toMatch(/^mr_/);
    expect(await newRequests(stack())).toBe(1);
  });

  it('the `created` webhook that comes before the 202 finds its kickoff', async () => {
    const dealId = await newDeal(stack());
    await winQuietly(stack(), dealId);
    await stack().control('POST', '/faults', { fault: 'deliver_before_answer', next: 1 });
    await sendHubSpotEvent(stack(), dealId);
    const { request } = await inPhase(stack(), dealId, 'scheduling');
    await vi.waitFor(async () => {
      const rows = await stack()
        .services.database.db.selectFrom('inbox')
        .select(['event_type', 'status', 'workflow_id'])
        .where('subject', '=', request?.id ?? '')
        .execute();
      expect(rows).toEqual([
        { event_type: 'meeting_request.created', status: 'delivered', workflow_id: `kickoff:${dealId}` },
      ]);
    }, 15_000);
    await newRequests(stack());
  });

  it('a deal that is not won, or unknown, starts nothing and says why', async () => {
    const open = await newDeal(stack());
    await sendHubSpotEvent(stack(), open);
    await sendHubSpotEvent(stack(), '4040404040');
    await vi.waitFor(async () => {
      const rows = await stack()
        .services.database.db.selectFrom('inbox')
        .select(['subject', 'status', 'reason'])
        .where('subject', 'in', [open, '4040404040'])
        .orderBy('subject', 'desc')
        .execute();
      expect(rows.map((row) => row.status)).toEqual(['ignored', 'ignored']);
      expect(rows.find((row) => row.subject === open)?.reason).toMatch(/not closed-won/);
      expect(rows.find((row) => row.subject !== open)?.reason).toMatch(/unknown/);
    }, 15_000);
    expect(await newRequests(stack())).toBe(0);
    await expect(statusOf(stack(), open)).rejects.toThrow();
  });
});
