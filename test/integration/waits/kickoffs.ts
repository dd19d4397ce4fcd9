import type { WorkflowHandle } from '@temporalio/client';
import { temporal as proto } from '@temporalio/proto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { vi } from 'vitest';
import { createLogger, loadConfig } from '../../../config/index.ts';
import { type KickoffPolicy, kickoffPolicySchema } from '../../../config/policy.ts';
import { createWorkers } from '../../../worker/index.ts';
import * as messages from '../../../workflows/messages.ts';
import { temporalConfigFor } from '../../harness/temporal.ts';
import { type Call, type Recorder, recorder } from './recorder.ts';

/** A kickoff on the time-skipping server, whose other side is a recorder. */
export interface Played {
  workflowId: string;
  handle: WorkflowHandle;
  calls(): Call[];
  /** Every step that was run or taken back, as `<list>/<step>` and `undo <step>`. */
  story(): string[];
  status(): Promise<messages.KickoffStatus>;
  until(what: (status: messages.KickoffStatus) => boolean): Promise<messages.KickoffStatus>;
  in(phase: messages.Phase): Promise<messages.KickoffStatus>;
  tell(name: messages.MeetingEventName, more?: Partial<messages.MeetingEvent>): Promise<void>;
  /** Booked, with every step of it done. */
  booked(): Promise<messages.KickoffStatus>;
  cancelled(): Promise<void>;
}

export interface Kickoffs {
  recorded: Recorder;
  play(policy: object): Promise<Played>;
  stop(): Promise<void>;
}

export async function kickoffsOn(environment: TestWorkflowEnvironment): Promise<Kickoffs> {
  const { KEYWORD } = {
    KEYWORD: proto.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  };
  await environment.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: Object.fromEntries(Object.values(messages.SEARCH_ATTRIBUTES).map(({ name }) => [name, KEYWORD])),
  });
  const recorded = recorder(() => environment.currentTimeMs());
  const { worker } = loadConfig({ env: {}, cwd: import.meta.dirname });
  const workers = await createWorkers({
    config: {
      temporal: temporalConfigFor(environment.address, 'default'),
      worker,
      skipup: { requestsPerMinute: 6_000_000 },
    },
    activities: recorded.activities,
    logger: createLogger({ level: 'silent' }),
  });
  const running = workers.run();
  running.catch(() => undefined);
  let deals = 0;
  let events = 0;

  async function play(policy: object): Promise<Played> {
    deals += 1;
    const parsed: KickoffPolicy = kickoffPolicySchema.parse(policy);
    const dealId = String(8_000_000_000 + deals);
    const workflowId = messages.kickoffWorkflowId(dealId);
    const input: messages.KickoffInput = {
      deal: {
        id: dealId,
        crm: 'generic',
        name: 'Acme Corp – Enterprise',
        account: { id: '9087654321', name: 'Acme Corp' },
        isWon: true,
      },
      revision: 1,
      origin: { kind: 'deal', reference: dealId, receivedAt: new Date().toISOString() },
      policy: parsed,
    };
    const handle = await environment.client.workflow.start(messages.WORKFLOW_TYPES.kickoff, {
      workflowId,
      taskQueue: messages.KICKOFF_TASK_QUEUE,
      args: [input],
    });
    const status = () => handle.query(messages.status);
    const until = (what: (known: messages.KickoffStatus) => boolean) =>
      vi.waitFor(
        async () => {
          const known = await status();
          if (!what(known)) throw new Error(`${workflowId} is not there yet: ${JSON.stringify(known)}`);
          return known;
        },
        { timeout: 20_000, interval: 30 },
      );
    const inPhase = (phase: messages.Phase) => until((known) => known.phase === phase);
    const tell: Played['tell'] = async (name, more) => {
      const { request } = await status();
      events += 1;
      await handle.signal(messages.meetingEvent, {
        key: `${workflowId}:${name}:${events}`,
        name,
        requestId: request?.id ?? '',
        at: new Date(await environment.currentTimeMs()).toISOString(),
        ...more,
      });
    };
    await inPhase('scheduling');
    return {
      workflowId,
      handle,
      calls: () => recorded.callsOf(workflowId),
      story: () => recorded.callsOf(workflowId).flatMap(inWords),
      status,
      until,
      in: inPhase,
      tell,
      async booked() {
        await tell('booked');
        return await inPhase('done');
      },
      cancelled: () => tell('cancelled', { wasBooked: true }),
    };
  }
  return {
    recorded,
    play,
    async stop() {
      workers.shutdown();
      await running;
    },
  };
}

function inWords({ name, list, step }: Call): string[] {
  if (name === 'runStep') return [`${list}/${step}`];
  return name === 'undoStep' ? [`undo ${step}`] : [];
}
