import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { beforeAll, expect, it, vi } from 'vitest';
import type { DispatchActivities, KickoffActivities, SkipupActivities } from '../../../activities/contract.ts';
import { createLogger, loadConfig } from '../../../config/index.ts';
import { freePort } from '../../../temporal/index.ts';
import { createWorkers, installRuntime, type Workers } from '../../../worker/index.ts';
import { describeTemporal, type TestTemporal, temporalConfigFor } from '../../harness/temporal.ts';
import type { bothQueues, manyCalls } from './fixture-workflows.ts';

const logger = createLogger({ level: 'silent' });
const unused = (): never => {
  throw new Error('not part of this test');
};

function activities(read: SkipupActivities['readMeetingRequest'], recorded: string[] = []) {
  const kickoff: KickoffActivities & DispatchActivities = {
    resolveKickoff: unused,
    runStep: unused,
    undoStep: unused,
    settleStep: unused,
    recordSkippedStep: unused,
    recordPhase: async ({ phase }) => void recorded.push(phase),
    startKickoff: unused,
  };
  const skipup: SkipupActivities = {
    createMeetingRequest: unused,
    findMeetingRequest: unused,
    readMeetingRequest: read,
    cancelMeetingRequest: unused,
    pauseMeetingRequest: unused,
    resumeMeetingRequest: unused,
    changeMeetingOrganizer: unused,
    updateMeetingContext: unused,
  };
  return { kickoff, skipup };
}

describeTemporal('the workers', (temporal) => {
  let bundle: { code: string };
  beforeAll(async () => {
    installRuntime({ logger });
    bundle = await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('./fixture-workflows.ts', import.meta.url)),
      logger: new DefaultLogger('WARN'),
    });
  });

  function workers(of: TestTemporal, carry: ReturnType<typeof activities>, requestsPerMinute = 6000): Promise<Workers> {
    const { worker, skipup } = loadConfig({ env: {}, cwd: '/' });
    return createWorkers({
      config: { worker, skipup: { ...skipup, requestsPerMinute }, temporal: of.config },
      logger,
      activities: carry,
      bundle,
    });
  }

  it('carry both task queues, and finish what is running before they end', async () => {
    const recorded: string[] = [];
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const reading = vi.fn(async () => {
      await released;
      return { requestId: 'mr_1', status: 'active' };
    });
    const first = await workers(temporal(), activities(reading, recorded));
    const running = first.run();
    const handle = await temporal().client.workflow.start<typeof bothQueues>('bothQueues', {
      taskQueue: 'kickoff',
      workflowId: 'both',
    });
    await vi.waitFor(() => expect(reading).toHaveBeenCalledOnce(), { timeout: 10_000 });
    first.shutdown();
    first.shutdown();
    release();
    await running;

    const second = await workers(temporal(), activities(reading, recorded));
    const runningAgain = second.run();
    expect(await handle.result()).toEqual(['active']);
    second.shutdown();
    await runningAgain;
    expect(recorded).toEqual(['done']);
    expect(reading).toHaveBeenCalledOnce();
  });

  it('take on no more calls to SkipUp than there are turns for in some seconds', async () => {
    let running = 0;
    let most = 0;
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const limited = await workers(
      temporal(),
      activities(async ({ requestId }) => {
        running += 1;
        most = Math.max(most, running);
        await released;
        running -= 1;
        return { requestId, status: 'active' };
      }),
      30,
    );
    const ended = limited.run();
    const handle = await temporal().client.workflow.start<typeof manyCalls>('manyCalls', {
      taskQueue: 'kickoff',
      workflowId: 'many',
      args: [25],
    });
    // Half a call a second.
    await vi.waitFor(() => expect(running).toBe(6), { timeout: 10_000 });
    release();
    await handle.result();
    expect(most).toBe(6);
    limited.shutdown();
    await ended;
  });

  it('end at once when they are told to before they run', async () => {
    const idle = await workers(temporal(), activities(unused));
    idle.shutdown();
    await expect(idle.run()).resolves.toBeUndefined();
  });

  it('say in one line that Temporal does not answer', async () => {
    const config = temporalConfigFor(`127.0.0.1:${await freePort('127.0.0.1')}`, 'default');
    await expect(workers({ ...temporal(), config }, activities(unused))).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/^Temporal at .+ does not answer: start it/),
    });
  });
});
