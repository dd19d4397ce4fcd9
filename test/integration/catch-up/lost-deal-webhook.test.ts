import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exampleFile } from '../../../cli/example-files.ts';
import { type CatchUpReport, KICKOFF_TASK_QUEUE, WORKFLOW_TYPES } from '../../../workflows/messages.ts';
import { inPhase, newDeal, requestsOf, sendHubSpotEvent, type TestStack, winQuietly } from '../../harness/stack.ts';
import { describeStack } from '../../harness/stacks.ts';

// The example's rules, at the pace of tests.
const folder = mkdtempSync(join(tmpdir(), 'kickoff-catch-up-'));
const configFile = join(folder, 'kickoff.config.yaml');
writeFileSync(
  configFile,
  [
    readFileSync(exampleFile('kickoff.config.yaml'), 'utf8'),
    'skipup: { requestsPerMinute: 100000 }',
    'inbox: { pollMs: 50 }',
  ].join('\n'),
);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeStack(
  'deals whose webhook is lost',
  (stack) => {
    beforeAll(async () => {
      // From here on Kickoff looks.
      expect(await caughtUp(stack())).toMatchObject({ problems: [], crms: [{ crm: 'hubspot', takenIn: 0 }] });
    });

    it('get their kickoff all the same, once, and their late webhook makes no second one', async () => {
      const dealId = await newDeal(stack());
      await winQuietly(stack(), dealId);
      expect(await caughtUp(stack())).toMatchObject({ problems: [], crms: [{ takenIn: 1, deals: [{ dealId }] }] });
      await inPhase(stack(), dealId, 'scheduling');
      expect(await caughtUp(stack())).toMatchObject({ problems: [], crms: [{ takenIn: 0 }] });

      expect(await sendHubSpotEvent(stack(), dealId)).toBe(200);
      const rows = () =>
        stack()
          .services.database.db.selectFrom('inbox')
          .select(['event_type', 'status'])
          .where('subject', '=', dealId)
          .orderBy('id')
          .execute();
      await expect.poll(rows, { timeout: 10_000, interval: 50 }).toEqual([
        { event_type: 'catch_up', status: 'delivered' },
        { event_type: 'deal.propertyChange', status: 'ignored' },
      ]);
      expect(await requestsOf(stack(), dealId)).toHaveLength(1);
    });

    it('and one whose webhook came is left alone', async () => {
      const dealId = await newDeal(stack());
      await winQuietly(stack(), dealId);
      expect(await sendHubSpotEvent(stack(), dealId, { eventId: 2 })).toBe(200);
      await inPhase(stack(), dealId, 'scheduling');
      const report = await caughtUp(stack());
      expect(report.crms[0]?.deals).toEqual([]);
      expect(report.crms[0]?.scanned).toBeGreaterThanOrEqual(1);
    });
  },
  { configFile },
);

async function caughtUp(stack: TestStack): Promise<CatchUpReport> {
  return await stack.services.temporal.client.workflow.execute<() => Promise<CatchUpReport>>(WORKFLOW_TYPES.catchUp, {
    taskQueue: KICKOFF_TASK_QUEUE,
    workflowId: `catch-up-${crypto.randomUUID()}`,
  });
}
