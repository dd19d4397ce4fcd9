import { Context } from '@temporalio/activity';
import { NativeConnection, Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { Turns } from '../../../activities/turns.ts';
import { KICKOFF_TASK_QUEUE, SKIPUP_TASK_QUEUE } from '../../../workflows/messages.ts';
import { describeTemporal } from '../../harness/temporal.ts';
import { bundleFixtures } from './backfilling.ts';

const BACKFILL = { priorityKey: 5 };
const LIVE = { priorityKey: 2 };

describe('a live deal', () => {
  describeTemporal('with backfills before it', (temporal) => {
    let bundle: { code: string };
    beforeAll(async () => {
      bundle = await bundleFixtures();
    });

    it('goes first to SkipUp: an activity has its workflow’s priority, and turns go by it', async () => {
      let isOpen = false;
      const turns = new Turns({ take: async () => (isOpen ? 0 : 20) });
      const asked: string[] = [];
      const served: string[] = [];
      const priorities = new Map<string, number | undefined>();
      const connection = await NativeConnection.connect(temporal().config.connectionOptions);
      const shared = { connection, namespace: temporal().namespace };
      const workflows = await Worker.create({ ...shared, taskQueue: KICKOFF_TASK_QUEUE, workflowBundle: bundle });
      const calls = await Worker.create({
        ...shared,
        taskQueue: SKIPUP_TASK_QUEUE,
        activities: {
          async readMeetingRequest({ requestId }: { requestId: string }) {
            const { info, cancellationSignal } = Context.current();
            priorities.set(requestId, info.priority?.priorityKey);
            asked.push(requestId);
            await turns.turn(cancellationSignal, info.priority?.priorityKey ?? 3);
            served.push(requestId);
            return { requestId, status: 'active' };
          },
        },
      });
      const running = Promise.all([workflows.run(), calls.run()]);
      const call = (requestId: string, priority: { priorityKey: number }) =>
        temporal().client.workflow.start('oneCall', {
          workflowId: requestId,
          taskQueue: KICKOFF_TASK_QUEUE,
          args: [requestId],
          priority,
        });
      try {
        const backfills = ['backfill 1', 'backfill 2', 'backfill 3', 'backfill 4'];
        const handles = [];
        for (const name of backfills) handles.push(await call(name, BACKFILL));
        await vi.waitFor(() => expect(asked).toHaveLength(4), { timeout: 20_000 });
        handles.push(await call('live', LIVE));
        await vi.waitFor(() => expect(asked).toContain('live'), { timeout: 20_000 });
        isOpen = true;
        await Promise.all(handles.map((handle) => handle.result()));
        expect(served).toEqual(['live', ...asked.filter((name) => name !== 'live')]);
        expect(priorities.get('live')).toBe(2);
        expect(backfills.map((name) => priorities.get(name))).toEqual([5, 5, 5, 5]);
      } finally {
        workflows.shutdown();
        calls.shutdown();
        await running;
        await connection.close();
      }
    });
  });
});
