/** What somebody organizes goes to somebody else: for a colleague who has left, or is on holiday. */
import { randomUUID } from 'node:crypto';
import {
  type Client,
  WithStartWorkflowOperation,
  WorkflowFailedError,
  type WorkflowHandle,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { handOverId } from '../../temporal/index.ts';
import {
  type HandOverInput,
  type HandOverResult,
  type HandOverStatus,
  handOverStatus,
  handOver as handOverUpdate,
  KICKOFF_TASK_QUEUE,
  WORKFLOW_TYPES,
} from '../../workflows/messages.ts';
import { answeredByWorker } from '../answered-by-worker.ts';
import type { CommandContext } from '../command-context.ts';
import { CliError, EXIT } from '../errors.ts';
import { printable } from '../printable.ts';
import { userName } from '../user-name.ts';
import { withTemporal } from '../with-temporal.ts';

export interface HandOverOptions {
  config?: string;
  to?: string;
  reason?: string;
  dryRun?: boolean;
}

type HandOverWorkflow = (input: HandOverInput) => Promise<HandOverResult>;

/**
 * Shows what somebody organizes, and hands it over to whom `--to` names. Without a name their manager is asked for one: the
 * workflow waits, and reminds.
 */
export async function handOver(context: CommandContext, email: string, options: HandOverOptions): Promise<void> {
  if (!/^[^\s@]+@[^\s@]+$/.test(email)) {
    throw new CliError(`${printable(email)} is no e-mail address.`, { exitCode: EXIT.usage });
  }
  const reason = options.reason ?? `handed over by ${userName()}`;
  await withTemporal(context, options, async ({ client }) => {
    if (options.dryRun === true) return await look(context, client, { email, reason, dryRun: true });
    if (options.to === undefined) return await ask(context, client, { email, reason });
    await give(context, client, { email, reason }, options.to);
  });
}

/** Only shows. */
async function look({ output }: CommandContext, client: Client, input: HandOverInput): Promise<void> {
  const { open } = await answered(client, () =>
    client.workflow.execute<HandOverWorkflow>(WORKFLOW_TYPES.handOver, {
      workflowId: `${handOverId(input.email)}:look:${randomUUID().slice(0, 8)}`,
      taskQueue: KICKOFF_TASK_QUEUE,
      workflowExecutionTimeout: '1 minute',
      args: [input],
    }),
  );
  output.emit({ type: 'organized', email: input.email, open }, listText(input.email, open));
}

/** Starts or joins the workflow that waits for a name, and shows what it has found. */
async function ask({ output }: CommandContext, client: Client, input: HandOverInput): Promise<void> {
  const handle = await client.workflow.start<HandOverWorkflow>(WORKFLOW_TYPES.handOver, startOptions(input));
  const status = await answered(client, () => listed(handle));
  output.emit(
    { type: 'hand_over', workflowId: handle.workflowId, ...status },
    [
      listText(input.email, status.open),
      `${handle.workflowId} waits for ${status.waitingFor}.`,
      ...(status.open.length > 0
        ? [`Hand over: kickoff hand-over ${printable(input.email)} --to <colleague’s e-mail>`]
        : []),
    ].join('\n'),
  );
}

async function give({ output }: CommandContext, client: Client, input: HandOverInput, to: string): Promise<void> {
  const startWorkflowOperation = new WithStartWorkflowOperation<HandOverWorkflow>(
    WORKFLOW_TYPES.handOver,
    startOptions(input),
  );
  const answer = await answered(client, () =>
    client.workflow.executeUpdateWithStart(handOverUpdate, {
      startWorkflowOperation,
      args: [{ to, reason: input.reason }],
    }),
  );
  const handle = await startWorkflowOperation.workflowHandle();
  const { open, done } = await answered(client, () => handle.query(handOverStatus));
  output.emit(
    { type: 'handed_over', workflowId: handle.workflowId, email: input.email, to, answer, open, done },
    [
      printable(answer),
      ...done.map(({ workflowId, ok, message }) => `  ${ok ? '✔' : '✖'} ${workflowId}: ${printable(message)}`),
    ].join('\n'),
  );
  const failed = done.filter(({ ok }) => !ok);
  if (failed.length > 0) throw new CliError(`${failed.length} could not be handed over: run the command again.`);
}

function startOptions(input: HandOverInput) {
  const workflowId = handOverId(input.email);
  return {
    workflowId,
    taskQueue: KICKOFF_TASK_QUEUE,
    workflowIdConflictPolicy: 'USE_EXISTING' as const,
    staticSummary: 'Hands over what somebody organizes',
    args: [input] as [HandOverInput],
  };
}

const LOOK_EVERY_MS = 200;
const LOOKS = 50;

/** The status once the ledger has been read. */
async function listed(handle: WorkflowHandle): Promise<HandOverStatus> {
  for (let look = 1; ; look += 1) {
    const status = await handle.query(handOverStatus);
    if (!status.waitingFor.startsWith('the ledger') || look === LOOKS) return status;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

function listText(email: string, open: HandOverStatus['open']): string {
  if (open.length === 0) return `${printable(email)} organizes nothing that is open.`;
  return [
    `${printable(email)} organizes:`,
    ...open.map(({ workflowId, account, phase }) => `  ${workflowId} · ${printable(account)} · ${phase}`),
  ].join('\n');
}

/** What a workflow or an update refuses is a sentence for a person. */
async function answered<T>(client: Client, call: () => Promise<T>): Promise<T> {
  try {
    return await answeredByWorker(client, 'the hand-over', call);
  } catch (error) {
    const isRefusal = error instanceof WorkflowFailedError || error instanceof WorkflowUpdateFailedError;
    if (!isRefusal) throw error;
    let sentence = error.message;
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
      if (cause instanceof ApplicationFailure) sentence = cause.message;
    }
    throw new CliError(sentence, { cause: error });
  }
}
