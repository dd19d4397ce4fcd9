import { randomUUID } from 'node:crypto';
import { WithStartWorkflowOperation } from '@temporalio/client';
import { expect, it } from 'vitest';
import { answeredByWorker } from '../../../cli/answered-by-worker.ts';
import { handOver, handOverStatus, KICKOFF_TASK_QUEUE, WORKFLOW_TYPES } from '../../../workflows/messages.ts';
import { describeTemporal } from '../../harness/temporal.ts';

const EMAIL = 'jordan@vendor.example';

describeTemporal('without a worker', (temporal) => {
  const startOptions = () => ({
    workflowId: `hand-over:${randomUUID()}`,
    taskQueue: KICKOFF_TASK_QUEUE,
    workflowIdConflictPolicy: 'USE_EXISTING' as const,
    args: [{ email: EMAIL, reason: 'left' }] as [object],
  });
  type Workflow = (input: object) => Promise<unknown>;

  it.each<[string, () => Promise<unknown>]>([
    [
      'an update',
      async () => {
        const handle = await temporal().client.workflow.start(WORKFLOW_TYPES.handOver, startOptions());
        return await handle.executeUpdate(handOver, { args: [{ to: EMAIL, reason: 'left' }] });
      },
    ],
    [
      'an update that starts its workflow',
      async () => {
        const startWorkflowOperation = new WithStartWorkflowOperation<Workflow>(
          WORKFLOW_TYPES.handOver,
          startOptions(),
        );
        const args: [{ to: string; reason: string }] = [{ to: EMAIL, reason: 'left' }];
        return await temporal().client.workflow.executeUpdateWithStart(handOver, { startWorkflowOperation, args });
      },
    ],
    [
      'a query',
      async () => {
        const handle = await temporal().client.workflow.start(WORKFLOW_TYPES.handOver, startOptions());
        return await handle.query(handOverStatus);
      },
    ],
    ['a workflow’s result', () => temporal().client.workflow.execute(WORKFLOW_TYPES.handOver, startOptions())],
  ])('%s is not waited for for ever', async (_what, call) => {
    await expect(answeredByWorker(temporal().client, 'the hand-over', call, 100)).rejects.toMatchObject({
      name: 'CliError',
      exitCode: 1,
      message: 'No worker answers for the hand-over. Start one: kickoff worker',
    });
  });
});
