import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { catchUpActivities } from '../../../activities/catch-up/index.ts';
import type { DispatchActivities, KickoffActivities, SkipupActivities } from '../../../activities/contract.ts';
import { catchUp } from '../../../cli/commands/catch-up.ts';
import type { JsonDocument } from '../../../cli/output.ts';
import { createLogger, loadConfig } from '../../../config/index.ts';
import { CrmError } from '../../../crm/index.ts';
import type { Database } from '../../../database/index.ts';
import { createRelay } from '../../../triggers/index.ts';
import { createWorkers, installRuntime, type Workers } from '../../../worker/index.ts';
import { type CatchUpReport, KICKOFF_TASK_QUEUE, WORKFLOW_TYPES } from '../../../workflows/messages.ts';
import { openPglite } from '../../harness/pglite.ts';
import { describeTemporal } from '../../harness/temporal.ts';
import { inbox, kickoffInLedger } from './catching-up.ts';
import { FakeCrm } from './fake-crm.ts';

const logger = createLogger({ level: 'silent' });
const unused = (): never => {
  throw new Error('not part of this test');
};
const kickoff: KickoffActivities & DispatchActivities = {
  resolveKickoff: unused,
  runStep: unused,
  undoStep: unused,
  settleStep: unused,
  recordPhase: unused,
  recordSkippedStep: unused,
  startKickoff: unused,
};
const skipup: SkipupActivities = {
  createMeetingRequest: unused,
  findMeetingRequest: unused,
  readMeetingRequest: unused,
  cancelMeetingRequest: unused,
  pauseMeetingRequest: unused,
  resumeMeetingRequest: unused,
  changeMeetingOrganizer: unused,
  updateMeetingContext: unused,
};

describeTemporal('the workflow catchUp', (temporal) => {
  let database: Database;
  let crm: FakeCrm;
  let workers: Workers;
  let running: Promise<void>;

  beforeAll(async () => {
    installRuntime({ logger });
    database = await openPglite();
    crm = new FakeCrm({ now: new Date() });
    const { worker } = loadConfig({ env: {}, cwd: import.meta.dirname });
    workers = await createWorkers({
      config: { temporal: temporal().config, worker, skipup: { requestsPerMinute: 6_000 } },
      activities: { kickoff: { ...kickoff, ...catchUpActivities({ crms: { hubspot: crm }, database }) }, skipup },
      logger,
    });
    running = workers.run();
    await caughtUp();
  });
  beforeEach(() => {
    crm.beforeList = undefined;
  });
  afterAll(async () => {
    workers?.shutdown();
    await running;
    await database?.close();
  });

  async function start() {
    crm.now = new Date();
    return await temporal().client.workflow.start<() => Promise<CatchUpReport>>(WORKFLOW_TYPES.catchUp, {
      taskQueue: KICKOFF_TASK_QUEUE,
      workflowId: `catch-up-${randomUUID()}`,
    });
  }

  async function caughtUp() {
    const handle = await start();
    const report = await handle.result();
    const { currentDetails } = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
    return { handle, report, currentDetails };
  }

  function winNow(): string {
    const dealId = randomUUID();
    crm.now = new Date();
    crm.win(dealId);
    return dealId;
  }

  it('brings a won deal whose webhook was lost to the relay, once, and says so where people look', async () => {
    const dealId = winNow();
    const { handle, report, currentDetails } = await caughtUp();
    expect(report).toMatchObject({ problems: [], crms: [{ crm: 'hubspot', takenIn: 1, deals: [{ dealId }] }] });
    expect(currentDetails).toContain('**One won deal had told nobody and is taken in.**');
    expect(currentDetails).toContain(`- \`${dealId}\` Deal ${dealId}, won `);

    const started: string[] = [];
    const relay = createRelay({
      database,
      client: { connection: { withDeadline: (_deadline, work) => work() }, workflow: { getHandle: unused } },
      crms: { hubspot: crm },
      startKickoff: async ({ deal, origin }) => {
        await kickoffInLedger(database, deal.id);
        started.push(`${deal.id} ${origin.kind}`);
        return { workflowId: `kickoff:${deal.id}`, started: true, message: 'started' };
      },
      logger: pino({ level: 'silent' }),
      metrics: new Registry(),
    });
    await relay.drainOnce();
    expect(started).toEqual([`${dealId} hubspot`]);
    expect(await inbox(database)).toMatchObject([{ subject: dealId, status: 'delivered' }]);
    expect((await caughtUp()).report).toMatchObject({ crms: [{ scanned: 1, takenIn: 0 }] });
    const { events } = await handle.fetchHistory();
    expect(events?.length).toBeLessThanOrEqual(11);
  });

  it('waits as long as the only CRM asks for, and goes on there', async () => {
    const dealId = winNow();
    let refusals = 1;
    crm.beforeList = () => {
      refusals -= 1;
      if (refusals >= 0) throw new CrmError('rate_limited', 'HubSpot asks to wait.', { retryAfterMs: 100 });
    };
    expect((await caughtUp()).report).toMatchObject({ problems: [], crms: [{ takenIn: 1, deals: [{ dealId }] }] });
  });

  it('fails in words when no CRM could be asked, at once when a person must mend it', async () => {
    crm.beforeList = () => {
      throw new CrmError('unauthorized', 'HubSpot does not know the token: correct HUBSPOT_ACCESS_TOKEN.');
    };
    const asked = crm.asked.length;
    const handle = await start();
    const failure: unknown = await handle.result().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(WorkflowFailedError);
    const problem = 'hubspot: HubSpot does not know the token: correct HUBSPOT_ACCESS_TOKEN.';
    expect(failure).toMatchObject({ cause: { message: problem } });
    expect(crm.asked).toHaveLength(asked + 1);
    const { currentDetails } = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
    expect(currentDetails).toBe(`**No CRM could be asked.**\n- ${problem}`);
  });

  it('kickoff catch-up looks now, and says what it found or what is wrong', async () => {
    const dealId = winNow();
    const { address, namespace } = temporal().config;
    const said: { document: JsonDocument; text: string | undefined }[] = [];
    const context = {
      env: { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace },
      cwd: import.meta.dirname,
      output: {
        json: false,
        interactive: false,
        emit: (document: JsonDocument, text?: string) => void said.push({ document, text }),
      },
      signal: new AbortController().signal,
    };
    crm.now = new Date();
    await catchUp(context, {});
    expect(said).toMatchObject([
      {
        document: { type: 'caught-up', problems: [], crms: [{ crm: 'hubspot', takenIn: 1, deals: [{ dealId }] }] },
        text: expect.stringContaining('1 taken in that no webhook had told'),
      },
    ]);
    crm.beforeList = () => {
      throw new CrmError('configuration', 'HubSpot cannot be called: set HUBSPOT_ACCESS_TOKEN.');
    };
    await expect(catchUp(context, {})).rejects.toThrow('hubspot: HubSpot cannot be called: set HUBSPOT_ACCESS_TOKEN.');
  });
});
